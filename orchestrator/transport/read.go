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
	b := &body{exchange: e, reader: resp.Body, keep: !resp.Close}
	resp.Body = b
	if socket, ok := e.conn.Conn.(*net.TCPConn); ok && resp.ContentLength >= largeBody {
		resp.Body = &large{b, socket, resp.ContentLength}
	}
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
	reader   io.Reader
	keep     bool
	closed   atomic.Bool
}

var errBodyClosed = errors.New("read after Close of the answer's body")

func (b *body) Read(p []byte) (int, error) {
	if b.closed.Load() {
		return 0, errBodyClosed
	}
	n, err := b.reader.Read(p)
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

// largeBody is the length from which on an answer's body is worth the kernel's help.
const largeBody = 256 << 10

// large is a body of known length that can go from one socket to another without passing through
// this process.
type large struct {
	*body
	socket *net.TCPConn
	left   int64
}

func (l *large) Read(p []byte) (int, error) {
	n, err := l.body.Read(p)
	l.left -= int64(n)
	return n, err
}

// WriteTo writes the rest of the body; a writer that is a socket, or hands on what it reads to one,
// gets it from the kernel.
func (l *large) WriteTo(w io.Writer) (int64, error) {
	if l.closed.Load() {
		return 0, errBodyClosed
	}
	written, err := l.writeBuffered(w)
	if err == nil && l.left > 0 {
		rest := &io.LimitedReader{R: l.socket, N: l.left}
		var n int64
		n, err = io.Copy(w, rest)
		written, l.left = written+n, l.left-n
	}
	if err == nil && l.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	l.exchange.end(l.keep && l.left == 0)
	if cause := l.exchange.req.Context().Err(); cause != nil && err != nil {
		err = cause
	}
	return written, err
}

// writeBuffered writes what has been read from the socket already.
func (l *large) writeBuffered(w io.Writer) (int64, error) {
	reader := l.exchange.conn.reader
	size := min(int64(reader.Buffered()), l.left)
	if size == 0 {
		return 0, nil
	}
	head, err := reader.Peek(int(size))
	if err != nil {
		return 0, err
	}
	n, err := w.Write(head)
	_, _ = reader.Discard(n) // it is there
	l.left -= int64(n)
	return int64(n), err
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
