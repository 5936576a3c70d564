package wire

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"time"
	"unsafe"

	"localcloud/gateway/aws"
)

// writer is a body (or a header, a label, a form) that is written value by value.
type writer interface {
	// structure begins a structure, field announces the member whose value follows.
	structure(p *plan)
	field(f *field)
	endStructure()
	// list begins a list of n elements, element announces each.
	list(p *plan, n int)
	element()
	endList()
	// mapping begins a map of n entries; entry announces the value of one, endEntry follows it.
	mapping(p *plan, n int)
	entry(key string)
	endEntry()
	endMapping()

	null()
	text(s string)
	integer(n int64)
	float(f float64, bits int)
	boolean(b bool)
	blob(b []byte)
	timestamp(t time.Time, format aws.TimestampFormat)
	any(v any)

	fail(err error)
}

// source is what a message's members are written from: a structure in memory, or a document.
type source struct {
	plan *plan
	at   unsafe.Pointer
	doc  map[string]any
}

// sourceOf makes a source of what callers pass: *T of a structure T, or a document; nil is an empty one.
func sourceOf(shape *aws.Shape, v any) (source, error) {
	switch doc := v.(type) {
	case map[string]any:
		p, err := planFor(shape, nil)
		return source{plan: p, doc: doc}, err
	case *map[string]any:
		p, err := planFor(shape, nil)
		return source{plan: p, doc: *doc}, err
	}
	pointer := reflect.ValueOf(v)
	if v == nil || pointer.Kind() == reflect.Pointer && pointer.IsNil() {
		p, err := planFor(shape, nil)
		return source{plan: p}, err
	}
	if pointer.Kind() == reflect.Struct {
		copied := reflect.New(pointer.Type())
		copied.Elem().Set(pointer)
		pointer = copied
	}
	if pointer.Kind() != reflect.Pointer {
		return source{}, errSource
	}
	p, err := planFor(shape, pointer.Type().Elem())
	return source{plan: p, at: pointer.UnsafePointer()}, err
}

// has reports whether the member is set.
func (s source) has(f *field) bool {
	switch {
	case s.at == nil:
		return s.doc[f.name] != nil
	case f.missing:
		return false
	case f.stream:
		return *(*unsafe.Pointer)(f.in(s.at)) != nil
	}
	return f.value(s.at) != nil
}

// write writes the value of a member that is set.
func (s source) write(w writer, f *field) {
	if s.at == nil {
		writeDocument(w, f.plan, s.doc[f.name], f.format)
		return
	}
	writeValue(w, f.plan, f.value(s.at), f.format)
}

// writeAll writes the members of p, which is s.plan or its body.
func (s source) writeAll(w writer, p *plan) {
	if s.at != nil {
		writeMembers(w, p, s.at)
		return
	}
	writeDocumentMembers(w, p, s.doc)
}

func writeMembers(w writer, p *plan, base unsafe.Pointer) {
	for i := range p.fields {
		f := &p.fields[i]
		if f.missing || f.stream {
			continue
		}
		if at := f.value(base); at != nil {
			w.field(f)
			writeValue(w, f.plan, at, f.format)
		}
	}
}

// writeValue writes the variable at at.
func writeValue(w writer, p *plan, at unsafe.Pointer, format aws.TimestampFormat) {
	if p.custom {
		writeCoded(w, p, at)
		return
	}
	switch p.kind {
	case aws.Structure:
		w.structure(p)
		writeMembers(w, p, at)
		w.endStructure()
	case aws.List:
		n := length(at)
		w.list(p, n)
		for i := range n {
			w.element()
			writeValue(w, p.elem, p.element(at, i), p.elemFormat)
		}
		w.endList()
	case aws.Map:
		writeMap(w, p, at)
	case aws.String:
		w.text(*(*string)(at))
	case aws.Integer:
		w.integer(int64(*(*int32)(at)))
	case aws.Long:
		w.integer(*(*int64)(at))
	case aws.Float:
		w.float(float64(*(*float32)(at)), 32)
	case aws.Double:
		w.float(*(*float64)(at), 64)
	case aws.Boolean:
		w.boolean(*(*bool)(at))
	case aws.Blob:
		w.blob(*(*[]byte)(at))
	case aws.Timestamp:
		w.timestamp(*(*time.Time)(at), format)
	case aws.Document:
		w.any(*(*any)(at))
	}
}

func writeCoded(w writer, p *plan, at unsafe.Pointer) {
	coder := p.coder(at)
	if j, ok := w.(*jsonWriter); ok {
		j.b = coder.AppendJSON(j.b)
		return
	}
	writeDocument(w, p.document, coder.Document(), 0)
}

func writeMap(w writer, p *plan, at unsafe.Pointer) {
	if p.stringMap {
		m := *(*map[string]string)(at)
		w.mapping(p, len(m))
		for key, value := range m {
			w.entry(key)
			w.text(value)
			w.endEntry()
		}
		w.endMapping()
		return
	}
	m := p.reflected(at)
	key, elem := reflect.New(p.typ.Key()).Elem(), reflect.New(p.elem.typ)
	w.mapping(p, m.Len())
	for entries := m.MapRange(); entries.Next(); {
		key.SetIterKey(entries)
		elem.Elem().SetIterValue(entries)
		w.entry(key.String())
		writeValue(w, p.elem, elem.UnsafePointer(), p.elemFormat)
		w.endEntry()
	}
	w.endMapping()
}

func writeDocumentMembers(w writer, p *plan, doc map[string]any) {
	for i := range p.fields {
		f := &p.fields[i]
		if v := doc[f.name]; v != nil && !f.stream {
			w.field(f)
			writeDocument(w, f.plan, v, f.format)
		}
	}
}

// writeDocument writes v, which is a document of p's shape. Go values of other types (a generated
// structure, []string) are written by a plan of their own.
func writeDocument(w writer, p *plan, v any, format aws.TimestampFormat) {
	if v == nil {
		w.null()
		return
	}
	switch p.kind {
	case aws.Structure:
		if doc, ok := v.(map[string]any); ok {
			w.structure(p)
			writeDocumentMembers(w, p, doc)
			w.endStructure()
			return
		}
	case aws.List:
		if list, ok := v.([]any); ok {
			w.list(p, len(list))
			for _, e := range list {
				w.element()
				writeDocument(w, p.elem, e, p.elemFormat)
			}
			w.endList()
			return
		}
	case aws.Map:
		if m, ok := v.(map[string]any); ok {
			writeDocumentMap(w, p, m)
			return
		}
	case aws.Document:
		w.any(v)
		return
	default:
		if writeScalar(w, p.kind, v, format) {
			return
		}
	}
	writeForeign(w, p, v, format)
}

func writeDocumentMap(w writer, p *plan, m map[string]any) {
	w.mapping(p, len(m))
	for _, key := range sortedKeys(m) {
		w.entry(key)
		writeDocument(w, p.elem, m[key], p.elemFormat)
		w.endEntry()
	}
	w.endMapping()
}

// writeScalar writes a scalar that is of a type documents have, and reports whether it is.
func writeScalar(w writer, kind aws.Kind, v any, format aws.TimestampFormat) bool {
	switch kind {
	case aws.String:
		s, ok := v.(string)
		if ok {
			w.text(s)
		}
		return ok
	case aws.Integer, aws.Long:
		n, ok := toInteger(v)
		if ok {
			w.integer(n)
		}
		return ok
	case aws.Float, aws.Double:
		f, ok := toFloat(v)
		if ok {
			w.float(f, map[aws.Kind]int{aws.Float: 32, aws.Double: 64}[kind])
		}
		return ok
	case aws.Boolean:
		b, ok := v.(bool)
		if ok {
			w.boolean(b)
		}
		return ok
	case aws.Blob:
		switch b := v.(type) {
		case []byte:
			w.blob(b)
			return true
		case string:
			w.blob([]byte(b))
			return true
		}
	case aws.Timestamp:
		if t, ok := v.(time.Time); ok {
			w.timestamp(t, format)
			return true
		}
		if f, ok := toFloat(v); ok {
			w.timestamp(fromEpoch(f), format)
			return true
		}
	}
	return false
}

// writeForeign writes a Go value that is no document, by a plan for its own type.
func writeForeign(w writer, p *plan, v any, format aws.TimestampFormat) {
	value := reflect.ValueOf(v)
	for value.Kind() == reflect.Pointer && !value.IsNil() {
		value = value.Elem()
	}
	own, err := planFor(p.shape, value.Type())
	if err != nil {
		w.fail(fmt.Errorf("wire: a document of shape %s holds a %T", p.shape.Name, v))
		w.null()
		return
	}
	variable := reflect.New(own.typ)
	variable.Elem().Set(value)
	writeValue(w, own, variable.UnsafePointer(), format)
}

func toInteger(v any) (int64, bool) {
	switch n := v.(type) {
	case int64:
		return n, true
	case int:
		return int64(n), true
	case int32:
		return int64(n), true
	case float64:
		return int64(n), n == math.Trunc(n) && math.Abs(n) < 1<<63
	case json.Number:
		i, err := n.Int64()
		return i, err == nil
	}
	return 0, false
}

func toFloat(v any) (float64, bool) {
	switch n := v.(type) {
	case float64:
		return n, true
	case float32:
		return float64(n), true
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	case string:
		switch n {
		case "NaN":
			return math.NaN(), true
		case "Infinity":
			return math.Inf(1), true
		case "-Infinity":
			return math.Inf(-1), true
		}
		return 0, false
	}
	n, ok := toInteger(v)
	return float64(n), ok
}

func appendBase64(b, blob []byte) []byte { return base64.StdEncoding.AppendEncode(b, blob) }
