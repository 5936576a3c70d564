package wire

import (
	"bytes"
	"encoding/base64"
	"math"
	"strconv"
	"unsafe"

	"localcloud/gateway/aws"
)

// Scanner reads one JSON text from memory. Errors stick: after the first one every method returns a
// zero value, loops end, and Err tells. A structure is read like this:
//
//	for s.Object(); s.Key(); {
//		switch string(s.Name()) {
//		case "S":
//			v.S = s.String()
//		default:
//			s.Skip()
//		}
//	}
//
// What a value cannot be is worded as AWS words it ("NUMBER_VALUE cannot be converted to String").
type Scanner struct {
	data  []byte
	pos   int
	depth int
	max   int  // of depth
	first bool // nothing of the innermost object or array has been read
	name  []byte
	text  []byte // unescaped string, reused
	err   error
}

// NewScanner returns a scanner of data that allows maxDepth nested objects and arrays.
func NewScanner(data []byte, maxDepth int) *Scanner {
	s := new(Scanner)
	s.reset(data, maxDepth)
	return s
}

func (s *Scanner) reset(data []byte, maxDepth int) {
	*s = Scanner{data: data, max: maxDepth, text: s.text[:0]}
}

// Err is the first error, nil for none.
func (s *Scanner) Err() error { return s.err }

// Fail makes err the scanner's error, unless it has one.
func (s *Scanner) Fail(err error) {
	if s.err == nil {
		s.err = err
	}
	s.pos = len(s.data)
}

// Peek returns the first byte of the next value: one of {["-tfn or a digit, 0 at the end.
func (s *Scanner) Peek() byte {
	data := s.data
	for i := s.pos; i < len(data); i++ {
		if c := data[i]; c > ' ' || (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
			s.pos = i
			return c
		}
	}
	s.pos = len(data)
	return 0
}

// Null reads a null and reports whether there was one; anything else is left where it is.
func (s *Scanner) Null() bool {
	if s.Peek() != 'n' {
		return false
	}
	s.literal("null")
	return true
}

// Object enters an object; Key then goes through it.
func (s *Scanner) Object() { s.enter('{') }

// Array enters an array; Next then goes through it.
func (s *Scanner) Array() { s.enter('[') }

func (s *Scanner) enter(open byte) {
	if s.Peek() != open {
		s.Unexpected("")
		return
	}
	s.pos++
	s.depth++
	s.first = true
	if s.depth > s.max {
		s.Fail(errTooDeep)
	}
}

// Key moves to the next member of the object that was entered last and reports whether there is one;
// at the end the object is left. Every value must be read or skipped before the next call.
func (s *Scanner) Key() bool {
	if !s.more('}') {
		return false
	}
	if s.Peek() != '"' {
		s.malformed()
		return false
	}
	if s.name = s.rawString(); len(s.text) > 0 && unsafe.SliceData(s.name) == unsafe.SliceData(s.text) {
		s.name = bytes.Clone(s.name) // values reuse text
	}
	if s.Peek() != ':' || s.err != nil {
		s.malformed()
		return false
	}
	s.pos++
	return true
}

// Name is the key that Key has read last, valid as long as the scanner's data.
func (s *Scanner) Name() []byte { return s.name }

// Next moves to the next element of the array that was entered last and reports whether there is
// one; at the end the array is left.
func (s *Scanner) Next() bool { return s.more(']') }

func (s *Scanner) more(end byte) bool {
	if s.err != nil {
		return false
	}
	switch c := s.Peek(); {
	case c == end:
		s.pos++
		s.depth--
		s.first = false
		return false
	case s.first:
		s.first = false
		if c == 0 {
			s.malformed()
			return false
		}
		return true
	case c == ',':
		s.pos++
		if c := s.Peek(); c == 0 || c == end {
			s.malformed()
			return false
		}
		return true
	}
	s.malformed()
	return false
}

// String reads a string.
func (s *Scanner) String() string { return string(s.Bytes()) }

// Bytes reads a string without copying it; the slice is valid until the next string is read.
func (s *Scanner) Bytes() []byte {
	if s.Peek() != '"' {
		s.Unexpected("String")
		return nil
	}
	return s.rawString()
}

// Blob reads a string of base64.
func (s *Scanner) Blob() []byte {
	if s.Peek() != '"' {
		s.Unexpected("Blob")
		return nil
	}
	text := s.rawString()
	if s.err != nil {
		return nil
	}
	if len(text)%4 != 0 {
		s.Fail(serialization("Base64 encoded length is expected a multiple of 4 bytes but found: " + strconv.Itoa(len(text))))
		return nil
	}
	blob := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Strict().Decode(blob, text)
	if err != nil {
		s.Fail(serialization("Invalid last non-pad Base64 character dectected")) // AWS's spelling
		return nil
	}
	return blob[:n]
}

// Bool reads a boolean.
func (s *Scanner) Bool() bool {
	switch s.Peek() {
	case 't':
		s.literal("true")
		return s.err == nil
	case 'f':
		s.literal("false")
	default:
		s.Unexpected("Boolean")
	}
	return false
}

// Number reads a number and returns its text, valid as long as the scanner's data.
func (s *Scanner) Number() []byte { return s.numberFor("Double") }

// Integer reads a whole number of at most bits bits; a fraction is cut off as AWS does.
func (s *Scanner) Integer(bits int) int64 {
	kind := "Long"
	if bits == 32 {
		kind = "Integer"
	}
	text := s.numberFor(kind)
	if s.err != nil {
		return 0
	}
	n, ok := parseInteger(text)
	if !ok || bits == 32 && (n > math.MaxInt32 || n < math.MinInt32) {
		s.Fail(serialization(""))
		return 0
	}
	return n
}

// Float reads a number, or one of the strings NaN, Infinity and -Infinity.
func (s *Scanner) Float(bits int) float64 {
	var text []byte
	if s.Peek() == '"' {
		at := s.pos
		switch text = s.rawString(); string(text) {
		case "NaN", "Infinity", "-Infinity":
		default:
			s.pos = at
			s.Unexpected("Double")
		}
	} else {
		text = s.numberFor("Double")
	}
	if s.err != nil {
		return 0
	}
	f, err := strconv.ParseFloat(view(text), bits)
	if err != nil {
		s.Fail(serialization(""))
	}
	return f
}

func (s *Scanner) numberFor(kind string) []byte {
	c := s.Peek()
	if c != '-' && (c < '0' || c > '9') {
		s.Unexpected(kind)
		return nil
	}
	end := numberEnd(s.data, s.pos)
	if end < 0 {
		s.malformed()
		return nil
	}
	text := s.data[s.pos:end]
	s.pos = end
	return text
}

// numberEnd returns the index behind the JSON number at data[i], -1 where there is none.
func numberEnd(data []byte, i int) int {
	digits := func() bool {
		start := i
		for i < len(data) && '0' <= data[i] && data[i] <= '9' {
			i++
		}
		return i > start
	}
	if i < len(data) && data[i] == '-' {
		i++
	}
	start := i
	if !digits() || i-start > 1 && data[start] == '0' {
		return -1
	}
	if i < len(data) && data[i] == '.' {
		if i++; !digits() {
			return -1
		}
	}
	if i < len(data) && data[i]|0x20 == 'e' {
		if i++; i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		if !digits() {
			return -1
		}
	}
	return i
}

// Skip reads and drops one value, whatever it is.
func (s *Scanner) Skip() {
	switch c := s.Peek(); c {
	case '{':
		for s.Object(); s.Key(); {
			s.Skip()
		}
	case '[':
		for s.Array(); s.Next(); {
			s.Skip()
		}
	case '"':
		s.rawString()
	case 't':
		s.literal("true")
	case 'f':
		s.literal("false")
	case 'n':
		s.literal("null")
	default:
		s.numberFor("")
	}
}

// Raw reads one value and returns its text, valid as long as the scanner's data.
func (s *Scanner) Raw() []byte {
	s.Peek()
	start := s.pos
	s.Skip()
	if s.err != nil {
		return nil
	}
	return s.data[start:s.pos]
}

// Any reads one value into nil, bool, float64 (int64 where it is whole), string, []any or map[string]any.
func (s *Scanner) Any() any {
	switch s.Peek() {
	case '{':
		m := make(map[string]any)
		for s.Object(); s.Key(); {
			name := string(s.name)
			m[name] = s.Any()
		}
		return m
	case '[':
		list := []any{}
		for s.Array(); s.Next(); {
			list = append(list, s.Any())
		}
		return list
	case '"':
		return s.String()
	case 't', 'f':
		return s.Bool()
	case 'n':
		s.literal("null")
		return nil
	}
	text := s.numberFor("")
	if n, err := strconv.ParseInt(view(text), 10, 64); err == nil {
		return n
	}
	f, err := strconv.ParseFloat(view(text), 64)
	if err != nil && s.err == nil {
		s.Fail(serialization(""))
	}
	return f
}

// end checks that nothing but white space is left.
func (s *Scanner) end() {
	if s.Peek() != 0 || s.pos < len(s.data) {
		s.malformed()
	}
}

func (s *Scanner) literal(word string) {
	if len(s.data)-s.pos < len(word) || string(s.data[s.pos:s.pos+len(word)]) != word {
		s.malformed()
		return
	}
	s.pos += len(word)
}

// view is b as a string without a copy; b must not change while the string is in use.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// serialization is AWS's answer to a body that it cannot read; it has no message where the text is
// no JSON at all.
func serialization(message string) *aws.Error {
	return &aws.Error{Code: "SerializationException", Message: message}
}

var errTooDeep = serialization("The request body is nested too deeply")
