package wire

import (
	"net/http"
	"strings"
)

// AWS Query: forms in the body (or in the query string) with Action, answered in XML, or in JSON
// where the caller accepts nothing else.

var queryProtocol = protocol{
	decodeRequest: func(r *request, t target) error { return r.form(t, false) },
	encodeResponse: func(r *response, s source) error {
		if acceptsJSON(r.http) {
			return encodeQueryJSON(r, s)
		}
		return encodeQueryResponse(r, s)
	},
	encodeError: func(r *response, f *failure) error {
		if acceptsJSON(r.http) {
			return encodeQueryJSONError(r, f)
		}
		return encodeQueryError(r, f)
	},
}

// form reads the parameters of body and query string.
func (r *request) form(t target, ec2 bool) error {
	limit := r.options.limits().Pairs
	pairs, err := parsePairs(string(r.body), limit)
	if err != nil {
		return err
	}
	if query := r.http.URL.RawQuery; query != "" {
		more, err := parsePairs(query, limit)
		if err != nil {
			return err
		}
		pairs = append(more, pairs...)
	}
	reader := new(formReader)
	reader.reset(pairs, ec2, r.options.limits().Depth)
	r.decoder.reader = reader
	reader.structure(t.plan)
	r.decoder.fields(t, t.plan)
	return reader.err()
}

func encodeQueryResponse(r *response, s source) error {
	r.requestID()
	r.answer.set("Content-Type", "text/xml")
	op := r.call.Operation
	w := xmlWriter{b: append(r.buf.b, xmlDeclaration...), query: true}
	w.name, w.namespace = op.Name+"Response", op.Service.XMLNamespace
	w.begin()
	w.namespace = ""
	if op.ResultWrapper != "" {
		w.name = op.ResultWrapper
		w.begin()
	}
	s.writeAll(&w, s.plan)
	if op.ResultWrapper != "" {
		w.end()
	}
	w.name, w.namespace = "ResponseMetadata", ""
	w.begin()
	w.leaf("RequestId", r.call.RequestID)
	w.end()
	w.end()
	r.buf.b = w.b
	return w.failure
}

func encodeQueryError(r *response, f *failure) error {
	r.requestID()
	r.answer.set("Content-Type", "text/xml")
	w := xmlWriter{b: append(r.buf.b, xmlDeclaration...), query: true}
	if r.call.Service == nil {
		r.s3Error(&w, f)
	} else {
		r.xmlError(&w, f)
	}
	r.buf.b = w.b
	return w.failure
}

// acceptsJSON reports whether the caller wants JSON instead of XML.
func acceptsJSON(req *http.Request) bool {
	return req != nil && strings.HasPrefix(req.Header.Get("Accept"), "application/json")
}

// encodeQueryJSON is the answer in JSON: the elements of the XML as members, times as numbers.
func encodeQueryJSON(r *response, s source) error {
	r.requestID()
	r.answer.set("Content-Type", "application/json")
	op := r.call.Operation
	w := jsonWriter{b: append(r.buf.b, '{'), epoch: true}
	w.entry(op.Name + "Response")
	w.b = append(w.b, '{')
	if op.ResultWrapper != "" {
		w.entry(op.ResultWrapper)
		w.b = append(w.b, '{')
		s.writeAll(&w, s.plan)
		w.b = append(w.b, '}')
	} else {
		s.writeAll(&w, s.plan)
	}
	w.entry("ResponseMetadata")
	w.b = append(w.b, `{"RequestId":`...)
	w.text(r.call.RequestID)
	r.buf.b = append(w.b, "}}}"...)
	return w.failure
}

func encodeQueryJSONError(r *response, f *failure) error {
	r.requestID()
	r.answer.set("Content-Type", "application/json")
	w := jsonWriter{b: append(r.buf.b, `{"Error":{"Code":`...)}
	w.text(f.queryCode)
	w.b = append(w.b, `,"Message":`...)
	w.text(f.message)
	w.b = append(w.b, `,"Type":"`...)
	if f.sender {
		w.b = append(w.b, `Sender"`...)
	} else {
		w.b = append(w.b, `Receiver"`...)
	}
	w.b = append(w.b, `},"RequestId":`...)
	w.text(r.call.RequestID)
	r.buf.b = append(w.b, '}')
	return w.failure
}
