package s3

import (
	"encoding/base64"
	"mime"
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

// latin1 writes a field of a form as the system header that S3 answers: in ISO-8859-1, with spaces for
// what that has not. Headers of other uploads are answered byte for byte.
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

// decodedWords reads user metadata as S3 does: encoded words of RFC 2047 stand for their text.
func decodedWords(s string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	decoded, err := new(mime.WordDecoder).DecodeHeader(s)
	if err != nil {
		return s
	}
	return decoded
}

// undecoded keeps encoded words in the metadata of a form, which S3 does not read, by encoding what
// decodedWords would take for one.
func undecoded(name, value string) string {
	if !strings.HasPrefix(name, lowerUserMetadata) || decodedWords(value) == value {
		return value
	}
	return encodeB(value)
}

// encodedWord writes user metadata as S3 answers it: what is not ASCII becomes an encoded word of
// RFC 2047, in base64 where most of it is not.
func encodedWord(s string) string {
	if plain(s) {
		return s
	}
	if !utf8.ValidString(s) {
		s = fromLatin1(s)
	}
	ascii, other := 0, 0
	for _, r := range s {
		if r < ' ' && r != '\t' || r > '~' {
			other++
		} else {
			ascii++
		}
	}
	if ascii <= other {
		return encodeB(s)
	}
	return encodeQ(s)
}

func encodeB(s string) string {
	return "=?UTF-8?B?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?="
}

func encodeQ(s string) string {
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
