package gateway

import (
	"context"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of a connection. A call itself may take as long as it likes: uploads, long polls, streams.
const (
	headerTimeout = 30 * time.Second // for the header of a request, from its first byte on
	idleTimeout   = 5 * time.Minute  // without a call
	sweepEvery    = 5 * time.Second
)

// connections are the open ones of a gateway. One goroutine looks at them now and then and closes
// those that are over a limit: that costs a call nothing, while deadlines as net/http sets them would
// cost each call several changes of a timer.
type connections struct {
	now  atomic.Int64 // seconds of the sweeps
	once sync.Once
	done sync.WaitGroup

	mu   sync.Mutex
	open map[*conn]struct{}
}

// conn is a connection of a caller.
type conn struct {
	net.Conn
	all *connections

	calls  atomic.Int32 // in flight; more than one in HTTP/2
	multi  atomic.Bool  // HTTP/2, which also reads what belongs to no call
	header atomic.Int64 // when the first byte of a header came that is not whole yet; 0 for none
	idle   atomic.Int64 // since when no call is in flight

	readLimited, writeLimited atomic.Bool // a deadline is set
}

type connKey struct{}

// watch returns the listener with connections that are looked after until ctx ends.
func (c *connections) watch(ctx context.Context, listener net.Listener) net.Listener {
	c.once.Do(func() {
		c.open = make(map[*conn]struct{})
		c.now.Store(1)
		c.done.Go(func() { c.sweep(ctx) })
	})
	return &watched{listener, c}
}

type watched struct {
	net.Listener
	all *connections
}

// Accept takes a connection.
func (w *watched) Accept() (net.Conn, error) {
	raw, err := w.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: raw, all: w.all}
	c.idle.Store(w.all.now.Load())
	w.all.mu.Lock()
	w.all.open[c] = struct{}{}
	w.all.mu.Unlock()
	return c, nil
}

// sweep closes what is over a limit.
func (c *connections) sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := c.now.Add(int64(sweepEvery / time.Second))
		c.mu.Lock()
		var over []*conn
		for one := range c.open {
			if one.over(now) {
				over = append(over, one)
			}
		}
		c.mu.Unlock()
		for _, one := range over {
			_ = one.Close() // its reader gets the error
		}
	}
}

func (c *conn) over(now int64) bool {
	if c.calls.Load() > 0 {
		return false
	}
	header := c.header.Load()
	return now-c.idle.Load() > int64(idleTimeout/time.Second) ||
		header != 0 && !c.multi.Load() && now-header > int64(headerTimeout/time.Second)
}

// begin notes that a call has begun.
func (c *conn) begin(multi bool) {
	c.calls.Add(1)
	c.header.Store(0)
	if multi {
		c.multi.Store(true)
	}
}

// end notes that a call has ended.
func (c *conn) end() {
	c.idle.Store(c.all.now.Load())
	c.calls.Add(-1)
}

// Read reads, and notes when a header begins.
func (c *conn) Read(p []byte) (int, error) {
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
