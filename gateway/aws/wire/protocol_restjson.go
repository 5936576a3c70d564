package wire

import "localcloud/gateway/aws"

// REST-JSON: method and path, bodies in JSON.

var restJSONProtocol = protocol{
	decodeRequest: func(r *request, t target) error { return r.rest(jsonFormat, t) },
	encodeResponse: func(r *response, s source) error {
		r.restRequestID()
		return r.rest(jsonFormat, s)
	},
	encodeError:    encodeRestJSONError,
	encodeRequest:  func(r *outgoing, s source) error { return r.rest(jsonFormat, s) },
	decodeResponse: func(r *incoming, t target) error { return r.rest(jsonFormat, t) },
	decodeError:    decodeJSONError,
}

var jsonFormat = &format{decode: decodeJSONPayload, encode: encodeJSONPayload, contentType: "application/json", json: true}

func decodeJSONPayload(m *bodyReader, body []byte, t target, p *plan, f *field) error {
	m.json.reset(body, m.depth)
	m.decoder.reader = m.json
	switch {
	case f == nil:
		m.json.Object()
		m.decoder.fields(t, p)
	case !m.json.Null():
		m.decoder.field(t, f)
	}
	m.json.end()
	return m.json.Err()
}

func encodeJSONPayload(b []byte, s source, p *plan, f *field, _ *bodyInfo) ([]byte, error) {
	w := jsonWriter{b: b}
	if f != nil {
		s.write(&w, f)
		return w.b, w.failure
	}
	w.b = append(w.b, '{')
	s.writeAll(&w, p)
	return append(w.b, '}'), w.failure
}

func (r *response) restRequestID() {
	r.requestID()
	if r.call.RequestID != "" {
		r.answer.set("X-Amz-Request-Id", r.call.RequestID)
	}
}

func encodeRestJSONError(r *response, f *failure) error {
	r.restRequestID()
	r.answer.set("Content-Type", jsonType(aws.RestJSON))
	r.answer.set("X-Amzn-Errortype", f.code)
	if err := r.errorHeaders(f); err != nil {
		return err
	}
	w := jsonWriter{b: append(r.buf.b, '{')}
	f.writeJSON(&w, dialectOf(r.call))
	r.buf.b = append(w.b, '}')
	return w.failure
}

// errorHeaders writes the members of an error that stand in headers.
func (r *response) errorHeaders(f *failure) error {
	if f.detail.plan == nil || f.detail.plan.bound == nil {
		return nil
	}
	return r.boundOut(&bound{headers: f.detail.plan.bound.headers, prefixes: f.detail.plan.bound.prefixes}, f.detail)
}
