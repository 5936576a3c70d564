package wire

import (
	"encoding/base64"
	"strconv"
	"time"

	"localcloud/gateway/aws"
)

// formWriter writes the parameters of a query or ec2 request.
type formWriter struct {
	b       []byte
	ec2     bool
	path    []byte // name of the parameter that is written next
	base    int    // length of the part of path that names the innermost container
	outer   []formOpen
	flat    bool // the next list or map is flattened
	failure error
}

// formOpen is what surrounds a container.
type formOpen struct {
	base, index int
	key, value  string // of a map
}

func (w *formWriter) name(name string) {
	w.path = w.path[:w.base]
	if w.base > 0 {
		w.path = append(w.path, '.')
	}
	w.path = append(w.path, name...)
}

func (w *formWriter) push(o formOpen) {
	o.base = w.base
	w.outer = append(w.outer, o)
	w.base = len(w.path)
}

func (w *formWriter) pop() {
	last := len(w.outer) - 1
	w.base = w.outer[last].base
	w.outer = w.outer[:last]
}

func (w *formWriter) field(f *field) {
	if w.ec2 {
		w.name(ec2Name(f.member))
		return
	}
	w.name(f.queryName)
	w.flat = f.flattened
}

func (w *formWriter) structure(*plan) { w.push(formOpen{}) }
func (w *formWriter) endStructure()   { w.pop() }

func (w *formWriter) list(p *plan, n int) {
	switch {
	case w.ec2:
	case n == 0:
		w.text("")
	case !w.flat:
		w.path = append(w.path, '.')
		if name := p.shape.Elem.LocationName; name != "" {
			w.path = append(w.path, name...)
		} else {
			w.path = append(w.path, "member"...)
		}
	}
	w.push(formOpen{})
}

func (w *formWriter) element() {
	o := &w.outer[len(w.outer)-1]
	o.index++
	w.name(strconv.Itoa(o.index))
	w.flat = false
}

func (w *formWriter) endList() { w.pop() }

func (w *formWriter) mapping(p *plan, _ int) {
	key, value := p.shape.Key, p.shape.Elem
	o := formOpen{key: key.WireName(), value: value.WireName()}
	if key.QueryName != "" && !w.ec2 {
		o.key, o.value = key.QueryName, value.QueryName
	}
	if !w.flat {
		w.path = append(w.path, ".entry"...)
	}
	w.push(o)
}

func (w *formWriter) entry(key string) {
	o := w.outer[len(w.outer)-1]
	w.element()
	w.push(formOpen{})
	w.name(o.key)
	w.text(key)
	w.name(o.value)
}

func (w *formWriter) endEntry()   { w.pop() }
func (w *formWriter) endMapping() { w.pop() }

func (w *formWriter) text(s string) { w.param(string(w.path), s) }

// param appends a parameter whose name is given.
func (w *formWriter) param(name, value string) {
	if len(w.b) > 0 {
		w.b = append(w.b, '&')
	}
	w.b = appendEscaped(w.b, name, false)
	w.b = append(w.b, '=')
	w.b = appendEscaped(w.b, value, false)
}

func (w *formWriter) null()                     {}
func (w *formWriter) integer(n int64)           { w.text(strconv.FormatInt(n, 10)) }
func (w *formWriter) float(f float64, bits int) { w.text(floatText(f, bits)) }
func (w *formWriter) boolean(v bool)            { w.text(strconv.FormatBool(v)) }
func (w *formWriter) blob(v []byte)             { w.text(base64.StdEncoding.EncodeToString(v)) }
func (w *formWriter) any(v any)                 { w.text(string(appendJSON(nil, v, w.fail))) }

func (w *formWriter) timestamp(t time.Time, format aws.TimestampFormat) {
	w.text(string(appendTimestamp(nil, t, format)))
}

func (w *formWriter) fail(err error) {
	if w.failure == nil {
		w.failure = err
	}
}
