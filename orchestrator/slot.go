package orchestrator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images"
)

// failurePause is for how long a failed start answers further calls before it is tried again.
const failurePause = 2 * time.Second

// slot is the place of one instance. Its life: idle; starting, by the first call or at once; ready;
// died or failed, from where the next call starts it again; closed, when it is no longer desired.
type slot struct {
	spec    Spec
	runtime Runtime // nil for an address
	name    string  // images.Backend.Name
	host    *host

	current atomic.Pointer[running] // nil unless ready

	mu       sync.Mutex
	attempt  *attempt // the latest start, nil before the first
	left     *found   // what an earlier process left of it, until it is adopted or removed
	state    State
	reason   string
	closed   bool
	next     *slot         // takes the calls once closed; nil for none
	previous *slot         // what this slot replaces; closed before the first start
	ending   chan struct{} // closed when an instance that was ended for a restart is gone; nil for none
	instance Instance      // what attempt has begun; for the last lines of one that is not ready
}

// host is what all slots of an orchestrator share.
type host struct {
	log    *slog.Logger
	events func(Event)
	// ctx ends when the orchestrator stops; starts and watchers live in it.
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// attempt is one start of a slot, shared by all who wait for it.
type attempt struct {
	done   chan struct{} // closed when it has ended
	slow   chan struct{} // closed when it takes longer than a caller should wait
	once   sync.Once     // closes slow
	cancel context.CancelFunc

	// after done:
	result *running
	err    error
	ended  time.Time
}

// backend returns the running backend, and starts it where it does not run.
func (s *slot) backend(ctx context.Context) (*images.Backend, error) {
	if r := s.current.Load(); r != nil {
		return &r.backend, nil
	}
	r, err := s.ready(ctx)
	if err != nil {
		return nil, err
	}
	return &r.backend, nil
}

// ready returns what runs in the slot after starting it where needed. It waits, but not for the
// fetching of an image: callers are told how far that is.
func (s *slot) ready(ctx context.Context) (*running, error) {
	a, err := s.begin(false)
	if err != nil {
		return nil, err
	}
	select {
	case <-a.done:
		return a.result, s.refusal(a.err)
	default:
	}
	select {
	case <-a.done:
		return a.result, s.refusal(a.err)
	case <-a.slow:
		return nil, aws.Unavailable(s.notReady())
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// refusal is what a caller gets for a failed start.
func (s *slot) refusal(err error) error {
	if err == nil {
		return nil
	}
	return aws.Unavailable(fmt.Sprintf("The backend %s is not available: %v", s.name, err))
}

// notReady says how far a start is.
func (s *slot) notReady() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := fmt.Sprintf("The backend %s is not ready yet: %s", s.name, s.state)
	if s.reason != "" {
		text += " " + s.reason
	}
	return text
}

// begin returns the start that is under way, or the last one where that still holds, or a new one.
// now starts anew even shortly after a failure.
func (s *slot) begin(now bool) (*attempt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed && s.next != nil {
		return s.next.begin(now)
	}
	if s.closed {
		return nil, aws.Unavailable(fmt.Sprintf("The backend %s has been stopped.", s.name))
	}
	if a := s.attempt; a != nil && s.holds(a, now) {
		return a, nil
	}
	ctx, cancel := context.WithCancel(s.host.ctx)
	a := &attempt{done: make(chan struct{}), slow: make(chan struct{}), cancel: cancel}
	s.attempt = a
	s.host.work.Go(func() {
		defer cancel()
		s.start(ctx, a)
	})
	return a, nil
}

// holds reports whether the attempt answers a call that comes now. The caller holds mu.
func (s *slot) holds(a *attempt, now bool) bool {
	select {
	case <-a.done:
	default:
		return true
	}
	if a.err != nil {
		return !now && time.Since(a.ended) < failurePause
	}
	return s.current.Load() == a.result
}

// live reports whether something runs in the slot, or is about to.
func (s *slot) live() bool {
	if s.current.Load() != nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.attempt == nil || s.closed {
		return false
	}
	select {
	case <-s.attempt.done:
		return false
	default:
		return true
	}
}

func (s *slot) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// close ends the instance after its calls in flight and takes no more; those go to next, where that
// is not nil. It returns when nothing of the slot runs any more.
func (s *slot) close(ctx context.Context, next *slot) error {
	s.mu.Lock()
	s.closed, s.next = true, next
	a, left := s.attempt, s.left
	s.left = nil
	s.mu.Unlock()
	var err error
	if left != nil {
		err = left.runtime.Remove(ctx, left.Observed)
	}
	if a == nil {
		return err
	}
	a.cancel()
	<-a.done
	if r := s.current.Swap(nil); r != nil {
		s.set(Event{State: Draining})
		r.leave()
		timeout := endTimeout
		if next != nil {
			timeout = drainTimeout
		}
		r.drain(ctx, timeout)
		err = errors.Join(err, r.instance.Stop(ctx))
		s.set(Event{State: Stopped})
	}
	return err
}

// set notes the state and tells it.
func (s *slot) set(e Event) {
	e.Backend = s.spec.Name
	s.mu.Lock()
	s.state, s.reason = e.State, e.Text
	if e.Err != nil {
		s.reason = e.Err.Error()
	}
	if e.Total > 0 {
		s.reason += fmt.Sprintf(", %d %%", 100*e.Done/e.Total)
	}
	s.mu.Unlock()
	switch {
	case e.State == Died, e.State == Failed:
		s.host.log.Error("backend "+string(e.State), "backend", s.name, "error", e.Err)
	case e.Total == 0:
		s.host.log.Info("backend "+string(e.State), "backend", s.name, "detail", e.Text)
	}
	s.host.events(e)
}
