package wire

import (
	"reflect"
	"time"
	"unsafe"

	"localcloud/gateway/aws"
)

// reader is a body (or a header, a label, a form) that is read value by value, in the order in which
// it was written. Errors stick: after the first one every method returns a zero value.
type reader interface {
	// null reads a null and reports whether there was one.
	null() bool
	// structure enters a structure of p's shape; next goes to the next member that p knows and that
	// is not null, and is nil at the end.
	structure(p *plan)
	next(p *plan) *field
	// list enters a list; element goes to its next element and reports whether there is one. more
	// says that the elements add to those read before: a flattened list comes one element at a time.
	list(p *plan) (more bool)
	element() bool
	// mapping enters a map; entry goes to its next entry; more is as of list.
	mapping(p *plan) (more bool)
	entry() (key string, ok bool)

	text() string
	integer(bits int) int64
	float(bits int) float64
	boolean() bool
	blob() []byte
	timestamp(format aws.TimestampFormat) time.Time
	any() any

	fail(err error)
	err() error
}

// decoder is the walk over shapes that reads a value.
type decoder struct {
	reader
	items   int  // elements and entries that may still come
	missing bool // a required member, whose absence the Go value does not show, did not come
}

// target is what a message's members are read into: a structure in memory, or a document.
type target struct {
	plan *plan
	at   unsafe.Pointer
	doc  map[string]any
}

// targetOf makes a target of what callers pass: *T of a structure T, or *map[string]any.
func targetOf(shape *aws.Shape, v any) (target, error) {
	if doc, ok := v.(*map[string]any); ok {
		if *doc == nil {
			*doc = make(map[string]any)
		}
		p, err := planFor(shape, nil)
		return target{plan: p, doc: *doc}, err
	}
	pointer := reflect.ValueOf(v)
	if pointer.Kind() != reflect.Pointer || pointer.IsNil() {
		return target{}, errTarget
	}
	p, err := planFor(shape, pointer.Type().Elem())
	return target{plan: p, at: pointer.UnsafePointer()}, err
}

// fields reads the rest of the structure that the reader has entered.
func (d *decoder) fields(t target, p *plan) {
	if t.doc != nil {
		for f := d.next(p); f != nil; f = d.next(p) {
			d.field(t, f)
		}
		return
	}
	d.members(p, t.at)
}

// field reads one member of t.
func (d *decoder) field(t target, f *field) {
	switch {
	case t.doc != nil:
		t.doc[f.name] = d.document(f.plan, f.format, t.doc[f.name])
	case !f.missing:
		d.value(f.plan, f.settle(t.at), f.format)
	}
}

// members reads the rest of the structure that the reader has entered into the memory at base.
func (d *decoder) members(p *plan, base unsafe.Pointer) {
	var seen [4]uint64
	for f := d.next(p); f != nil; f = d.next(p) {
		if f.missing {
			d.document(f.plan, f.format, nil)
			continue
		}
		seen[f.index>>6&3] |= 1 << (f.index & 63)
		d.value(f.plan, f.settle(base), f.format)
	}
	for _, i := range p.required {
		if seen[i>>6&3]&(1<<(i&63)) == 0 {
			d.missing = true
		}
	}
}

// value reads one value, which is not null, into the variable at at.
func (d *decoder) value(p *plan, at unsafe.Pointer, format aws.TimestampFormat) {
	if p.custom {
		d.coded(p, at)
		return
	}
	switch p.kind {
	case aws.Structure:
		d.structure(p)
		d.members(p, at)
	case aws.List:
		d.elements(p, at)
	case aws.Map:
		d.entries(p, at)
	case aws.String:
		*(*string)(at) = d.text()
	case aws.Integer:
		*(*int32)(at) = int32(d.integer(32))
	case aws.Long:
		*(*int64)(at) = d.integer(64)
	case aws.Float:
		*(*float32)(at) = float32(d.float(32))
	case aws.Double:
		*(*float64)(at) = d.float(64)
	case aws.Boolean:
		*(*bool)(at) = d.boolean()
	case aws.Blob:
		*(*[]byte)(at) = d.blob()
	case aws.Timestamp:
		*(*time.Time)(at) = d.timestamp(format)
	case aws.Document:
		*(*any)(at) = d.any()
	}
}

func (d *decoder) coded(p *plan, at unsafe.Pointer) {
	coder := p.coder(at)
	if r, ok := d.reader.(*jsonReader); ok {
		coder.DecodeJSON(&r.Scanner)
		return
	}
	if err := coder.SetDocument(d.document(p.document, 0, nil)); err != nil {
		d.fail(err)
	}
}

func (d *decoder) elements(p *plan, at unsafe.Pointer) {
	if more := d.list(p); !more || *(*unsafe.Pointer)(at) == nil {
		p.empty(at)
	}
	for d.element() && d.count() {
		switch {
		case !d.null():
			d.value(p.elem, p.extend(at), p.elemFormat)
		case p.shape.Sparse:
			p.extend(at)
		}
	}
}

func (d *decoder) entries(p *plan, at unsafe.Pointer) {
	more := d.mapping(p)
	if p.stringMap {
		m := (*map[string]string)(at)
		if !more || *m == nil {
			*m = make(map[string]string)
		}
		for key, ok := d.entry(); ok && d.count(); key, ok = d.entry() {
			if !d.null() {
				(*m)[key] = d.text()
			}
		}
		return
	}
	m := p.reflected(at)
	if !more || m.IsNil() {
		m.Set(reflect.MakeMap(p.typ))
	}
	var key string
	keyValue := reflect.ValueOf(&key).Elem()
	elem := reflect.New(p.elem.typ)
	for name, ok := d.entry(); ok && d.count(); name, ok = d.entry() {
		elem.Elem().SetZero()
		switch {
		case !d.null():
			d.value(p.elem, elem.UnsafePointer(), p.elemFormat)
		case !p.shape.Sparse:
			continue
		}
		key = name
		m.SetMapIndex(keyValue, elem.Elem())
	}
}

// count takes one from the number of elements and entries that a message may have.
func (d *decoder) count() bool {
	if d.items--; d.items < 0 {
		d.fail(errTooMany)
		return false
	}
	return true
}

// document reads one value, which is not null, as a document. The elements of a flattened list come
// one by one: before is what has been read of it.
func (d *decoder) document(p *plan, format aws.TimestampFormat, before any) any {
	switch p.kind {
	case aws.Structure:
		m := make(map[string]any, 4)
		d.structure(p)
		for f := d.next(p); f != nil; f = d.next(p) {
			m[f.name] = d.document(f.plan, f.format, m[f.name])
		}
		return m
	case aws.List:
		return d.documentList(p, before)
	case aws.Map:
		return d.documentMap(p, before)
	case aws.String:
		return d.text()
	case aws.Integer:
		return d.integer(32)
	case aws.Long:
		return d.integer(64)
	case aws.Float:
		return d.float(32)
	case aws.Double:
		return d.float(64)
	case aws.Boolean:
		return d.boolean()
	case aws.Blob:
		return d.blob()
	case aws.Timestamp:
		return d.timestamp(format)
	}
	return d.any()
}

func (d *decoder) documentList(p *plan, before any) any {
	list := []any{}
	if d.list(p) && before != nil {
		list, _ = before.([]any)
	}
	for d.element() && d.count() {
		switch {
		case !d.null():
			list = append(list, d.document(p.elem, p.elemFormat, nil))
		case p.shape.Sparse:
			list = append(list, nil)
		}
	}
	return list
}

func (d *decoder) documentMap(p *plan, before any) any {
	m := make(map[string]any)
	if d.mapping(p) && before != nil {
		m, _ = before.(map[string]any)
	}
	for key, ok := d.entry(); ok && d.count(); key, ok = d.entry() {
		switch {
		case !d.null():
			m[key] = d.document(p.elem, p.elemFormat, nil)
		case p.shape.Sparse:
			m[key] = nil
		}
	}
	return m
}
