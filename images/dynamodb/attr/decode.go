package attr

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"sync"

	"localcloud/gateway/aws/wire"
)

// DecodeJSON reads one value in DynamoDB's JSON. Mistakes that AWS reports as ValidationException
// make the value a spoiled one (see Problem), since they are reported after other checks.
func (v *Value) DecodeJSON(s *wire.Scanner) {
	d := decoders.Get().(*decoder)
	d.s = s
	d.value(0)
	*v = Value(d.result())
}

// DecodeJSON reads a JSON object of values in DynamoDB's JSON; see Value.DecodeJSON.
func (m *Map) DecodeJSON(s *wire.Scanner) {
	d := decoders.Get().(*decoder)
	d.s = s
	d.mapping(0)
	*m = Map(d.result())
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// decoder builds the encoded form of one value while it reads its JSON.
type decoder struct {
	s       *wire.Scanner
	out     []byte
	spare   []byte
	members []member // of all open maps and sets
	problem string   // the first mistake that is reported later
	member  string   // the member of the outermost map that has it
}

// member is one member of an open map or set in out: its key stands at key[0]:key[1] and all of it at at:end.
type member struct{ at, keyAt, keyEnd, end int }

// maxKept is the size of a buffer that is kept for the next value.
const maxKept = 1 << 16

func (d *decoder) result() string {
	result := ""
	switch {
	case d.s.Err() != nil:
	case d.problem != "":
		result = string(spoiled(d.member, d.problem))
	default:
		result = string(d.out)
	}
	if cap(d.out) <= maxKept && cap(d.spare) <= maxKept {
		*d = decoder{out: d.out[:0], spare: d.spare[:0], members: d.members[:0]}
		decoders.Put(d)
	}
	return result
}

func (d *decoder) spoil(problem string) {
	if d.problem == "" {
		d.problem = problem
	}
}

const (
	problemEmpty   = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
	problemSeveral = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
	invalidValue   = "One or more parameter values were invalid: "
)

// value reads {"S": "text"}; depth is the number of lists and maps around it.
func (d *decoder) value(depth int) {
	types := 0
	for d.s.Object(); d.s.Key(); {
		t, ok := typeOf(d.s.Name())
		if !ok || d.s.Null() {
			if !ok {
				d.s.Skip()
			}
			continue
		}
		if types++; types > 1 {
			d.spoil(problemSeveral)
		}
		d.typed(t, depth)
	}
	if types == 0 {
		d.spoil(problemEmpty)
		d.out = append(d.out, NullValue...)
	}
}

func typeOf(name []byte) (Type, bool) {
	if len(name) == 1 {
		switch t := Type(name[0]); t {
		case S, N, B, L, M:
			return t, true
		}
		return None, false
	}
	return ParseType(string(name))
}

func (d *decoder) typed(t Type, depth int) {
	if (t == L || t == M) && depth >= MaxDepth {
		d.spoil(ProblemDepth)
		d.s.Skip()
		d.out = append(d.out, NullValue...)
		return
	}
	switch t {
	case S:
		text := d.s.Bytes()
		d.out = appendPayload(append(d.out, byte(S)), text)
	case N:
		d.number(byte(N))
	case B:
		d.out = append(d.out, byte(B))
		d.blob()
	case Bool:
		d.out = append(d.out, Boolean(d.s.Bool())...)
	case Null:
		d.s.Bool()
		d.out = append(d.out, NullValue...)
	case L:
		d.list(depth + 1)
	case M:
		if d.s.Peek() != '{' {
			d.s.Unexpected("")
			return
		}
		d.mapping(depth + 1)
	default:
		d.set(t)
	}
}

// number reads a number's text behind the byte tag (0 for none).
func (d *decoder) number(tag byte) {
	text := d.s.Bytes()
	var x decimal
	if problem := parseDecimal(&x, text); problem != "" {
		d.spoil(problem)
		x = decimal{}
	}
	if tag != 0 {
		d.out = append(d.out, tag)
	}
	at := len(d.out)
	d.out = x.append(append(d.out, 0))
	d.out[at] = byte(len(d.out) - at - 1)
}

func (d *decoder) blob() {
	d.out = appendPayload(d.out, d.s.Blob())
}

func appendPayload(b, payload []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(payload)))
	return append(b, payload...)
}

func (d *decoder) list(depth int) {
	at := d.open(L)
	for d.s.Array(); d.s.Next(); {
		if d.s.Null() {
			d.spoil(problemEmpty)
			continue
		}
		d.value(depth)
	}
	d.close(at)
}

func (d *decoder) mapping(depth int) {
	at := d.open(M)
	first := len(d.members)
	for d.s.Object(); d.s.Key(); {
		name := d.s.Name()
		m := member{at: len(d.out)}
		d.out = appendPayload(d.out, name)
		m.keyEnd = len(d.out)
		m.keyAt = m.keyEnd - len(name)
		if d.s.Null() {
			d.spoil(problemEmpty)
			d.out = append(d.out, NullValue...)
		} else {
			d.value(depth)
		}
		m.end = len(d.out)
		if depth == 0 && d.problem != "" && d.member == "" {
			d.member = string(d.out[m.keyAt:m.keyEnd])
		}
		d.members = append(d.members, m)
	}
	d.order(at, first)
	d.close(at)
}

// set reads a set of strings, numbers or binaries.
func (d *decoder) set(t Type) {
	at := d.open(t)
	first := len(d.members)
	for d.s.Array(); d.s.Next(); {
		m := member{at: len(d.out)}
		switch t {
		case SS:
			d.out = appendPayload(d.out, d.s.Bytes())
		case NS:
			d.number(0)
		default:
			d.blob()
		}
		m.end = len(d.out)
		if d.s.Err() != nil {
			break
		}
		_, n := binary.Uvarint(d.out[m.at:m.end])
		m.keyAt, m.keyEnd = m.at+n, m.end
		d.members = append(d.members, m)
	}
	if d.s.Err() == nil {
		d.checkSet(t, d.members[first:])
	}
	d.order(at, first)
	d.close(at)
}

func (d *decoder) checkSet(t Type, members []member) {
	empty := slices.ContainsFunc(members, func(m member) bool { return m.keyAt == m.keyEnd })
	switch {
	case d.problem != "":
	case len(members) == 0 && t == SS:
		d.spoil(invalidValue + "An string set  may not be empty")
	case len(members) == 0 && t == NS:
		d.spoil(invalidValue + "An number set  may not be empty")
	case len(members) == 0:
		d.spoil(invalidValue + "Binary sets should not be empty")
	case empty && t == SS:
		d.spoil(invalidValue + "An string set may not have a empty string as a member")
	case empty:
		d.spoil(invalidValue + "Binary sets may not contain null or empty values")
	case !d.repeats(members):
	case t == NS:
		d.spoil("Input collection contains duplicates")
	case t == BS:
		d.spoil(invalidValue + "Input collection " + d.written(t, members) + "of type BS contains duplicates.")
	default:
		d.spoil(invalidValue + "Input collection " + d.written(t, members) + " contains duplicates.")
	}
}

func (d *decoder) key(m member) []byte { return d.out[m.keyAt:m.keyEnd] }

func (d *decoder) compare(a, b member) int { return bytes.Compare(d.key(a), d.key(b)) }

func (d *decoder) repeats(members []member) bool {
	ordered := slices.Clone(members)
	slices.SortFunc(ordered, d.compare)
	for i := range ordered[1:] {
		if d.compare(ordered[i], ordered[i+1]) == 0 {
			return true
		}
	}
	return false
}

// written is the members of a set as AWS lists them in a message.
func (d *decoder) written(t Type, members []member) string {
	texts := make([]string, len(members))
	for i, m := range members {
		if t == BS {
			texts[i] = base64.StdEncoding.EncodeToString(d.key(m))
		} else {
			texts[i] = string(d.key(m))
		}
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// open begins a container and returns where it stands.
func (d *decoder) open(t Type) int {
	d.out = append(d.out, byte(t), 0)
	return len(d.out) - 2
}

// close writes the length of the container at at, whose payload reaches to the end.
func (d *decoder) close(at int) {
	size := len(d.out) - at - 2
	if size < 0x80 {
		d.out[at+1] = byte(size)
		return
	}
	var length [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(length[:], uint64(size))
	d.out = slices.Insert(d.out, at+2, length[1:n]...)
	d.out[at+1] = length[0]
}

// order sorts the members from index first on, which are the payload of the container at at, and
// leaves only the last of members with one key.
func (d *decoder) order(at, first int) {
	members := d.members[first:]
	d.members = d.members[:first]
	ordered := true
	for i := 1; i < len(members) && ordered; i++ {
		ordered = d.compare(members[i-1], members[i]) < 0
	}
	if ordered || d.s.Err() != nil {
		return
	}
	slices.SortStableFunc(members, d.compare)
	d.spare = append(d.spare[:0], d.out[at+2:]...)
	out := d.out[:at+2]
	for i, m := range members {
		if i+1 < len(members) && bytes.Equal(d.spareKey(m, at), d.spareKey(members[i+1], at)) {
			continue
		}
		out = append(out, d.spare[m.at-at-2:m.end-at-2]...)
	}
	d.out = out
}

func (d *decoder) spareKey(m member, at int) []byte {
	return d.spare[m.keyAt-at-2 : m.keyEnd-at-2]
}
