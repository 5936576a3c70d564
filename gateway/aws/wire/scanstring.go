package wire

import (
	"unicode/utf16"
	"unicode/utf8"
)

// rawString reads the string at pos. Without escapes the result lies in the data itself.
func (s *Scanner) rawString() []byte {
	data, start := s.data, s.pos+1
	ascii := true
	for i := start; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			s.pos = i + 1
			if text := data[start:i]; ascii || utf8.Valid(text) {
				return text
			}
			s.malformed()
			return nil
		case c == '\\':
			return s.escaped(start, i)
		case c < ' ':
			s.malformed()
			return nil
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	s.malformed()
	return nil
}

// escaped reads a string from start whose first backslash is at i.
func (s *Scanner) escaped(start, i int) []byte {
	data := s.data
	text := append(s.text[:0], data[start:i]...)
	for i < len(data) {
		c := data[i]
		switch {
		case c == '"':
			s.pos = i + 1
			s.text = text
			if !utf8.Valid(text) {
				s.malformed()
				return nil
			}
			return text
		case c < ' ':
			s.malformed()
			return nil
		case c != '\\':
			text = append(text, c)
			i++
			continue
		}
		var n int
		if text, n = unescape(text, data[i:]); n == 0 {
			break
		}
		i += n
	}
	s.malformed()
	return nil
}

// unescape appends what the escape at the start of in stands for and returns its length, 0 where it is none.
func unescape(out, in []byte) ([]byte, int) {
	if len(in) < 2 {
		return out, 0
	}
	switch c := in[1]; c {
	case '"', '\\', '/':
		return append(out, c), 2
	case 'b':
		return append(out, '\b'), 2
	case 'f':
		return append(out, '\f'), 2
	case 'n':
		return append(out, '\n'), 2
	case 'r':
		return append(out, '\r'), 2
	case 't':
		return append(out, '\t'), 2
	case 'u':
	default:
		return out, 0
	}
	r, ok := hex4(in[2:])
	if !ok {
		return out, 0
	}
	if !utf16.IsSurrogate(r) {
		return utf8.AppendRune(out, r), 6
	}
	if len(in) >= 12 && in[6] == '\\' && in[7] == 'u' {
		if low, ok := hex4(in[8:]); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return utf8.AppendRune(out, pair), 12
			}
		}
	}
	return utf8.AppendRune(out, utf8.RuneError), 6
}

func hex4(in []byte) (rune, bool) {
	if len(in) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range in[:4] {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
