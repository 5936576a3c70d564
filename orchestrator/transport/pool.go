package transport

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// take returns an idle connection that is still open, or a new one.
func (t *Transport) take(ctx context.Context, fresh bool) (*conn, error) {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return nil, fmt.Errorf("%w: %w", ErrNotSent, errClosed)
	}
	t.active++
	for !fresh && len(t.idle) > 0 {
		last := len(t.idle) - 1
		c := t.idle[last]
		t.idle[last] = nil
		t.idle = t.idle[:last]
		t.mu.Unlock()
		if c.alive() {
			return c, nil
		}
		c.Conn.Close()
		t.mu.Lock()
		delete(t.open, c)
	}
	t.mu.Unlock()
	c, err := t.dial(ctx)
	if err != nil {
		t.release()
		return nil, err
	}
	return c, nil
}

// give takes a connection back for the next call.
func (t *Transport) give(c *conn) {
	if c.reader.Buffered() > 0 {
		t.drop(c)
		return
	}
	c.used, c.since = true, time.Now()
	t.mu.Lock()
	if t.closed || len(t.idle) >= maxIdle {
		t.mu.Unlock()
		t.drop(c)
		return
	}
	t.idle = append(t.idle, c)
	if t.sweeper == nil {
		t.sweeper = time.AfterFunc(idleTimeout, t.sweep)
	}
	t.mu.Unlock()
	t.release()
}

// drop closes a connection that has carried its last call.
func (t *Transport) drop(c *conn) {
	c.Conn.Close()
	t.mu.Lock()
	delete(t.open, c)
	t.mu.Unlock()
	t.release()
}

// release counts a call as ended.
func (t *Transport) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.active--
	if t.active == 0 {
		for _, waiter := range t.drained {
			close(waiter)
		}
		t.drained = nil
	}
}

// sweep closes connections that have been idle for too long.
func (t *Transport) sweep() {
	t.mu.Lock()
	defer t.mu.Unlock()
	limit := time.Now().Add(-idleTimeout)
	old := 0
	for old < len(t.idle) && t.idle[old].since.Before(limit) {
		t.idle[old].Conn.Close()
		delete(t.open, t.idle[old])
		old++
	}
	t.idle = append(t.idle[:0], t.idle[old:]...)
	clear(t.idle[len(t.idle):cap(t.idle)])
	t.sweeper = nil
	if len(t.idle) > 0 && !t.closed {
		t.sweeper = time.AfterFunc(idleTimeout, t.sweep)
	}
}

// Drain waits until no call is in flight and no answer is being read, or ctx ends.
func (t *Transport) Drain(ctx context.Context) error {
	t.mu.Lock()
	if t.active == 0 {
		t.mu.Unlock()
		return nil
	}
	waiter := make(chan struct{})
	t.drained = append(t.drained, waiter)
	t.mu.Unlock()
	select {
	case <-waiter:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close closes the idle connections and refuses further calls. Those in flight end.
func (t *Transport) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	if t.sweeper != nil {
		t.sweeper.Stop()
	}
	var err error
	for _, c := range t.idle {
		err = errors.Join(err, c.Conn.Close())
		delete(t.open, c)
	}
	t.idle = nil
	return err
}

// Abort closes all connections, so that calls in flight fail: for a backend that has ended, since the
// end of a whole machine or network is not told to the connections with it.
func (t *Transport) Abort() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed, t.aborted = true, true
	for c := range t.open {
		c.Conn.Close()
	}
	t.idle = nil
}
