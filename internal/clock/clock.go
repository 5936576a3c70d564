// Package clock is a wall clock that can be moved: native backends and glue take the time from it,
// so that tests can let hours pass in a moment.
package clock

import (
	"sync"
	"sync/atomic"
	"time"
)

// Clock tells the time, shifted by an offset that Advance changes. The zero value is the wall
// clock. Safe for concurrent use; must not be copied.
type Clock struct {
	offset atomic.Int64

	mu     sync.Mutex
	timers map[*Timer]struct{}
}

// Now returns the clock's time.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())) }

// Advance moves the clock by d (backwards where d is negative) and fires the timers that have come due.
func (c *Clock) Advance(d time.Duration) {
	c.offset.Add(int64(d))
	c.mu.Lock()
	timers := make([]*Timer, 0, len(c.timers))
	for t := range c.timers {
		timers = append(timers, t)
	}
	c.mu.Unlock()
	for _, t := range timers {
		t.rearm()
	}
}

// Offset is by how much the clock is ahead of the wall clock.
func (c *Clock) Offset() time.Duration { return time.Duration(c.offset.Load()) }

// Timer calls a function once when the clock has reached a time.
type Timer struct {
	clock *Clock
	f     func()

	mu    sync.Mutex
	at    time.Time
	armed bool
	timer *time.Timer
}

// At returns a timer that calls f in a goroutine of its own once the clock has reached t.
func (c *Clock) At(t time.Time, f func()) *Timer {
	timer := &Timer{clock: c, f: f}
	timer.Reset(t)
	return timer
}

// After is At for a duration from now.
func (c *Clock) After(d time.Duration, f func()) *Timer { return c.At(c.Now().Add(d), f) }

// Reset sets the timer, fired, stopped or not, to fire at t.
func (t *Timer) Reset(at time.Time) {
	t.clock.mu.Lock()
	if t.clock.timers == nil {
		t.clock.timers = make(map[*Timer]struct{})
	}
	t.clock.timers[t] = struct{}{}
	t.clock.mu.Unlock()
	t.mu.Lock()
	t.at, t.armed = at, true
	t.mu.Unlock()
	t.rearm()
}

// Stop disarms the timer and reports whether it was armed. A call of its function that has begun goes on.
func (t *Timer) Stop() bool {
	t.mu.Lock()
	was := t.armed
	t.armed = false
	if t.timer != nil {
		t.timer.Stop()
	}
	t.mu.Unlock()
	t.forget()
	return was
}

func (t *Timer) forget() {
	t.clock.mu.Lock()
	delete(t.clock.timers, t)
	t.clock.mu.Unlock()
}

// rearm sets the wall timer to what is left until the clock reaches t.at.
func (t *Timer) rearm() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.armed {
		return
	}
	left := max(t.at.Sub(t.clock.Now()), 0)
	if t.timer == nil {
		t.timer = time.AfterFunc(left, t.fire)
		return
	}
	t.timer.Reset(left)
}

func (t *Timer) fire() {
	t.mu.Lock()
	if !t.armed {
		t.mu.Unlock()
		return
	}
	if t.at.After(t.clock.Now()) { // the clock was moved back meanwhile
		t.mu.Unlock()
		t.rearm()
		return
	}
	t.armed = false
	t.mu.Unlock()
	t.forget()
	t.f()
}
