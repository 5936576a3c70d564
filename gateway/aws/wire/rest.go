package wire

import (
	"encoding/base64"
	"io"
	"net/http"
	"strings"

	"localcloud/gateway/aws"
)

// What REST-JSON and REST-XML have in common: members in path, query string and headers, and
// payloads. What is in the body is left to a format.

// format is the body format of a REST protocol.
type format struct {
	// decode reads a structure from a body that is not empty; f is the payload member it is, nil for
	// the message itself, whose members in the body are those of p.
	decode func(m *bodyReader, body []byte, t target, p *plan, f *field) error
	// encode appends the structure; f and p are as of decode.
	encode func(b []byte, s source, p *plan, f *field, m *bodyInfo) ([]byte, error)
	// contentType is that of structures.
	contentType string
	json        bool
}

// bodyReader is what decoding a body needs besides it.
type bodyReader struct {
	decoder *decoder
	json    *jsonReader
	xml     *xmlReader
	depth   int
}

// bodyInfo is what encoding a body needs besides it.
type bodyInfo struct {
	operation *aws.Operation
	request   bool
	shape     *aws.Shape // of the whole message
}

func (r *request) rest(f *format, t target) error {
	if b := t.plan.bound; b != nil {
		if err := r.boundMembers(b, t); err != nil {
			return err
		}
	}
	if !allLabels(t) {
		r.decoder.missing = true
	}
	m := &bodyReader{&r.decoder, &r.json, &r.xml, r.options.limits().Depth}
	return restBody(f, m, t, t.plan.body, r.body, r.http.Body)
}

// allLabels reports whether the required strings outside of the body are there.
func allLabels(t target) bool {
	if t.at == nil {
		return true
	}
	for _, i := range t.plan.required {
		f := &t.plan.fields[i]
		if f.member.Location != aws.InBody && f.plan.kind == aws.String && *(*string)(f.in(t.at)) == "" {
			return false
		}
	}
	return true
}

// restBody reads the part of a message that is in the body; p is the body or reply of t.plan.
func restBody(f *format, m *bodyReader, t target, p *plan, body []byte, stream io.Reader) error {
	shape := p.shape
	if shape.Payload < 0 || shape.Payload >= len(shape.Members) {
		if len(p.fields) == 0 {
			return nil
		}
		if len(body) == 0 {
			m.decoder.missing = m.decoder.missing || len(p.required) > 0
			return nil
		}
		return f.decode(m, body, t, p, nil)
	}
	payload := t.plan.fieldOf(&shape.Members[shape.Payload])
	if payload.missing {
		return nil
	}
	switch {
	case payload.member.Shape.EventStream:
		return decodeEvents(f, m, t, payload, stream)
	case payload.stream:
		t.setStream(payload, stream)
		return nil
	case payload.plan.kind == aws.Structure, payload.plan.kind == aws.Document, payload.plan.kind == aws.List, payload.plan.kind == aws.Map:
		if len(body) == 0 {
			return nil
		}
		return f.decode(m, body, t, payload.plan, payload)
	case len(body) == 0:
		return nil
	}
	m.decoder.reader = &plainReader{body: body}
	m.decoder.field(t, payload)
	return m.decoder.err()
}

func (p *plan) fieldOf(m *aws.Member) *field {
	for i := range p.fields {
		if p.fields[i].member == m {
			return &p.fields[i]
		}
	}
	return nil
}

// setStream makes r the value of a streaming blob.
func (t target) setStream(f *field, r io.Reader) {
	if r == nil {
		r = http.NoBody
	}
	if t.doc != nil {
		t.doc[f.name] = r
		return
	}
	*(*io.Reader)(f.in(t.at)) = r
}

// stream is the value of a streaming blob, nil for none.
func (s source) stream(f *field) io.Reader {
	if s.at != nil {
		return *(*io.Reader)(f.in(s.at))
	}
	switch v := s.doc[f.name].(type) {
	case io.Reader:
		return v
	case []byte:
		return strings.NewReader(string(v))
	case string:
		return strings.NewReader(v)
	}
	return nil
}

// boundMembers reads the members in path, query string and headers.
func (r *request) boundMembers(b *bound, t target) error {
	text := &headerReader{}
	r.decoder.reader = text
	if len(b.labels) > 0 {
		path := r.call.Path
		if path == "" {
			path = r.http.URL.EscapedPath()
		}
		uriOf(r.call.Operation).match(path, func(name, value string) {
			if f := b.labels[name]; f != nil && value != "" {
				text.one(value, locationLabel)
				r.decoder.field(t, f)
			}
		})
	}
	if len(b.query) > 0 || b.queryMap != nil {
		if err := r.queryMembers(b, t, text); err != nil {
			return err
		}
	}
	headerMembers(&r.decoder, b, t, text, r.http.Header)
	return r.decoder.err()
}

func (r *request) queryMembers(b *bound, t target, text *headerReader) error {
	if r.http.URL.RawQuery == "" {
		return nil
	}
	pairs, err := parsePairs(r.http.URL.RawQuery, r.options.limits().Pairs)
	if err != nil {
		return err
	}
	for i, p := range pairs {
		f := b.query[p.key]
		switch {
		case f == nil:
		case f.plan.kind != aws.List:
			text.one(p.value, locationQuery)
			r.decoder.field(t, f)
			if text.failure != nil && dialectOf(r.call).s3 {
				return invalidArgument(p)
			}
		case firstOf(pairs, i):
			text.many(valuesOf(pairs[i:], p.key), locationQuery)
			r.decoder.field(t, f)
		}
	}
	if b.queryMap != nil && len(pairs) > 0 {
		text.pairs(pairs)
		r.decoder.field(t, b.queryMap)
	}
	return nil
}

// invalidArgument is S3's answer to a parameter that is of the wrong type.
func invalidArgument(p pair) *aws.Error {
	return &aws.Error{
		Code: "InvalidArgument", Message: "Provided " + p.key + " not an integer or within integer range", Status: 400,
		Detail: map[string]any{"ArgumentName": p.key, "ArgumentValue": p.value},
	}
}

func firstOf(pairs []pair, i int) bool {
	for _, p := range pairs[:i] {
		if p.key == pairs[i].key {
			return false
		}
	}
	return true
}

func valuesOf(pairs []pair, key string) []string {
	var values []string
	for _, p := range pairs {
		if p.key == key {
			values = append(values, p.value)
		}
	}
	return values
}

// headerMembers reads the members in headers, of requests and of answers.
func headerMembers(d *decoder, b *bound, t target, text *headerReader, header http.Header) {
	for _, f := range b.headers {
		values := header[f.header]
		if len(values) == 0 {
			continue
		}
		if f.member.JSONValue {
			text.jsonValue(values[0])
		} else {
			text.header(values, f)
		}
		d.field(t, f)
	}
	if f := b.prefixes; f != nil {
		prefix := f.member.LocationName
		var pairs []pair
		for name, values := range header {
			if len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) && len(values) > 0 {
				key := strings.ToLower(name[len(prefix):]) // names of headers have no case
				pairs = append(pairs, pair{key: key, value: strings.Join(values, ",")})
			}
		}
		if len(pairs) > 0 {
			text.pairs(pairs)
			d.field(t, f)
		}
	}
}

// restAnswer writes the members of a response.
func (r *response) rest(f *format, s source) error {
	shape := s.plan.shape
	if b := s.plan.bound; b != nil {
		if err := r.boundOut(b, s); err != nil {
			return err
		}
	}
	return r.restBody(f, s, shape)
}

// boundOut writes the members in headers and in the status.
func (r *response) boundOut(b *bound, s source) error {
	w := &headerWriter{}
	for _, f := range b.headers {
		if !s.has(f) {
			continue
		}
		w.begin(f)
		s.write(w, f)
		if value, ok := w.header(); ok {
			r.answer.set(f.header, value)
		}
	}
	if f := b.prefixes; f != nil && s.has(f) {
		lower := dialectOf(r.call).s3
		w.prefix = func(key, value string) {
			name := f.member.LocationName + key
			if lower { // the case that S3 answers with is the case of the metadata that clients show
				r.answer.Header[strings.ToLower(name)] = []string{value}
				return
			}
			r.answer.set(http.CanonicalHeaderKey(name), value)
		}
		w.begin(f)
		s.write(w, f)
	}
	if f := b.status; f != nil && s.has(f) {
		w.begin(f)
		s.write(w, f)
		if n := w.number(); n >= 100 && n < 600 {
			r.answer.StatusCode = n
		}
	}
	return w.failure
}

func (r *response) restBody(f *format, s source, shape *aws.Shape) error {
	if r.call.Operation.Output() == nil {
		return nil
	}
	info := &bodyInfo{operation: r.call.Operation, shape: shape}
	var err error
	if shape.Payload < 0 || shape.Payload >= len(shape.Members) {
		p := s.plan.reply
		if len(p.fields) == 0 && !f.json {
			return nil
		}
		r.contentType(f.contentType)
		r.buf.b, err = f.encode(r.buf.b, s, p, nil, info)
		return err
	}
	payload := s.plan.fieldOf(&shape.Members[shape.Payload])
	if payload.missing || !s.has(payload) {
		if f.json && payload.plan != nil && payload.plan.kind == aws.Structure {
			r.contentType(f.contentType)
			r.buf.b = append(r.buf.b, "{}"...)
		}
		return nil
	}
	switch {
	case payload.member.Shape.EventStream:
		return r.encodeEvents(f, s, payload)
	case payload.stream:
		r.contentType("application/octet-stream")
		r.answer.stream(s.stream(payload), r.streamLength(s))
		return nil
	}
	switch payload.plan.kind {
	case aws.Structure, aws.Document, aws.List, aws.Map:
		r.contentType(f.contentType)
		r.buf.b, err = f.encode(r.buf.b, s, payload.plan, payload, info)
		return err
	case aws.Blob:
		r.contentType("application/octet-stream")
	default:
		r.contentType("text/plain")
	}
	w := &plainWriter{b: r.buf.b}
	s.write(w, payload)
	r.buf.b = w.b
	return w.failure
}

// contentType sets the content type unless a member has set it.
func (r *response) contentType(name string) {
	if r.answer.Header["Content-Type"] == nil {
		r.answer.set("Content-Type", name)
	}
}

// streamLength is the length of the body that a member in the header Content-Length says, else -1.
func (r *response) streamLength(s source) int64 {
	if s.plan.bound == nil {
		return -1
	}
	for _, f := range s.plan.bound.headers {
		if f.header != "Content-Length" || !s.has(f) {
			continue
		}
		w := &headerWriter{}
		w.begin(f)
		s.write(w, f)
		return int64(w.number())
	}
	return -1
}

// location is where text stands, which decides the form of timestamps.
type location uint8

const (
	locationLabel location = iota
	locationQuery
	locationHeader
)

// decodeJSONValue is the text of a member whose value is JSON in base64.
func decodeJSONValue(value string) (string, bool) {
	b, err := base64.StdEncoding.DecodeString(value)
	return string(b), err == nil
}
