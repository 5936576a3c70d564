package gateway

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"localcloud/gateway/aws/sign"
	"localcloud/images"
)

// rawBackend is third-party software on a socket: it keeps the request line that it receives.
func rawBackend(t *testing.T) (backend *images.Backend, lines <-chan string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	received := make(chan string, 1)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				reader := bufio.NewReader(conn)
				line, err := reader.ReadString('\n')
				if err != nil {
					return
				}
				received <- strings.TrimSpace(line)
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
			}()
		}
	}()
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &images.Backend{
		RoundTripper: roundTripper(func(r *http.Request) (*http.Response, error) {
			r.URL.Scheme, r.URL.Host = "http", listener.Addr().String()
			return transport.RoundTrip(r)
		}),
		Image: &images.Image{Name: "raw"}, Name: "raw",
	}, received
}

func TestPathsReachTheBackendByteForByte(t *testing.T) {
	backend, lines := rawBackend(t)
	g := start(t, backend, nil)
	for _, target := range []string{
		"/", "/b/k", "//b/k", "/b//k", "/b/k/", "/b/%2Fk", "/b/a%20b+c", `/b/"quoted"`, "/b/../k", "/b/./k", "/b/..", "/b/%2e%2e/k",
		"/b/k?", "/b/k?uploads", "/b/k?uploads=", "/b?list-type=2&prefix=a%2Fb&x", "/b/k?a=b?c", "/b/ü", "/b/%C3%BC", "/b/a:b@c,d;e=f",
		"/b/{x}|^`", "/b/%7Bx%7D", "/b/k?q=\"'<>", "///", "/b/*", "/b/'(x)'!$&", "/b/%00", "/b/a%5Cb\\c",
	} {
		t.Run(target, func(t *testing.T) {
			resp, body := g.send(t, "GET "+target+" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
			if resp.StatusCode != 200 {
				t.Fatalf("status %d: %s", resp.StatusCode, body)
			}
			if got, want := <-lines, "GET "+target+" HTTP/1.1"; got != want {
				t.Errorf("the backend received %q, want %q", got, want)
			}
		})
	}
}

func TestCallsKnowTheRawPath(t *testing.T) {
	var path, wire, query string
	g := start(t, native(func(r *http.Request) (*http.Response, error) {
		wire, query = sign.RawPath(r), r.URL.RawQuery
		return text(200, ""), nil
	}), func(c *Config) {
		identify := c.Identify
		c.Identify = func(call *Call, port int) error {
			path = call.Path
			return identify(call, port)
		}
	})
	for _, c := range []struct{ target, path, query string }{
		{`//b/"k"?x`, `//b/"k"`, "x"},
		{"//b/k", "//b/k", ""},
		{"http://localhost:4566/b/k%2F?list", "/b/k%2F", "list"},
		{"http://localhost:4566?list", "/", "list"},
		{"HTTP://localhost:4566//b", "//b", ""},
		{"/b?a=/c?d", "/b", "a=/c?d"},
	} {
		t.Run(c.target, func(t *testing.T) {
			if resp, _ := g.send(t, "GET "+c.target+" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); resp.StatusCode != 200 {
				t.Fatalf("status %d", resp.StatusCode)
			}
			if path != c.path || wire != c.path || query != c.query {
				t.Errorf("path %q, on the wire %q, query %q; want %q and %q", path, wire, query, c.path, c.query)
			}
		})
	}
}

func TestCallersCannotSpeakForTheGateway(t *testing.T) {
	g := start(t, native(func(r *http.Request) (*http.Response, error) {
		if r.Header.Get("X-Localcloud-Call") != "" || r.Header.Get("X-Localcloud-Token") != "" {
			t.Errorf("header %v", r.Header)
		}
		return text(200, ""), nil
	}), nil)
	g.send(t, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nx-localcloud-call: sqs&&\r\nX-Localcloud-TOKEN: secret\r\n\r\n")
}
