package gateway

import (
	"net"
	"testing"
	"time"
)

func TestConnectionsAreClosedPastTheirLimits(t *testing.T) {
	const header, idle = int64(headerTimeout / time.Second), int64(idleTimeout / time.Second)
	for _, c := range []struct {
		name string
		do   func(*conn)
		at   int64 // seconds after the start
		want bool
	}{
		{"a new one may wait", func(*conn) {}, idle, false},
		{"a new one that says nothing", func(*conn) {}, idle + 1, true},
		{"a header that does not end", func(c *conn) { c.header.Store(1) }, header + 1, true},
		{"a header that takes its time", func(c *conn) { c.header.Store(1) }, header, false},
		{"a call may last", func(c *conn) { c.header.Store(1); c.begin(false) }, 10 * idle, false},
		{"after a call", func(c *conn) { c.begin(false); c.end() }, idle, false},
		{"long after a call", func(c *conn) { c.begin(false); c.end() }, idle + 1, true},
		{"frames of HTTP/2 are no header", func(c *conn) { c.begin(true); c.end(); c.header.Store(1) }, header + 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var all connections
			all.now.Store(1)
			one := &conn{all: &all}
			one.idle.Store(1)
			c.do(one)
			if got := one.over(1 + c.at); got != c.want {
				t.Errorf("over is %v, want %v", got, c.want)
			}
		})
	}
}

func TestOnlyDeadlinesThatChangeAnythingAreSet(t *testing.T) {
	inner := &deadlines{}
	c := &conn{Conn: inner}
	for _, at := range []time.Time{{}, time.Unix(1, 0), time.Unix(2, 0), {}, {}} {
		if err := c.SetReadDeadline(at); err != nil {
			t.Fatal(err)
		}
		if err := c.SetWriteDeadline(at); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.SetDeadline(time.Unix(3, 0)); err != nil {
		t.Fatal(err)
	}
	if err := c.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if inner.read != 4 || inner.write != 3 || inner.both != 1 {
		t.Errorf("%d, %d and %d deadlines were set", inner.read, inner.write, inner.both)
	}
}

// deadlines counts.
type deadlines struct {
	net.Conn
	read, write, both int
}

func (d *deadlines) SetReadDeadline(time.Time) error  { d.read++; return nil }
func (d *deadlines) SetWriteDeadline(time.Time) error { d.write++; return nil }
func (d *deadlines) SetDeadline(time.Time) error      { d.both++; return nil }
