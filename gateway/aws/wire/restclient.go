package wire

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"localcloud/gateway/aws"
)

// The client's side of the REST protocols.

func (r *outgoing) rest(f *format, s source) error {
	r.http.Method = r.operation.Method
	if err := r.path(s); err != nil {
		return err
	}
	if b := s.plan.bound; b != nil {
		if err := r.headers(b, s); err != nil {
			return err
		}
	}
	return r.payload(f, s)
}

// path fills the URI template and adds the parameters of the query string.
func (r *outgoing) path(s source) error {
	var path, query []byte
	u := uriOf(r.operation)
	for _, segment := range u.segments {
		path = append(path, '/')
		if !segment.label {
			path = append(path, segment.text...)
			continue
		}
		value, err := r.label(s, segment.text)
		if err != nil {
			return err
		}
		path = appendEscaped(path, value, segment.greedy)
	}
	for _, p := range u.query {
		query = appendParam(query, p.key, p.value, p.bare)
	}
	if b := s.plan.bound; b != nil {
		var err error
		if query, err = appendQuery(query, b, s, u); err != nil {
			return err
		}
	}
	unescaped, err := url.PathUnescape(string(path))
	if err != nil {
		return err
	}
	r.http.URL.Path, r.http.URL.RawPath, r.http.URL.RawQuery = unescaped, string(path), string(query)
	return nil
}

func (r *outgoing) label(s source, name string) (string, error) {
	if s.plan.bound != nil {
		if f := s.plan.bound.labels[name]; f != nil && s.has(f) {
			w := new(headerWriter)
			w.begin(f)
			w.where = locationLabel
			s.write(w, f)
			if value := strings.Join(w.values, ""); value != "" {
				return value, w.failure
			}
		}
	}
	return "", &aws.Error{Code: "ValidationException", Message: "The path of the request needs " + name, Status: 400}
}

func appendParam(b []byte, key, value string, bare bool) []byte {
	if len(b) > 0 {
		b = append(b, '&')
	}
	b = appendEscaped(b, key, false)
	if bare {
		return b
	}
	return appendEscaped(append(b, '='), value, false)
}

func appendQuery(b []byte, bound *bound, s source, u *uri) ([]byte, error) {
	taken := make(map[string]bool)
	for _, p := range u.query {
		taken[p.key] = true
	}
	w := new(headerWriter)
	for i := range s.plan.fields {
		f := &s.plan.fields[i]
		if f.member.Location != aws.InQuery || f == bound.queryMap || !s.has(f) {
			continue
		}
		taken[f.wire] = true
		w.begin(f)
		w.where = locationQuery
		s.write(w, f)
		for _, value := range w.values {
			b = appendParam(b, f.wire, value, false)
		}
	}
	if f := bound.queryMap; f != nil && s.has(f) {
		w.prefix = func(key, value string) {
			if !taken[key] {
				b = appendParam(b, key, value, false)
			}
		}
		w.begin(f)
		w.where = locationQuery
		s.write(w, f)
	}
	return b, w.failure
}

func (r *outgoing) headers(b *bound, s source) error {
	w := new(headerWriter)
	for _, f := range b.headers {
		if !s.has(f) {
			continue
		}
		w.begin(f)
		s.write(w, f)
		if value, ok := w.header(); ok {
			r.http.Header[f.header] = []string{value}
		}
	}
	if f := b.prefixes; f != nil && s.has(f) {
		w.prefix = func(key, value string) { r.http.Header.Set(f.member.LocationName+key, value) }
		w.begin(f)
		s.write(w, f)
	}
	return w.failure
}

func (r *outgoing) payload(f *format, s source) error {
	shape := s.plan.shape
	info := &bodyInfo{operation: r.operation, request: true, shape: shape}
	var err error
	if shape.Payload < 0 || shape.Payload >= len(shape.Members) {
		p := s.plan.body
		if len(p.fields) == 0 || !f.json && !s.hasAny(p) {
			return nil
		}
		r.contentType(f.contentType)
		r.body, err = f.encode(nil, s, p, nil, info)
		return err
	}
	payload := s.plan.fieldOf(&shape.Members[shape.Payload])
	if payload.missing || !s.has(payload) {
		if f.json && payload.plan != nil && payload.plan.kind == aws.Structure {
			r.contentType(f.contentType)
			r.body = []byte("{}")
		}
		return nil
	}
	switch {
	case payload.member.Shape.EventStream:
		return r.encodeEvents(f, s, payload)
	case payload.stream:
		r.contentType("application/octet-stream")
		r.stream = s.stream(payload)
		return nil
	}
	switch payload.plan.kind {
	case aws.Structure, aws.Document, aws.List, aws.Map:
		r.contentType(f.contentType)
		r.body, err = f.encode(nil, s, payload.plan, payload, info)
		return err
	case aws.Blob:
		r.contentType("application/octet-stream")
	default:
		r.contentType("text/plain")
	}
	w := new(plainWriter)
	s.write(w, payload)
	if r.body = w.b; r.body == nil {
		r.body = []byte{}
	}
	return w.failure
}

func (r *outgoing) contentType(name string) {
	if r.http.Header.Get("Content-Type") == "" {
		r.http.Header.Set("Content-Type", name)
	}
}

// hasAny reports whether a member of p is set.
func (s source) hasAny(p *plan) bool {
	for i := range p.fields {
		if s.has(&p.fields[i]) {
			return true
		}
	}
	return false
}

func (r *incoming) rest(f *format, t target) error {
	var body io.Reader = http.NoBody
	if r.http.Body != nil {
		body = r.http.Body
	}
	if b := t.plan.bound; b != nil {
		text := &headerReader{}
		r.decoder.reader = text
		headerMembers(&r.decoder, b, t, text, r.http.Header)
		if b.status != nil {
			text.one(strconv.Itoa(r.http.StatusCode), locationHeader)
			r.decoder.field(t, b.status)
		}
		if text.failure != nil {
			return text.failure
		}
	}
	m := &bodyReader{&r.decoder, &r.json, &r.xml, r.limits.Depth}
	return restBody(f, m, t, t.plan.reply, r.body, body)
}
