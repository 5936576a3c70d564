package orchestrator

import (
	"context"
	"errors"
	"fmt"
	"time"
)

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
