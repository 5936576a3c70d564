package wire

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
	if f.detail.plan != nil {
		p := f.detail.plan.reply
		for i := range p.fields {
			if m := &p.fields[i]; !isMessage(m) && f.detail.has(m) {
				w.field(m)
				f.detail.write(&w, m)
			}
		}
	}
	w.endStructure()
	r.buf.b = w.b
	return w.failure
}
