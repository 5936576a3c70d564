package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// A connection begins with the gateway's own reader of plain requests (headReader says which those
// are), which costs a call half of what net/http takes for it. The first request that is not plain is
// left to net/http, with the connection and all that follows on it: long uploads, chunked bodies,
// upgrades, HTTP/2, and everything that is wrong.

// headSize is the size of a connection's buffer; a longer head is not plain.
const headSize = 8 << 10

// plainReader reads the requests of one connection.
type plainReader struct {
	conn   *conn
	heads  headReader
	buffer []byte // what was read and not used yet lies in buffer[from:to]
	from   int
	to     int
	body   *plainBody // of the last request; nil for none
}

// plainBody is the body of a request: what came with its head, then what still comes.
type plainBody struct {
	conn *conn

	mu   sync.Mutex // a backend may still read when its answer has been sent
	have []byte     // in the buffer of the connection
	left int64      // bytes that have not come yet
	over bool       // the connection has gone on
}

// Read reads the body.
func (b *plainBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over {
		return 0, http.ErrBodyReadAfterClose
	}
	return b.read(p)
}

func (b *plainBody) read(p []byte) (int, error) {
	if len(b.have) > 0 {
		n := copy(p, b.have)
		b.have = b.have[n:]
		return n, b.atEnd(nil)
	}
	if b.left == 0 {
		return 0, io.EOF
	}
	n, err := b.conn.read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, b.atEnd(err)
}

func (b *plainBody) atEnd(err error) error {
	if err == nil && len(b.have) == 0 && b.left == 0 {
		return io.EOF
	}
	return err
}

// Close does nothing: the connection goes on.
func (*plainBody) Close() error { return nil }

// finish ends the body and reads what is left of it, so that the next request can follow.
func (b *plainBody) finish() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over, b.have = true, nil
	if b.left == 0 {
		return nil
	}
	if err := b.conn.SetReadDeadline(time.Now().Add(drainTimeout)); err != nil {
		return err
	}
	var waste [4 << 10]byte
	for b.left > 0 {
		if _, err := b.read(waste[:]); err != nil && err != io.EOF {
			return err
		}
	}
	return b.conn.SetReadDeadline(time.Time{})
}

// drainTimeout is how long the rest of a body is waited for that nobody wants.
const drainTimeout = time.Second

// next returns the next request of the connection; nil without an error for one that is not plain.
func (p *plainReader) next() (*http.Request, error) {
	if p.from == p.to {
		p.from, p.to = 0, 0
	}
	end := -1
	for {
		if end = bytes.Index(p.buffer[p.from:p.to], headEnd); end >= 0 {
			break
		}
		if p.odd() || p.full() {
			return nil, nil
		}
		if err := p.fill(); err != nil {
			return nil, err
		}
	}
	end += p.from + len(headEnd)
	r, ok := p.heads.read(p.buffer[p.from:end])
	if !ok {
		return nil, nil
	}
	p.from = min(end+int(r.ContentLength), p.to)
	p.body = nil
	if r.ContentLength > 0 {
		p.body = &plainBody{conn: p.conn, have: p.buffer[end:p.from], left: r.ContentLength - int64(p.from-end)}
		r.Body = p.body
	}
	return r, nil
}

var (
	headEnd = []byte("\r\n\r\n")
	bareEnd = []byte("\n\n")
	preface = []byte("PRI ")
)

// odd reports whether what came so far is no plain head: HTTP/2, or lines that end without a carriage
// return, which net/http takes.
func (p *plainReader) odd() bool {
	came := p.buffer[p.from:p.to]
	return bytes.HasPrefix(came, preface) || bytes.Contains(came, bareEnd)
}

// full reports whether no more of a head fits, after it has made what room there is.
func (p *plainReader) full() bool {
	if p.to < len(p.buffer) {
		return false
	}
	if p.from > 0 {
		p.to = copy(p.buffer, p.buffer[p.from:p.to])
		p.from = 0
	}
	return p.to == len(p.buffer)
}

// fill reads what comes.
func (p *plainReader) fill() error {
	n, err := p.conn.read(p.buffer[p.to:])
	p.to += n
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// rest is what was read of the connection and belongs to no request yet.
func (p *plainReader) rest() []byte { return p.buffer[p.from:p.to] }

// servePlain answers the plain requests of a connection. It reports whether net/http is to go on
// with it.
func (a *acceptor) servePlain(c *conn) (goOn bool) {
	c.plain.Store(true)
	defer c.plain.Store(false)
	if c.all.draining.Load() {
		_ = c.Close()
		return false
	}
	ctx := context.WithValue(c.ctx, connKey{}, c)
	ctx = context.WithValue(ctx, http.LocalAddrContextKey, c.LocalAddr())
	reader := &plainReader{conn: c, buffer: make([]byte, headSize)}
	writer := &plainWriter{conn: c, header: make(http.Header)}
	address := c.RemoteAddr().String()
	for {
		r, err := reader.next()
		if err != nil {
			_ = c.Close() // the caller has gone, or is cut off
			return false
		}
		if r == nil {
			c.pending = reader.rest()
			return true
		}
		r.RemoteAddr = address
		writer.reset(r.Method)
		writer.close = c.all.draining.Load()
		more := a.servePlainCall(ctx, writer, r)
		if reader.body != nil && reader.body.finish() != nil || !more || c.all.draining.Load() {
			_ = c.Close()
			return false
		}
	}
}

// servePlainCall answers one request and reports whether the connection can carry another.
func (a *acceptor) servePlainCall(ctx context.Context, w *plainWriter, r *http.Request) (more bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer func() {
		// The call itself recovers what panics in it; this is an answer that was cut short.
		if v := recover(); v != nil {
			more = false
		}
	}()
	a.ServeHTTP(w, r.WithContext(ctx))
	return w.finish()
}

// serveRaw takes connections until the listener ends and has their plain requests answered; what is
// left to net/http comes out of the listener that it belongs to.
func (w *watched) serveRaw(ctx context.Context, a *acceptor) error {
	var pause time.Duration
	for {
		raw, err := w.Listener.Accept()
		var passing interface{ Temporary() bool }
		switch {
		case err == nil:
			pause = 0
		case errors.As(err, &passing) && passing.Temporary(): // no descriptors are left, say
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			select {
			case <-ctx.Done():
				return err
			case <-time.After(pause):
			}
			continue
		default:
			return err
		}
		c := w.all.add(raw)
		if c.gone == nil { // whether the caller leaves, net/http must find out
			w.hand(c)
			continue
		}
		w.all.done.Go(func() {
			if a.servePlain(c) {
				w.hand(c)
			}
		})
	}
}

// hand gives a connection to net/http.
func (w *watched) hand(c *conn) {
	select {
	case w.handed <- c:
	case <-w.ended:
		_ = c.Close()
	}
}

// Accept is net/http's way to its connections.
func (w *watched) Accept() (net.Conn, error) {
	select {
	case c := <-w.handed:
		return c, nil
	case <-w.ended:
		return nil, w.err
	}
}
