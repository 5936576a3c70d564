package sns_test

import (
	"context"
	"net"
	"os"
	"testing"
	"time"

	"localcloud/gateway"
	"localcloud/gateway/aws"
	"localcloud/images"
	"localcloud/images/sns"
	conformance "localcloud/test/conformance/sns"
)

// start serves the native backend behind a gateway without glue and returns its URL.
func start(t *testing.T) string {
	t.Helper()
	native, err := sns.New(images.Env{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	backend := &images.Backend{RoundTripper: native, Image: sns.Image(), Name: "sns"}
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

// TestNative runs the suite against the native backend behind a gateway.
func TestNative(t *testing.T) { conformance.Run(t, start(t)) }

// TestEndpoint runs the suite against a running endpoint.
func TestEndpoint(t *testing.T) {
	url := os.Getenv("CONFORMANCE_ENDPOINT")
	if url == "" {
		t.Skip("CONFORMANCE_ENDPOINT names no endpoint")
	}
	conformance.Run(t, url)
}
