//go:build unix

package gateway

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"localcloud/internal/writebehind"
	"localcloud/test/load"
)

const benchAnswer = `{"MD5OfMessageBody":"c1dfd96eea8cc2b62785275bca38ac26","MessageId":"e5c0a11c-6fb2-4c2f-8e26-0ebc61b5f1c3"}`

// benchRequest is a small call.
func benchRequest() *load.Request {
	return &load.Request{
		Method: "POST", Path: "/", Service: "sqs", Target: "AmazonSQS.SendMessage",
		Body: []byte(`{"QueueUrl":"http://127.0.0.1:4566/000000000000/q","MessageBody":"` + strings.Repeat("x", 100) + `"}`),
	}
}

// drive sends the small call on keep-alive connections, a few at a time.
func drive(b *testing.B, address string) {
	b.Helper()
	b.ReportAllocs()
	b.SetParallelism(4)
	b.ResetTimer()
	before := cpuTime(b)
	defer func() { b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op") }()
	b.RunParallel(func(pb *testing.PB) {
		c, err := load.Dial(context.Background(), address)
		if err != nil {
			b.Error(err)
			return
		}
		defer c.Close()
		request := benchRequest()
		for pb.Next() {
			if _, err := c.Do(request); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// cpuTime is the processor time in nanoseconds that this process has used, the load generator's
// included. It is less disturbed by other processes than the time that passes.
func cpuTime(b *testing.B) int64 {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func listen(b *testing.B) net.Listener {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	return listener
}

// BenchmarkCeiling is a bare handler with the same answer as BenchmarkCall.
func BenchmarkCeiling(b *testing.B) {
	listener := listen(b)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header()["Content-Type"] = []string{"application/x-amz-json-1.0"}
		_, _ = io.WriteString(w, benchAnswer)
	})}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	drive(b, listener.Addr().String())
}

// BenchmarkCall is the way of a small call: identification, log line and all, to a backend that
// answers at once.
func BenchmarkCall(b *testing.B) {
	lines := writebehind.New(io.Discard, 0)
	defer lines.Close()
	backend := native(func(r *http.Request) (*http.Response, error) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return nil, err
		}
		resp := text(200, benchAnswer)
		resp.Header["Content-Type"] = []string{"application/x-amz-json-1.0"}
		return resp, nil
	})
	g := New(Config{Backends: backends(backend), Log: slog.New(slog.NewTextHandler(lines, nil))})
	listener := listen(b)
	go func() { _ = g.Serve(listener, 0) }()
	defer func() { _ = g.Shutdown(context.Background()) }()
	drive(b, listener.Addr().String())
}
