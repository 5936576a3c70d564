package load

import (
	"net"
	"strconv"
	"strings"
)

// Request is one request, as an SDK of AWS would send it. Its signature is of the right form and
// length, and made up.
type Request struct {
	Method, Path string
	Service      string // signing name
	Target       string // X-Amz-Target; makes it a call in AWS JSON
	Form         bool   // the body is a form of the query protocol
	Header       string // further lines, each ending in "\r\n"
	Body         []byte
	Repeat       int  // how often a body of at least 32 KB is sent, for long uploads; 0 for once
	Discard      bool // the answer's body is not kept

	raw []byte // the request on the wire; without its body where that is long
}

// longBody is the length from which on a body is sent from where it lies.
const longBody = 32 << 10

// Account is the account of all requests, by their access key.
const Account = "000000000000"

// Key tells the kinds of requests of a workload apart.
func (r *Request) Key() string { return r.Method + " " + r.Target }

// write sends the request. What is sent first is built once.
func (r *Request) write(w net.Conn) error {
	if r.raw == nil {
		r.raw = r.append(nil)
	}
	if len(r.Body) < longBody {
		_, err := w.Write(r.raw)
		return err
	}
	parts := net.Buffers{r.raw}
	for range max(r.Repeat, 1) {
		parts = append(parts, r.Body)
	}
	_, err := parts.WriteTo(w)
	return err
}

// With is the request with another body, in the memory of the last one made so.
func (r *Request) With(body []byte) *Request {
	r.Body = body
	r.raw = r.append(r.raw[:0])
	return r
}

func (r *Request) append(b []byte) []byte {
	length := len(r.Body) * max(r.Repeat, 1)
	b = append(b, r.Method+" "+r.Path+" HTTP/1.1\r\nHost: 127.0.0.1:4566\r\nAccept-Encoding: identity\r\n"...)
	switch {
	case r.Target != "":
		b = append(b, "X-Amz-Target: "+r.Target+"\r\nContent-Type: application/x-amz-json-1.0\r\n"...)
	case r.Form:
		b = append(b, "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"...)
	default:
		b = append(b, "X-Amz-Content-SHA256: UNSIGNED-PAYLOAD\r\n"...)
	}
	b = append(b, "User-Agent: Boto3/1.43.11 md/Botocore#1.43.11 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.12.7\r\n"+
		"X-Amz-Date: 20261123T120000Z\r\nAuthorization: AWS4-HMAC-SHA256 Credential="+Account+"/20261123/us-east-1/"...)
	b = append(b, r.Service...)
	b = append(b, "/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature="...)
	b = append(b, strings.Repeat("0123456789abcdef", 4)...)
	b = append(b, "\r\namz-sdk-invocation-id: 4cd4a6a4-13b1-4d6b-8e3c-0a4d2f0a9d11\r\namz-sdk-request: attempt=1\r\n"...)
	b = append(b, r.Header...)
	if length > 0 || r.Method == "POST" || r.Method == "PUT" {
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, int64(length), 10)
		b = append(b, "\r\n"...)
	}
	b = append(b, "\r\n"...)
	if len(r.Body) < longBody {
		b = append(b, r.Body...)
	}
	return b
}
