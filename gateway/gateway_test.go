package gateway

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images"
)

// roundTripper is a backend that is a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// native makes a backend in the process of a function.
func native(f roundTripper) *images.Backend {
	return &images.Backend{RoundTripper: f, Image: &images.Image{New: func(images.Env) (images.Native, error) { return nil, nil }}, Name: "fake"}
}

// text is a plain answer.
func text(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: make(http.Header), Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

// asService identifies every call as one of a service.
func asService(name string) func(*Call, int) error {
	return func(call *Call, _ int) error {
		call.Service = aws.Lookup(name)
		call.Protocol = call.Service.Protocols[0]
		return nil
	}
}

// backends finds one backend for everything.
func backends(backend *images.Backend) Backends {
	return func(context.Context, *aws.Service, string, string, string) (*images.Backend, error) {
		return backend, nil
	}
}

// newRequest is a request that did not come over a connection.
func newRequest(t *testing.T, method, path string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// started is a gateway with one listener and one backend for everything.
type started struct {
	*Gateway
	address string
}

func start(t *testing.T, backend *images.Backend, change func(*Config), interceptors ...Interceptor) *started {
	t.Helper()
	config := Config{
		Backends: backends(backend),
		Identify: asService("s3"),
	}
	if change != nil {
		change(&config)
	}
	g := New(config)
	g.Use(interceptors...)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- g.Serve(listener, 0) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := g.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return &started{g, listener.Addr().String()}
}

// dial opens a raw connection to the gateway.
func (s *started) dial(t *testing.T) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn, bufio.NewReader(conn)
}

// send writes a raw request and reads the answer.
func (s *started) send(t *testing.T, request string) (*http.Response, string) {
	t.Helper()
	conn, reader := s.dial(t)
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(request, " ")
	resp, err := http.ReadResponse(reader, &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp, string(body)
}
