package transport

import (
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// finish gives the answer a body that settles the connection: reused where the answer has been read
// to its end and the request sent to its end, closed otherwise.
func (e *exchange) finish(resp *http.Response) (*http.Response, error) {
	if resp.StatusCode == http.StatusSwitchingProtocols {
		resp.Body = &stream{exchange: e}
		return resp, nil
	}
	if resp.Body == http.NoBody {
		e.end(!resp.Close)
		return resp, nil
	}
	resp.Body = &body{exchange: e, reader: resp.Body, keep: !resp.Close, read: resp.Body.Read}
	return resp, nil
}

// end settles the connection after the answer's last byte.
func (e *exchange) end(keep bool) {
	e.settle.Do(func() {
		if e.stop != nil && !e.stop() {
			keep = false
		}
		if e.sent != nil {
			keep = e.wasSent() && keep
		}
		if keep {
			e.conn.transport.give(e.conn)
		} else {
			e.conn.transport.drop(e.conn)
		}
		e.closeRequest()
	})
}

// sendGrace is how long the rest of a request may still be on its way when its answer is complete.
const sendGrace = 50 * time.Millisecond

// wasSent reports whether the request's body has been sent completely.
func (e *exchange) wasSent() bool {
	timer := time.NewTimer(sendGrace)
	defer timer.Stop()
	select {
	case <-e.sent:
		return e.sendErr == nil
	case <-timer.C:
		return false
	}
}

// body is the body of an answer.
type body struct {
	exchange *exchange
	reader   io.ReadCloser
	read     func([]byte) (int, error)
	keep     bool
	closed   atomic.Bool
}

var errBodyClosed = errors.New("read after Close of the answer's body")

func (b *body) Read(p []byte) (int, error) {
	if b.closed.Load() {
		return 0, errBodyClosed
	}
	n, err := b.read(p)
	if err == nil {
		return n, nil
	}
	if errors.Is(err, io.EOF) {
		b.exchange.end(b.keep)
		return n, err
	}
	b.exchange.end(false)
	if cause := b.exchange.req.Context().Err(); cause != nil {
		err = cause
	}
	return n, err
}

// Close ends the exchange; what has not been read yet is not waited for.
func (b *body) Close() error {
	if b.closed.CompareAndSwap(false, true) {
		b.exchange.end(false)
	}
	return nil
}

// stream is the two-way stream behind a 101 answer.
type stream struct{ exchange *exchange }

var _ io.ReadWriteCloser = (*stream)(nil)

func (s *stream) Read(p []byte) (int, error)  { return s.exchange.conn.reader.Read(p) }
func (s *stream) Write(p []byte) (int, error) { return s.exchange.conn.Write(p) }

// CloseWrite tells the backend that no more follows.
func (s *stream) CloseWrite() error {
	if half, ok := s.exchange.conn.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

func (s *stream) Close() error {
	s.exchange.end(false)
	return nil
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// unexpected is the error of a connection that ends where something should follow.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
