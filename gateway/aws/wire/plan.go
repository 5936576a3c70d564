package wire

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"

	"localcloud/gateway/aws"
)

// plan is how values of one shape lie in memory: as a Go type, or as a document where typ is nil.
// Plans are shared and never change once compiled; those of recursive shapes are cyclic.
type plan struct {
	shape  *aws.Shape
	kind   aws.Kind
	typ    reflect.Type
	custom bool // a pointer to typ is a Coder
	absent absence

	fields   []field // of a structure, by member
	byName   map[string]*field
	required []uint16 // indexes of required fields whose absence does not show in the Go value
	// body is the structure without what the REST protocols put elsewhere in requests, reply the same
	// for answers; the plan itself where that is nothing.
	body, reply *plan
	bound       *bound // where the other members stand; nil for nowhere
	event       *plan  // the structure without the headers and the payload of an event

	elem       *plan // of a list, or the values of a map
	elemFormat aws.TimestampFormat
	elemSize   uintptr
	stringMap  bool // map[string]string

	document *plan // the same shape as a document
	checks   *constraints
}

// field is one member of a structure.
type field struct {
	member  *aws.Member
	plan    *plan
	format  aws.TimestampFormat
	index   int
	offset  uintptr
	pointer bool // the Go field is a pointer to the value
	stream  bool // an io.Reader or an event stream
	missing bool // the Go type has no such field

	name    string // of the Go document
	wire    string // in JSON, CBOR, XML, headers, query strings
	jsonKey string // the name, quoted, with a colon
	header  string // the name in canonical form
	// queryName is the name in forms and in the XML of the query protocol.
	queryName string
	flattened bool
}

// planKey is what a plan is compiled for; typ is nil for documents.
type planKey struct {
	shape *aws.Shape
	typ   reflect.Type
}

// plans holds every compiled plan. It is read without a lock and replaced as a whole.
var plans struct {
	mu   sync.Mutex
	byID atomic.Pointer[map[planKey]*plan]
}

// planFor returns the plan of a shape for a Go type, nil for documents. A nil shape is an empty structure.
func planFor(shape *aws.Shape, typ reflect.Type) (*plan, error) {
	shape = orEmpty(shape)
	key := planKey{shape, typ}
	if known := plans.byID.Load(); known != nil {
		if p := (*known)[key]; p != nil {
			return p, nil
		}
	}
	plans.mu.Lock()
	defer plans.mu.Unlock()
	c := newCompiler()
	p, err := c.plan(shape, typ)
	if err != nil {
		return nil, err
	}
	plans.byID.Store(&c.all)
	return p, nil
}

var emptyShape = &aws.Shape{Kind: aws.Structure, Payload: -1}

func orEmpty(shape *aws.Shape) *aws.Shape {
	if shape == nil {
		return emptyShape
	}
	return shape
}

// compiler compiles plans; all are those that there are already, and its own.
type compiler struct{ all map[planKey]*plan }

// newCompiler begins with a copy of the compiled plans; plans.mu is held.
func newCompiler() *compiler {
	c := &compiler{all: make(map[planKey]*plan)}
	if known := plans.byID.Load(); known != nil {
		maps.Copy(c.all, *known)
	}
	return c
}

func (c *compiler) plan(shape *aws.Shape, typ reflect.Type) (*plan, error) {
	key := planKey{shape, typ}
	if p := c.all[key]; p != nil {
		return p, nil
	}
	p := &plan{shape: shape, kind: shape.Kind, typ: typ, checks: constraintsOf(shape)}
	c.all[key] = p
	if typ == nil {
		p.document = p
	} else {
		if p.custom = reflect.PointerTo(typ).Implements(coderType); !p.custom && !fits(shape.Kind, typ) {
			return nil, fmt.Errorf("wire: Go type %v does not fit shape %s", typ, shape.Name)
		}
		p.absent = absenceOf(typ, p.custom)
		var err error
		if p.document, err = c.plan(shape, nil); err != nil || p.custom {
			return p, err
		}
	}
	switch shape.Kind {
	case aws.Structure:
		return p, c.structure(p)
	case aws.List, aws.Map:
		return p, c.collection(p)
	}
	return p, nil
}

var coderType = reflect.TypeFor[Coder]()

func (c *compiler) collection(p *plan) error {
	var elem reflect.Type
	if p.typ != nil {
		elem = p.typ.Elem()
		p.elemSize = elem.Size()
		p.stringMap = p.kind == aws.Map && p.typ == reflect.TypeFor[map[string]string]()
	}
	var err error
	p.elem, err = c.plan(p.shape.Elem.Shape, elem)
	p.elemFormat = formatOf(p.shape.Elem)
	return err
}

func (c *compiler) structure(p *plan) error {
	p.fields = make([]field, len(p.shape.Members))
	p.byName = make(map[string]*field, len(p.fields))
	var elsewhere, outside bool // of the body of requests, of answers
	for i, m := range attributesFirst(p.shape) {
		f := &p.fields[i]
		*f = field{
			member: m, format: formatOf(m), index: i, name: m.Name, wire: m.WireName(),
			header:    http.CanonicalHeaderKey(m.WireName()),
			jsonKey:   string(appendJSONString(nil, m.WireName())) + ":",
			queryName: queryName(m), flattened: isFlattened(m),
		}
		if err := c.field(p, f); err != nil {
			return err
		}
		elsewhere = elsewhere || !inBody(m)
		outside = outside || !inReply(m)
	}
	p.index()
	p.body, p.reply, p.event = p, p, p
	if p.shape.Event {
		p.event = p.only(func(m *aws.Member) bool { return !m.EventHeader && !m.EventPayload })
	}
	if outside {
		p.reply = p.only(inReply)
	}
	if elsewhere {
		p.body = p.only(inBody)
		p.bound = boundOf(p)
	}
	return nil
}

// attributesFirst is the members of a structure in the order in which XML needs them.
func attributesFirst(s *aws.Shape) []*aws.Member {
	list := make([]*aws.Member, 0, len(s.Members))
	for _, attribute := range [...]bool{true, false} {
		for i := range s.Members {
			if s.Members[i].XMLAttribute == attribute {
				list = append(list, &s.Members[i])
			}
		}
	}
	return list
}

// index fills byName: the names in JSON and XML; where two members claim one, the first has it.
func (p *plan) index() {
	for i := range p.fields {
		f := &p.fields[i]
		for _, name := range [...]string{f.wire, f.queryName} {
			if p.byName[name] == nil {
				p.byName[name] = f
			}
		}
	}
}

func inBody(m *aws.Member) bool { return m.Location == aws.InBody }

// inReply reports whether a member stands in the body of an answer, which has neither path nor query.
func inReply(m *aws.Member) bool {
	return m.Location == aws.InBody || m.Location == aws.InQuery || m.Location == aws.InPath
}

// only is the part of a structure whose members satisfy in.
func (p *plan) only(in func(*aws.Member) bool) *plan {
	part := *p
	part.fields, part.required = nil, nil
	for i := range p.fields {
		if in(p.fields[i].member) {
			part.fields = append(part.fields, p.fields[i])
		}
	}
	for _, i := range p.required {
		if in(p.fields[i].member) {
			part.required = append(part.required, i)
		}
	}
	part.byName = make(map[string]*field, len(part.fields))
	part.index()
	part.body, part.reply, part.event = &part, &part, &part
	return &part
}

// field finds where in memory a member lies.
func (c *compiler) field(p *plan, f *field) error {
	m := f.member
	f.stream = m.Shape.EventStream || m.Shape.Kind == aws.Blob && (m.Streaming || m.Shape.Streaming)
	if p.typ == nil {
		var err error
		f.plan, err = c.plan(m.Shape, nil)
		return err
	}
	goField, ok := p.typ.FieldByName(exported(m.Name))
	if !ok { // it is read as a document, and forgotten
		f.missing = true
		var err error
		f.plan, err = c.plan(m.Shape, nil)
		return err
	}
	f.offset = goField.Offset
	typ := goField.Type
	if f.stream {
		return c.stream(f, typ)
	}
	if typ.Kind() == reflect.Pointer {
		f.pointer, typ = true, typ.Elem()
	} else if m.Required && isScalar(m.Shape.Kind) {
		p.required = append(p.required, uint16(f.index))
	}
	var err error
	f.plan, err = c.plan(m.Shape, typ)
	return err
}

var errStream = errors.New("wire: a streaming member is neither io.Reader nor iter.Seq2")

func (c *compiler) stream(f *field, typ reflect.Type) error {
	if !f.member.Shape.EventStream {
		if typ != reflect.TypeFor[io.Reader]() {
			return errStream
		}
		return nil
	}
	if typ.Kind() != reflect.Func || typ.NumIn() != 1 || typ.In(0).NumIn() != 2 {
		return errStream
	}
	var err error
	f.plan, err = c.plan(f.member.Shape, typ.In(0).In(0))
	return err
}

// fits reports whether values of a kind can lie in memory as typ.
func fits(kind aws.Kind, typ reflect.Type) bool {
	switch kind {
	case aws.Structure:
		return typ.Kind() == reflect.Struct
	case aws.List:
		return typ.Kind() == reflect.Slice
	case aws.Map:
		return typ.Kind() == reflect.Map && typ.Key().Kind() == reflect.String
	case aws.String:
		return typ.Kind() == reflect.String
	case aws.Integer:
		return typ.Kind() == reflect.Int32
	case aws.Long:
		return typ.Kind() == reflect.Int64
	case aws.Float:
		return typ.Kind() == reflect.Float32
	case aws.Double:
		return typ.Kind() == reflect.Float64
	case aws.Boolean:
		return typ.Kind() == reflect.Bool
	case aws.Blob:
		return typ.Kind() == reflect.Slice && typ.Elem().Kind() == reflect.Uint8
	case aws.Timestamp:
		return typ == timeType
	case aws.Document:
		return typ.Kind() == reflect.Interface && typ.NumMethod() == 0
	}
	return false
}

func isScalar(kind aws.Kind) bool {
	return kind >= aws.String && kind <= aws.Timestamp && kind != aws.Blob
}

// lookup finds a member by its name on the wire.
func (p *plan) lookup(name []byte) *field {
	if len(p.fields) <= 6 {
		for i := range p.fields {
			if f := &p.fields[i]; f.wire == string(name) {
				return f
			}
		}
	}
	return p.byName[string(name)]
}

// formatOf is the timestamp format that a model gives a member.
func formatOf(m *aws.Member) aws.TimestampFormat {
	if m.Timestamp != aws.DefaultTimestamp {
		return m.Timestamp
	}
	return m.Shape.Timestamp
}

// queryName is the name of a member in the query protocol. A flattened list has the name of its
// elements there, where the model gives one.
func queryName(m *aws.Member) string {
	if m.QueryName != "" {
		return m.QueryName
	}
	if isFlattened(m) && m.Shape.Kind == aws.List && m.Shape.Elem.LocationName != "" {
		return m.Shape.Elem.LocationName
	}
	return m.WireName()
}

func isFlattened(m *aws.Member) bool { return m.Flattened || m.Shape.Flattened }

// exported is the Go name of a member.
func exported(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToUpper(name[:1]) + name[1:]
}
