package runtimetest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images"
	"localcloud/orchestrator"
)

// failing runs an image that does not get ready, and returns the error of the first call.
func failing(t *testing.T, target Target, image *images.Image) *aws.Error {
	t.Helper()
	image.Name, image.Services = "failing", []string{service.Name}
	p := open(t, target, "failing")
	p.mustUp(t, desire(image, false))
	if _, err := p.call(t.Context(), "/who"); err == nil {
		t.Fatal("the first call got an answer")
	}
	p.await(t, orchestrator.Failed) // the first call need not have waited for it
	_, err := p.call(t.Context(), "/who")
	var refusal *aws.Error
	if !errors.As(err, &refusal) {
		t.Fatalf("error %v, want an AWS error", err)
	}
	if refusal.Status != 503 {
		t.Errorf("status %d, want 503", refusal.Status)
	}
	if left, err := p.runtime.Observe(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("left of the failed start: %v, %v", left, err)
	}
	return refusal
}

func diesAtStart(t *testing.T, target Target) {
	refusal := failing(t, target, target.Image(t, "dies", "{port}"))
	if !strings.Contains(refusal.Message, "the vault is locked") || !strings.Contains(refusal.Message, "failing") {
		t.Errorf("message %q, want the backend's name and its last line", refusal.Message)
	}
}

func doesNotListen(t *testing.T, target Target) {
	image := target.Image(t, "silent", "{port}")
	image.Probe = images.Probe{Path: "/who", Timeout: time.Second}
	refusal := failing(t, target, image)
	if !strings.Contains(refusal.Message, "not ready within 1s") || !strings.Contains(refusal.Message, "I listen to nobody") {
		t.Errorf("message %q, want the deadline and the last line", refusal.Message)
	}
}

func broken(t *testing.T, target Target) {
	image := *target.Broken
	if refusal := failing(t, target, &image); !strings.Contains(refusal.Message, target.BrokenText) {
		t.Errorf("message %q, want %q in it", refusal.Message, target.BrokenText)
	}
}

func undoes(t *testing.T, target Target) {
	p := open(t, target, "undoes")
	image := target.Image(t, "silent", "{port}")
	image.Name, image.Services = "silent", []string{service.Name}
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error)
	go func() { result <- p.up(ctx, desire(image, true)) }()
	p.await(t, orchestrator.Starting)
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		if left, err := p.runtime.Observe(t.Context()); err == nil && len(left) > 0 && left[0].Running {
			break
		}
	}
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("up: %v, want it cancelled", err)
	}
	if left, err := p.runtime.Observe(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("left after a cancelled up: %v, %v", left, err)
	}
}
