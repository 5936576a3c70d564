package dynamodb_test

import (
	"context"
	"net"
	"os"
	"testing"
	"time"

	"localcloud/gateway"
	"localcloud/gateway/aws"
	"localcloud/images"
	"localcloud/images/dynamodb"
	"localcloud/internal/clock"
	conformance "localcloud/test/conformance/dynamodb"
)

// start serves the native backend behind a gateway and returns its URL.
func start(t testing.TB) string {
	t.Helper()
	clk := &clock.Clock{}
	native, err := dynamodb.New(images.Env{Dir: t.TempDir(), Clock: clk})
	if err != nil {
		t.Fatal(err)
	}
	backend := &images.Backend{RoundTripper: native, Image: dynamodb.Image(), Name: "dynamodb"}
	g := gateway.New(gateway.Config{
		Clock: clk,
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
func TestNative(t *testing.T) {
	conformance.Run(t, conformance.Endpoint{URL: start(t), Region: "us-east-1"})
}

// TestEndpoint runs the suite against a running endpoint.
func TestEndpoint(t *testing.T) {
	url := os.Getenv("CONFORMANCE_ENDPOINT")
	if url == "" {
		t.Skip("CONFORMANCE_ENDPOINT names no endpoint")
	}
	conformance.Run(t, conformance.Endpoint{URL: url, Region: "us-east-1"})
}
