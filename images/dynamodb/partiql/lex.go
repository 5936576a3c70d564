package partiql

import "strings"

type kind uint8

const (
	end    kind = iota
	word        // an unquoted name or keyword
	quoted      // "name"
	text        // 'string'
	number
	param // ?
	sign
)

type token struct {
	kind kind
	text string // without quotes
	at   int
}

// is reports whether the token is that keyword or sign.
func (t token) is(what string) bool {
	return t.kind == word && strings.EqualFold(t.text, what) || t.kind == sign && t.text == what
}

// lex takes a statement apart; the last token is the end.
func lex(s string) ([]token, error) {
	var tokens []token
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case strings.HasPrefix(s[i:], "--"):
			if n := strings.IndexByte(s[i:], '\n'); n >= 0 {
				i += n
			} else {
				i = len(s)
			}
			continue
		}
		t, next, err := scan(s, i)
		if err != nil {
			return nil, err
		}
		t.at = i
		tokens = append(tokens, t)
		i = next
	}
	return append(tokens, token{kind: end, at: len(s)}), nil
}

func scan(s string, i int) (t token, next int, err error) {
	c := s[i]
	switch {
	case c == '\'' || c == '"':
		content, next, ok := scanQuoted(s, i)
		if !ok {
			return t, 0, Error(malformed)
		}
		t = token{kind: text, text: content}
		if c == '"' {
			t.kind = quoted
		}
		return t, next, nil
	case letter(c) || c == '_' || c == '$' || c == '@' || c >= 0x80:
		next = i
		for next < len(s) && (letter(s[next]) || digit(s[next]) || s[next] == '_' || s[next] == '$' || s[next] == '@' || s[next] >= 0x80) {
			next++
		}
		return token{kind: word, text: s[i:next]}, next, nil
	case digit(c) || c == '.' && i+1 < len(s) && digit(s[i+1]):
		next = scanNumber(s, i)
		return token{kind: number, text: s[i:next]}, next, nil
	case c == '?':
		return token{kind: param}, i + 1, nil
	}
	for _, two := range [...]string{"<<", ">>", "<=", ">=", "<>", "!="} {
		if strings.HasPrefix(s[i:], two) {
			return token{kind: sign, text: two}, i + 2, nil
		}
	}
	if strings.IndexByte("()[]{},.:=<>+-*;", c) >= 0 {
		return token{kind: sign, text: s[i : i+1]}, i + 1, nil
	}
	return t, 0, Error(malformed + "Unexpected token")
}

// scanQuoted reads a quoted text; a doubled quote stands for one.
func scanQuoted(s string, i int) (content string, next int, ok bool) {
	quote := s[i]
	var b strings.Builder
	for i++; i < len(s); i++ {
		if s[i] != quote {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == quote {
			b.WriteByte(quote)
			i++
			continue
		}
		return b.String(), i + 1, true
	}
	return "", 0, false
}

func scanNumber(s string, i int) int {
	for i < len(s) && (digit(s[i]) || s[i] == '.') {
		i++
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		if j < len(s) && digit(s[j]) {
			for i = j; i < len(s) && digit(s[i]); {
				i++
			}
		}
	}
	return i
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func digit(c byte) bool  { return '0' <= c && c <= '9' }
