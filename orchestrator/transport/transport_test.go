package transport

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
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

func TestLargeAnswersGoFromSocketToSocket(t *testing.T) {
	content := make([]byte, 3<<20)
	_, _ = rand.Read(content)
	transport, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = w.Write(content)
	})
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := request(t, http.MethodGet, r.URL.Path, nil)
		resp, err := transport.RoundTrip(out.WithContext(r.Context()))
		if err != nil {
			t.Error(err)
			return
		}
		w.Header().Set("Content-Length", strconv.FormatInt(resp.ContentLength, 10))
		if r.URL.Path == "/begun" {
			_, _ = io.CopyN(w, resp.Body, 1000)
		}
		if n, err := resp.Body.(io.WriterTo).WriteTo(w); err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
		_ = resp.Body.Close()
	}))
	defer proxy.Close()
	for range 3 {
		for _, path := range []string{"/", "/begun"} {
			resp, err := http.Get(proxy.URL + path)
			if got := read(t, resp, err); got != string(content) {
				t.Errorf("%s: %d bytes, want %d that are the same", path, len(got), len(content))
			}
		}
	}
	if err := transport.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	transport.mu.Lock()
	defer transport.mu.Unlock()
	if len(transport.idle) != 1 {
		t.Errorf("%d connections are left, want one", len(transport.idle))
	}
}

func TestALargeAnswerThatBreaksOffIsAnError(t *testing.T) {
	transport := raw(t, func(conn net.Conn, in *bufio.Reader) {
		head(in)
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n%s", strings.Repeat("x", 300000))
	})
	resp, err := transport.RoundTrip(request(t, http.MethodGet, "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	n, err := resp.Body.(io.WriterTo).WriteTo(io.Discard)
	if n != 300000 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d bytes, %v", n, err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
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
