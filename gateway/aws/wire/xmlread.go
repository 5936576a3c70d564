package wire

import (
	"time"

	"localcloud/gateway/aws"
)

// xmlReader reads XML. The value that is read next is that of the element which was opened last, or
// of one of its attributes.
type xmlReader struct {
	xmlScanner
	scalars    textScalars
	pending    int  // attributes of the entered structure that are still to be looked at
	attribute  bool // the next value is one of attributes[pending]
	flattened  bool // the next list or map is a flattened one
	absent     bool // the next value of a map is missing
	containers []xmlContainer
}

// xmlContainer is a list or map that was entered.
type xmlContainer struct {
	plan      *plan
	flattened bool
	begun     bool
	inEntry   bool
}

func (r *xmlReader) reset(data []byte, maxDepth int) {
	r.xmlScanner.reset(data, maxDepth)
	r.containers, r.pending, r.attribute, r.flattened, r.absent = r.containers[:0], 0, false, false, false
	r.scalars = textScalars{}
}

func (r *xmlReader) null() bool {
	absent := r.absent
	r.absent = false
	return absent
}

func (r *xmlReader) structure(*plan) { r.pending = len(r.attributes) }

func (r *xmlReader) next(p *plan) *field {
	for r.pending > 0 {
		r.pending--
		if f := p.attributeField(r.attributes[r.pending].name); f != nil {
			r.attribute = true
			return f
		}
	}
	for r.child() {
		if f := p.lookupXML(r.name()); f != nil {
			r.flattened = f.flattened
			return f
		}
		r.skip()
	}
	return nil
}

// attributeField is the member that is an attribute of that name, prefix included.
func (p *plan) attributeField(name []byte) *field {
	for i := range p.fields {
		f := &p.fields[i]
		if !f.member.XMLAttribute {
			return nil
		}
		if f.wire == string(name) {
			return f
		}
	}
	return nil
}

func (p *plan) lookupXML(name []byte) *field {
	if len(p.fields) <= 6 {
		for i := range p.fields {
			if f := &p.fields[i]; f.wire == string(name) && !f.member.XMLAttribute {
				return f
			}
		}
	}
	f := p.byName[string(name)]
	if f != nil && f.member.XMLAttribute {
		return nil
	}
	return f
}

func (r *xmlReader) list(p *plan) bool {
	more := r.flattened
	r.containers = append(r.containers, xmlContainer{plan: p, flattened: more})
	r.flattened = false
	return more
}

func (r *xmlReader) element() bool {
	c := &r.containers[len(r.containers)-1]
	more := false
	if c.flattened {
		more, c.begun = !c.begun && r.failure == nil, true
	} else {
		more = r.child()
	}
	r.flattened = false
	if !more {
		r.containers = r.containers[:len(r.containers)-1]
	}
	return more
}

func (r *xmlReader) mapping(p *plan) bool { return r.list(p) }

// entry goes to the next entry and stops at its value, whatever the order of key and value.
func (r *xmlReader) entry() (string, bool) {
	c := &r.containers[len(r.containers)-1]
	if c.inEntry {
		c.inEntry = false
		r.skip()
	}
	if !r.element() {
		return "", false
	}
	c.inEntry = true
	keyName, valueName := c.plan.shape.Key, c.plan.shape.Elem
	var key string
	var found bool
	var value xmlScanner // where the value stands, if it came first
	for r.child() {
		name := string(r.name())
		switch {
		case is(keyName, name):
			key, found = string(r.content()), true
			if value.data != nil {
				r.xmlScanner = value
				return key, true
			}
		case is(valueName, name) && found:
			r.flattened = false
			return key, true
		case is(valueName, name):
			value = r.xmlScanner
			value.open = append([][]byte(nil), r.open...)
			r.skip()
		default:
			r.skip()
		}
	}
	c.inEntry, r.absent = false, true
	return key, r.failure == nil
}

// is reports whether an element of that name stands for m.
func is(m *aws.Member, name string) bool { return name == m.WireName() || name == m.QueryName }

// scalar is the text of the next value.
func (r *xmlReader) scalar() *textScalars {
	if r.attribute {
		r.attribute = false
		r.scalars.s = string(r.attributes[r.pending].value)
	} else {
		r.scalars.s = string(r.content())
	}
	r.scalars.failure = nil
	return &r.scalars
}

func (r *xmlReader) check() {
	if r.scalars.failure != nil {
		r.fail(r.scalars.failure)
	}
}

func (r *xmlReader) text() string {
	if r.attribute {
		return r.scalar().s
	}
	return string(r.content())
}

func (r *xmlReader) integer(bits int) int64 {
	defer r.check()
	return r.scalar().integer(bits)
}

func (r *xmlReader) float(bits int) float64 {
	defer r.check()
	return r.scalar().float(bits)
}

func (r *xmlReader) boolean() bool {
	defer r.check()
	return r.scalar().boolean()
}

func (r *xmlReader) blob() []byte {
	defer r.check()
	return r.scalar().blob()
}

func (r *xmlReader) timestamp(format aws.TimestampFormat) time.Time {
	defer r.check()
	return r.scalar().timestamp(format)
}

func (r *xmlReader) any() any { return r.text() }
