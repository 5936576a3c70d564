package orchestrator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Run makes the plan true: from its beginning, calls go to the backends it desires. It starts what
// is to start and fetches what is to be fetched, in parallel, and returns when all of that is ready, or
// has failed. Backends whose
// specification has not changed go on; replaced ones end after the calls in flight. When ctx ends,
// what Run has begun is undone.
func (o *Orchestrator) Run(ctx context.Context, plan *Plan) error {
	o.running.Lock()
	defer o.running.Unlock()
	before := o.backends.Load()
	if err := o.remove(ctx, plan, before); err != nil {
		return err
	}
	next := o.arrange(plan, before)
	o.backends.Store(next.backends)
	fetched := make(chan error, 1)
	go func() { fetched <- o.fetchAll(ctx, plan) }()
	err := errors.Join(o.startAll(ctx, next.starting), <-fetched)
	if ctx.Err() == nil {
		return err
	}
	return errors.Join(ctx.Err(), o.undo(context.WithoutCancel(ctx), before, next.backends))
}

// undo goes back to the state of the configuration before a plan was begun. What that has ended
// starts again at its next call.
func (o *Orchestrator) undo(ctx context.Context, before, begun *backends) error {
	restored := o.arrange(&Plan{desired: before.desired, units: before.units}, before).backends
	o.backends.Store(restored)
	stay := restored.all()
	return o.closeAll(ctx, slices.DeleteFunc(begun.all(), func(s *slot) bool { return slices.Contains(stay, s) }))
}

// remove ends what the plan does without, before anything takes its place.
func (o *Orchestrator) remove(ctx context.Context, plan *Plan, before *backends) error {
	running := map[string]*slot{}
	for _, s := range before.all() {
		running[s.spec.Name] = s
	}
	var work sync.WaitGroup
	failed := make([]error, len(plan.Steps))
	for i, step := range plan.Steps {
		if step.Action != Remove {
			continue
		}
		work.Go(func() {
			if step.left.runtime != nil {
				failed[i] = step.left.runtime.Remove(ctx, step.left.Observed)
			} else if s := running[step.Backend]; s != nil {
				failed[i] = s.close(ctx, nil)
			}
			if failed[i] != nil {
				failed[i] = fmt.Errorf("remove %s: %w", step.Backend, failed[i])
			}
		})
	}
	work.Wait()
	return errors.Join(failed...)
}

// arrangement is the state of the configuration that a plan leads to.
type arrangement struct {
	backends *backends
	starting []*slot
}

// arrange gives every backend of the plan its slot: the one it has where its specification has not
// changed, else a new one.
func (o *Orchestrator) arrange(plan *Plan, before *backends) arrangement {
	kept := map[string]*slot{}
	for _, s := range before.all() {
		kept[s.spec.Name] = s
	}
	a := arrangement{backends: &backends{desired: plan.desired, units: plan.units, slots: map[*unit]*slot{}, many: map[*unit]*instances{}}}
	for _, u := range plan.units {
		if u.missing != nil {
			continue
		}
		if u.image.Account.Instance {
			a.backends.many[u] = &instances{slots: map[[2]string]*slot{}, make: func(account, region string) *slot {
				return o.slot(u, u.spec(account, region))
			}}
			continue
		}
		a.backends.slots[u] = o.slotFor(u, u.spec("", ""), kept)
	}
	for _, step := range plan.Steps {
		if step.unit == nil || step.unit.missing != nil {
			continue
		}
		s := a.backends.slots[step.unit]
		if many := a.backends.many[step.unit]; many != nil && step.spec.Account != "" {
			s = o.slotFor(step.unit, step.spec, kept)
			many.slots[[2]string{step.spec.Account, step.spec.Region}] = s
		}
		if step.left.runtime != nil {
			s.left = &step.left
		}
		if step.Action == Start || step.Action == Adopt || step.Action == Replace {
			a.starting = append(a.starting, s)
		}
	}
	return a
}

// slotFor is the slot that already runs what spec asks for, or a new one that takes its place.
func (o *Orchestrator) slotFor(u *unit, spec Spec, kept map[string]*slot) *slot {
	old := kept[spec.Name]
	if old != nil && !old.isClosed() && old.spec.Hash() == spec.Hash() {
		return old
	}
	s := o.slot(u, spec)
	if old != nil && !old.isClosed() {
		s.previous = old
	}
	return s
}

func (o *Orchestrator) slot(u *unit, spec Spec) *slot {
	return &slot{spec: spec, runtime: u.runtime, name: u.image.Name, host: o.host, state: Idle}
}

// fetchAll fetches images of backends that start later, in parallel.
func (o *Orchestrator) fetchAll(ctx context.Context, plan *Plan) error {
	var work sync.WaitGroup
	failed := make([]error, len(plan.units))
	for i, u := range plan.units {
		puller, ok := u.runtime.(Puller)
		if !ok || !u.fetch || u.start {
			continue
		}
		work.Go(func() {
			failed[i] = puller.Pull(ctx, u.image, func(p Progress) {
				o.host.events(Event{Backend: u.image.Name, State: p.State, Text: p.Text, Done: p.Done, Total: p.Total})
			})
		})
	}
	work.Wait()
	return errors.Join(failed...)
}

// startAll starts slots in parallel and waits until each is ready or has failed.
func (o *Orchestrator) startAll(ctx context.Context, slots []*slot) error {
	failed := make([]error, len(slots))
	var work sync.WaitGroup
	for i, s := range slots {
		work.Go(func() {
			a, err := s.begin(true)
			if err != nil {
				failed[i] = err
				return
			}
			select {
			case <-a.done:
				if a.err != nil {
					failed[i] = fmt.Errorf("start %s: %w", s.spec.Name, a.err)
				}
			case <-ctx.Done():
			}
		})
	}
	work.Wait()
	return errors.Join(failed...)
}
