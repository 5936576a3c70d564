package wire

// EC2 Query: as AWS Query, with names and list forms of its own, no result element, and another form
// of errors.

var ec2Protocol = protocol{
	decodeRequest:  func(r *request, t target) error { return r.form(t, true) },
	encodeResponse: encodeEC2Response,
	encodeError:    encodeEC2Error,
	encodeRequest:  func(r *outgoing, s source) error { return r.form(s, true) },
	decodeResponse: decodeQueryResponse,
	decodeError:    decodeXMLError,
}

func encodeEC2Response(r *response, s source) error {
	r.requestID()
	r.answer.set("Content-Type", "text/xml;charset=UTF-8")
	op := r.call.Operation
	w := xmlWriter{b: append(r.buf.b, xmlDeclaration...), millis: true}
	w.name, w.namespace = op.Name+"Response", op.Service.XMLNamespace
	w.begin()
	w.namespace = ""
	w.leaf("requestId", r.call.RequestID)
	s.writeAll(&w, s.plan)
	w.end()
	r.buf.b = w.b
	return w.failure
}

func encodeEC2Error(r *response, f *failure) error {
	r.requestID()
	r.answer.set("Content-Type", "text/xml;charset=UTF-8")
	w := xmlWriter{b: append(r.buf.b, xmlDeclaration...), millis: true}
	for _, name := range [...]string{"Response", "Errors", "Error"} {
		w.name = name
		w.begin()
	}
	w.leaf("Code", f.queryCode)
	w.leaf("Message", f.message)
	f.writeXML(&w)
	w.end()
	w.end()
	w.leaf("RequestID", r.call.RequestID)
	w.end()
	r.buf.b = w.b
	return w.failure
}
