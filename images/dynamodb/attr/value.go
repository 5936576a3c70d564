package attr

import (
	"encoding/binary"
	"iter"
	"strings"
)

// Type is the type of an attribute value, in the letters of the encoded form.
type Type byte

// The types. None is the type of an absent value, Invalid of one that the wire form spoiled.
const (
	None    Type = 0
	S       Type = 'S'
	N       Type = 'N'
	B       Type = 'B'
	Bool    Type = 'b'
	Null    Type = '0'
	L       Type = 'L'
	M       Type = 'M'
	SS      Type = 's'
	NS      Type = 'n'
	BS      Type = 'x'
	Invalid Type = '!'
)

// String is the name that DynamoDB's messages and JSON use: "S", "BOOL", "NS".
func (t Type) String() string {
	switch t {
	case Bool:
		return "BOOL"
	case Null:
		return "NULL"
	case SS:
		return "SS"
	case NS:
		return "NS"
	case BS:
		return "BS"
	case None:
		return ""
	}
	return string(rune(t))
}

// Word is the type's name in messages that spell it out: "STRING", "NUMBER_SET".
func (t Type) Word() string {
	switch t {
	case S:
		return "STRING"
	case N:
		return "NUMBER"
	case B:
		return "BINARY"
	case Bool:
		return "BOOLEAN"
	case Null:
		return "NULL"
	case L:
		return "LIST"
	case M:
		return "MAP"
	case SS:
		return "STRING_SET"
	case NS:
		return "NUMBER_SET"
	case BS:
		return "BINARY_SET"
	}
	return ""
}

// ParseType is the inverse of Type.String.
func ParseType(name string) (Type, bool) {
	switch name {
	case "S", "N", "B", "L", "M":
		return Type(name[0]), true
	case "BOOL":
		return Bool, true
	case "NULL":
		return Null, true
	case "SS":
		return SS, true
	case "NS":
		return NS, true
	case "BS":
		return BS, true
	}
	return None, false
}

// Set reports whether t is one of the set types.
func (t Type) Set() bool { return t == SS || t == NS || t == BS }

// Elem is the type of a set's members.
func (t Type) Elem() Type {
	switch t {
	case SS:
		return S
	case NS:
		return N
	case BS:
		return B
	}
	return None
}

// Value is one attribute value; "" is an absent one. Immutable, comparable with ==, safe to share.
type Value string

// Map is an item, or a part of one, in the form of a Value of type M; "" is an absent one.
type Map string

// Empty is a map without members.
const Empty = Map("M\x00")

// Type is the value's type.
func (v Value) Type() Type {
	if v == "" {
		return None
	}
	return Type(v[0])
}

// Payload is what stands behind type and length: the text of S, the bytes of B, the sortable form of
// N, the members of containers.
func (v Value) Payload() string {
	if v == "" {
		return ""
	}
	_, n := uvarint(string(v[1:]))
	return string(v[1+n:])
}

// Text is the text of S and the decimal text of N.
func (v Value) Text() string {
	if v.Type() == N {
		return Number(v.Payload()).String()
	}
	return v.Payload()
}

// Number is the number of an N.
func (v Value) Number() Number { return Number(v.Payload()) }

// IsTrue reports whether v is the Boolean true.
func (v Value) IsTrue() bool { return v.Type() == Bool && v.Payload() == "\x01" }

// Problem is the message of a value that its wire form spoiled; "" for a good one.
func (v Value) Problem() string {
	if v.Type() != Invalid {
		return ""
	}
	_, problem, _ := strings.Cut(v.Payload(), "\x00")
	return problem
}

// Map is the value of type M as a Map; "" for other types.
func (v Value) Map() Map {
	if v.Type() != M {
		return ""
	}
	return Map(v)
}

// Elems are the members of a list, as values.
func (v Value) Elems() iter.Seq2[int, Value] {
	return func(yield func(int, Value) bool) {
		if v.Type() != L {
			return
		}
		rest := v.Payload()
		for i := 0; rest != ""; i++ {
			var e Value
			e, rest = cut(rest)
			if !yield(i, e) {
				return
			}
		}
	}
}

// Elem is the member of a list at index i, "" where there is none.
func (v Value) Elem(i int) Value {
	for j, e := range v.Elems() {
		if j == i {
			return e
		}
	}
	return ""
}

// Members are the members of a set, as payloads of its element type, in order.
func (v Value) Members() iter.Seq[string] {
	return func(yield func(string) bool) {
		if !v.Type().Set() {
			return
		}
		rest := v.Payload()
		for rest != "" {
			var m string
			m, rest = cutString(rest)
			if !yield(m) {
				return
			}
		}
	}
}

// HasMember reports whether the set v has a member with that payload.
func (v Value) HasMember(payload string) bool {
	for m := range v.Members() {
		if m == payload {
			return true
		}
	}
	return false
}

// Len is the number of members of a list, set or map; 0 for other types.
func (v Value) Len() int {
	n := 0
	switch v.Type() {
	case L:
		for range v.Elems() {
			n++
		}
	case M:
		for range Map(v).All() {
			n++
		}
	default:
		for range v.Members() {
			n++
		}
	}
	return n
}

// All are the members of the map, ordered by name.
func (m Map) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for rest := m.payload(); rest != ""; {
			var name string
			var v Value
			name, rest = cutString(rest)
			v, rest = cut(rest)
			if !yield(name, v) {
				return
			}
		}
	}
}

// Get is the member of that name, "" where there is none.
func (m Map) Get(name string) Value {
	for rest := m.payload(); rest != ""; {
		var n string
		n, rest = cutString(rest)
		size := valueSize(rest)
		if n == name {
			return Value(rest[:size])
		}
		if n > name {
			return ""
		}
		rest = rest[size:]
	}
	return ""
}

// Len is the number of members.
func (m Map) Len() int { return Value(m).Len() }

// Problem is the message of a map that its wire form spoiled; "" for a good one.
func (m Map) Problem() string { return Value(m).Problem() }

// Spoiler is the name of the member whose value spoiled the map.
func (m Map) Spoiler() string {
	if Value(m).Type() != Invalid {
		return ""
	}
	name, _, _ := strings.Cut(Value(m).Payload(), "\x00")
	return name
}

// payload are the encoded members, "" for a map that is absent or spoiled.
func (m Map) payload() string {
	if m == "" || Type(m[0]) != M {
		return ""
	}
	return Value(m).Payload()
}

// Value is the map as a value of type M.
func (m Map) Value() Value { return Value(m) }

// Spoiled is a value that stands for a mistake in the wire form, which is reported once what AWS
// checks before has been checked.
func Spoiled(problem string) Value { return spoiled("", problem) }

// spoiled is Spoiled for a map that the member of that name spoiled.
func spoiled(name, problem string) Value { return scalar(Invalid, name+"\x00"+problem) }

// cut splits the value at the beginning of s off.
func cut(s string) (Value, string) {
	size := valueSize(s)
	return Value(s[:size]), s[size:]
}

// cutString splits the length-prefixed string at the beginning of s off.
func cutString(s string) (head, rest string) {
	length, n := uvarint(s)
	end := n + length
	return s[n:end], s[end:]
}

// valueSize is the length of the encoded value at the beginning of s.
func valueSize(s string) int {
	length, n := uvarint(s[1:])
	return 1 + n + length
}

// uvarint reads a length and returns it with the number of bytes it takes.
func uvarint(s string) (value, n int) {
	if s[0] < 0x80 {
		return int(s[0]), 1
	}
	var shift uint
	for i := 0; i < len(s); i++ {
		value |= int(s[i]&0x7f) << shift
		if s[i] < 0x80 {
			return value, i + 1
		}
		shift += 7
	}
	panic("attr: broken length") // values are made by this package or checked by Valid
}

// Valid reports whether s, read from a file, is a whole well-formed value.
func Valid(s string) bool {
	end, ok := valid(s, 0)
	return ok && end == len(s)
}

func valid(s string, depth int) (end int, ok bool) {
	if len(s) < 2 || depth > MaxDepth+2 {
		return 0, false
	}
	length, n := binary.Uvarint([]byte(s[1:min(len(s), 11)]))
	if n <= 0 || length > uint64(len(s)-1-n) {
		return 0, false
	}
	end = 1 + n + int(length)
	rest := s[1+n : end]
	for Type(s[0]) == L && rest != "" {
		size, ok := valid(rest, depth+1)
		if !ok {
			return 0, false
		}
		rest = rest[size:]
	}
	for Type(s[0]) == M && rest != "" || Type(s[0]).Set() && rest != "" {
		length, n := binary.Uvarint([]byte(rest[:min(len(rest), 10)]))
		if n <= 0 || length > uint64(len(rest)-n) {
			return 0, false
		}
		rest = rest[n+int(length):]
		if Type(s[0]) == M {
			size, ok := valid(rest, depth+1)
			if !ok {
				return 0, false
			}
			rest = rest[size:]
		}
	}
	return end, true
}
