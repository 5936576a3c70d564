package transport

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

func serve(t testing.TB, handler http.HandlerFunc) (*Transport, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(handler)
	transport := New(strings.TrimPrefix(server.URL, "http://"))
	t.Cleanup(func() {
		if err := transport.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return transport, server
}

func request(t testing.TB, method, path string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://backend"+path, body)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func read(t testing.TB, resp *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// raw takes one connection at a time and answers what script says to the lines it gets.
func raw(t *testing.T, script func(conn net.Conn, in *bufio.Reader)) *Transport {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	work.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			work.Go(func() {
				defer conn.Close()
				script(conn, bufio.NewReader(conn))
			})
		}
	})
	transport := New(listener.Addr().String())
	t.Cleanup(func() {
		_ = transport.Close()
		_ = listener.Close()
		work.Wait()
	})
	return transport
}

// head reads a request's head and returns its lines.
func head(in *bufio.Reader) (lines []string) {
	for {
		line, err := in.ReadString('\n')
		if line = strings.TrimRight(line, "\r\n"); err != nil || line == "" {
			return lines
		}
		lines = append(lines, line)
	}
}

func TestPathsGoOutAsTheyAre(t *testing.T) {
	var got string
	transport := raw(t, func(conn net.Conn, in *bufio.Reader) {
		for lines := head(in); len(lines) > 0; lines = head(in) {
			got = lines[0]
			fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		}
	})
	for _, u := range []struct {
		url  url.URL
		want string
	}{
		{url.URL{Path: "/a b", RawPath: "/a%20b"}, "/a%20b"},
		{url.URL{Path: "/a//b/../c/"}, "/a//b/../c/"},
		{url.URL{Path: "//b/k"}, "//b/k"},
		{url.URL{Path: "/a/b", RawPath: "/a%2Fb"}, "/a%2Fb"},
		{url.URL{Opaque: `/k"ey'%zz`}, `/k"ey'%zz`},
		{url.URL{Opaque: "/k", RawQuery: "acl&x=%2f+"}, "/k?acl&x=%2f+"},
		{url.URL{Path: "/k", ForceQuery: true}, "/k?"},
		{url.URL{}, "/"},
	} {
		req := request(t, http.MethodGet, "/", nil)
		req.URL = &u.url
		resp, err := transport.RoundTrip(req)
		read(t, resp, err)
		if want := "GET " + u.want + " HTTP/1.1"; got != want {
			t.Errorf("sent %q, want %q", got, want)
		}
	}
}

func TestHeadersOfTheConnectionStayAndNothingIsAdded(t *testing.T) {
	var got []string
	transport := raw(t, func(conn net.Conn, in *bufio.Reader) {
		got = head(in)
		fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	})
	transport.Extra = func(*http.Request) []Header { return []Header{{"X-Account", "2"}} }
	req := request(t, http.MethodGet, "/", nil)
	req.Host = "sqs.localhost:4566"
	req.Header = http.Header{
		"Connection": {"keep-alive, X-Hop"}, "X-Hop": {"1"}, "Keep-Alive": {"5"}, "Te": {"gzip"},
		"Transfer-Encoding": {"gzip"}, "X-Account": {"1"}, "X-Break": {"a\r\nInjected: b"},
	}
	resp, err := transport.RoundTrip(req)
	read(t, resp, err)
	want := []string{"GET / HTTP/1.1", "Host: sqs.localhost:4566", "X-Break: a  Injected: b", "X-Account: 2"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("sent\n%q, want\n%q", got, want)
	}
}

func TestBodies(t *testing.T) {
	transport, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		fmt.Fprintf(w, "%d %v %d ", r.ContentLength, r.TransferEncoding, len(body))
		_, _ = w.Write(body)
	})
	large := make([]byte, 3<<20)
	_, _ = rand.Read(large)
	for name, test := range map[string]struct {
		body   io.Reader
		length int64
		want   string
	}{
		"none":            {nil, 0, "0 [] 0 "},
		"small":           {strings.NewReader("hello"), 5, "5 [] 5 hello"},
		"unknown length":  {io.MultiReader(strings.NewReader("hello")), -1, "-1 [chunked] 5 hello"},
		"large":           {bytes.NewReader(large), int64(len(large)), fmt.Sprintf("%d [] %d %s", len(large), len(large), large)},
		"large, unknown":  {io.MultiReader(bytes.NewReader(large)), -1, fmt.Sprintf("-1 [chunked] %d %s", len(large), large)},
		"no body, a type": {http.NoBody, 0, "0 [] 0 "},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 { // the second on a connection that was used
				req := request(t, http.MethodPost, "/", test.body)
				req.ContentLength = test.length
				resp, err := transport.RoundTrip(req)
				if got := read(t, resp, err); got != test.want {
					t.Errorf("got %.80q, want %.80q", got, test.want)
				}
				if seeker, ok := test.body.(io.Seeker); ok {
					_, _ = seeker.Seek(0, io.SeekStart)
					continue
				}
				break
			}
		})
	}
}

func TestTrailersGoBothWays(t *testing.T) {
	transport, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-Sum")
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
		w.Header().Set("X-Sum", r.Trailer.Get("X-Crc"))
	})
	req := request(t, http.MethodPut, "/", strings.NewReader("hello"))
	req.Trailer = http.Header{"X-Crc": nil}
	req.Body = &onEOF{req.Body, func() { req.Trailer.Set("X-Crc", "42") }}
	resp, err := transport.RoundTrip(req)
	if got := read(t, resp, err); got != "hello" || resp.Trailer.Get("X-Sum") != "42" {
		t.Errorf("body %q, trailer %v", got, resp.Trailer)
	}
}

// onEOF calls f when the body has been read to its end.
type onEOF struct {
	io.ReadCloser
	f func()
}

func (r *onEOF) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		r.f()
	}
	return n, err
}

func TestAnswersStream(t *testing.T) {
	next := make(chan struct{})
	transport, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for i := range 3 {
			fmt.Fprintf(w, "%d\n", i)
			w.(http.Flusher).Flush()
			<-next
		}
	})
	resp, err := transport.RoundTrip(request(t, http.MethodGet, "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(resp.Body)
	for i := range 3 {
		if line, err := lines.ReadString('\n'); err != nil || line != fmt.Sprintf("%d\n", i) {
			t.Fatalf("line %d: %q, %v", i, line, err)
		}
		next <- struct{}{}
	}
	if _, err := lines.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last line: %v", err)
	}
}

func TestBothDirectionsStreamAtOnce(t *testing.T) {
	transport, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		w.(http.Flusher).Flush()
		lines := bufio.NewReader(r.Body)
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			fmt.Fprint(w, "echo "+line)
			w.(http.Flusher).Flush()
		}
	})
	in, out := io.Pipe()
	resp, err := transport.RoundTrip(request(t, http.MethodPost, "/", in))
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(resp.Body)
	for _, word := range []string{"one", "two"} {
		fmt.Fprintln(out, word)
		if line, err := lines.ReadString('\n'); err != nil || line != "echo "+word+"\n" {
			t.Fatalf("%q, %v", line, err)
		}
	}
	_ = out.Close()
	if rest, err := io.ReadAll(lines); err != nil || len(rest) > 0 {
		t.Errorf("%q, %v", rest, err)
	}
	_ = resp.Body.Close()
}

func TestExpectContinue(t *testing.T) {
	for name, test := range map[string]struct {
		answer string // to the head
		status int
		sent   bool
	}{
		"the backend asks for the body":  {"HTTP/1.1 100 Continue\r\n\r\n", 200, true},
		"the backend refuses the body":   {"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", 403, false},
		"the backend says nothing of it": {"", 200, true},
	} {
		t.Run(name, func(t *testing.T) {
			transport := raw(t, func(conn net.Conn, in *bufio.Reader) {
				head(in)
				fmt.Fprint(conn, test.answer)
				if strings.Contains(test.answer, "403") {
					return
				}
				_, _ = io.ReadFull(in, make([]byte, 5))
				fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			})
			body := &counted{Reader: strings.NewReader("hello")}
			req := request(t, http.MethodPut, "/", body)
			req.ContentLength = 5
			req.Header.Set("Expect", "100-continue")
			resp, err := transport.RoundTrip(req)
			read(t, resp, err)
			if resp.StatusCode != test.status || (body.reads() > 0) != test.sent {
				t.Errorf("status %d, body read %d times", resp.StatusCode, body.reads())
			}
		})
	}
}

// counted counts how often it is read.
type counted struct {
	io.Reader
	mu sync.Mutex
	n  int
}

func (c *counted) Read(p []byte) (int, error) {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
	return c.Reader.Read(p)
}

func (c *counted) reads() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

func TestUpgrade(t *testing.T) {
	transport := raw(t, func(conn net.Conn, in *bufio.Reader) {
		if !strings.Contains(strings.Join(head(in), "|"), "Connection: Upgrade") {
			t.Error("no Connection: Upgrade")
		}
		fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nhello ")
		_, _ = io.Copy(conn, in)
	})
	req := request(t, http.MethodGet, "/", nil)
	req.Header = http.Header{"Upgrade": {"echo"}, "Connection": {"keep-alive, Upgrade"}}
	resp, err := transport.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatal(resp, err)
	}
	stream := resp.Body.(io.ReadWriteCloser)
	fmt.Fprint(stream, "world")
	got := make([]byte, len("hello world"))
	if _, err := io.ReadFull(stream, got); err != nil || string(got) != "hello world" {
		t.Errorf("%q, %v", got, err)
	}
	if err := stream.Close(); err != nil {
		t.Error(err)
	}
}

func TestConnectionsAreUsedAgainAndCancelledOnesAreNot(t *testing.T) {
	var mu sync.Mutex
	clients := map[string]bool{}
	transport, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		clients[r.RemoteAddr] = true
		mu.Unlock()
		if r.URL.Path == "/slow" {
			<-r.Context().Done()
		}
		fmt.Fprint(w, "done")
	})
	for range 10 {
		resp, err := transport.RoundTrip(request(t, http.MethodGet, "/", nil))
		read(t, resp, err)
	}
	if len(clients) != 1 {
		t.Errorf("%d connections for ten calls", len(clients))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := transport.RoundTrip(request(t, http.MethodGet, "/slow", nil).WithContext(ctx)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a cancelled call: %v", err)
	}
	resp, err := transport.RoundTrip(request(t, http.MethodGet, "/", nil))
	read(t, resp, err)
	mu.Lock()
	defer mu.Unlock()
	if len(clients) != 2 {
		t.Errorf("%d connections, want a new one after a cancelled call", len(clients))
	}
}

// TestRepeats closes each connection after its first answer, while the client believes it open.
func TestRepeats(t *testing.T) {
	for name, test := range map[string]struct {
		method string
		fails  bool
	}{
		"a GET is sent again":  {http.MethodGet, false},
		"a POST is not":        {http.MethodPost, true},
		"nor is a DELETE":      {http.MethodDelete, true},
		"a HEAD is sent again": {http.MethodHead, false},
	} {
		t.Run(name, func(t *testing.T) {
			second := make(chan struct{})
			transport := raw(t, func(conn net.Conn, in *bufio.Reader) {
				head(in)
				fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
				select {
				case <-second: // only the first connection outlives its answer, until it has the next request
				default:
					head(in)
				}
			})
			resp, err := transport.RoundTrip(request(t, http.MethodGet, "/", nil))
			read(t, resp, err)
			close(second)
			resp, err = transport.RoundTrip(request(t, test.method, "/", nil))
			if test.fails {
				if err == nil || errors.Is(err, ErrNotSent) {
					t.Errorf("error %v, want one that does not say it was not sent", err)
				}
				return
			}
			read(t, resp, err)
		})
	}
}

func TestAConnectionThatTheBackendHasClosedIsNotUsed(t *testing.T) {
	closed := make(chan struct{}, 10)
	transport := raw(t, func(conn net.Conn, in *bufio.Reader) {
		head(in)
		fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		conn.Close()
		closed <- struct{}{}
	})
	for range 5 {
		resp, err := transport.RoundTrip(request(t, http.MethodPost, "/", strings.NewReader("once")))
		read(t, resp, err)
		<-closed
	}
}

func TestNobodyThere(t *testing.T) {
	transport, server := serve(t, func(http.ResponseWriter, *http.Request) {})
	server.Close()
	body := &counted{Reader: strings.NewReader("hello")}
	req := request(t, http.MethodPost, "/", body)
	if _, err := transport.RoundTrip(req); !errors.Is(err, ErrNotSent) || body.reads() > 0 {
		t.Errorf("error %v, body read %d times", err, body.reads())
	}
}

func TestGarbageAndTruncatedAnswersAreErrors(t *testing.T) {
	for name, answer := range map[string]string{
		"garbage":          "I am no web server\r\n\r\n",
		"nothing":          "",
		"half a head":      "HTTP/1.1 200 OK\r\nConte",
		"a short body":     "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
		"half a chunk":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nshort",
		"endless 1xx":      strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 200),
		"a bad length":     "HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\n",
		"no header at all": "HTTP/1.1 200 OK",
	} {
		t.Run(name, func(t *testing.T) {
			transport := raw(t, func(conn net.Conn, in *bufio.Reader) {
				head(in)
				fmt.Fprint(conn, answer)
			})
			resp, err := transport.RoundTrip(request(t, http.MethodPost, "/", nil))
			if err == nil {
				_, err = io.ReadAll(resp.Body)
				_ = resp.Body.Close()
			}
			if err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestDrainWaitsForBodies(t *testing.T) {
	transport, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") })
	resp, err := transport.RoundTrip(request(t, http.MethodGet, "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := transport.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("drained while an answer was being read: %v", err)
	}
	read(t, resp, nil)
	if err := transport.Drain(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestManyCallsAtOnce(t *testing.T) {
	transport, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
	})
	var work sync.WaitGroup
	for i := range 16 {
		work.Go(func() {
			for j := range 50 {
				want := strings.Repeat(fmt.Sprintf("%d-%d ", i, j), 1+j*200)
				resp, err := transport.RoundTrip(request(t, http.MethodPost, "/", strings.NewReader(want)))
				if got := read(t, resp, err); got != want {
					t.Errorf("got %.20q, want %.20q", got, want)
				}
			}
		})
	}
	work.Wait()
	transport.mu.Lock()
	defer transport.mu.Unlock()
	if transport.active != 0 {
		t.Errorf("%d calls are counted as active", transport.active)
	}
}

// BenchmarkRoundTrip measures small calls beside http.Transport, over loopback.
func BenchmarkRoundTrip(b *testing.B) {
	ours, server := serve(b, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, strings.Repeat("x", 200))
	})
	theirs := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 100}
	defer theirs.CloseIdleConnections()
	for name, tripper := range map[string]http.RoundTripper{"transport": ours, "http.Transport": theirs} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					req := request(b, http.MethodPost, "/", strings.NewReader("Action=SendMessage&MessageBody=hello"))
					req.URL.Host = strings.TrimPrefix(server.URL, "http://")
					resp, err := tripper.RoundTrip(req)
					read(b, resp, err)
				}
			})
		})
	}
}
