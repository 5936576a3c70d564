package wire

import (
	"math"
	"strconv"
)

// Unexpected fails with what AWS says of the next value where a value of the kind want ("String",
// "Integer", "Blob", "" for lists, maps and structures) was expected.
func (s *Scanner) Unexpected(want string) {
	var found string
	switch c := s.Peek(); {
	case s.err != nil:
		return
	case c == '{':
		s.Fail(serialization("Start of structure or map found where not expected"))
		return
	case c == '[' && javaClasses[want] != "":
		s.Fail(serialization("Unrecognized collection type class " + javaClasses[want]))
		return
	case c == '[':
		s.Fail(serialization("Start of list found where not expected"))
		return
	case c == '"':
		found = "STRING_VALUE"
	case c == 't':
		found = "TRUE_VALUE"
	case c == 'f':
		found = "FALSE_VALUE"
	case c == 'n':
		found = "NULL_VALUE"
	case c == '-' || '0' <= c && c <= '9':
		found = "NUMBER_VALUE"
		if text := s.numberFor(want); !isWhole(text) {
			found = "DECIMAL_VALUE"
		}
	default:
		s.malformed()
		return
	}
	switch {
	case want == "":
		s.Fail(serialization("Unexpected field type"))
	case want == "Blob":
		s.Fail(serialization("only base-64-encoded strings are convertible to bytes"))
	case want == "Boolean" && found == "STRING_VALUE":
		s.Fail(serialization("Unexpected token received from parser"))
	default:
		s.Fail(serialization(found + " cannot be converted to " + want))
	}
}

// javaClasses are the classes that AWS names where it finds a list instead of a scalar.
var javaClasses = map[string]string{
	"String": "java.lang.String", "Integer": "java.lang.Integer", "Long": "java.lang.Long",
	"Double": "java.lang.Double", "Boolean": "java.lang.Boolean", "Blob": "java.nio.ByteBuffer",
}

func (s *Scanner) malformed() { s.Fail(serialization("")) }

func isWhole(number []byte) bool {
	for _, c := range number {
		if c == '.' || c == 'e' || c == 'E' {
			return false
		}
	}
	return true
}

// parseInteger reads a JSON number as a whole one; ok is false where it does not fit 64 bits.
func parseInteger(text []byte) (n int64, ok bool) {
	if n, err := strconv.ParseInt(view(text), 10, 64); err == nil {
		return n, true
	}
	if isWhole(text) {
		return 0, false
	}
	f, err := strconv.ParseFloat(view(text), 64)
	if err != nil || f >= math.MaxInt64 || f <= math.MinInt64 {
		return 0, false
	}
	return int64(f), true
}
