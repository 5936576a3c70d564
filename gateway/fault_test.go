package gateway

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images"
)

// broken is a body that breaks in the middle.
type broken struct {
	io.Reader
	err error
}

func (f broken) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if err == io.EOF {
		err = f.err
	}
	return n, err
}

func (broken) Close() error { return nil }

func TestABackendThatBreaksOffBreaksTheAnswerOff(t *testing.T) {
	for _, length := range []int64{100, -1} {
		g := start(t, native(func(*http.Request) (*http.Response, error) {
			resp := text(200, "")
			resp.Body, resp.ContentLength = broken{strings.NewReader("half"), errors.New("connection reset")}, length
			return resp, nil
		}), nil)
		conn, reader := g.dial(t)
		write(t, conn, "GET /b/k HTTP/1.1\r\nHost: localhost\r\n\r\n")
		resp, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err == nil {
			t.Errorf("length %d: the caller takes %q for the whole", length, body)
		}
	}
}

func TestASlowBackendDoesNotHarmOthers(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	g := start(t, native(func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/slow" {
			select {
			case <-release:
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		}
		return text(200, "quick"), nil
	}), nil)
	for range 100 {
		conn, _ := g.dial(t)
		write(t, conn, "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
	}
	begin := time.Now()
	if _, body := g.send(t, "GET /quick HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); body != "quick" {
		t.Errorf("answer %q", body)
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("the quick backend took %v", took)
	}
}

func TestACallerThatLeavesCancelsTheBackendCall(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan error, 1)
	g := start(t, native(func(r *http.Request) (*http.Response, error) {
		// Whether a caller is still there can be seen once the body was read, as every backend does.
		if _, err := io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		close(begun)
		<-r.Context().Done()
		ended <- r.Context().Err()
		return nil, r.Context().Err()
	}), nil)
	conn, _ := g.dial(t)
	write(t, conn, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}")
	<-begun
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the backend's context ended with %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("the backend call goes on")
	}
}

func TestShutdownLetsCallsInFlightEnd(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	g := New(Config{Identify: asService("s3"), Backends: backends(native(func(*http.Request) (*http.Response, error) {
		close(begun)
		<-release
		return text(200, "done"), nil
	}))})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- g.Serve(listener, 0) }()
	s := &started{g, listener.Addr().String()}
	conn, reader := s.dial(t)
	idle, _ := s.dial(t)
	write(t, conn, "GET /b/k HTTP/1.1\r\nHost: localhost\r\n\r\n")
	<-begun
	stopped := make(chan error, 1)
	go func() { stopped <- g.Shutdown(context.Background()) }()
	if err := <-served; err != nil {
		t.Errorf("serve: %v", err)
	}
	if c, err := net.Dial("tcp", s.address); err == nil {
		c.Close()
		t.Error("the listener is still open")
	}
	close(release)
	resp, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "done" {
		t.Errorf("answer %q, %v", body, err)
	}
	idle.Close()
	if err := <-stopped; err != nil {
		t.Errorf("shutdown: %v", err)
	}
	if err := g.Serve(listener, 0); err == nil {
		t.Error("a gateway that was shut down serves a closed listener without an error")
	}
}

func TestShutdownGivesUpWithItsContext(t *testing.T) {
	begun := make(chan struct{})
	g := New(Config{Identify: asService("s3"), Backends: backends(native(func(r *http.Request) (*http.Response, error) {
		close(begun)
		<-r.Context().Done()
		return nil, r.Context().Err()
	}))})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = g.Serve(listener, 0) }()
	s := &started{g, listener.Addr().String()}
	conn, _ := s.dial(t)
	write(t, conn, "GET /b/k HTTP/1.1\r\nHost: localhost\r\n\r\n")
	<-begun
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := g.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("shutdown: %v", err)
	}
}

func TestBadRequestsAreAnsweredAndEnd(t *testing.T) {
	g := start(t, native(func(r *http.Request) (*http.Response, error) {
		if _, err := io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		return text(200, ""), nil
	}), nil)
	for name, c := range map[string]struct {
		request string
		status  int
	}{
		"no HTTP":                 {"this is no request\r\n\r\n", 400},
		"a header without end":    {"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("a", maxHeader+8192) + "\r\n\r\n", 431},
		"an escape that is none":  {"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400},
		"an unknown expectation":  {"GET / HTTP/1.1\r\nHost: x\r\nExpect: cake\r\n\r\n", 417},
		"two lengths":             {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
		"a chunk that is none":    {"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
		"a method that is unused": {"BREW / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200},
	} {
		t.Run(name, func(t *testing.T) {
			if resp, body := g.send(t, c.request); resp.StatusCode != c.status {
				t.Errorf("status %d %s, want %d", resp.StatusCode, body, c.status)
			}
		})
	}
}

func TestNoGoroutineOutlivesTheGateway(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("calls", func(t *testing.T) {
		g := start(t, native(func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			return text(200, string(body)), err
		}), nil)
		for range 50 {
			conn, reader := g.dial(t)
			write(t, conn, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nab")
			if _, err := http.ReadResponse(reader, nil); err != nil {
				t.Fatal(err)
			}
		}
	})
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			buffer := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, buffer[:runtime.Stack(buffer, true)])
		}
	}
}

// credentialsOf is what a backend of an image gets in its Authorization header.
func credentialsOf(t *testing.T, image *images.Image, header string) *http.Request {
	t.Helper()
	var got *http.Request
	backend := &images.Backend{Name: image.Name, Image: image, RoundTripper: roundTripper(func(r *http.Request) (*http.Response, error) {
		got = r
		if _, err := io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		return text(200, ""), nil
	})}
	g := start(t, backend, func(c *Config) { c.Identify = nil })
	if resp, body := g.send(t, "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\n"+header+
		"Content-Length: 31\r\n\r\nAction=ListTopics&Version=2010-0"); resp.StatusCode != 200 {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	return got
}

func TestThirdPartyBackendsGetTheCredentialsTheyUnderstand(t *testing.T) {
	form := "Content-Type: application/x-www-form-urlencoded\r\n"
	akia := strings.Replace(signed("sns"), "111122223333", "AKIAIOSFODNN7EXAMPLE", 1)
	t.Run("account by access key", func(t *testing.T) {
		r := credentialsOf(t, &images.Image{Name: "floci"}, form+akia)
		if got := r.Header.Get("Authorization"); !strings.Contains(got, "Credential=000000000000/") || !strings.Contains(got, "/eu-west-1/sns/aws4_request") {
			t.Errorf("authorization %s", got)
		}
		if r.Header.Get("X-Hop") != "" || r.Header.Get("Connection") != "" {
			t.Errorf("headers of the hop: %v", r.Header)
		}
	})
	t.Run("account by header", func(t *testing.T) {
		r := credentialsOf(t, &images.Image{Name: "moto", Account: images.AccountMode{Header: "x-moto-account-id"}}, form+signed("sns"))
		if r.Header.Get("X-Moto-Account-Id") != "111122223333" || !strings.Contains(r.Header.Get("Authorization"), "Credential=111122223333/") {
			t.Errorf("header %v", r.Header)
		}
	})
	t.Run("a key pair that is checked", func(t *testing.T) {
		r := credentialsOf(t, &images.Image{Name: "strict", Sign: images.Signing{AccessKey: "root", SecretKey: "s", Region: "us-west-2"}}, form+akia)
		if got := r.Header.Get("Authorization"); !strings.Contains(got, "Credential=root/") || !strings.Contains(got, "/us-west-2/sns/aws4_request") {
			t.Errorf("authorization %s", got)
		}
	})
	t.Run("unsigned calls are signed for it", func(t *testing.T) {
		r := credentialsOf(t, &images.Image{Name: "moto", Account: images.AccountMode{Header: "x-moto-account-id"}}, form)
		if got := r.Header.Get("Authorization"); !strings.Contains(got, "/us-east-1/sns/aws4_request") {
			t.Errorf("authorization %s", got)
		}
	})
}

func TestABackendOfAnotherProtocolIsAskedInItsOwn(t *testing.T) {
	image := &images.Image{Name: "elder", Protocols: []aws.Protocol{aws.Query}}
	var sent string
	backend := &images.Backend{Name: "elder", Image: image, RoundTripper: roundTripper(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		sent = string(body)
		resp := text(200, `<GetQueueUrlResponse><GetQueueUrlResult><QueueUrl>http://x/1/q</QueueUrl></GetQueueUrlResult></GetQueueUrlResponse>`)
		if strings.Contains(sent, "gone") {
			resp = text(400, `<ErrorResponse><Error><Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>gone</Message></Error></ErrorResponse>`)
		}
		resp.Header.Set("Content-Type", "text/xml")
		return resp, err
	})}
	g := start(t, backend, func(c *Config) { c.Identify = nil })
	for _, c := range []struct {
		name, sent, want string
		status           int
	}{
		{"q", "QueueName=q", `{"QueueUrl":"http://x/1/q"}`, 200},
		{"gone", "QueueName=gone", "QueueDoesNotExist", 400},
	} {
		body := `{"QueueName":"` + c.name + `"}`
		resp, answer := g.send(t, "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Amz-Target: AmazonSQS.GetQueueUrl\r\n"+
			"Content-Type: application/x-amz-json-1.0\r\n"+signed("sqs")+"Content-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
		if resp.StatusCode != c.status || !strings.Contains(answer, c.want) || !strings.Contains(sent, c.sent) || !strings.Contains(sent, "Action=GetQueueUrl") {
			t.Errorf("%s: %d %s for %s", c.name, resp.StatusCode, answer, sent)
		}
	}
}
