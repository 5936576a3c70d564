package wire

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"

	"localcloud/gateway/aws"
)

// An event stream is an iter.Seq2 of its union and an error: iter.Seq2[T, error] in structures,
// iter.Seq2[map[string]any, error] in documents. Each value has one member, the event. An error ends
// the stream; an *aws.Error is sent to the client and comes from there as such.

const typeEventStream = "application/vnd.amazon.eventstream"

// events is an event stream of any union type.
type events = iter.Seq2[reflect.Value, error]

// eventsOf is the value of a member that is an event stream; nil for none.
func (s source) eventsOf(f *field) events {
	var v reflect.Value
	if s.at == nil {
		v = reflect.ValueOf(s.doc[f.name])
	} else {
		v = s.plan.reflected(s.at).FieldByName(exported(f.name))
	}
	if v.Kind() != reflect.Func || v.IsNil() || v.Type().NumIn() != 1 || v.Type().In(0).NumIn() != 2 {
		return nil
	}
	return func(yield func(reflect.Value, error) bool) {
		v.Call([]reflect.Value{reflect.MakeFunc(v.Type().In(0), func(args []reflect.Value) []reflect.Value {
			err, _ := args[1].Interface().(error)
			return []reflect.Value{reflect.ValueOf(yield(args[0], err))}
		})})
	}
}

// setEvents makes an event stream the value of a member.
func (t target) setEvents(f *field, stream func(yield func(target, error) bool)) error {
	if t.doc != nil {
		t.doc[f.name] = iter.Seq2[map[string]any, error](func(yield func(map[string]any, error) bool) {
			stream(func(event target, err error) bool { return yield(event.doc, err) })
		})
		return nil
	}
	variable := t.plan.reflected(t.at).FieldByName(exported(f.name))
	variable.Set(reflect.MakeFunc(variable.Type(), func(args []reflect.Value) []reflect.Value {
		stream(func(event target, err error) bool {
			value := reflect.Zero(f.plan.typ)
			if event.at != nil {
				value = f.plan.reflected(event.at)
			}
			failure := reflect.Zero(reflect.TypeFor[error]())
			if err != nil {
				failure = reflect.ValueOf(&err).Elem()
			}
			return args[0].Call([]reflect.Value{value, failure})[0].Bool()
		})
		return nil
	}))
	return nil
}

// newEvent is an empty value of an event stream's union.
func newEvent(p *plan) target {
	if p.typ == nil {
		return target{plan: p, doc: make(map[string]any)}
	}
	return target{plan: p, at: reflect.New(p.typ).UnsafePointer()}
}

// eventReader is an event stream as the body of a message.
type eventReader struct {
	format *format
	plan   *plan // of the union
	next   func() (reflect.Value, error, bool)
	stop   func()
	buf    []byte
	off    int
	ended  bool
}

func newEventReader(f *format, s source, member *field, first []byte) *eventReader {
	r := &eventReader{format: f, plan: member.plan, buf: first}
	stream := s.eventsOf(member)
	if stream == nil {
		stream = func(func(reflect.Value, error) bool) {}
	}
	r.next, r.stop = iter.Pull2(stream)
	return r
}

// Read returns what there is of the frames; it waits for an event only where nothing is left.
func (r *eventReader) Read(p []byte) (int, error) {
	for r.off == len(r.buf) {
		if r.ended {
			return 0, io.EOF
		}
		if err := r.fill(); err != nil {
			r.ended = true
			return 0, err
		}
	}
	n := copy(p, r.buf[r.off:])
	r.off += n
	return n, nil
}

// Close ends the stream.
func (r *eventReader) Close() error {
	r.stop()
	return nil
}

func (r *eventReader) fill() error {
	value, err, ok := r.next()
	r.buf, r.off = r.buf[:0], 0
	var f *frame
	switch {
	case !ok:
		r.ended = true
		return nil
	case err != nil:
		r.ended = true
		f = failureFrame(r.plan, err)
	default:
		variable := reflect.New(value.Type())
		variable.Elem().Set(value)
		s, err := sourceOf(r.plan.shape, variable.Interface())
		if err != nil {
			return err
		}
		if f, err = eventFrame(r.format, s); err != nil {
			return err
		}
	}
	r.buf, err = f.append(r.buf)
	return err
}

// eventFrame is the frame of the event that is set in a union.
func eventFrame(f *format, s source) (*frame, error) {
	for i := range s.plan.fields {
		member := &s.plan.fields[i]
		if !s.has(member) {
			continue
		}
		event, err := s.child(member)
		if err != nil {
			return nil, err
		}
		out := &frame{}
		out.set(":message-type", "event")
		out.set(":event-type", member.wire)
		return out, event.writeEvent(f, out)
	}
	return nil, errors.New("wire: an event has no member")
}

// child is the structure that is the value of a member.
func (s source) child(f *field) (source, error) {
	if s.at == nil {
		return sourceOf(f.plan.shape, s.doc[f.name])
	}
	return source{plan: f.plan, at: f.value(s.at)}, nil
}

// writeEvent writes the members of an event: to headers, to the payload, or as its body.
func (s source) writeEvent(f *format, out *frame) error {
	body := false
	for i := range s.plan.fields {
		m := &s.plan.fields[i]
		switch {
		case m.member.EventHeader:
			if s.has(m) {
				h := &frameWriter{}
				s.write(h, m)
				out.set(m.wire, h.value)
			}
		case !m.member.EventPayload:
			body = true
		case s.has(m):
			return s.writePayload(f, m, out)
		}
	}
	if !body {
		return nil
	}
	out.set(":content-type", f.contentType)
	var err error
	out.payload, err = f.encode(nil, s, s.plan.event, nil, &bodyInfo{operation: noOperation, shape: s.plan.shape})
	return err
}

func (s source) writePayload(f *format, m *field, out *frame) error {
	switch m.plan.kind {
	case aws.Structure, aws.Document:
		out.set(":content-type", f.contentType)
		var err error
		out.payload, err = f.encode(nil, s, m.plan, m, &bodyInfo{operation: noOperation, shape: s.plan.shape})
		return err
	case aws.Blob:
		out.set(":content-type", "application/octet-stream")
	default:
		out.set(":content-type", "text/plain")
	}
	w := new(plainWriter)
	s.write(w, m)
	out.payload = w.b
	return w.failure
}

// noOperation stands for the operation where a body is encoded outside of a message.
var noOperation = &aws.Operation{Service: &aws.Service{}}

// failureFrame is the frame of an error that ends a stream.
func failureFrame(union *plan, err error) *frame {
	e := &aws.Error{Code: "InternalFailure", Message: "The stream was ended by an internal error."}
	errors.As(err, &e)
	f := &frame{}
	for i := range union.fields {
		if m := &union.fields[i]; m.plan.shape.Exception && (m.plan.shape.Name == e.Code || m.name == e.Code) {
			f.set(":message-type", "exception")
			f.set(":exception-type", m.wire)
			f.set(":content-type", "application/json")
			f.payload = append(appendJSONString([]byte(`{"message":`), e.Message), '}')
			return f
		}
	}
	f.set(":message-type", "error")
	f.set(":error-code", e.Code)
	f.set(":error-message", e.Message)
	return f
}

// decodeEvents makes the body of a message the value of its event stream.
func decodeEvents(f *format, m *bodyReader, t target, member *field, body io.Reader) error {
	depth := m.depth
	return t.setEvents(member, func(yield func(target, error) bool) {
		for {
			in, err := readFrame(body)
			if errors.Is(err, io.EOF) {
				return
			}
			event := newEvent(member.plan)
			if err == nil && in.text(":event-type") == "initial-response" {
				continue
			}
			if err == nil {
				err = event.readEvent(f, in, depth)
			}
			if err != nil {
				yield(target{}, err)
				return
			}
			if !yield(event, nil) {
				return
			}
		}
	})
}

// readEvent reads a frame into a union.
func (t target) readEvent(f *format, in *frame, depth int) error {
	switch in.text(":message-type") {
	case "event":
	case "exception":
		r := &incoming{json: jsonReader{}}
		e := &aws.Error{Code: in.text(":exception-type")}
		r.json.reset(in.payload, depth)
		if len(in.payload) > 0 && in.payload[0] == '{' {
			for r.json.Object(); r.json.Key(); {
				r.json.errorMember(e)
			}
		}
		return e
	default:
		return &aws.Error{Code: in.text(":error-code"), Message: in.text(":error-message")}
	}
	name := in.text(":event-type")
	for i := range t.plan.fields {
		member := &t.plan.fields[i]
		if member.wire != name || member.missing {
			continue
		}
		event := newEvent(member.plan)
		if err := event.readMembers(f, in, depth); err != nil {
			return err
		}
		if t.doc != nil {
			t.doc[member.name] = event.doc
			return nil
		}
		member.plan.reflected(member.settle(t.at)).Set(member.plan.reflected(event.at))
		return nil
	}
	return fmt.Errorf("wire: an event stream has an unknown event %q", name)
}

func (t target) readMembers(f *format, in *frame, depth int) error {
	d := &decoder{items: DefaultLimits.Items}
	payload := false
	for i := range t.plan.fields {
		m := &t.plan.fields[i]
		switch {
		case m.member.EventHeader:
			if v := in.header(m.wire); v != nil {
				d.reader = &frameReader{value: v}
				d.field(t, m)
			}
		case m.member.EventPayload && m.plan.kind != aws.Structure && m.plan.kind != aws.Document:
			d.reader, payload = &plainReader{body: in.payload}, true
			d.field(t, m)
		case m.member.EventPayload:
			payload = true
			if err := f.decode(&bodyReader{d, new(jsonReader), new(xmlReader), depth}, in.payload, t, m.plan, m); err != nil {
				return err
			}
		}
		if d.reader != nil && d.err() != nil {
			return d.err()
		}
	}
	if payload || len(in.payload) == 0 || len(t.plan.event.fields) == 0 {
		return nil
	}
	return f.decode(&bodyReader{d, new(jsonReader), new(xmlReader), depth}, in.payload, t, t.plan.event, nil)
}

func (r *response) encodeEvents(f *format, s source, payload *field) error {
	r.contentType(typeEventStream)
	r.answer.stream(newEventReader(f, s, payload, nil), -1)
	return nil
}

func (r *outgoing) encodeEvents(f *format, s source, payload *field) error {
	r.contentType(typeEventStream)
	r.stream = newEventReader(f, s, payload, nil)
	return nil
}

// eventMember is the member of a message that is an event stream, nil for none.
func eventMember(shape *aws.Shape) *aws.Member {
	if shape == nil {
		return nil
	}
	for i := range shape.Members {
		if shape.Members[i].Shape.EventStream {
			return &shape.Members[i]
		}
	}
	return nil
}

// rpcEvents answers in a protocol without payloads: the other members of the answer are the first event.
func (r *response) rpcEvents(f *format, s source, member *field) error {
	first := &frame{}
	first.set(":message-type", "event")
	first.set(":event-type", "initial-response")
	first.set(":content-type", f.contentType)
	var err error
	if first.payload, err = f.encode(nil, s, s.plan, nil, nil); err != nil {
		return err
	}
	b, err := first.append(nil)
	if err != nil {
		return err
	}
	r.answer.set("Content-Type", typeEventStream)
	r.answer.stream(newEventReader(f, s, member, b), -1)
	return nil
}

// rpcEvents reads such an answer.
func (r *incoming) rpcEvents(f *format, t target, member *field) error {
	first, err := readFrame(r.http.Body)
	if err != nil {
		return err
	}
	m := &bodyReader{&r.decoder, &r.json, &r.xml, r.limits.Depth}
	if len(first.payload) > 0 {
		if err := f.decode(m, first.payload, t, t.plan, nil); err != nil {
			return err
		}
	}
	return decodeEvents(f, m, t, member, r.http.Body)
}
