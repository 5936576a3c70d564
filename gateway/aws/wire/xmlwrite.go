package wire

import (
	"strconv"
	"time"
	"unicode/utf8"

	"localcloud/gateway/aws"
)

// xmlWriter writes XML at the end of b. The names of what comes next are set before it comes.
type xmlWriter struct {
	b       []byte
	query   bool // names are those of the query protocol
	millis  bool // times always have milliseconds
	failure error

	name      string // of the next element or attribute
	namespace string
	prefix    string // of namespace
	attribute bool
	flattened bool
	inTag     bool // the tag written last still takes attributes

	open       []string
	containers []xmlOpen
}

// xmlOpen is a list or map that is being written.
type xmlOpen struct {
	flattened        bool
	name, key, value string
	member           *aws.Member // element or value
}

func (w *xmlWriter) field(f *field) {
	w.named(f.wire, f.member)
	if w.query {
		w.name = f.queryName
	}
	w.attribute, w.flattened = f.member.XMLAttribute, f.flattened
	if !w.attribute {
		w.endTag()
	}
}

func (w *xmlWriter) named(name string, m *aws.Member) {
	w.name, w.namespace, w.prefix = name, m.XMLNamespace, m.XMLPrefix
	if w.namespace == "" {
		w.namespace, w.prefix = m.Shape.XMLNamespace, m.Shape.XMLPrefix
	}
	w.attribute, w.flattened = false, false
}

func (w *xmlWriter) endTag() {
	if w.inTag {
		w.b = append(w.b, '>')
		w.inTag = false
	}
}

// start writes the start tag of the next element and leaves it open for attributes.
func (w *xmlWriter) start() {
	w.endTag()
	w.b = append(append(w.b, '<'), w.name...)
	if w.namespace != "" {
		w.b = append(w.b, " xmlns"...)
		if w.prefix != "" {
			w.b = append(append(w.b, ':'), w.prefix...)
		}
		w.b = append(appendXML(append(w.b, `="`...), w.namespace, true), '"')
	}
	w.inTag = true
}

func (w *xmlWriter) begin() {
	w.start()
	w.open = append(w.open, w.name)
}

func (w *xmlWriter) end() {
	name := w.open[len(w.open)-1]
	w.open = w.open[:len(w.open)-1]
	if w.inTag {
		w.b = append(w.b, '/', '>')
		w.inTag = false
		return
	}
	w.b = append(append(append(w.b, '<', '/'), name...), '>')
}

func (w *xmlWriter) structure(*plan) { w.begin() }
func (w *xmlWriter) endStructure()   { w.end() }

func (w *xmlWriter) list(p *plan, _ int) {
	m := p.shape.Elem
	c := xmlOpen{flattened: w.flattened, name: w.name, member: m}
	if !w.flattened {
		c.name = m.LocationName
		if w.query && m.QueryName != "" {
			c.name = m.QueryName
		}
		if c.name == "" {
			c.name = "member"
		}
		w.begin()
	}
	w.containers = append(w.containers, c)
}

func (w *xmlWriter) element() {
	w.endTag()
	c := &w.containers[len(w.containers)-1]
	w.named(c.name, c.member)
}

func (w *xmlWriter) endList() {
	c := w.containers[len(w.containers)-1]
	w.containers = w.containers[:len(w.containers)-1]
	if !c.flattened {
		w.end()
	}
}

func (w *xmlWriter) mapping(p *plan, _ int) {
	key, value := p.shape.Key, p.shape.Elem
	c := xmlOpen{flattened: w.flattened, name: w.name, key: key.WireName(), value: value.WireName(), member: value}
	if w.query && key.QueryName != "" {
		c.key, c.value = key.QueryName, value.QueryName
	}
	if !w.flattened {
		c.name = "entry"
		w.begin()
	}
	w.containers = append(w.containers, c)
}

func (w *xmlWriter) entry(key string) {
	c := &w.containers[len(w.containers)-1]
	w.endTag()
	w.b = append(append(append(w.b, '<'), c.name...), '>')
	w.b = append(append(append(w.b, '<'), c.key...), '>')
	w.b = appendXML(w.b, key, false)
	w.b = append(append(append(w.b, '<', '/'), c.key...), '>')
	w.named(c.value, c.member)
}

func (w *xmlWriter) endEntry() {
	w.endTag()
	w.b = append(append(append(w.b, '<', '/'), w.containers[len(w.containers)-1].name...), '>')
}

func (w *xmlWriter) endMapping() { w.endList() }

// openLeaf writes what stands before a scalar, closeLeaf what stands behind it.
func (w *xmlWriter) openLeaf() {
	if w.attribute {
		w.b = append(append(append(w.b, ' '), w.name...), '=', '"')
		return
	}
	w.start()
	w.endTag()
}

func (w *xmlWriter) closeLeaf() {
	if w.attribute {
		w.b = append(w.b, '"')
		w.attribute = false
		return
	}
	w.b = append(append(append(w.b, '<', '/'), w.name...), '>')
}

func (w *xmlWriter) text(s string) {
	w.openLeaf()
	w.b = appendXML(w.b, s, w.attribute)
	w.closeLeaf()
}

func (w *xmlWriter) null() {
	w.openLeaf()
	w.closeLeaf()
}

func (w *xmlWriter) integer(n int64) {
	w.openLeaf()
	w.b = strconv.AppendInt(w.b, n, 10)
	w.closeLeaf()
}

func (w *xmlWriter) float(f float64, bits int) {
	w.openLeaf()
	w.b = appendFloat(w.b, f, bits)
	w.closeLeaf()
}

func (w *xmlWriter) boolean(v bool) {
	w.openLeaf()
	w.b = strconv.AppendBool(w.b, v)
	w.closeLeaf()
}

func (w *xmlWriter) blob(v []byte) {
	w.openLeaf()
	w.b = appendBase64(w.b, v)
	w.closeLeaf()
}

func (w *xmlWriter) timestamp(t time.Time, format aws.TimestampFormat) {
	w.openLeaf()
	if w.millis && format != aws.RFC822 && format != aws.UnixTimestamp {
		w.b = t.UTC().AppendFormat(w.b, "2006-01-02T15:04:05.000Z")
	} else {
		w.b = appendTimestamp(w.b, t, format)
	}
	w.closeLeaf()
}

func (w *xmlWriter) any(v any) {
	w.openLeaf()
	w.b = appendXML(w.b, string(appendJSON(nil, v, w.fail)), w.attribute)
	w.closeLeaf()
}

func (w *xmlWriter) fail(err error) {
	if w.failure == nil {
		w.failure = err
	}
}

// leaf appends a whole element that no shape describes.
func (w *xmlWriter) leaf(name, text string) {
	w.endTag()
	w.b = append(append(append(w.b, '<'), name...), '>')
	w.b = appendXML(w.b, text, false)
	w.b = append(append(append(w.b, '<', '/'), name...), '>')
}

// appendXML appends text with references for what would be read as markup and for control
// characters; what is no UTF-8 becomes U+FFFD.
func appendXML(b []byte, s string, attribute bool) []byte {
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < utf8.RuneSelf && c != '<' && c != '>' && c != '&' && c != '"' {
			i++
			continue
		}
		size, with := 1, ""
		switch {
		case c == '<':
			with = "&lt;"
		case c == '>':
			with = "&gt;"
		case c == '&':
			with = "&amp;"
		case c == '"':
			with = "&quot;"
		case c == '\r':
			with = "&#xD;"
		case (c == '\n' || c == '\t') && !attribute:
		case c == '\n':
			with = "&#xA;"
		case c == '\t':
			with = "&#x9;"
		case c < ' ': // no XML 1.0, but what S3 answers for such keys without encoding-type
			with = "&#x" + strconv.FormatInt(int64(c), 16) + ";"
		default:
			var r rune
			if r, size = utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && size == 1 || r == '\ufffe' || r == '\uffff' {
				with = "\ufffd"
			}
		}
		if with != "" {
			b = append(append(b, s[start:i]...), with...)
			start = i + size
		}
		i += size
	}
	return append(b, s[start:]...)
}
