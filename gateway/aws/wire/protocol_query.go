package wire

import (
	"net/http"
	"strings"

	"localcloud/gateway/aws"
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
	encodeRequest:  func(r *outgoing, s source) error { return r.form(s, false) },
	decodeResponse: decodeQueryResponse,
	decodeError:    decodeXMLError,
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

// form writes a request: Action, Version and the members.
func (r *outgoing) form(s source, ec2 bool) error {
	w := formWriter{ec2: ec2}
	w.param("Action", r.operation.Name)
	w.param("Version", r.operation.Service.APIVersion)
	s.writeAll(&w, s.plan)
	r.body = w.b
	r.http.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	return w.failure
}

// decodeQueryResponse reads an answer, whose members stand in the result element or in the root.
func decodeQueryResponse(r *incoming, t target) error {
	if len(r.body) == 0 {
		return nil
	}
	x := &r.xml
	x.reset(r.body, r.limits.Depth)
	r.decoder.reader = x
	x.root()
	if wrapper := r.operation.ResultWrapper; wrapper != "" && x.failure == nil {
		for x.child() && string(x.name()) != wrapper {
			x.skip()
		}
		if len(x.open) == 0 || string(x.name()) != wrapper {
			return x.failure
		}
	}
	if x.failure == nil {
		x.structure(t.plan)
		r.decoder.fields(t, t.plan)
	}
	return x.failure
}

// decodeXMLError reads the errors of all protocols that write them in XML: <Error> is the root, or
// stands in <ErrorResponse>, or in <Response><Errors>.
func decodeXMLError(r *incoming) (*aws.Error, error) {
	e := &aws.Error{Fault: r.http.StatusCode >= 500}
	if len(r.body) == 0 {
		return e, nil
	}
	x := &r.xml
	x.reset(r.body, r.limits.Depth)
	for name := x.root(); x.failure == nil && string(name) != "Error"; name = x.name() {
		found := false
		for !found && x.child() {
			if name := string(x.name()); name == "Error" || name == "Errors" {
				found = true
			} else {
				x.skip()
			}
		}
		if !found {
			return e, errMalformedXML
		}
	}
	start := x.xmlScanner
	start.open = append([][]byte(nil), x.open...)
	for x.failure == nil && x.child() {
		switch string(x.name()) {
		case "Code":
			e.Code = string(x.content())
		case "Message", "message":
			e.Message = string(x.content())
		case "Type":
			e.Fault = string(x.content()) == "Receiver"
		default:
			x.skip()
		}
	}
	if x.failure != nil {
		return e, x.failure
	}
	r.detail(e, func(t target) {
		x.xmlScanner = start
		r.decoder.reader = x
		x.structure(t.plan.reply)
		r.decoder.fields(t, t.plan.reply)
	})
	return e, nil
}
