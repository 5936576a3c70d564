package wire

import (
	"bytes"
	"crypto/md5" //nolint:gosec // what AWS asks for
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"localcloud/gateway/aws"
)

// outgoing is a request that a client encodes.
type outgoing struct {
	operation *aws.Operation
	protocol  aws.Protocol
	http      *http.Request
	body      []byte
	stream    io.Reader // the body, where it is passed on as it comes
}

// EncodeRequest makes the request of an operation out of v, a pointer to its input structure, a
// document, or nil. host is the host of the endpoint, which the operation's host prefix is put in
// front of. The request is not signed. Idempotency tokens that are not set are made up.
func EncodeRequest(op *aws.Operation, p aws.Protocol, host string, v any) (*http.Request, error) {
	if p == aws.Unknown || int(p) >= len(protocols) {
		return nil, errNoOperation
	}
	s, err := sourceOf(op.Input(), v)
	if err != nil {
		return nil, err
	}
	s = s.withTokens()
	prefix, err := hostPrefix(op, s)
	if err != nil {
		return nil, err
	}
	r := &outgoing{operation: op, protocol: p, http: &http.Request{
		Method: http.MethodPost, URL: &url.URL{Scheme: "http", Host: prefix + host, Path: "/"},
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: make(http.Header), Host: prefix + host,
	}}
	if err := protocols[p].encodeRequest(r, s); err != nil {
		return nil, fmt.Errorf("encode request of %s: %w", op.Name, err)
	}
	if op.ChecksumRequired && r.body != nil && r.http.Header.Get("Content-Md5") == "" {
		sum := md5.Sum(r.body) //nolint:gosec // what AWS asks for
		r.http.Header.Set("Content-Md5", base64.StdEncoding.EncodeToString(sum[:]))
	}
	r.attach()
	return r.http, nil
}

func (r *outgoing) attach() {
	switch {
	case r.stream != nil:
		r.http.Body, r.http.ContentLength = streamBody{r.stream}, -1
		if sized, ok := r.stream.(interface{ Len() int }); ok {
			r.http.ContentLength = int64(sized.Len())
		}
	case r.body == nil:
		r.http.Body = http.NoBody
	default:
		body := r.body
		r.http.ContentLength = int64(len(body))
		r.http.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		r.http.Body, _ = r.http.GetBody()
	}
}

// withTokens is s with its idempotency tokens; what the caller passed is not changed.
func (s source) withTokens() source {
	for i := range s.plan.fields {
		f := &s.plan.fields[i]
		if !f.member.IdempotencyToken || f.missing || s.has(f) {
			continue
		}
		if s.at == nil {
			doc := maps.Clone(s.doc)
			if doc == nil {
				doc = make(map[string]any)
			}
			doc[f.name] = newToken()
			s.doc = doc
			continue
		}
		copied := reflect.New(s.plan.typ)
		copied.Elem().Set(s.plan.reflected(s.at))
		s.at = copied.UnsafePointer()
		*(*string)(f.settle(s.at)) = newToken()
	}
	return s
}

// newToken is a random UUID.
func newToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// hostPrefix fills the labels of the operation's host prefix.
func hostPrefix(op *aws.Operation, s source) (string, error) {
	prefix := op.HostPrefix
	for i := range s.plan.fields {
		f := &s.plan.fields[i]
		if !f.member.HostLabel || !strings.Contains(prefix, "{"+f.name+"}") {
			continue
		}
		w := new(headerWriter)
		w.begin(f)
		if s.has(f) {
			s.write(w, f)
		}
		label, ok := w.header()
		if !ok || strings.ContainsAny(label, "/?#@:. \t\r\n") {
			return "", fmt.Errorf("encode request of %s: %s is no label of a host name", op.Name, f.name)
		}
		prefix = strings.ReplaceAll(prefix, "{"+f.name+"}", label)
	}
	return prefix, nil
}

// incoming is an answer that a client decodes.
type incoming struct {
	operation *aws.Operation
	protocol  aws.Protocol
	http      *http.Response
	body      []byte
	limits    *Limits
	decoder   decoder
	json      jsonReader
	xml       xmlReader
}

// DecodeResponse reads the answer of an operation into v, a pointer to its output structure or to a
// document, or nil to drop it. The answer of a call that failed is returned as an *aws.Error, whose
// Detail is a document. The body is read and closed, unless it is a streaming payload, which the
// caller then has in v and closes with resp.Body.
func DecodeResponse(op *aws.Operation, p aws.Protocol, resp *http.Response, v any) error {
	if p == aws.Unknown || int(p) >= len(protocols) {
		return errNoOperation
	}
	r := &incoming{operation: op, protocol: p, http: resp, limits: &DefaultLimits}
	r.decoder.items = r.limits.Items
	failed := resp.StatusCode >= 300
	if failed || v == nil || !streams(op.Output(), p) {
		buf, err := readBody(resp.Header, resp.Body, resp.ContentLength, r.limits.Body)
		if resp.Body != nil {
			resp.Body.Close()
		}
		if err != nil {
			return fmt.Errorf("read answer of %s: %w", op.Name, err)
		}
		defer buf.release()
		r.body = buf.b
	}
	if failed {
		return r.failure()
	}
	if v == nil {
		return nil
	}
	t, err := targetOf(op.Output(), v)
	if err != nil {
		return err
	}
	if err := protocols[p].decodeResponse(r, t); err != nil {
		return fmt.Errorf("decode answer of %s: %w", op.Name, err)
	}
	return nil
}

// DecodeError reads the answer of a call that failed, and closes it. What is no error of AWS's form
// becomes one with the status' text as code.
func DecodeError(op *aws.Operation, p aws.Protocol, resp *http.Response) *aws.Error {
	err := DecodeResponse(op, p, resp, nil)
	var e *aws.Error
	if errors.As(err, &e) {
		return e
	}
	return statusError(resp.StatusCode)
}

func (r *incoming) failure() *aws.Error {
	e, err := protocols[r.protocol].decodeError(r)
	if err != nil || e.Code == "" {
		status := statusError(r.http.StatusCode)
		if e == nil {
			return status
		}
		e.Code = status.Code
	}
	e.Status = r.http.StatusCode
	return e
}

func statusError(status int) *aws.Error {
	code := strings.ReplaceAll(http.StatusText(status), " ", "")
	if code == "" {
		code = "UnknownError"
	}
	return &aws.Error{Code: code, Status: status, Fault: status >= 500}
}

// detail reads the further members of an error with read, where the model has it.
func (r *incoming) detail(e *aws.Error, read func(t target)) {
	shape := r.operation.Service.Exception(e.Code)
	if shape == nil {
		return
	}
	doc := make(map[string]any)
	t, err := targetOf(shape, &doc)
	if err != nil {
		return
	}
	if b := t.plan.bound; b != nil {
		r.decoder.reader = &headerReader{}
		headerMembers(&r.decoder, b, t, r.decoder.reader.(*headerReader), r.http.Header)
	}
	read(t)
	e.Detail = doc
	for name, value := range doc {
		if text, ok := value.(string); ok && strings.EqualFold(name, "message") && e.Message == "" {
			e.Message = text
		}
	}
}
