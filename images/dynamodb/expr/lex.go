package expr

import "strings"

// Problem is a mistake in an expression, as AWS words it, without the name of the parameter.
type Problem string

// Error makes a Problem an error.
func (p Problem) Error() string { return string(p) }

type tokenKind uint8

const (
	tokEnd    tokenKind = iota
	tokName             // an attribute's name
	tokSharp            // #name
	tokColon            // :value
	tokWord             // a keyword, in upper case in word
	tokNumber           // an index
	tokSign             // ( ) [ ] , . = <> < <= > >= + -
	tokBad
)

// token is a piece of an expression, text[at:end].
type token struct {
	kind    tokenKind
	at, end int
	text    string
	word    string // the keyword in upper case
}

var keywords = map[string]bool{
	"AND": true, "OR": true, "NOT": true, "BETWEEN": true, "IN": true,
	"SET": true, "REMOVE": true, "ADD": true, "DELETE": true,
}

// lex takes an expression apart; the last token is the end.
func lex(text string) []token {
	tokens := make([]token, 0, len(text)/4+2)
	for i := 0; i < len(text); {
		if c := text[i]; c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			i++
			continue
		}
		t := next(text, i)
		tokens = append(tokens, t)
		i = t.end
	}
	return append(tokens, token{kind: tokEnd, at: len(text), end: len(text), text: "<EOF>"})
}

func next(text string, at int) token {
	t := token{at: at, end: at + 1}
	switch c := text[at]; {
	case letter(c):
		t.kind, t.end = tokName, wordEnd(text, at)
		if upper := strings.ToUpper(text[at:t.end]); keywords[upper] {
			t.kind, t.word = tokWord, upper
		}
	case c == '#' || c == ':':
		t.kind = tokBad
		if end := wordEnd(text, at+1); end > at+1 {
			t.end, t.kind = end, tokSharp
			if c == ':' {
				t.kind = tokColon
			}
		}
	case c == '0':
		t.kind = tokNumber
	case '1' <= c && c <= '9':
		for t.kind = tokNumber; t.end < len(text) && digit(text[t.end]); {
			t.end++
		}
	case c == '<' || c == '>':
		t.kind = tokSign
		if at+1 < len(text) && (text[at+1] == '=' || c == '<' && text[at+1] == '>') {
			t.end++
		}
	case strings.IndexByte("()[],.=+-", c) >= 0:
		t.kind = tokSign
	default:
		t.kind = tokBad
		for t.end < len(text) && text[t.end]&0xc0 == 0x80 { // the rest of a character
			t.end++
		}
	}
	t.text = text[t.at:t.end]
	return t
}

func wordEnd(text string, i int) int {
	for i < len(text) && (letter(text[i]) || digit(text[i]) || text[i] == '_') {
		i++
	}
	return i
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func digit(c byte) bool  { return '0' <= c && c <= '9' }
