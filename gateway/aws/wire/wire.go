// Package wire decodes and encodes the messages of every AWS protocol, driven by the shapes of the
// models, on both sides: a server decodes requests and encodes responses and errors, a client the
// other way round.
//
// A message's value is a pointer to a generated structure (images/*/api.go) or a document: a
// map[string]any by member names with []any, map[string]any, string, int64, float64, bool, []byte
// and time.Time below it. Structures are read and written through plans, compiled once for a pair of
// shape and Go type.
//
// One more protocol is a file with its functions and a line in protocols.
package wire

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"sync"

	"localcloud/gateway/aws"
)

// Options say how requests are decoded. The zero value decodes with DefaultLimits and does not validate.
type Options struct {
	Limits *Limits // nil for DefaultLimits
	// Validate checks the request against the constraints of the model, where the service does that.
	Validate bool
}

func (o Options) limits() *Limits {
	if o.Limits != nil {
		return o.Limits
	}
	return &DefaultLimits
}

// protocol is what is to be known of one protocol.
type protocol struct {
	// server side
	decodeRequest  func(r *request, t target) error
	encodeResponse func(r *response, s source) error
	encodeError    func(r *response, e *failure) error
	// client side
	encodeRequest  func(r *outgoing, s source) error
	decodeResponse func(r *incoming, t target) error
	decodeError    func(r *incoming) (*aws.Error, error)
}

// protocols is the list of all, by aws.Protocol.
var protocols = [aws.RPCv2CBOR + 1]protocol{
	aws.JSON10:    jsonProtocol,
	aws.JSON11:    jsonProtocol,
	aws.RestJSON:  restJSONProtocol,
	aws.RestXML:   restXMLProtocol,
	aws.Query:     queryProtocol,
	aws.EC2:       ec2Protocol,
	aws.RPCv2CBOR: cborProtocol,
}

// request is a request that a server decodes.
type request struct {
	call    *aws.Call
	http    *http.Request
	options Options
	body    []byte // of buffered protocols and payloads
	decoder decoder
	json    jsonReader
	xml     xmlReader
}

// DecodeRequest reads the request of call.Operation into v, a pointer to the operation's input
// structure or to a document. A streaming payload is not read: its reader is the request's body. All
// other bodies are read to their end. Errors that the sender made are *aws.Error.
func DecodeRequest(call *aws.Call, req *http.Request, v any, options Options) error {
	if call.Operation == nil || call.Protocol == aws.Unknown {
		return errNoOperation
	}
	t, err := targetOf(call.Operation.Input(), v)
	if err != nil {
		return err
	}
	r := requests.Get().(*request)
	defer r.release()
	r.call, r.http, r.options = call, req, options
	limits := options.limits()
	r.decoder.items = limits.Items
	var buf *buffer
	if !streams(call.Operation.Input(), call.Protocol) {
		if buf, err = readBody(req.Header, req.Body, req.ContentLength, limits.Body); err != nil {
			return dialectOf(call).refine(call, err)
		}
		defer buf.release()
		r.body = buf.b
	}
	if err := protocols[call.Protocol].decodeRequest(r, t); err != nil {
		return dialectOf(call).refine(call, err)
	}
	if options.Validate {
		return r.validate(t)
	}
	return nil
}

var requests = sync.Pool{New: func() any { return new(request) }}

// release gives a request back to the pool, without what it refers to.
func (r *request) release() {
	r.json.reset(nil, 0)
	r.xml.reset(nil, 0)
	*r = request{json: r.json, xml: r.xml}
	requests.Put(r)
}

var errNoOperation = errors.New("wire: the call's operation or protocol is not known")

// streams reports whether the body of a message is passed on as it comes.
func streams(shape *aws.Shape, p aws.Protocol) bool {
	if p != aws.RestJSON && p != aws.RestXML {
		return eventMember(shape) != nil
	}
	m := payloadOf(shape)
	return m != nil && (m.Shape.EventStream || m.Shape.Kind == aws.Blob && (m.Streaming || m.Shape.Streaming))
}

// payloadOf is the member that is the whole body of a message in the REST protocols, nil for none.
func payloadOf(shape *aws.Shape) *aws.Member {
	if shape == nil || shape.Payload < 0 || shape.Payload >= len(shape.Members) {
		return nil
	}
	return &shape.Members[shape.Payload]
}

// response is an answer that a server encodes.
type response struct {
	call   *aws.Call
	http   *http.Request
	answer *answer
	buf    *buffer
}

// EncodeResponse makes the answer to a call out of v, a pointer to the operation's output structure,
// a document, or nil for an empty one. req is the request that is answered; it may be nil. A stream
// in v is closed with the response's body.
func EncodeResponse(call *aws.Call, req *http.Request, v any) (*http.Response, error) {
	if call.Operation == nil || call.Protocol == aws.Unknown {
		return nil, errNoOperation
	}
	s, err := sourceOf(call.Operation.Output(), v)
	if err != nil {
		return nil, err
	}
	status := call.Operation.Status
	if status == 0 {
		status = http.StatusOK
	}
	r := &response{call: call, http: req, answer: newAnswer(req, status), buf: newBuffer()}
	if err := protocols[call.Protocol].encodeResponse(r, s); err != nil {
		r.buf.release()
		return nil, fmt.Errorf("encode answer of %s: %w", call.Operation.Name, err)
	}
	r.finish()
	return &r.answer.Response, nil
}

// finish makes what was written the body, unless the answer has one, and adds what every answer has.
func (r *response) finish() {
	dialectOf(r.call).finish(r)
	if r.answer.Body == http.NoBody {
		r.answer.hold(r.buf)
		return
	}
	r.buf.release()
}

// EncodeError makes the answer to a call that failed. The call's service, operation and protocol may
// be unknown: then it is answered in the form of its service, else in XML.
func EncodeError(call *aws.Call, req *http.Request, e *aws.Error) *http.Response {
	f := failureOf(call, e)
	p := call.Protocol
	if p == aws.Unknown {
		p = fallbackProtocol(call.Service)
	}
	answerTo := *call
	answerTo.Protocol = p
	r := &response{call: &answerTo, http: req, answer: newAnswer(req, f.status), buf: newBuffer()}
	if err := protocols[p].encodeError(r, f); err != nil { // the detail was no document of its shape
		r.buf.b = r.buf.b[:0]
		f.detail = source{}
		_ = protocols[p].encodeError(r, f)
	}
	for name, value := range e.Header {
		r.answer.set(http.CanonicalHeaderKey(name), value)
	}
	r.finish()
	return &r.answer.Response
}

func fallbackProtocol(s *aws.Service) aws.Protocol {
	if s == nil || len(s.Protocols) == 0 {
		return aws.RestXML
	}
	return s.Protocols[0]
}

// Message names the Go types of an operation's input and output.
type Message struct {
	Operation *aws.Operation
	In, Out   reflect.Type
}

// Check reports whether Go types fit the shapes of their operations. It compiles their plans at once,
// so that first calls do not have to.
func Check(messages []Message) error {
	plans.mu.Lock()
	defer plans.mu.Unlock()
	c := newCompiler()
	for _, m := range messages {
		for _, side := range [...]planKey{{m.Operation.Input(), m.In}, {m.Operation.Output(), m.Out}} {
			if _, err := c.plan(orEmpty(side.shape), side.typ); err != nil {
				return fmt.Errorf("%s: %w", m.Operation.Name, err)
			}
		}
	}
	plans.byID.Store(&c.all)
	return nil
}
