package s3_test

import (
	"crypto/md5"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"localcloud/test/load"
)

// TestAgainstCeiling prints the rates of the S3 workloads, and of a bare handler that does what the
// budgets compare with, in the same run. It runs where BENCH is the time of one measurement.
func TestAgainstCeiling(t *testing.T) {
	d, err := time.ParseDuration(os.Getenv("BENCH"))
	if err != nil {
		t.Skip("BENCH is no duration")
	}
	address := strings.TrimPrefix(start(t), "http://")
	bare := ceiling(t)
	for _, w := range load.Workloads() {
		if !strings.HasPrefix(w.Name, "s3 ") || !strings.Contains(w.Name, os.Getenv("ONLY")) {
			continue
		}
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
		t.Logf("%-20s ceiling %9.0f/s, s3 %9.0f/s: %.2f", w.Name, best[0], best[1], best[1]/best[0])
	}
}

// ceiling serves bytes of the sizes that the workloads ask for; uploads of more than 64 KB are hashed
// and written to a file.
func ceiling(t *testing.T) string {
	dir := t.TempDir()
	files := map[string]int{"/bench/1k": 1 << 10, "/bench/1m": 1 << 20, "/bench/100m": 100 << 20}
	for name, size := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kilobyte := make([]byte, 1<<10)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Etag"] = []string{`"5d41402abc4b2a76b9719d911017c592"`}
		switch {
		case r.Method == "GET" && files[r.URL.Path] == 1<<10:
			_, _ = w.Write(kilobyte)
		case r.Method == "GET" && files[r.URL.Path] > 0:
			f, err := os.Open(filepath.Join(dir, filepath.Base(r.URL.Path)))
			if err != nil {
				t.Error(err)
				return
			}
			defer f.Close()
			http.ServeContent(w, r, "", time.Time{}, f)
		case r.ContentLength > 64<<10:
			f, err := os.CreateTemp(dir, "")
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.Copy(io.MultiWriter(f, md5.New()), r.Body)
			_ = f.Close()
			_ = os.Remove(f.Name())
		default:
			_, _ = io.Copy(io.Discard, r.Body)
		}
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}
