package sqs_test

import (
	"context"
	"net"
	"os"
	"testing"
	"time"

	"localcloud/gateway"
	"localcloud/gateway/aws"
	"localcloud/images"
	"localcloud/images/sqs"
	"localcloud/internal/clock"
)

// start serves the native backend behind a gateway and returns its URL, and the clock that it goes by.
func start(t testing.TB, settings map[string]string) (string, *clock.Clock) {
	t.Helper()
	clk := &clock.Clock{}
	native, err := sqs.New(images.Env{Dir: t.TempDir(), Clock: clk, Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	backend := &images.Backend{RoundTripper: native, Image: sqs.Image(), Name: "sqs"}
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
	return "http://" + listener.Addr().String(), clk
}

// TestServe serves the native backend for as long as SERVE says, for trying things out by hand.
func TestServe(t *testing.T) {
	d, err := time.ParseDuration(os.Getenv("SERVE"))
	if err != nil {
		t.Skip("SERVE is no duration")
	}
	url, _ := start(t, nil)
	if err := os.WriteFile(os.Getenv("SERVE_URL"), []byte(url), 0o600); err != nil {
		t.Fatal(err)
	}
	time.Sleep(d)
}
