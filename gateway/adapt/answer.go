package adapt

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/wire"
)

// answer makes the answer that the caller gets of the backend's. req is the request as it came.
func (x *exchange) answer(req *http.Request, resp *http.Response) (*http.Response, error) {
	if resp.Header == nil {
		resp.Header = make(http.Header)
	}
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	for _, name := range [...]string{"X-Amz-Request-Id", "X-Amz-Id-2"} { // some give it twice
		if values := resp.Header[name]; len(values) > 1 {
			resp.Header[name] = values[:1]
		}
	}
	switch {
	case resp.StatusCode == http.StatusSwitchingProtocols:
		return resp, nil
	case resp.StatusCode >= 400:
		return x.failed(req, resp)
	case x.call.Operation == nil:
		return resp, nil
	case x.isPage(resp):
		return nil, x.garbage(resp, nil)
	case x.translated():
		return x.rewritten(req, resp)
	case !x.names.differ() || streams(x.call.Operation.Output()):
		return resp, nil
	}
	body, err := readWhole(resp.Body)
	if err != nil {
		return nil, x.unreadable(err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	if resp.Header["Content-Length"] != nil {
		resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	if !x.named(body) && resp.Header.Get("Content-Encoding") == "" {
		return resp, nil
	}
	return x.rewritten(req, resp)
}

// named reports whether a message of the backend may hold its words.
func (x *exchange) named(body []byte) bool {
	if x.names.region != x.names.backendRegion && bytes.Contains(body, []byte(":"+x.names.backendRegion+":")) {
		return true
	}
	return x.names.account != x.names.backendAccount && bytes.Contains(body, []byte(x.names.backendAccount))
}

// rewritten is the answer in the caller's protocol and names. What the answer's headers say beside
// its message is passed on.
func (x *exchange) rewritten(req *http.Request, resp *http.Response) (*http.Response, error) {
	doc := make(map[string]any)
	if err := wire.DecodeResponse(x.call.Operation, x.spoken, resp, &doc); err != nil {
		return nil, x.unreadable(err)
	}
	if x.names.differ() {
		x.names.in().document(x.call.Operation.Output(), doc)
	}
	out, err := wire.EncodeResponse(x.call, req, doc)
	if err != nil {
		return nil, x.unreadable(err)
	}
	for name, values := range resp.Header {
		if out.Header[name] == nil && !strings.HasPrefix(name, "Content-") && !ofMessage(name) && name != "X-Amz-Crc32" {
			out.Header[name] = values
		}
	}
	return out, nil
}

// unreadable is the refusal for an answer that cannot be understood.
func (x *exchange) unreadable(err error) error {
	var refusal *aws.Error
	if errors.As(err, &refusal) {
		return refusal
	}
	return aws.Unavailable(fmt.Sprintf("The answer of the backend %s to %s cannot be read: %v.", x.backend.Name, x.call.Operation.Name, err))
}

// isPage reports whether an answer is a page for people where AWS would send a message. An answer that
// only calls itself one gets its right type.
func (x *exchange) isPage(resp *http.Response) bool {
	if x.call.Service.Name == "s3" || streams(x.call.Operation.Output()) {
		return false
	}
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind != "text/html" {
		return false
	}
	reader := bufio.NewReader(resp.Body)
	resp.Body = readCloser{reader, resp.Body}
	begin, _ := reader.Peek(64) // what cannot be read is found later
	text := strings.ToLower(strings.TrimSpace(string(begin)))
	for _, page := range [...]string{"<!doctype html", "<html", "<h1", "<head"} {
		if strings.HasPrefix(text, page) {
			return true
		}
	}
	switch x.spoken {
	case aws.JSON10:
		resp.Header.Set("Content-Type", "application/x-amz-json-1.0")
	case aws.JSON11:
		resp.Header.Set("Content-Type", "application/x-amz-json-1.1")
	case aws.Query, aws.EC2:
		resp.Header.Set("Content-Type", "text/xml")
	}
	return false
}

type readCloser struct {
	io.Reader
	io.Closer
}
