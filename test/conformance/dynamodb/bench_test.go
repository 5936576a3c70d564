package dynamodb_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"localcloud/test/load"
)

// TestAgainstCeiling prints the rates of the DynamoDB workloads, and of a bare handler that reads the
// same requests and answers with the same bytes, in the same run. It runs where BENCH is the time of
// one measurement.
func TestAgainstCeiling(t *testing.T) {
	d, err := time.ParseDuration(os.Getenv("BENCH"))
	if err != nil {
		t.Skip("BENCH is no duration")
	}
	url := start(t)
	address := strings.TrimPrefix(url, "http://")
	for _, w := range load.Workloads() {
		if !strings.HasPrefix(w.Name, "dynamodb ") || !strings.Contains(w.Name, os.Getenv("ONLY")) {
			continue
		}
		bare := ceiling(t, url)
		for _, a := range []string{bare, address} {
			if err := load.Prepare(t.Context(), w, a); err != nil {
				t.Fatal(w.Name, err)
			}
		}
		var best [2]float64
		for range 3 {
			for i, a := range []string{bare, address} {
				result, err := load.Run(t.Context(), w, load.Options{Address: a, Connections: 8, Duration: d})
				if err != nil {
					t.Fatal(w.Name, err)
				}
				best[i] = max(best[i], result.Rate())
			}
		}
		t.Logf("%-28s ceiling %9.0f/s, dynamodb %9.0f/s: %.2f", w.Name, best[0], best[1], best[1]/best[0])
	}
}

// ceiling answers every operation with the bytes that the backend at url answered to its first call.
func ceiling(t *testing.T, url string) string {
	var mu sync.Mutex
	answers := make(map[string][]byte)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		target := r.Header.Get("X-Amz-Target")
		mu.Lock()
		answer, known := answers[target]
		mu.Unlock()
		if !known {
			if answer, err = pass(url, r, body); err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			answers[target] = answer
			mu.Unlock()
		}
		w.Header()["Content-Type"] = []string{"application/x-amz-json-1.0"}
		w.Header()["X-Amzn-Requestid"] = []string{"00000000-0000-0000-0000-000000000000"}
		_, _ = w.Write(answer)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// pass makes a call on the backend itself.
func pass(url string, r *http.Request, body []byte) ([]byte, error) {
	req, err := http.NewRequest(r.Method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = r.Header.Clone()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}
