package attr

import (
	"encoding/binary"
	"slices"
	"strings"
)

// Str is a value of type S.
func Str(text string) Value { return scalar(S, text) }

// Num is a value of type N.
func Num(x Number) Value { return scalar(N, string(x)) }

// Bin is a value of type B.
func Bin(data string) Value { return scalar(B, data) }

// Boolean is a value of type BOOL.
func Boolean(b bool) Value {
	if b {
		return "b\x01\x01"
	}
	return "b\x01\x00"
}

// NullValue is the value of type NULL.
const NullValue = Value("0\x00")

// Scalar is the value of type S, N or B with that payload.
func Scalar(t Type, payload string) Value { return scalar(t, payload) }

func scalar(t Type, payload string) Value {
	var head [1 + binary.MaxVarintLen64]byte
	head[0] = byte(t)
	n := binary.PutUvarint(head[1:], uint64(len(payload)))
	return Value(string(head[:1+n]) + payload)
}

// List is the list of those values.
func List(values ...Value) Value {
	size := 0
	for _, v := range values {
		size += len(v)
	}
	b := header(L, size)
	for _, v := range values {
		b = append(b, v...)
	}
	return Value(b)
}

// Set is the set of type t of those payloads, which it sorts; equal ones are taken once. "" for an
// empty set, which does not exist.
func Set(t Type, payloads []string) Value {
	slices.Sort(payloads)
	payloads = slices.Compact(payloads)
	if len(payloads) == 0 {
		return ""
	}
	size := 0
	for _, p := range payloads {
		size += varintSize(len(p)) + len(p)
	}
	b := header(t, size)
	for _, p := range payloads {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	return Value(b)
}

// SetOf is Set for members that a client sent: a spoiled value where AWS refuses them.
func SetOf(t Type, payloads []string) Value {
	d := new(decoder)
	members := make([]member, 0, len(payloads))
	for _, p := range payloads {
		at := len(d.out)
		d.out = append(d.out, p...)
		members = append(members, member{at: at, keyAt: at, keyEnd: len(d.out), end: len(d.out)})
	}
	if d.checkSet(t, members); d.problem != "" {
		return Spoiled(d.problem)
	}
	return Set(t, payloads)
}

// Pair is a named value.
type Pair struct {
	Name  string
	Value Value
}

// MapOf is the map of those pairs, which it sorts; of equal names the last one counts.
func MapOf(pairs ...Pair) Map {
	slices.SortStableFunc(pairs, func(a, b Pair) int { return strings.Compare(a.Name, b.Name) })
	size := 0
	kept := pairs[:0]
	for i, p := range pairs {
		if i+1 < len(pairs) && pairs[i+1].Name == p.Name {
			continue
		}
		kept = append(kept, p)
		size += varintSize(len(p.Name)) + len(p.Name) + len(p.Value)
	}
	b := header(M, size)
	for _, p := range kept {
		b = binary.AppendUvarint(b, uint64(len(p.Name)))
		b = append(b, p.Name...)
		b = append(b, p.Value...)
	}
	return Map(b)
}

// Pairs are the members of m, ordered by name.
func (m Map) Pairs() []Pair {
	var pairs []Pair
	for name, v := range m.All() {
		pairs = append(pairs, Pair{name, v})
	}
	return pairs
}

// With is m with the member name set to v, or without it where v is "".
func (m Map) With(name string, v Value) Map {
	payload := m.payload()
	at, end := 0, 0 // the member's place, or where it belongs
	for at < len(payload) {
		n, rest := cutString(payload[at:])
		end = len(payload) - len(rest) + valueSize(rest)
		if n == name {
			break
		}
		if n > name {
			end = at
			break
		}
		at = end
	}
	if at == len(payload) {
		end = at
	}
	size := len(payload) - (end - at)
	if v != "" {
		size += varintSize(len(name)) + len(name) + len(v)
	}
	b := append(header(M, size), payload[:at]...)
	if v != "" {
		b = binary.AppendUvarint(b, uint64(len(name)))
		b = append(b, name...)
		b = append(b, v...)
	}
	return Map(append(b, payload[end:]...))
}

// Only is m with only the members that keep accepts.
func (m Map) Only(keep func(name string) bool) Map {
	var pairs []Pair
	for name, v := range m.All() {
		if keep(name) {
			pairs = append(pairs, Pair{name, v})
		}
	}
	return MapOf(pairs...)
}

// header begins a container and has room for size bytes more.
func header(t Type, size int) []byte {
	b := make([]byte, 0, 1+varintSize(size)+size)
	b = append(b, byte(t))
	return binary.AppendUvarint(b, uint64(size))
}

func varintSize(n int) int {
	size := 1
	for ; n >= 0x80; n >>= 7 {
		size++
	}
	return size
}
