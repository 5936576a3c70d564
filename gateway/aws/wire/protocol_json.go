package wire

import (
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"

	"localcloud/gateway/aws"
)

// AWS JSON 1.0 and 1.1: posts to "/" with X-Amz-Target. Clients of Kinesis may send CBOR instead.

const typeAmzCBOR = "application/x-amz-cbor-1.1"

var jsonProtocol = protocol{
	decodeRequest: decodeJSONRequest, encodeResponse: encodeJSONResponse, encodeError: encodeJSONError,
	encodeRequest: encodeJSONRequest, decodeResponse: decodeJSONResponse, decodeError: decodeJSONError,
}

func decodeJSONRequest(r *request, t target) error {
	if isAmzCBOR(r.http) {
		return decodeCBORBody(r, t, true)
	}
	return r.jsonBody(t, t.plan)
}

// jsonBody reads the body as an object with the members of p; an empty body is an empty object.
func (r *request) jsonBody(t target, p *plan) error {
	r.json.reset(r.body, r.options.limits().Depth)
	r.decoder.reader = &r.json
	if len(r.body) == 0 {
		r.decoder.missing = len(p.required) > 0
		return nil
	}
	r.json.javaName, r.json.inner = dialectOf(r.call).javaName, false
	r.json.Object()
	r.decoder.fields(t, p)
	r.json.end()
	return r.json.Err()
}

func isAmzCBOR(req *http.Request) bool {
	return req != nil && strings.HasPrefix(req.Header.Get("Content-Type"), typeAmzCBOR)
}

func encodeJSONResponse(r *response, s source) error {
	r.requestID()
	if isAmzCBOR(r.http) {
		return encodeCBORBody(r, s, true)
	}
	if m := eventMember(r.call.Operation.Output()); m != nil {
		return r.rpcEvents(jsonFormat, s, s.plan.fieldOf(m))
	}
	r.answer.set("Content-Type", jsonType(r.call.Protocol))
	if r.call.Operation.Output() == nil {
		return nil
	}
	w := jsonWriter{b: append(r.buf.b, '{')}
	s.writeAll(&w, s.plan)
	w.endStructure()
	r.buf.b = w.b
	return w.failure
}

func jsonType(p aws.Protocol) string {
	switch p {
	case aws.JSON10:
		return "application/x-amz-json-1.0"
	case aws.JSON11:
		return "application/x-amz-json-1.1"
	}
	return "application/json"
}

func encodeJSONError(r *response, f *failure) error {
	r.requestID()
	r.queryError(f)
	d := dialectOf(r.call)
	if isAmzCBOR(r.http) {
		return encodeCBORErrorBody(r, f, d, true)
	}
	r.answer.set("Content-Type", jsonType(r.call.Protocol))
	r.answer.set("X-Amzn-Errortype", f.code)
	w := jsonWriter{b: append(r.buf.b, `{"__type":`...)}
	w.b = appendJSONString(w.b, d.typeName(f))
	f.writeJSON(&w, d)
	w.endStructure()
	r.buf.b = w.b
	return w.failure
}

// writeJSON writes the message and the further members of an error behind what is there.
func (f *failure) writeJSON(w *jsonWriter, d *dialect) {
	if f.message != "" {
		if w.b[len(w.b)-1] != '{' {
			w.b = append(w.b, ',')
		}
		w.b = append(appendJSONString(w.b, f.messageName(d.messageName(f.code))), ':')
		w.text(f.message)
	}
	f.members(func(m *field) {
		w.field(m)
		f.detail.write(w, m)
	})
	for _, name := range sortedKeys(f.extra) {
		w.entry(name)
		w.any(f.extra[name])
	}
}

// queryError adds the older query code to the error of a service that once spoke query.
func (r *response) queryError(f *failure) {
	if r.call.Service == nil || !r.call.Service.QueryCompatible {
		return
	}
	fault := ";Sender"
	if !f.sender {
		fault = ";Receiver"
	}
	r.answer.set("X-Amzn-Query-Error", f.queryCode+fault)
	mode := ""
	if r.http != nil {
		mode = r.http.Header.Get("X-Amzn-Query-Mode")
	}
	if f.status > 400 && f.status < 500 && mode != "true" {
		r.answer.StatusCode = http.StatusBadRequest
	}
}

// requestID adds the header that carries the request's id in all protocols but rest-xml.
func (r *response) requestID() {
	if r.call.RequestID != "" {
		r.answer.set("X-Amzn-Requestid", r.call.RequestID)
	}
}

// checksum adds the CRC-32 of the body, as DynamoDB does.
func (r *response) checksum() {
	r.answer.set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(r.buf.b)), 10))
}

func encodeJSONRequest(r *outgoing, s source) error {
	r.http.Header.Set("Content-Type", jsonType(r.protocol))
	r.http.Header.Set("X-Amz-Target", r.operation.Service.TargetPrefix+"."+r.operation.Name)
	r.queryMode()
	w := jsonWriter{b: []byte{'{'}}
	s.writeAll(&w, s.plan)
	w.endStructure()
	r.body = w.b
	return w.failure
}

// queryMode tells a service that once spoke query that the client can read the codes of both.
func (r *outgoing) queryMode() {
	if r.operation.Service.QueryCompatible {
		r.http.Header.Set("X-Amzn-Query-Mode", "true")
	}
}

func decodeJSONResponse(r *incoming, t target) error {
	if strings.HasPrefix(r.http.Header.Get("Content-Type"), typeAmzCBOR) {
		return r.cbor(t, t.plan, true)
	}
	if m := eventMember(r.operation.Output()); m != nil {
		return r.rpcEvents(jsonFormat, t, t.plan.fieldOf(m))
	}
	if len(r.body) == 0 {
		return nil
	}
	r.json.reset(r.body, r.limits.Depth)
	r.decoder.reader = &r.json
	r.json.Object()
	r.decoder.fields(t, t.plan)
	r.json.end()
	return r.json.Err()
}

// decodeJSONError reads the errors of all JSON protocols. The code is in a header or in the body.
func decodeJSONError(r *incoming) (*aws.Error, error) {
	if strings.HasPrefix(r.http.Header.Get("Content-Type"), typeAmzCBOR) {
		return decodeCBORError(r)
	}
	e := &aws.Error{Fault: r.http.StatusCode >= 500, Code: bareCode(r.http.Header.Get("X-Amzn-Errortype"))}
	if len(r.body) > 0 {
		r.json.reset(r.body, r.limits.Depth)
		for r.json.Object(); r.json.Key(); {
			r.json.errorMember(e)
		}
		if r.json.Err() != nil {
			return e, r.json.Err()
		}
	}
	r.detail(e, func(t target) {
		if len(r.body) == 0 {
			return
		}
		r.json.reset(r.body, r.limits.Depth)
		r.decoder.reader = &r.json
		r.json.Object()
		r.decoder.fields(t, t.plan.reply)
	})
	r.queryCode(e)
	return e, nil
}

// errorMember reads a member of an error's body: its code or message.
func (s *Scanner) errorMember(e *aws.Error) {
	switch name := string(s.Name()); {
	case s.Peek() != '"':
		s.Skip()
	case name == "__type" || name == "code" || name == "Code":
		if code := bareCode(s.String()); e.Code == "" {
			e.Code = code
		}
	case strings.EqualFold(name, "message"):
		e.Message = s.String()
	default:
		s.Skip()
	}
}

// bareCode is an error's code without its namespace before it and the address behind it.
func bareCode(code string) string {
	code, _, _ = strings.Cut(code, ":")
	return strings.TrimSpace(code[strings.LastIndexByte(code, '#')+1:])
}

// queryCode replaces the code of an error by the older one that the query protocol has for it.
func (r *incoming) queryCode(e *aws.Error) {
	if code, fault, ok := strings.Cut(r.http.Header.Get("X-Amzn-Query-Error"), ";"); ok {
		e.Code, e.Fault = code, fault == "Receiver"
	}
}
