// Package transport sends calls to a backend behind a socket: an HTTP/1.1 round tripper for one
// address that writes and reads on the caller's goroutine, which saves the two goroutine switches
// that http.Transport spends on each call.
//
// Paths and queries go out byte for byte as the URL holds them (Opaque first), bodies stream both
// ways, trailers, Expect: 100-continue and upgrades (101) are passed on, and nothing is added:
// no User-Agent, no Accept-Encoding. Answers are not decompressed, redirects not followed.
package transport

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/textproto"
	"sync"
	"time"
)

// ErrNotSent is part of the error where no byte of the request was sent and its body is untouched,
// so that it can be sent again, elsewhere or later.
var ErrNotSent = errors.New("the backend takes no connection")

// errClosed is the error of calls after Close.
var errClosed = errors.New("transport is closed")

const (
	maxIdle     = 512
	idleTimeout = 20 * time.Second
	dialTimeout = 5 * time.Second
	// continueTimeout is how long a body is held back for a 100 Continue, as AWS's SDKs do.
	continueTimeout = time.Second
	// smallBody is the largest body that is sent in one write with its header.
	smallBody = 32 << 10
)

// Transport is a round tripper for one address. Safe for concurrent use. Its fields must not be
// changed once it is used.
type Transport struct {
	// TLS speaks TLS to the backend, without verifying its certificate: local backends make their own.
	TLS bool
	// Extra returns headers to add to a request; they replace those of the same (canonical) name. nil
	// for none.
	Extra func(req *http.Request) []Header

	address string

	mu      sync.Mutex
	open    map[*conn]struct{}
	idle    []*conn // of open; the most recently used last
	active  int     // connections with a call
	drained []chan struct{}
	closed  bool
	aborted bool
	sweeper *time.Timer // closes what is idle for too long; nil while nothing is
}

// Header is one header line.
type Header struct{ Name, Value string }

// New returns a transport to address (host:port), without connecting.
func New(address string) *Transport { return &Transport{address: address} }

// conn is one connection. It belongs to the call that uses it, or to the list of idle ones.
type conn struct {
	net.Conn
	transport *Transport
	reader    *bufio.Reader
	alive     func() bool // reports whether it is open and silent, as it has to be before a call
	used      bool        // it has carried a call before
	since     time.Time
}

// RoundTrip implements http.RoundTripper. Unlike it says there, the request may be one that a server
// received; RequestURI is ignored. An error that is ErrNotSent leaves the body unread; any other
// error has closed it.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	for fresh := false; ; fresh = true {
		c, err := t.take(req.Context(), fresh)
		if err != nil {
			return nil, err
		}
		resp, err := newExchange(c, req).run()
		var again *retry
		if !errors.As(err, &again) {
			return resp, err
		}
		req = again.request(req)
	}
}

// dial opens a connection.
func (t *Transport) dial(ctx context.Context) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	var dialer net.Dialer
	raw, err := dialer.DialContext(ctx, "tcp", t.address)
	if err == nil && t.TLS {
		host, _, _ := net.SplitHostPort(t.address)
		secure := tls.Client(raw, &tls.Config{ServerName: host, InsecureSkipVerify: true}) //nolint:gosec // see TLS
		if err = secure.HandshakeContext(ctx); err != nil {
			err = errors.Join(err, raw.Close())
		}
		raw = secure
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	c := &conn{Conn: raw, transport: t, reader: bufio.NewReaderSize(raw, 8<<10), alive: aliveness(raw)}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.aborted {
		return nil, fmt.Errorf("%w: %w", ErrNotSent, errors.Join(errClosed, raw.Close()))
	}
	if t.open == nil {
		t.open = map[*conn]struct{}{}
	}
	t.open[c] = struct{}{}
	return c, nil
}

// canonical is textproto's form of a header name, for comparisons.
func canonical(name string) string { return textproto.CanonicalMIMEHeaderKey(name) }
