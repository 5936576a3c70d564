package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// exchange is one request and its answer on a connection.
type exchange struct {
	conn *conn
	req  *http.Request

	stop func() bool // ends the watch over the request's context
	// sent is closed when all of the body has been sent, or sending has failed; nil where nothing is
	// sent beside the caller.
	sent    chan struct{}
	sendErr error // after sent

	settle sync.Once // the connection goes back, or is closed
}

// retry is the error of an exchange that can be done again on a new connection.
type retry struct {
	cause error
	body  []byte // what has been read of the body; nil where it is untouched or there is none
}

func (r *retry) Error() string { return r.cause.Error() }

// request is req with the body that had been read.
func (r *retry) request(req *http.Request) *http.Request {
	if len(r.body) == 0 {
		return req
	}
	again := *req
	again.Body = struct {
		io.Reader
		io.Closer
	}{bytes.NewReader(r.body), req.Body}
	return &again
}

// closeRequest closes the request's body, unless that is left to who sends it.
func (e *exchange) closeRequest() {
	if e.sent == nil && e.req.Body != nil {
		_ = e.req.Body.Close()
	}
}

func newExchange(c *conn, req *http.Request) *exchange { return &exchange{conn: c, req: req} }

// run sends the request and returns the answer, whose body settles the connection.
func (e *exchange) run() (*http.Response, error) {
	if ctx := e.req.Context(); ctx.Done() != nil {
		e.stop = context.AfterFunc(ctx, e.abort)
	}
	buffer := buffers.Get().(*bytes.Buffer)
	defer putBuffer(buffer)
	body, err := writeHead(buffer, e.req, e.conn.transport.Extra)
	if err != nil {
		return nil, e.fail(err)
	}
	head := buffer.Len()
	small := body.length >= 0 && body.length <= smallBody && !body.expect
	if small && body.length > 0 {
		if _, err := io.CopyN(buffer, e.req.Body, body.length); err != nil {
			return nil, e.fail(fmt.Errorf("read the request's body: %w", unexpected(err)))
		}
	}
	if n, err := e.conn.Write(buffer.Bytes()); err != nil {
		return nil, e.unsent(err, n == 0, small, buffer.Bytes()[head:])
	}
	if !small {
		resp, err := e.sendBody(body)
		if resp != nil || err != nil {
			return resp, err
		}
	}
	resp, err := e.readHead()
	if err != nil && small && !e.answered(err) {
		return nil, e.unanswered(err, buffer.Bytes()[head:])
	}
	if err != nil {
		return nil, e.fail(err)
	}
	return e.finish(resp)
}

// sendBody sends a body beside the caller, who reads the answer meanwhile. With Expect it first
// waits for the backend's word; an answer that comes instead is returned, and the body is not sent.
func (e *exchange) sendBody(body framing) (*http.Response, error) {
	if body.expect {
		resp, err := e.awaitContinue()
		if err != nil {
			return nil, e.fail(err)
		}
		if resp != nil {
			resp.Close = true // what follows on the connection would be taken for the body
			return e.finish(resp)
		}
	}
	e.sent = make(chan struct{})
	go func() {
		// Reading may last until the caller's side ends the body, even past the answer; nobody waits.
		defer e.req.Body.Close()
		defer close(e.sent)
		e.sendErr = body.send(e.conn.Conn, e.req)
	}()
	return nil, nil
}

// awaitContinue waits for 100 Continue, for a moment. A final answer is returned.
func (e *exchange) awaitContinue() (*http.Response, error) {
	if err := e.conn.SetReadDeadline(time.Now().Add(continueTimeout)); err != nil {
		return nil, err
	}
	_, err := e.conn.reader.Peek(1)
	if resetErr := e.conn.SetReadDeadline(time.Time{}); resetErr != nil {
		return nil, resetErr
	}
	if cause := e.req.Context().Err(); cause != nil { // its abort may have been undone just now
		return nil, cause
	}
	if err != nil {
		if isTimeout(err) {
			return nil, nil
		}
		return nil, err
	}
	resp, err := http.ReadResponse(e.conn.reader, e.req)
	if err != nil || resp.StatusCode == http.StatusContinue {
		return nil, err
	}
	return resp, nil
}

// readHead reads the answer's head, passing over informational ones.
func (e *exchange) readHead() (*http.Response, error) {
	if _, err := e.conn.reader.Peek(1); err != nil {
		return nil, &silence{unexpected(err)}
	}
	for range 100 {
		resp, err := http.ReadResponse(e.conn.reader, e.req)
		if err != nil {
			return nil, fmt.Errorf("read the answer: %w", unexpected(err))
		}
		if resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, nil
		}
	}
	return nil, errors.New("read the answer: too many informational ones")
}

// silence is the error of a connection that ended before any byte of an answer.
type silence struct{ error }

func (s *silence) Unwrap() error { return s.error }

func (e *exchange) answered(err error) bool {
	var silent *silence
	return !errors.As(err, &silent)
}

// unsent handles a failed write of the head. Where nothing left this machine, on a connection that
// had been idle, the request is sent again on a new one.
func (e *exchange) unsent(err error, nothing, small bool, body []byte) error {
	if e.conn.used && nothing && e.req.Context().Err() == nil {
		e.giveUp()
		if !small {
			return &retry{cause: err}
		}
		return &retry{err, bytes.Clone(body)}
	}
	return e.fail(err)
}

// unanswered handles a connection that was idle and ended without a byte of an answer: the backend
// has closed it meanwhile. Only a request that may be performed twice is sent again.
func (e *exchange) unanswered(err error, body []byte) error {
	if e.conn.used && e.req.Context().Err() == nil && repeatable(e.req) {
		e.giveUp()
		return &retry{err, bytes.Clone(body)}
	}
	return e.fail(err)
}

// repeatable reports whether HTTP allows to send the request twice.
func repeatable(req *http.Request) bool {
	switch req.Method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	default:
		return false
	}
}

// abort wakes whoever waits on the connection, for a context that has ended.
func (e *exchange) abort() { _ = e.conn.SetDeadline(time.Unix(1, 0)) }

// giveUp closes the connection and leaves the request's body alone.
func (e *exchange) giveUp() {
	e.settle.Do(func() {
		if e.stop != nil {
			e.stop()
		}
		e.conn.transport.drop(e.conn)
	})
}

// fail closes the connection and the request's body, and returns the reason in the caller's terms.
func (e *exchange) fail(err error) error {
	e.giveUp()
	e.closeRequest()
	if cause := e.req.Context().Err(); cause != nil {
		return cause
	}
	return err
}
