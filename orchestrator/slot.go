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

// start performs an attempt from beginning to end.
func (s *slot) start(ctx context.Context, a *attempt) {
	begun := time.Now()
	instance, err := s.launch(ctx, a)
	if err == nil {
		err = await(ctx, s.spec.Image, instance)
		if err != nil {
			err = errors.Join(err, s.discard(instance))
		}
	}
	s.mu.Lock()
	s.instance = nil
	if err == nil && s.closed {
		s.mu.Unlock()
		err = errors.Join(errors.New("it has been stopped"), s.discard(instance))
		s.mu.Lock()
	}
	if err == nil {
		a.result = newRunning(s, instance)
		s.current.Store(a.result)
		s.host.work.Go(func() { s.watch(a.result) })
	}
	a.err, a.ended = err, time.Now()
	s.mu.Unlock()
	if err != nil {
		s.set(Event{State: Failed, Err: err})
	} else {
		s.set(Event{State: Ready, Text: "after " + time.Since(begun).Round(time.Millisecond).String()})
	}
	close(a.done)
}

// launch adopts what an earlier process left, or removes that and starts anew.
func (s *slot) launch(ctx context.Context, a *attempt) (Instance, error) {
	s.mu.Lock()
	left, previous, ending := s.left, s.previous, s.ending
	s.left, s.previous, s.ending = nil, nil, nil
	s.mu.Unlock()
	if ending != nil {
		<-ending
	}
	progress := func(p Progress) {
		s.set(Event{State: p.State, Text: p.Text, Done: p.Done, Total: p.Total})
		if p.State == Pulling {
			a.once.Do(func() { close(a.slow) })
		}
	}
	s.set(Event{State: Starting})
	if previous != nil {
		if err := previous.close(ctx, s); err != nil {
			return nil, fmt.Errorf("end what it replaces: %w", err)
		}
	}
	if s.runtime == nil {
		return newAddress(s.spec.Image)
	}
	if left != nil {
		if adopter, ok := s.runtime.(Adopter); ok && left.Running && left.Hash == s.spec.Hash() {
			instance, err := adopter.Adopt(ctx, s.spec, left.Observed)
			if err == nil {
				return s.begun(instance), nil
			}
			s.host.log.Warn("a backend of an earlier run could not be taken over and is replaced", "backend", s.name, "error", err)
		}
		if err := left.runtime.Remove(ctx, left.Observed); err != nil {
			return nil, fmt.Errorf("remove what an earlier run left: %w", err)
		}
	}
	if puller, ok := s.runtime.(Puller); ok {
		if err := puller.Pull(ctx, s.spec.Image, progress); err != nil {
			return nil, err
		}
	}
	instance, err := s.runtime.Start(ctx, s.spec, progress)
	if err != nil {
		return nil, err
	}
	return s.begun(instance), nil
}

// begun remembers the instance, so that its lines can be read before it is ready.
func (s *slot) begun(instance Instance) Instance {
	s.mu.Lock()
	s.instance = instance
	s.mu.Unlock()
	return instance
}

// discard ends an instance that is not to be used.
func (s *slot) discard(instance Instance) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.host.ctx), stopTimeout)
	defer cancel()
	return instance.Stop(ctx)
}

// watch waits for the end of what runs and takes it out of the slot, so that the next call starts it again.
func (s *slot) watch(r *running) {
	select {
	case <-r.instance.Done():
	case <-r.left:
		return
	}
	err := errors.New("it ended by itself; the next call starts it again")
	if lines := lastLines(s.host.ctx, r.instance); lines != "" {
		err = fmt.Errorf("%w. Its last lines:\n%s", err, lines)
	}
	err = errors.Join(err, s.discard(r.instance))
	if s.current.CompareAndSwap(r, nil) {
		s.set(Event{State: Died, Err: err})
		r.leave()
	}
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
