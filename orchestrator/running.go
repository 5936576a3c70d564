package orchestrator

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"localcloud/images"
	"localcloud/orchestrator/transport"
)

const (
	// drainTimeout bounds how long calls in flight may keep a backend that is to be replaced, and
	// endTimeout one that is to end with the project.
	drainTimeout = 20 * time.Second
	endTimeout   = 3 * time.Second
	// stopTimeout bounds how long a backend may take to end by itself.
	stopTimeout = 10 * time.Second
	// goneTimeout is how long a call that found nobody waits for the news that the backend has ended.
	goneTimeout = 3 * time.Second
)

// running is an instance that takes calls. It counts them, so that it can be drained; a call that
// comes after its end goes to its successor.
type running struct {
	slot     *slot
	instance Instance
	backend  images.Backend

	calls atomic.Int64 // in flight; below zero once no more are taken
	idle  chan struct{}
	once  sync.Once
	left  chan struct{} // closed when it has been taken out of the slot
}

// closing is added to running.calls when no more calls are taken.
const closing = -1 << 40

func newRunning(s *slot, instance Instance) *running {
	r := &running{slot: s, instance: instance, idle: make(chan struct{}), left: make(chan struct{})}
	r.backend = images.Backend{RoundTripper: r, Image: s.spec.Image, Name: s.name}
	return r
}

// RoundTrip sends a call to the instance, or to the one that has taken its place.
func (r *running) RoundTrip(req *http.Request) (*http.Response, error) {
	if r.calls.Add(1) <= 0 {
		r.release()
		return r.again(req)
	}
	resp, err := r.instance.RoundTrip(req)
	r.release()
	if err != nil && errors.Is(err, transport.ErrNotSent) {
		return r.gone(req, err)
	}
	return resp, err
}

func (r *running) release() {
	if r.calls.Add(-1) == closing {
		r.once.Do(func() { close(r.idle) })
	}
}

// again sends a call to what runs in the slot now.
func (r *running) again(req *http.Request) (*http.Response, error) {
	next, err := r.slot.ready(req.Context())
	if err != nil {
		return nil, err
	}
	return next.instance.RoundTrip(req)
}

// gone handles a call that could not be sent: where the instance has ended, the next one gets it.
func (r *running) gone(req *http.Request, err error) (*http.Response, error) {
	timer := time.NewTimer(goneTimeout)
	defer timer.Stop()
	select {
	case <-r.left:
		return r.again(req)
	case <-timer.C:
		return nil, err
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

// leave marks that the instance has been taken out of its slot.
func (r *running) leave() { close(r.left) }

// drain refuses further calls and waits for those in flight, until timeout or the end of ctx.
func (r *running) drain(ctx context.Context, timeout time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if r.calls.Add(closing) == closing {
		r.once.Do(func() { close(r.idle) })
	}
	select {
	case <-r.idle:
	case <-ctx.Done():
		return
	}
	if drainer, ok := r.instance.(Drainer); ok {
		_ = drainer.Drain(ctx) // what is still being read then is cut off
	}
}
