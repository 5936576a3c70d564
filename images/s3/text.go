package s3

import (
	"strings"
	"unicode/utf8"
)

// plain reports whether s has printable ASCII and tabs only.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c > '~' || c < ' ' && c != '\t' {
			return false
		}
	}
	return true
}

// latin1 writes a system header as S3 answers it: in ISO-8859-1, with spaces for what that has not.
func latin1(s string) string {
	if plain(s) || !utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\t' || r >= ' ' && r <= '~' || r >= 0xa0 && r <= 0xff:
			b.WriteByte(byte(r))
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// encodedWord writes user metadata as S3 answers it: what is not ASCII becomes an encoded word of
// RFC 2047.
func encodedWord(s string) string {
	if plain(s) {
		return s
	}
	if !utf8.ValidString(s) {
		s = fromLatin1(s)
	}
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.WriteString("=?UTF-8?Q?")
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
			b.WriteByte('_')
		case c > ' ' && c <= '~' && c != '=' && c != '?' && c != '_':
			b.WriteByte(c)
		default:
			b.Write([]byte{'=', hex[c>>4], hex[c&15]})
		}
	}
	b.WriteString("?=")
	return b.String()
}

func fromLatin1(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}
