package orchestrator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

// Status is how one backend stands.
type Status struct {
	Backend  string   `json:"backend"`
	Services []string `json:"services"` // that it answers; "*" for all that no other backend answers
	Runtime  string   `json:"runtime"`  // "address" where nothing is started, "none" where it cannot run
	Source   string   `json:"source"`   // "native", the image reference, the command or the address
	State    State    `json:"state"`
	Reason   string   `json:"reason,omitempty"` // why it has failed or died, or how far it is
	Address  string   `json:"address,omitempty"`
}

// Status returns the backends of the project, ordered by name, without waiting for anything.
func (o *Orchestrator) Status() []Status {
	set := o.backends.Load()
	var list []Status
	for _, u := range set.units {
		base := Status{Backend: u.image.Name, Services: u.services, Runtime: u.runtimeName(), Source: u.source(), State: Idle}
		if u.missing != nil {
			base.State, base.Reason = Failed, u.missing.Error()
		}
		slots := set.of(u)
		for _, s := range slots {
			list = append(list, s.status(base))
		}
		if len(slots) == 0 {
			list = append(list, base)
		}
	}
	slices.SortFunc(list, func(a, b Status) int { return strings.Compare(a.Backend, b.Backend) })
	return list
}

// of returns the slots of a unit.
func (s *backends) of(u *unit) []*slot {
	if only := s.slots[u]; only != nil {
		return []*slot{only}
	}
	many := s.many[u]
	if many == nil {
		return nil
	}
	many.mu.RLock()
	defer many.mu.RUnlock()
	var list []*slot
	for _, slot := range many.slots {
		list = append(list, slot)
	}
	return list
}

// status completes what is known of the unit by what is known of the instance.
func (s *slot) status(base Status) Status {
	base.Backend = s.spec.Name
	s.mu.Lock()
	base.State, base.Reason = s.state, s.reason
	s.mu.Unlock()
	if r := s.current.Load(); r != nil {
		base.State, base.Address, base.Reason = Ready, r.instance.Address(), ""
	}
	return base
}

// Logs returns the lines of a backend by its name. The caller closes it.
func (o *Orchestrator) Logs(ctx context.Context, backend string, options LogOptions) (io.ReadCloser, error) {
	var names []string
	for _, s := range o.backends.Load().all() {
		if s.spec.Name == backend {
			return s.logs(ctx, options)
		}
		names = append(names, s.spec.Name)
	}
	return nil, fmt.Errorf("no backend is called %q; there are %s", backend, strings.Join(names, ", "))
}

func (s *slot) logs(ctx context.Context, options LogOptions) (io.ReadCloser, error) {
	s.mu.Lock()
	instance := s.instance
	s.mu.Unlock()
	if r := s.current.Load(); r != nil {
		instance = r.instance
	}
	if instance == nil {
		return nil, fmt.Errorf("the backend %s does not run", s.spec.Name)
	}
	return instance.Logs(ctx, options)
}

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
