package gateway

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestABodyArrivesInThePiecesItIsSentIn(t *testing.T) {
	for _, length := range []string{"Content-Length: 10", "Transfer-Encoding: chunked"} {
		t.Run(length, func(t *testing.T) {
			received, proceed := make(chan string), make(chan struct{})
			g := start(t, native(func(r *http.Request) (*http.Response, error) {
				buffer := make([]byte, 5)
				for range 2 {
					if _, err := io.ReadFull(r.Body, buffer); err != nil {
						return nil, err
					}
					received <- string(buffer)
				}
				pipe, w := io.Pipe()
				go func() {
					fmt.Fprint(w, "first")
					<-proceed
					fmt.Fprint(w, "other")
					w.Close()
				}()
				resp := text(200, "")
				resp.Body, resp.ContentLength = pipe, r.ContentLength
				return resp, nil
			}), nil)
			conn, reader := g.dial(t)
			chunked := strings.HasSuffix(length, "chunked")
			piece := func(s string) string {
				if chunked {
					return fmt.Sprintf("%x\r\n%s\r\n", len(s), s)
				}
				return s
			}
			write(t, conn, "PUT /b/k HTTP/1.1\r\nHost: localhost\r\n"+length+"\r\n\r\n"+piece("12345"))
			if got := <-received; got != "12345" {
				t.Fatalf("received %q", got)
			}
			write(t, conn, piece("67890"))
			if chunked {
				write(t, conn, "0\r\n\r\n")
			}
			if got := <-received; got != "67890" {
				t.Fatalf("received %q", got)
			}
			resp, err := http.ReadResponse(reader, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			buffer := make([]byte, 5)
			if _, err := io.ReadFull(resp.Body, buffer); err != nil || string(buffer) != "first" {
				t.Fatalf("first piece %q, %v", buffer, err)
			}
			close(proceed)
			if rest, err := io.ReadAll(resp.Body); err != nil || string(rest) != "other" {
				t.Fatalf("rest %q, %v", rest, err)
			}
		})
	}
}

func TestTrailersPassBothWays(t *testing.T) {
	g := start(t, native(func(r *http.Request) (*http.Response, error) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return nil, err
		}
		resp := text(200, "")
		resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader("body")), -1
		resp.Trailer = http.Header{"X-Amz-Checksum-Crc32": nil}
		resp.Body = atEnd{resp.Body, func() { resp.Trailer.Set("X-Amz-Checksum-Crc32", r.Trailer.Get("X-Sent")) }}
		return resp, nil
	}), nil)
	conn, reader := g.dial(t)
	write(t, conn, "PUT /b/k HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sent\r\n\r\n3\r\nabc\r\n0\r\nX-Sent: sum\r\n\r\n")
	resp, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	if got := resp.Trailer.Get("X-Amz-Checksum-Crc32"); got != "sum" {
		t.Errorf("trailer %q, want that of the request; all: %v", got, resp.Trailer)
	}
}

// atEnd calls a function when its body is read to the end.
type atEnd struct {
	io.ReadCloser
	f func()
}

func (a atEnd) Read(p []byte) (int, error) {
	n, err := a.ReadCloser.Read(p)
	if err == io.EOF {
		a.f()
	}
	return n, err
}

func TestContinueIsSentOnlyWhenTheBodyIsRead(t *testing.T) {
	read := make(chan bool, 1)
	g := start(t, native(func(r *http.Request) (*http.Response, error) {
		if <-read {
			body, err := io.ReadAll(r.Body)
			return text(200, string(body)), err
		}
		return text(403, "no"), nil
	}), nil)
	head := "PUT /b/k HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"

	conn, reader := g.dial(t)
	write(t, conn, head)
	read <- true
	if line, err := reader.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 100 ") {
		t.Fatalf("first line %q, %v", line, err)
	}
	if _, err := reader.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	write(t, conn, "body")
	if resp, err := http.ReadResponse(reader, nil); err != nil || resp.StatusCode != 200 {
		t.Fatalf("answer %v, %v", resp, err)
	}

	conn, reader = g.dial(t)
	write(t, conn, head)
	read <- false
	if resp, err := http.ReadResponse(reader, nil); err != nil || resp.StatusCode != 403 {
		t.Fatalf("answer %v, %v; want 403 without 100", resp, err)
	}
}

func TestHTTP2IsSpokenByPriorKnowledge(t *testing.T) {
	g := start(t, native(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		return text(200, r.Proto+" "+string(body)), err
	}), nil)
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Post("http://"+g.address+"/b", "text/plain", strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "HTTP/2.0 hello" {
		t.Errorf("answer %q, %v", body, err)
	}
}

func TestAnUpgradedConnectionIsAStreamInBothDirections(t *testing.T) {
	g := start(t, native(func(r *http.Request) (*http.Response, error) {
		a, b := io.Pipe()
		return &http.Response{
			StatusCode: 101, Header: http.Header{"Upgrade": {r.Header.Get("Upgrade")}, "Connection": {"Upgrade"}},
			Body: echo{a, b},
		}, nil
	}), nil)
	conn, reader := g.dial(t)
	write(t, conn, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearly ")
	resp, err := http.ReadResponse(reader, nil)
	if err != nil || resp.StatusCode != 101 || resp.Header.Get("Upgrade") != "echo" {
		t.Fatalf("answer %v, %v", resp, err)
	}
	write(t, conn, "late")
	buffer := make([]byte, 10)
	if _, err := io.ReadFull(reader, buffer); err != nil || string(buffer) != "early late" {
		t.Fatalf("stream %q, %v", buffer, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := g.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := reader.ReadByte(); err == nil {
		t.Error("the stream outlives the gateway")
	}
}

// echo reads what was written to it.
type echo struct {
	*io.PipeReader
	w *io.PipeWriter
}

func (e echo) Write(p []byte) (int, error) { return e.w.Write(p) }
func (e echo) Close() error                { e.w.Close(); return e.PipeReader.Close() }

func TestAGigabytePassesWithoutBeingHeld(t *testing.T) {
	const size = 1 << 30
	g := start(t, native(func(r *http.Request) (*http.Response, error) {
		resp := text(200, "")
		resp.Body, resp.ContentLength = r.Body, r.ContentLength // what comes goes back
		return resp, nil
	}), nil)
	block := make([]byte, 1<<20)
	if _, err := rand.Read(block); err != nil {
		t.Fatal(err)
	}
	conn, reader := g.dial(t)
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	go func() {
		fmt.Fprintf(conn, "PUT /b/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n", size)
		for range size / len(block) {
			if _, err := conn.Write(block); err != nil {
				return
			}
		}
	}()
	resp, err := http.ReadResponse(bufio.NewReaderSize(reader, 1<<20), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got := make([]byte, len(block))
	for i := range size / len(block) {
		if _, err := io.ReadFull(resp.Body, got); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, block) {
			t.Fatalf("megabyte %d differs", i)
		}
	}
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 32<<20 {
		t.Errorf("the heap has grown by %d MB", grown>>20)
	}
}

func TestFilesAreHandedToTheKernel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "object")
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		length int64
		body   func(*os.File) io.ReadCloser
	}{
		{"a whole file", int64(len(content)), func(f *os.File) io.ReadCloser { return f }},
		{"a part of a file", 100_000, func(f *os.File) io.ReadCloser { return part{io.LimitReader(f, 100_000), f} }},
		{"a small part", 10, func(f *os.File) io.ReadCloser { return part{io.LimitReader(f, 10), f} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := start(t, native(func(r *http.Request) (*http.Response, error) {
				file, err := os.Open(path)
				if err != nil {
					return nil, err
				}
				resp := text(200, "")
				resp.Body, resp.ContentLength = c.body(file), c.length
				return resp, nil
			}), nil)
			resp, body := g.send(t, "GET /b/k HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
			if resp.ContentLength != c.length || body != string(content[:c.length]) {
				t.Errorf("length %d, %d bytes", resp.ContentLength, len(body))
			}
		})
	}
}

// part is a body that shows what it reads from.
type part struct {
	io.Reader
	io.Closer
}

func (p part) Unwrap() io.Reader { return p.Reader }

func write(t *testing.T, w io.Writer, s string) {
	t.Helper()
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
}
