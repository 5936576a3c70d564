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
	// draining: answers are the last of their connections.
	draining atomic.Bool
	once     sync.Once
	done     sync.WaitGroup

	mu   sync.Mutex
	open map[*conn]struct{}
}

// watch begins to take connections from a listener; they are looked after until ctx ends. What it
// returns is a listener for net/http, which gets what is not plain.
func (c *connections) watch(ctx context.Context, listener net.Listener, a *acceptor) net.Listener {
	c.once.Do(func() {
		c.open, c.wake = make(map[*conn]struct{}), make(chan struct{}, 1)
		c.now.Store(1)
		c.done.Go(func() { c.sweep(ctx) })
	})
	w := &watched{Listener: listener, all: c, handed: make(chan *conn), ended: make(chan struct{})}
	c.done.Go(func() {
		w.err = w.serveRaw(context.WithoutCancel(ctx), a)
		close(w.ended)
	})
	return w
}

// watched is a listener whose connections are looked after.
type watched struct {
	net.Listener
	all    *connections
	handed chan *conn
	ended  chan struct{} // closed once err is set
	err    error
}

// add looks after a connection from now on.
func (c *connections) add(raw net.Conn) *conn {
	one := &conn{Conn: raw, all: c, gone: canTell(raw)}
	one.ctx, one.cancel = context.WithCancel(context.Background())
	one.idle.Store(c.now.Load())
	c.mu.Lock()
	c.open[one] = struct{}{}
	c.mu.Unlock()
	return one
}

// drain ends the connections that net/http does not know: idle ones now, others after their call.
func (c *connections) drain() {
	c.draining.Store(true)
	c.mu.Lock()
	defer c.mu.Unlock()
	for one := range c.open {
		if one.plain.Load() && one.calls.Load() == 0 {
			_ = one.Conn.Close() // its reader closes the rest
		}
	}
}

// wait returns when all connections that net/http does not know have ended; when ctx ends first,
// they are cut off.
func (c *connections) wait(ctx context.Context) error {
	ended := make(chan struct{})
	go func() {
		c.done.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for one := range c.open {
		one.cancel()
		_ = one.Conn.Close()
	}
	return ctx.Err()
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
