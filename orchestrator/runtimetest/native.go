package runtimetest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"localcloud/gateway/aws"
	"localcloud/images"
)

// Counter is a native backend that counts its calls in a file, so that it shows what becomes of its
// directory.
func Counter() *images.Image {
	return &images.Image{Name: "counter", Services: []string{service.Name}, New: newCounter}
}

// Service finds the service that the test backends answer.
func Service(name string) *aws.Service {
	if name == service.Name {
		return service
	}
	return nil
}

type counter struct {
	mu   sync.Mutex
	path string
}

func newCounter(env images.Env) (images.Native, error) {
	if env.Settings["broken"] != "" {
		return nil, errors.New("the setting broken is set")
	}
	env.Log.Info("counting")
	return &counter{path: filepath.Join(env.Dir, "count")}, nil
}

// RoundTrip answers with the count, the call's account and the request's path as it came.
func (c *counter) RoundTrip(req *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text, err := os.ReadFile(c.path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	count, _ := strconv.Atoi(string(text)) // no file is 0
	count++
	if err := os.WriteFile(c.path, []byte(strconv.Itoa(count)), 0o600); err != nil {
		return nil, err
	}
	call := aws.CallFrom(req.Context())
	body := fmt.Sprintf("%d %s %s", count, call.Account, call.Path)
	return &http.Response{
		StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{},
		ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)), Request: req,
	}, nil
}

// Reset forgets the count.
func (c *counter) Reset() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return os.Remove(c.path)
}

func (c *counter) Close() error { return nil }

func keepsNative(t *testing.T, target Target) {
	desired := desire(Counter(), false)
	for _, persist := range []bool{false, true} {
		p := open(t, target, "native")
		desired.Persist = persist
		p.mustUp(t, desired)
		for i := range 3 {
			if got, want := p.mustCall(t, "/a//b%2Fc"), fmt.Sprintf("%d 123456789012 /a//b%%2Fc", i+1); got != want {
				t.Fatalf("call %d: %q, want %q", i, got, want)
			}
		}
		if err := p.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		again := open(t, target, "native")
		again.mustUp(t, desired)
		want := map[bool]string{false: "1 ", true: "4 "}[persist]
		if got := again.mustCall(t, "/"); !strings.HasPrefix(got, want) {
			t.Errorf("persist %v: the first call after a restart is counted as %q, want %q", persist, got, want)
		}
		if err := again.Reset(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := again.mustCall(t, "/"); !strings.HasPrefix(got, "1 ") {
			t.Errorf("the first call after a reset is counted as %q", got)
		}
	}
}
