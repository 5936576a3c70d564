package orchestrator

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// Reset makes every running backend forget its state: by itself where it can, else by a restart.
func (o *Orchestrator) Reset(ctx context.Context) error {
	slots := o.backends.Load().all()
	failed := make([]error, len(slots))
	var work sync.WaitGroup
	for i, s := range slots {
		work.Go(func() { failed[i] = s.reset(ctx) })
	}
	work.Wait()
	return errors.Join(failed...)
}

func (s *slot) reset(ctx context.Context) error {
	r := s.current.Load()
	if r == nil {
		return nil
	}
	if resetter, ok := r.instance.(Resetter); ok {
		if err := resetter.Reset(ctx); !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	if s.runtime == nil || s.spec.Persist {
		return fmt.Errorf("the backend %s cannot forget its state", s.name)
	}
	return s.restart(ctx, r)
}

// restart ends what runs in the slot; the next call starts it again.
func (s *slot) restart(ctx context.Context, r *running) error {
	gone := make(chan struct{})
	defer close(gone)
	s.mu.Lock()
	taken := s.current.CompareAndSwap(r, nil)
	if taken {
		s.ending = gone
	}
	s.mu.Unlock()
	if !taken {
		return nil
	}
	r.leave()
	r.drain(ctx, drainTimeout)
	err := r.instance.Stop(ctx)
	s.set(Event{State: Stopped, Text: "its state is forgotten"})
	return err
}
