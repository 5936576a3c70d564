package wire

import (
	"io"
	"net/http"
)

// answer is a response under construction, in one allocation with the values of its headers.
type answer struct {
	http.Response
	buffered bufferBody
	values   [8]string
	used     int
}

func newAnswer(req *http.Request, status int) *answer {
	a := &answer{Response: http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: make(http.Header, 4), Body: http.NoBody, Request: req,
	}}
	return a
}

// set sets a header; name is in canonical form.
func (a *answer) set(name, value string) {
	if a.used == len(a.values) {
		a.Header[name] = []string{value}
		return
	}
	a.values[a.used] = value
	a.Header[name] = a.values[a.used : a.used+1 : a.used+1]
	a.used++
}

// hold makes the buffer the body.
func (a *answer) hold(buf *buffer) {
	a.ContentLength = int64(len(buf.b))
	if isHead(a.Request) || !mayHaveBody(a.StatusCode) {
		if !isHead(a.Request) {
			a.ContentLength = 0
		}
		buf.release()
		return
	}
	a.buffered.buf = buf
	a.Body = &a.buffered
}

// stream makes r the body; length is -1 where it is not known.
func (a *answer) stream(r io.Reader, length int64) {
	a.ContentLength = length
	body := streamBody{r}
	if isHead(a.Request) {
		body.Close()
		return
	}
	a.Body = body
}

func isHead(req *http.Request) bool { return req != nil && req.Method == http.MethodHead }

// mayHaveBody reports whether HTTP lets an answer of that status have a body.
func mayHaveBody(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}
