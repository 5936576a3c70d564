package gateway

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// heads are requests, plain and not.
var heads = []string{
	"GET / HTTP/1.1\r\nHost: localhost:4566\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AmazonSQS.SendMessage\r\ncontent-type: application/x-amz-json-1.0\r\nContent-Length: 2\r\n\r\n",
	"PUT //b/%2F\"q\"?x&y=%20 HTTP/1.1\r\nHost: [::1]:4566\r\namz-sdk-invocation-id:  a b \t\r\nX-A: 1\r\nx-a: 2\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n",
	"HEAD /b/k HTTP/1.1\r\nHost: b.s3.localhost\r\nRange: bytes=0-1\r\nEmpty:\r\nUtf: \xc3\xbc\r\n\r\n",
	"GET / HTTP/1.0\r\nHost: x\r\n\r\n",
	"GET http://x/y HTTP/1.1\r\nHost: x\r\n\r\n",
	"GET / HTTP/1.1\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: chunked\r\nContent-Length: 3\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\n folded: x\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nA : x\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nA: x\ry\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\nB: c\r\n\r\n",
	"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
	"BREW / HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
}

// sameAsStandard fails where a head is taken for plain that net/http reads in another way.
func sameAsStandard(t *testing.T, reader *headReader, head string) (plain bool) {
	t.Helper()
	got, ok := reader.read([]byte(head))
	if !ok {
		return false
	}
	want, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head)))
	if err != nil {
		t.Fatalf("net/http refuses %q: %v", head, err)
	}
	ignored := cmpopts.IgnoreFields(http.Request{}, "Body", "TransferEncoding")
	if diff := cmp.Diff(want, got, ignored, cmpopts.IgnoreUnexported(http.Request{})); diff != "" {
		t.Fatalf("%q (-net/http +plain):\n%s", head, diff)
	}
	return true
}

func TestPlainHeadsAreReadAsTheStandardDoes(t *testing.T) {
	for i, head := range heads {
		var reader headReader
		first := sameAsStandard(t, &reader, head)
		if want := i < 4; first != want {
			t.Errorf("%q: plain is %v, want %v", head, first, want)
		}
		if again := sameAsStandard(t, &reader, head); again != first {
			t.Errorf("%q: plain is %v the second time", head, again)
		}
	}
}

func FuzzPlainHead(f *testing.F) {
	for i := range heads {
		f.Add(heads[i], heads[(i+1)%len(heads)])
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		var reader headReader // what is left of the first must not show in the second
		for _, head := range []string{first, second} {
			if end := strings.Index(head, "\r\n\r\n"); end >= 0 {
				sameAsStandard(t, &reader, head[:end+4])
			}
		}
	})
}

func TestPlainAndOtherRequestsShareAConnection(t *testing.T) {
	g := start(t, native(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		return text(200, r.Method+" "+r.RequestURI+" "+string(body)), err
	}), nil)
	conn, reader := g.dial(t)
	// All at once: three plain ones, one that is not, and one behind it.
	write(t, conn, "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none"+
		"GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"+
		"POST /3 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nthree"+
		"POST /4 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n\r\n"+
		"GET /5 HTTP/1.1\r\nHost: x\r\n\r\n")
	for _, want := range []string{"POST /1 one", "GET /2 ", "POST /3 three", "POST /4 four", "GET /5 "} {
		resp, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(resp.Body); err != nil || string(body) != want {
			t.Errorf("answer %q, %v; want %q", body, err, want)
		}
	}
}

func TestABodyThatNobodyReadsDoesNotDisturbTheNextRequest(t *testing.T) {
	g := start(t, native(func(*http.Request) (*http.Response, error) { return text(200, "unread"), nil }), nil)
	conn, reader := g.dial(t)
	long := strings.Repeat("x", 30_000)
	for range 3 {
		write(t, conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30000\r\n\r\n"+long)
		resp, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "unread" {
			t.Fatalf("answer %q, %v", body, err)
		}
	}
}

func TestBareLineEndsAreLeftToNetHTTP(t *testing.T) {
	g := start(t, native(func(r *http.Request) (*http.Response, error) { return text(200, r.RequestURI), nil }), nil)
	if _, body := g.send(t, "GET /bare HTTP/1.1\nHost: x\nConnection: close\n\n"); body != "/bare" {
		t.Errorf("answer %q", body)
	}
}

func TestALongHeadIsLeftToNetHTTP(t *testing.T) {
	g := start(t, native(func(r *http.Request) (*http.Response, error) { return text(200, r.Header.Get("X-Long")), nil }), nil)
	long := strings.Repeat("y", 3*headSize)
	if _, body := g.send(t, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: "+long+"\r\n\r\n"); body != long {
		t.Errorf("%d bytes", len(body))
	}
}

// answerOf is what a plainWriter writes for what f does.
func answerOf(t *testing.T, method string, f func(http.ResponseWriter)) (resp *http.Response, body string, more bool) {
	t.Helper()
	var out bytes.Buffer
	w := &plainWriter{conn: &out, header: make(http.Header)}
	w.reset(method)
	f(w)
	more = w.finish()
	resp, err := http.ReadResponse(bufio.NewReader(&out), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%v in %q", err, out.String())
	}
	content, err := io.ReadAll(resp.Body)
	if err != nil && more {
		t.Fatal(err)
	}
	return resp, string(content), more
}

func TestPlainAnswers(t *testing.T) {
	long := strings.Repeat("z", 200_000)
	for _, c := range []struct {
		name, method string
		do           func(http.ResponseWriter)
		status       int
		length       int64
		body         string
		more         bool
	}{
		{"nothing", "GET", func(http.ResponseWriter) {}, 200, 0, "", true},
		{"a short body", "GET", func(w http.ResponseWriter) { io.WriteString(w, "short") }, 200, 5, "short", true},
		{"a long body without length", "GET", func(w http.ResponseWriter) { io.WriteString(w, long) }, 200, -1, long, true},
		{"pieces", "GET", func(w http.ResponseWriter) {
			for range 300 {
				io.WriteString(w, "0123456789")
			}
		}, 200, -1, strings.Repeat("0123456789", 300), true},
		{"a long body with its length", "GET", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "200000")
			w.WriteHeader(201)
			io.WriteString(w, long)
		}, 201, 200_000, long, true},
		{"a body that is shorter than announced", "GET", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "10")
			io.WriteString(w, "12345")
		}, 200, 10, "12345", false},
		{"a body that is longer than announced", "GET", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "3")
			io.WriteString(w, "123")
			if _, err := io.WriteString(w, "45"); err != http.ErrContentLength {
				t.Errorf("error %v", err)
			}
		}, 200, 3, "123", true},
		{"HEAD with the length of GET", "HEAD", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "77")
			io.WriteString(w, "ignored")
		}, 200, 77, "", true},
		{"no content", "DELETE", func(w http.ResponseWriter) { w.WriteHeader(204); io.WriteString(w, "ignored") }, 204, 0, "", true},
		{"not modified", "GET", func(w http.ResponseWriter) { w.WriteHeader(304) }, 304, 0, "", true},
		{"flushed pieces", "GET", func(w http.ResponseWriter) {
			io.WriteString(w, "a")
			w.(http.Flusher).Flush()
			io.WriteString(w, "b")
		}, 200, -1, "ab", true},
		{"from a reader", "GET", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "200000")
			w.(io.ReaderFrom).ReadFrom(strings.NewReader(long + "more"))
		}, 200, 200_000, long, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			resp, body, more := answerOf(t, c.method, c.do)
			if resp.StatusCode != c.status || resp.ContentLength != c.length || body != c.body || more != c.more {
				t.Errorf("status %d, length %d, %d bytes, more %v", resp.StatusCode, resp.ContentLength, len(body), more)
			}
			if resp.Header.Get("Date") == "" {
				t.Error("no date")
			}
		})
	}
	t.Run("headers cannot break the head", func(t *testing.T) {
		resp, _, _ := answerOf(t, "GET", func(w http.ResponseWriter) {
			w.Header().Set("X-Meta", "a\r\nX-Evil: b")
			w.Header()["X Bad\r\n"] = []string{"c"}
		})
		if resp.Header.Get("X-Evil") != "" || resp.Header.Get("X-Meta") != "a  X-Evil: b" || len(resp.Header) != 3 {
			t.Errorf("header %v", resp.Header)
		}
	})
}
