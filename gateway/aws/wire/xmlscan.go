package wire

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"localcloud/gateway/aws"
)

// xmlScanner goes through one XML text in memory, element by element. It knows what AWS messages
// have: elements, attributes, text, CDATA, comments; a document type is refused. Errors stick.
type xmlScanner struct {
	data       []byte
	pos        int
	max        int      // of depth
	open       [][]byte // names of the elements that are open
	empty      bool     // the element that was opened last is <empty/>
	attributes []xmlAttribute
	scratch    []byte
	failure    error
}

type xmlAttribute struct{ name, value []byte }

func (s *xmlScanner) reset(data []byte, maxDepth int) {
	*s = xmlScanner{data: data, max: maxDepth, open: s.open[:0], attributes: s.attributes[:0], scratch: s.scratch[:0]}
}

func (s *xmlScanner) fail(err error) {
	if s.failure == nil {
		s.failure = err
	}
	s.pos = len(s.data)
}

func (s *xmlScanner) err() error { return s.failure }

func (s *xmlScanner) malformed() { s.fail(errMalformedXML) }

var errMalformedXML = &aws.Error{Code: "MalformedXML", Message: "The XML you provided was not well-formed or did not validate against our published schema", Status: 400}

// root opens the outermost element.
func (s *xmlScanner) root() (name []byte) {
	s.data = bytes.TrimPrefix(s.data, []byte("\xef\xbb\xbf"))
	if s.space(); s.at(0) != '<' || !s.child() {
		s.malformed()
		return nil
	}
	return s.name()
}

// name is the local name of the element that was opened last.
func (s *xmlScanner) name() []byte { return local(s.open[len(s.open)-1]) }

func local(name []byte) []byte { return name[bytes.IndexByte(name, ':')+1:] }

// child opens the next child of the element that was opened last and reports whether there is one; if
// not the element is closed. Text between children is passed over.
func (s *xmlScanner) child() bool {
	if s.empty {
		s.empty = false
		s.open = s.open[:len(s.open)-1]
		return false
	}
	for s.failure == nil {
		i := bytes.IndexByte(s.data[s.pos:], '<')
		if i < 0 || s.pos+i+1 == len(s.data) {
			if len(s.open) > 0 {
				s.malformed()
			}
			return false
		}
		s.pos += i + 1
		switch s.data[s.pos] {
		case '/':
			s.closeTag()
			return false
		case '!', '?':
			s.aside()
		default:
			s.openTag()
			return s.failure == nil
		}
	}
	return false
}

// aside passes over a comment, CDATA or processing instruction behind its '<'.
func (s *xmlScanner) aside() {
	rest := s.data[s.pos:]
	var end string
	switch {
	case rest[0] == '?':
		end = "?>"
	case bytes.HasPrefix(rest, []byte("!--")):
		end = "-->"
	case bytes.HasPrefix(rest, []byte("![CDATA[")) && len(s.open) > 0:
		end = "]]>"
	default:
		s.malformed()
		return
	}
	i := bytes.Index(rest, []byte(end))
	if i < 0 {
		s.malformed()
		return
	}
	s.pos += i + len(end)
}

func (s *xmlScanner) closeTag() {
	end := bytes.IndexByte(s.data[s.pos:], '>')
	if end < 0 || len(s.open) == 0 {
		s.malformed()
		return
	}
	name := bytes.TrimRight(s.data[s.pos+1:s.pos+end], " \t\r\n")
	if !bytes.Equal(name, s.open[len(s.open)-1]) {
		s.malformed()
		return
	}
	s.open = s.open[:len(s.open)-1]
	s.pos += end + 1
}

func (s *xmlScanner) openTag() {
	s.attributes = s.attributes[:0]
	name := s.token()
	if len(name) == 0 {
		s.malformed()
		return
	}
	if s.open = append(s.open, name); len(s.open) > s.max {
		s.fail(errMalformedXML)
		return
	}
	for {
		s.space()
		switch s.at(0) {
		case '>':
			s.pos++
			return
		case '/':
			if s.at(1) != '>' {
				s.malformed()
				return
			}
			s.pos += 2
			s.empty = true
			return
		}
		if !s.attribute() {
			s.malformed()
			return
		}
	}
}

func (s *xmlScanner) attribute() bool {
	name := s.token()
	s.space()
	if len(name) == 0 || s.at(0) != '=' {
		return false
	}
	s.pos++
	s.space()
	quote := s.at(0)
	if quote != '"' && quote != '\'' {
		return false
	}
	end := bytes.IndexByte(s.data[s.pos+1:], quote)
	if end < 0 || len(s.attributes) >= 64 {
		return false
	}
	value, ok := unescapeXML(nil, s.data[s.pos+1:s.pos+1+end])
	s.attributes = append(s.attributes, xmlAttribute{name, value})
	s.pos += end + 2
	return ok
}

// token reads a name.
func (s *xmlScanner) token() []byte {
	start := s.pos
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\r', '\n', '>', '/', '=', '<', '"', '\'', '&':
			return s.data[start:s.pos]
		default:
			s.pos++
		}
	}
	return s.data[start:s.pos]
}

func (s *xmlScanner) space() {
	for s.pos < len(s.data) && (s.data[s.pos] == ' ' || s.data[s.pos] == '\n' || s.data[s.pos] == '\t' || s.data[s.pos] == '\r') {
		s.pos++
	}
}

func (s *xmlScanner) at(i int) byte {
	if s.pos+i < len(s.data) {
		return s.data[s.pos+i]
	}
	return 0
}

// content reads the text of the element that was opened last and closes it; elements inside are an
// error. The slice is valid until the next call.
func (s *xmlScanner) content() []byte {
	if s.empty {
		s.child()
		return nil
	}
	i := bytes.IndexByte(s.data[s.pos:], '<')
	if i < 0 {
		s.malformed()
		return nil
	}
	text := s.data[s.pos : s.pos+i]
	if s.pos+i+1 < len(s.data) && s.data[s.pos+i+1] == '/' && bytes.IndexByte(text, '&') < 0 && bytes.IndexByte(text, '\r') < 0 {
		s.pos += i + 1
		if s.closeTag(); s.failure != nil || !validXMLText(text) {
			s.malformed()
			return nil
		}
		return text
	}
	return s.mixed()
}

// mixed is content with references, CDATA or comments in it.
func (s *xmlScanner) mixed() []byte {
	out := s.scratch[:0]
	for s.failure == nil {
		i := bytes.IndexByte(s.data[s.pos:], '<')
		if i < 0 || s.pos+i+1 == len(s.data) {
			break
		}
		var ok bool
		if out, ok = unescapeXML(out, s.data[s.pos:s.pos+i]); !ok {
			break
		}
		s.pos += i + 1
		switch s.data[s.pos] {
		case '/':
			if s.closeTag(); s.failure != nil || !validXMLText(out) {
				s.malformed()
				return nil
			}
			s.scratch = out
			return out
		case '!', '?':
			start := s.pos + len("![CDATA[")
			if s.aside(); s.failure == nil && s.data[start-1] == '[' && start <= s.pos-3 {
				out = append(out, s.data[start:s.pos-3]...)
			}
		default: // an element where text belongs
			s.malformed()
			return nil
		}
	}
	s.malformed()
	return nil
}

// trailing checks that nothing but comments and white space follows the root element.
func (s *xmlScanner) trailing() {
	for s.failure == nil {
		if s.space(); s.pos == len(s.data) {
			return
		}
		if s.at(0) != '<' || s.at(1) != '!' && s.at(1) != '?' {
			s.malformed()
			return
		}
		s.pos++
		s.aside()
	}
}

// skip closes the element that was opened last with all that is in it.
func (s *xmlScanner) skip() {
	for depth := len(s.open); s.failure == nil && len(s.open) >= depth; {
		s.child()
	}
}

// validXMLText reports whether text is UTF-8 without control characters.
func validXMLText(text []byte) bool {
	for _, c := range text {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' {
			return false
		}
	}
	return utf8.Valid(text)
}

// unescapeXML appends text with its references resolved and its line ends made "\n".
func unescapeXML(out, text []byte) ([]byte, bool) {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '&':
			end := bytes.IndexByte(text[i:], ';')
			r, ok := rune(0), false
			if end > 0 && end < 12 {
				r, ok = reference(string(text[i+1 : i+end]))
			}
			if !ok {
				return out, false
			}
			out = utf8.AppendRune(out, r)
			i += end
		case '\r':
			if i+1 == len(text) || text[i+1] != '\n' {
				out = append(out, '\n')
			}
		default:
			out = append(out, c)
		}
	}
	return out, true
}

// reference is the character that &name; stands for.
func reference(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	return rune(n), err == nil && utf8.ValidRune(rune(n)) && n != 0
}
