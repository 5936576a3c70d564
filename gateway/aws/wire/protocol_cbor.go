package wire

import (
	"strings"

	"localcloud/gateway/aws"
)

// RPC v2 CBOR: posts to /service/<name>/operation/<name>, bodies in CBOR. The older CBOR form of
// JSON services (application/x-amz-cbor-1.1) has the same bodies but for its timestamps.

const typeCBOR = "application/cbor"

var cborProtocol = protocol{
	decodeRequest: func(r *request, t target) error { return decodeCBORBody(r, t, false) },
	encodeResponse: func(r *response, s source) error {
		r.cborHeaders()
		return encodeCBORBody(r, s, false)
	},
	encodeError: func(r *response, f *failure) error {
		r.cborHeaders()
		r.queryError(f)
		return encodeCBORErrorBody(r, f, dialectOf(r.call), false)
	},
	encodeRequest:  encodeCBORRequest,
	decodeResponse: func(r *incoming, t target) error { return r.cbor(t, t.plan, false) },
	decodeError:    decodeCBORError,
}

func (r *response) cborHeaders() {
	r.requestID()
	r.answer.set("Smithy-Protocol", "rpc-v2-cbor")
}

func decodeCBORBody(r *request, t target, millis bool) error {
	reader := new(cborReader)
	reader.reset(r.body, r.options.limits().Depth, millis)
	r.decoder.reader = reader
	if len(r.body) == 0 {
		r.decoder.missing = len(t.plan.required) > 0
		return nil
	}
	reader.structure(t.plan)
	r.decoder.fields(t, t.plan)
	return reader.failure
}

func encodeCBORBody(r *response, s source, millis bool) error {
	if r.call.Operation.Output() == nil {
		return nil
	}
	r.answer.set("Content-Type", cborType(millis))
	w := cborWriter{b: r.buf.b, millis: millis}
	w.structure(s.plan)
	s.writeAll(&w, s.plan)
	w.endStructure()
	r.buf.b = w.b
	return w.failure
}

func cborType(millis bool) string {
	if millis {
		return typeAmzCBOR
	}
	return typeCBOR
}

func encodeCBORErrorBody(r *response, f *failure, d *dialect, millis bool) error {
	r.answer.set("Content-Type", cborType(millis))
	w := cborWriter{b: r.buf.b, millis: millis}
	w.structure(nil)
	w.text("__type")
	w.text(d.typeName(f))
	if f.message != "" {
		w.text(f.messageName(d.messageName(f.code)))
		w.text(f.message)
	}
	f.members(func(m *field) {
		w.field(m)
		f.detail.write(&w, m)
	})
	for _, name := range sortedKeys(f.extra) {
		w.text(name)
		w.any(f.extra[name])
	}
	w.endStructure()
	r.buf.b = w.b
	return w.failure
}

func encodeCBORRequest(r *outgoing, s source) error {
	service := r.operation.Service
	r.http.URL.Path = "/service/" + service.TargetPrefix + "/operation/" + r.operation.Name
	r.http.Header.Set("Accept", typeCBOR)
	r.http.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
	r.queryMode()
	if r.operation.Input() == nil {
		return nil
	}
	r.http.Header.Set("Content-Type", typeCBOR)
	w := cborWriter{}
	w.structure(s.plan)
	s.writeAll(&w, s.plan)
	w.endStructure()
	r.body = w.b
	return w.failure
}

func (r *incoming) cbor(t target, p *plan, millis bool) error {
	if len(r.body) == 0 {
		return nil
	}
	reader := new(cborReader)
	reader.reset(r.body, r.limits.Depth, millis)
	r.decoder.reader = reader
	reader.structure(p)
	r.decoder.fields(t, p)
	return reader.failure
}

func decodeCBORError(r *incoming) (*aws.Error, error) {
	e := &aws.Error{Fault: r.http.StatusCode >= 500}
	millis := strings.HasPrefix(r.http.Header.Get("Content-Type"), typeAmzCBOR)
	if len(r.body) > 0 {
		reader := new(cborReader)
		reader.reset(r.body, r.limits.Depth, millis)
		reader.structure(nil)
		for name, ok := reader.entry(); ok; name, ok = reader.entry() {
			text := reader.peek()&0xe0 == cborText
			switch {
			case text && name == "__type":
				e.Code = bareCode(reader.text())
			case text && strings.EqualFold(name, "message"):
				e.Message = reader.text()
			default:
				reader.skip()
			}
		}
		if reader.failure != nil {
			return e, reader.failure
		}
	}
	r.detail(e, func(t target) { _ = r.cbor(t, t.plan.reply, millis) }) // it was read once already
	r.queryCode(e)
	return e, nil
}
