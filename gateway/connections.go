package gateway

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of a connection. A call itself may take as long as it likes: uploads, long polls, streams.
const (
	headerTimeout = 30 * time.Second // for the header of a request, from its first byte on
	idleTimeout   = 5 * time.Minute  // without a call
)

// How often connections are looked at: while calls are in flight, and while there are none.
const (
	busySweep  = 100 * time.Millisecond
	quietSweep = 5 * time.Second
)

// connections are the open ones of a gateway. One goroutine looks at them now and then, closes those
// that are over a limit, and cancels the calls whose caller has gone. That costs a call nothing, while
// net/http's own way costs each call several changes of a timer and a read beside it.
type connections struct {
	now   atomic.Int64 // seconds since the first listener, and one
	quiet atomic.Bool  // the next look is far off, unless wake is sent to
	wake  chan struct{}
	once  sync.Once
	done  sync.WaitGroup

	mu   sync.Mutex
	open map[*conn]struct{}
}

// watch returns the listener with connections that are looked after until ctx ends.
func (c *connections) watch(ctx context.Context, listener net.Listener) net.Listener {
	c.once.Do(func() {
		c.open, c.wake = make(map[*conn]struct{}), make(chan struct{}, 1)
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
	c := &conn{Conn: raw, all: w.all, gone: canTell(raw)}
	c.idle.Store(w.all.now.Load())
	w.all.mu.Lock()
	w.all.open[c] = struct{}{}
	w.all.mu.Unlock()
	return c, nil
}

// sweep looks at the connections until ctx ends.
func (c *connections) sweep(ctx context.Context) {
	start := time.Now()
	timer := time.NewTimer(busySweep)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
			c.quiet.Store(false)
			timer.Reset(busySweep)
			continue
		case <-timer.C:
		}
		now := int64(time.Since(start)/time.Second) + 1
		c.now.Store(now)
		busy := c.look(now)
		c.quiet.Store(!busy)
		if busy {
			timer.Reset(busySweep)
		} else {
			timer.Reset(quietSweep)
		}
	}
}

// look closes what is over a limit, cancels what nobody waits for any more, and reports whether calls
// are in flight.
func (c *connections) look(now int64) (busy bool) {
	c.mu.Lock()
	var over, calling []*conn
	for one := range c.open {
		if one.calls.Load() > 0 {
			busy = true
			if one.gone != nil && !one.multi.Load() {
				calling = append(calling, one)
			}
		} else if one.over(now) {
			over = append(over, one)
		}
	}
	c.mu.Unlock()
	for _, one := range over {
		_ = one.Close() // its reader gets the error
	}
	for _, one := range calling {
		if one.gone() {
			one.cancel()
		}
	}
	return busy
}
