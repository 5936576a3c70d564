package load

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestRunCountsWhatIsAnswered(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		switch {
		case strings.HasSuffix(r.Header.Get("X-Amz-Target"), "ReceiveMessage"):
			_, _ = io.WriteString(w, `{"Messages":[{"ReceiptHandle":"handle"}]}`)
		case strings.HasSuffix(r.Header.Get("X-Amz-Target"), "DeleteMessage") && !strings.Contains(string(body), `"ReceiptHandle":"handle"`):
			w.WriteHeader(400)
		case r.URL.Path == "/bench/1m" && r.Method == "GET":
			_, _ = w.Write(make([]byte, 1<<20)) // chunked, since it has no length
		}
	}))
	defer server.Close()
	for _, w := range Workloads() {
		if strings.Contains(w.Name, "100") {
			continue
		}
		t.Run(w.Name, func(t *testing.T) {
			if err := Prepare(context.Background(), w, server.Listener.Addr().String()); err != nil {
				t.Fatal(err)
			}
			result, err := Run(context.Background(), w, Options{
				Address: server.Listener.Addr().String(), Connections: 2, Warm: time.Millisecond, Duration: 20 * time.Millisecond,
			})
			if err != nil || result.Errors > 0 || result.Iterations == 0 || result.P50 == 0 || result.P99 < result.P50 {
				t.Errorf("%+v, %v", result, err)
			}
		})
	}
}

func TestErrorsAreCounted(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }))
	defer server.Close()
	w := Workload{Name: "x", Calls: 1, Worker: always(Request{Method: "GET", Path: "/"})}
	result, err := Run(context.Background(), w, Options{Address: server.Listener.Addr().String(), Warm: time.Millisecond, Duration: 20 * time.Millisecond})
	if err == nil || result.Errors == 0 || result.Iterations != 0 {
		t.Errorf("%+v, %v", result, err)
	}
}

func TestQuantiles(t *testing.T) {
	var h histogram
	for i := 1; i <= 1000; i++ {
		h.add(time.Duration(i) * time.Microsecond)
	}
	for _, c := range []struct {
		q    float64
		want time.Duration
	}{{0.5, 500 * time.Microsecond}, {0.99, 990 * time.Microsecond}, {0, time.Microsecond}} {
		if got := h.quantile(c.q); got < c.want*63/64 || got > c.want*65/64 {
			t.Errorf("quantile %v is %v, want %v", c.q, got, c.want)
		}
	}
}
