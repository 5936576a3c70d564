// Package s3_test is the conformance suite of S3: what any backend of S3 must do, seen by real
// clients. It runs against the native backend behind a gateway, or against the endpoint that
// S3_ENDPOINT names ("http://127.0.0.1:4566").
package s3_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"localcloud/gateway"
	"localcloud/gateway/aws"
	"localcloud/images"
	"localcloud/images/s3"
)

// start returns the URL of the endpoint to test.
func start(t testing.TB) string {
	t.Helper()
	report(t)
	if endpoint := os.Getenv("S3_ENDPOINT"); endpoint != "" {
		purge(t, endpoint)
		return endpoint
	}
	native, err := s3.New(images.Env{Dir: t.TempDir(), Persist: os.Getenv("S3_PERSIST") != ""})
	if err != nil {
		t.Fatal(err)
	}
	backend := &images.Backend{RoundTripper: native, Image: s3.Image(), Name: "s3"}
	g := gateway.New(gateway.Config{
		Backends: func(context.Context, *aws.Service, string, string, string) (*images.Backend, error) {
			return backend, nil
		},
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- g.Serve(listener, 0) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = g.Shutdown(ctx)
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := native.Close(); err != nil {
			t.Error(err)
		}
	})
	return "http://" + listener.Addr().String()
}

// TestServe serves the endpoint for as long as SERVE says, for trying things out by hand; its URL is
// written to the file that SERVE_URL names.
func TestServe(t *testing.T) {
	d, err := time.ParseDuration(os.Getenv("SERVE"))
	if err != nil {
		t.Skip("SERVE is no duration")
	}
	if err := os.WriteFile(os.Getenv("SERVE_URL"), []byte(start(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	time.Sleep(d)
}

// authorization signs nothing that would be checked, but tells account and region.
const authorization = "AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00"

// reply is an answer that was read.
type reply struct {
	status int
	header http.Header
	body   string
}

// send makes one request as it stands. Further headers are pairs of names and values.
func send(t testing.TB, method, url, body string, headers ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", authorization)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(content)}
}

// want fails the test where the answer has not this status and, in its body, this text.
func (r reply) want(t testing.TB, status int, text string) reply {
	t.Helper()
	if r.status != status || !strings.Contains(r.body, text) {
		t.Errorf("got %d %.600s, want %d with %q", r.status, r.body, status, text)
	}
	return r
}
