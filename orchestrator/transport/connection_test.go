package transport

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

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

func TestAbortEndsCallsInFlight(t *testing.T) {
	called := make(chan struct{})
	transport, _ := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		close(called)
		<-r.Context().Done()
	})
	result := make(chan error)
	go func() {
		_, err := transport.RoundTrip(request(t, http.MethodGet, "/", nil))
		result <- err
	}()
	<-called
	transport.Abort()
	if err := <-result; err == nil || errors.Is(err, ErrNotSent) {
		t.Errorf("error %v, want one that does not say it was not sent", err)
	}
	if _, err := transport.RoundTrip(request(t, http.MethodGet, "/", nil)); !errors.Is(err, ErrNotSent) {
		t.Errorf("after Abort: %v, want ErrNotSent", err)
	}
	if len(transport.open) != 0 {
		t.Errorf("%d connections are left", len(transport.open))
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
