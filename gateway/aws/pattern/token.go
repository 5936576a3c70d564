package pattern

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// token is a kind of JSON token; names are those of the parser whose messages AWS passes on.
type token uint8

const (
	endOfText token = iota
	startObject
	endObject
	startArray
	endArray
	fieldName
	valueString
	valueNumber
	valueTrue
	valueFalse
	valueNull
)

// lexer reads JSON tokens and knows the column that AWS's parser reports with an error: behind the
// token, for a string that has not been read yet behind its opening quote.
type lexer struct {
	text   string
	pos    int // of what has not been read
	report int // position that an error reports
	value  string
	stack  []byte // '{' or '[' of what is open
	name   bool   // the next string is a field's name
	comma  bool   // a value has ended: a comma or an end must follow
	err    error
}

// Error is why a pattern is refused.
type Error struct {
	Message  string
	Location string // " at [Source: ...]" as AWS adds it, "" for none
	// Nested says that the pattern is nested where its scope does not allow that.
	Nested bool
}

func (e *Error) Error() string {
	if e.Location == "" {
		return e.Message
	}
	return e.Message + "\n" + e.Location
}

const maxQuoted = 500 // characters of the source that a location repeats

// fail makes an error at the reported position.
func (l *lexer) fail(format string, args ...any) error {
	source := l.text
	more := ""
	if len(source) > maxQuoted {
		more = fmt.Sprintf("[truncated %d chars]", len(source)-maxQuoted)
		source = source[:maxQuoted]
	}
	line, column := l.position()
	return &Error{
		Message:  fmt.Sprintf(format, args...),
		Location: fmt.Sprintf(" at [Source: (String)\"%s\"%s; line: %d, column: %d]", source, more, line, column),
	}
}

// malformed is the error of a text that is no JSON.
func (l *lexer) malformed(format string, args ...any) {
	line, column := l.position()
	l.err = &Error{
		Message:  "failed to parse JSON. " + fmt.Sprintf(format, args...),
		Location: fmt.Sprintf(" at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: %d, column: %d]", line, column),
	}
}

func (l *lexer) position() (line, column int) {
	read := l.text[:l.report]
	line = strings.Count(read, "\n") + 1
	return line, utf8.RuneCountInString(read[strings.LastIndexByte(read, '\n')+1:]) + 1
}

const maxNesting = 100

// next reads a token; its text is in value. After an error it is endOfText and err tells.
func (l *lexer) next() token {
	l.value = ""
	if l.err != nil || !l.separator() {
		return endOfText
	}
	c := l.text[l.pos]
	switch {
	case c == '}' || c == ']':
		return l.close(c)
	case l.name:
		return l.readName(c)
	case c == '{' || c == '[':
		return l.open(c)
	case c == '"':
		l.report = l.pos + 1
		l.comma = len(l.stack) > 0
		l.name = l.inObject()
		l.readString()
		return valueString
	}
	return l.scalar()
}

// separator skips blanks, and the comma between values.
func (l *lexer) separator() bool {
	l.blanks()
	if l.comma && l.pos < len(l.text) && l.text[l.pos] == ',' {
		l.pos++
		l.comma = false
		l.blanks()
	} else if l.comma && l.pos < len(l.text) && l.text[l.pos] != '}' && l.text[l.pos] != ']' {
		l.report = l.pos + 1
		l.malformed("Unexpected character (%s): was expecting comma to separate %s entries", quoteChar(l.text[l.pos:]), l.container())
		return false
	}
	if l.pos < len(l.text) {
		return true
	}
	l.report = len(l.text)
	if len(l.stack) > 0 || l.pos == 0 {
		l.malformed("Unexpected end-of-input")
	}
	return false
}

func (l *lexer) container() string {
	if l.inObject() {
		return "Object"
	}
	return "Array"
}

func (l *lexer) blanks() {
	for l.pos < len(l.text) && strings.IndexByte(" \t\r\n", l.text[l.pos]) >= 0 {
		l.pos++
	}
}

func (l *lexer) inObject() bool { return len(l.stack) > 0 && l.stack[len(l.stack)-1] == '{' }

func (l *lexer) open(c byte) token {
	l.pos++
	l.report = l.pos
	l.stack = append(l.stack, c)
	l.comma = false
	l.name = c == '{'
	if len(l.stack) > maxNesting {
		l.malformed("Document nesting depth exceeds %d", maxNesting)
		return endOfText
	}
	if c == '{' {
		return startObject
	}
	return startArray
}

func (l *lexer) close(c byte) token {
	want := byte(']')
	if l.inObject() {
		want = '}'
	}
	l.pos++
	l.report = l.pos
	if len(l.stack) == 0 || c != want {
		l.malformed("Unexpected close marker '%c'", c)
		return endOfText
	}
	l.stack = l.stack[:len(l.stack)-1]
	l.comma = len(l.stack) > 0
	l.name = l.inObject()
	l.value = string(c)
	if c == '}' {
		return endObject
	}
	return endArray
}

// readName reads a field's name and its colon. The parser looks ahead to the value behind it.
func (l *lexer) readName(c byte) token {
	if c != '"' {
		l.report = l.pos
		l.malformed("Unexpected character (%s): was expecting double-quote to start field name", quoteChar(l.text[l.pos:]))
		return endOfText
	}
	if !l.readString() {
		return endOfText
	}
	l.blanks()
	if l.pos >= len(l.text) || l.text[l.pos] != ':' {
		l.report = min(l.pos+1, len(l.text))
		l.malformed("Unexpected character: was expecting a colon to separate field name and value")
		return endOfText
	}
	l.pos++
	l.name, l.comma = false, false
	l.lookAhead()
	return fieldName
}

// lookAhead moves the reported position behind the value that follows, as far as it is read at once.
func (l *lexer) lookAhead() {
	l.blanks()
	end := l.pos
	if end < len(l.text) && strings.IndexByte("{[\"", l.text[end]) >= 0 {
		end++
	} else {
		end += len(bareword(l.text[end:]))
	}
	l.report = end
}

// readString reads a string from its opening quote.
func (l *lexer) readString() bool {
	end := l.pos + 1
	for end < len(l.text) && l.text[end] != '"' {
		if l.text[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(l.text) {
		l.report = len(l.text)
		l.malformed("Unexpected end-of-input in VALUE_STRING")
		return false
	}
	if json.Unmarshal([]byte(l.text[l.pos:end+1]), &l.value) != nil {
		l.malformed("Unrecognized character escape")
		return false
	}
	l.pos = end + 1
	return true
}

// readText moves the reported position behind the string that was read last, as asking for its text does.
func (l *lexer) readText() string {
	l.report = max(l.report, l.pos)
	return l.value
}

func (l *lexer) scalar() token {
	word := bareword(l.text[l.pos:])
	l.pos += len(word)
	l.report = l.pos
	l.value = word
	l.comma = len(l.stack) > 0
	l.name = l.inObject()
	switch word {
	case "true":
		return valueTrue
	case "false":
		return valueFalse
	case "null":
		return valueNull
	}
	if json.Valid([]byte(word)) {
		return valueNumber
	}
	if word == "" {
		l.report = l.pos + 1
		l.malformed("Unexpected character (%s): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", quoteChar(l.text[l.pos:]))
		return endOfText
	}
	l.malformed("Unrecognized token '%s': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", word)
	return endOfText
}

// bareword is the letters, digits and signs at the start of s.
func bareword(s string) string {
	i := strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("+-._$", r))
	})
	if i < 0 {
		return s
	}
	return s[:i]
}

func quoteChar(s string) string {
	r, _ := utf8.DecodeRuneInString(s)
	return fmt.Sprintf("'%c' (code %d)", r, r)
}
