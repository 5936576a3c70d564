package gateway

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// conn is a connection of a caller.
type conn struct {
	net.Conn
	all *connections
	// gone reports whether the caller has closed the connection, without reading from it; nil where
	// that cannot be told.
	gone   func() bool
	ctx    context.Context    // of the connection's calls //nolint:containedctx // it is the connection's own
	cancel context.CancelFunc // of ctx
	plain  atomic.Bool        // net/http does not know it
	// pending was read already, and is what net/http reads first.
	pending []byte

	calls  atomic.Int32 // in flight; more than one in HTTP/2
	multi  atomic.Bool  // HTTP/2, which also reads what belongs to no call
	header atomic.Int64 // when the first byte of a header came that is not whole yet; 0 for none
	idle   atomic.Int64 // since when no call is in flight

	readLimited, writeLimited atomic.Bool // a deadline is set
}

type connKey struct{}

// connContext is the context of all calls on a connection.
func connContext(ctx context.Context, c net.Conn) context.Context {
	one, ok := c.(*conn)
	if !ok {
		return ctx
	}
	ctx, cancel := context.WithCancel(ctx)
	context.AfterFunc(one.ctx, cancel)
	return context.WithValue(ctx, connKey{}, one)
}

// begin notes that a call has begun.
func (c *conn) begin(multi bool) {
	c.calls.Add(1)
	c.header.Store(0)
	if multi {
		c.multi.Store(true)
	}
	if c.all.quiet.Load() {
		select {
		case c.all.wake <- struct{}{}:
		default:
		}
	}
}

// end notes that a call has ended.
func (c *conn) end() {
	c.idle.Store(c.all.now.Load())
	c.calls.Add(-1)
}

func (c *conn) over(now int64) bool {
	if c.calls.Load() > 0 {
		return false
	}
	header := c.header.Load()
	return now-c.idle.Load() > int64(idleTimeout/time.Second) ||
		header != 0 && !c.multi.Load() && now-header > int64(headerTimeout/time.Second)
}

// Read reads, and notes when a header begins. A single byte is what net/http reads beside each call,
// only to learn that the caller goes away; where connections.look learns it, nothing is read.
func (c *conn) Read(p []byte) (int, error) {
	if len(p) == 1 && c.gone != nil {
		return 0, nil
	}
	if len(c.pending) > 0 {
		n := copy(p, c.pending)
		c.pending = c.pending[n:]
		return n, nil
	}
	return c.read(p)
}

func (c *conn) read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && c.calls.Load() == 0 && c.header.Load() == 0 {
		c.header.Store(c.all.now.Load())
	}
	return n, err
}

// Close closes the connection.
func (c *conn) Close() error {
	c.all.mu.Lock()
	delete(c.all.open, c)
	c.all.mu.Unlock()
	c.cancel()
	return c.Conn.Close()
}

// CloseWrite ends our direction, where the connection can.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// ReadFrom lets the kernel send files.
func (c *conn) ReadFrom(r io.Reader) (int64, error) {
	if to, ok := c.Conn.(io.ReaderFrom); ok {
		return to.ReadFrom(r)
	}
	return io.Copy(struct{ io.Writer }{c.Conn}, r)
}

// SetReadDeadline sets a deadline; to take away none is nothing to do, though net/http does it twice
// a call.
func (c *conn) SetReadDeadline(t time.Time) error {
	if t.IsZero() && !c.readLimited.Load() {
		return nil
	}
	c.readLimited.Store(!t.IsZero())
	return c.Conn.SetReadDeadline(t)
}

// SetWriteDeadline is like SetReadDeadline.
func (c *conn) SetWriteDeadline(t time.Time) error {
	if t.IsZero() && !c.writeLimited.Load() {
		return nil
	}
	c.writeLimited.Store(!t.IsZero())
	return c.Conn.SetWriteDeadline(t)
}

// SetDeadline sets both.
func (c *conn) SetDeadline(t time.Time) error {
	c.readLimited.Store(!t.IsZero())
	c.writeLimited.Store(!t.IsZero())
	return c.Conn.SetDeadline(t)
}
