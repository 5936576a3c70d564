// Package runtimetest is the suite that every runtime of the orchestrator must pass. It drives a
// runtime the way a project does, through an orchestrator.
package runtimetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images"
	"localcloud/orchestrator"
)

// Target is a runtime under test.
type Target struct {
	// New returns a runtime of the project, as a new process would make it: calls for one project
	// stand for processes that follow one another after a kill.
	New func(t *testing.T, project string) orchestrator.Runtime
	// Image packages the command of the test program ("serve", "silent", "dies") so that the runtime
	// takes it; {port} stands for its port.
	Image func(t *testing.T, command ...string) *images.Image
	// Broken is an image that cannot be started at all, and Broken's error has to hold this text.
	Broken     *images.Image
	BrokenText string
}

// Run runs the suite.
func Run(t *testing.T, target Target) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Target)
	}{
		{"starts at the first call, once", startsOnce},
		{"starts at once where asked to", startsAtOnce},
		{"hands out the lines of a backend", readsLogs},
		{"starts a died backend again at the next call", restarts},
		{"replaces what has changed and lets calls in flight end", replaces},
		{"takes over or ends what a killed process left", survivors},
		{"removes all with down, and nothing of other projects", downs},
		{"tells why a backend died at its start", diesAtStart},
		{"tells that a backend does not listen", doesNotListen},
		{"tells what is broken", broken},
		{"undoes what it has begun when cancelled", undoes},
		{"keeps the state of a native backend where asked to", keepsNative},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, target) })
	}
}

var program struct {
	sync.Once
	path string
	err  error
}

// Program builds the test program once, as a static executable for Linux containers and this
// machine, and returns its path.
func Program(t testing.TB) string {
	t.Helper()
	program.Do(func() {
		dir, err := os.MkdirTemp("", "runtimetest")
		if err != nil {
			program.err = err
			return
		}
		program.path = filepath.Join(dir, "program")
		build := exec.Command("go", "build", "-ldflags=-s -w", "-o", program.path, "localcloud/orchestrator/runtimetest/program")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			program.err = fmt.Errorf("build the test program: %w\n%s", err, out)
		}
	})
	if program.err != nil {
		t.Fatal(program.err)
	}
	return program.path
}

// Clean removes the test program; for TestMain.
func Clean() error {
	if program.path == "" {
		return nil
	}
	return os.RemoveAll(filepath.Dir(program.path))
}

var service = &aws.Service{Name: "testing", ID: "Testing", SigningName: "testing"}

// project is an orchestrator over the runtime, as one process of a project has it.
type project struct {
	*orchestrator.Orchestrator
	runtime orchestrator.Runtime
	events  chan orchestrator.Event
}

func open(t *testing.T, target Target, name string) *project {
	t.Helper()
	p := &project{runtime: target.New(t, name), events: make(chan orchestrator.Event, 1000)}
	p.Orchestrator = orchestrator.New(orchestrator.Config{
		Project:  name,
		Runtimes: []orchestrator.Runtime{p.runtime},
		Log:      slog.New(slog.NewTextHandler(testWriter{t}, nil)),
		Events: func(e orchestrator.Event) {
			select {
			case p.events <- e:
			default:
			}
		},
	})
	t.Cleanup(func() {
		if err := p.Down(context.Background(), true); err != nil {
			t.Errorf("down: %v", err)
		}
		if left, err := p.runtime.Observe(context.Background()); err != nil || len(left) > 0 {
			t.Errorf("left after down: %v, %v", left, err)
		}
	})
	return p
}

// testWriter writes log lines to the test's log.
type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Helper()
	w.t.Logf("%s", p)
	return len(p), nil
}

// desire is a configuration with one backend, of the service under test.
func desire(image *images.Image, atOnce bool) orchestrator.Desired {
	desired := orchestrator.Desired{Images: map[string]*images.Image{service.Name: image}}
	if atOnce {
		desired.Start = []string{service.Name}
	}
	return desired
}

func (p *project) up(ctx context.Context, desired orchestrator.Desired) error {
	plan, err := p.Plan(ctx, desired)
	if err != nil {
		return err
	}
	return p.Run(ctx, plan)
}

// mustUp runs the configuration and fails the test where that fails.
func (p *project) mustUp(t *testing.T, desired orchestrator.Desired) {
	t.Helper()
	if err := p.up(t.Context(), desired); err != nil {
		t.Fatalf("up: %v", err)
	}
}

// call sends a request to the backend, as the gateway does.
func (p *project) call(ctx context.Context, path string) (string, error) {
	backend, err := p.Backend(ctx, service, "Operation", aws.DefaultAccount, aws.DefaultRegion)
	if err != nil {
		return "", err
	}
	ctx = aws.WithCall(ctx, &aws.Call{Service: service, Account: "123456789012", Region: aws.DefaultRegion, Path: path})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://backend"+path, nil)
	if err != nil {
		return "", err
	}
	resp, err := backend.RoundTrip(req)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(resp.Body)
	return string(body), errors.Join(err, resp.Body.Close())
}

func (p *project) mustCall(t *testing.T, path string) string {
	t.Helper()
	body, err := p.call(t.Context(), path)
	if err != nil {
		t.Fatalf("call %s: %v", path, err)
	}
	return body
}

// await waits for an event of that state.
func (p *project) await(t *testing.T, state orchestrator.State) orchestrator.Event {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case e := <-p.events:
			if e.State == state {
				return e
			}
		case <-timeout:
			t.Fatalf("no event %q", state)
		}
	}
}

// serving is an image of the program as a good server, which names itself with the greeting.
func serving(t *testing.T, target Target, greeting string) *images.Image {
	image := target.Image(t, "serve", "{port}")
	image.Name, image.Services = "server", []string{service.Name}
	image.Env = map[string]string{"GREETING": greeting}
	image.Probe = images.Probe{Path: "/who"}
	return image
}
