// Package orchestrator brings a project from its configuration to running backends, and keeps them
// there: desired (what the configuration asks for), observed (what runs), plan (the difference, a
// pure function), run, ready. Backends start at once or at their first call.
//
// Where they run is up to a Runtime: the packages local and docker. To add one, write a package
// whose runtime passes runtimetest, and name it in cmd.
package orchestrator

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"

	"localcloud/images"
)

// Config is what an orchestrator is made of.
type Config struct {
	Project string
	// Runtimes in order of preference: an image runs in the first that takes it. The docker runtime
	// is followed by the local one, where commands of this machine run.
	Runtimes []Runtime
	Log      *slog.Logger // nil for slog.Default
	// Events is told what happens to backends, from several goroutines at once; nil for nobody.
	Events func(Event)
}

// Desired is what the configuration asks for.
type Desired struct {
	// Images by service name; "*" for every other service. Services with the same image (the same
	// pointer) share one backend; the calls of one with nil are refused.
	Images map[string]*images.Image
	// Start names the services whose backends are started at once; others start at their first call.
	Start []string
	// Fetch names the services whose images are fetched at once although their backends start later.
	Fetch []string
	// Strict refuses the services that Start does not name.
	Strict bool
	// Persist keeps the state of backends beyond their end.
	Persist bool
	// Performed lists the operations ("sns:Subscribe", "events:*") whose effects our own glue
	// performs, so that they pass although the image lists them among its Effects.
	Performed []string
}

// Orchestrator runs the backends of one project. Safe for concurrent use.
type Orchestrator struct {
	config   Config
	host     *host
	backends atomic.Pointer[backends]

	running sync.Mutex // held by what changes backends as a whole: Run, Stop, Down
}

// New returns an orchestrator that runs nothing yet and does not look at the machine.
func New(config Config) *Orchestrator {
	if config.Log == nil {
		config.Log = slog.Default()
	}
	if config.Events == nil {
		config.Events = func(Event) {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	o := &Orchestrator{
		config: config,
		host:   &host{log: config.Log, events: config.Events, ctx: ctx, cancel: cancel},
	}
	o.backends.Store(&backends{})
	return o
}

// Plan compares what is desired with what runs, and changes nothing.
func (o *Orchestrator) Plan(ctx context.Context, desired Desired) (*Plan, error) {
	list, err := units(desired, o.config.Runtimes)
	if err != nil {
		return nil, err
	}
	if desired.Persist {
		if err := startKept(ctx, list); err != nil {
			return nil, err
		}
	}
	observed, err := o.observe(ctx)
	if err != nil {
		return nil, err
	}
	return &Plan{Steps: compute(list, o.specs(), observed), desired: desired, units: list}, nil
}

// startKept lets native backends with state from earlier start at once.
func startKept(ctx context.Context, list []*unit) error {
	for _, u := range list {
		keeper, ok := u.runtime.(Keeper)
		if !ok || u.start || u.image.New == nil {
			continue
		}
		kept, err := keeper.Keeps(ctx, u.image.Name)
		if err != nil {
			return err
		}
		u.start = kept
	}
	return nil
}

// observe asks all runtimes what there is of the project.
func (o *Orchestrator) observe(ctx context.Context) ([]found, error) {
	var list []found
	for _, r := range o.config.Runtimes {
		observed, err := r.Observe(ctx)
		if err != nil {
			return nil, err
		}
		for _, left := range observed {
			list = append(list, found{left, r})
		}
	}
	return list, nil
}

// specs lists what this process runs or is about to run.
func (o *Orchestrator) specs() []Spec {
	var list []Spec
	for _, s := range o.backends.Load().all() {
		if s.live() {
			list = append(list, s.spec)
		}
	}
	return list
}

// Stop ends all backends after their calls in flight and waits for it. Their state is kept where it
// was to be. Calls that come later are refused.
func (o *Orchestrator) Stop(ctx context.Context) error {
	o.running.Lock()
	defer o.running.Unlock()
	err := o.closeAll(ctx, o.backends.Load().all())
	o.host.cancel()
	o.host.work.Wait()
	return err
}

// closeAll ends slots in parallel.
func (o *Orchestrator) closeAll(ctx context.Context, slots []*slot) error {
	failed := make([]error, len(slots))
	var work sync.WaitGroup
	for i, s := range slots {
		work.Go(func() { failed[i] = s.close(ctx, nil) })
	}
	work.Wait()
	return errors.Join(failed...)
}

// Down ends and removes everything of the project that can be found, also what another process
// left; state that was to survive only where volumes is set.
func (o *Orchestrator) Down(ctx context.Context, volumes bool) error {
	err := o.Stop(ctx)
	observed, observeErr := o.observe(ctx)
	err = errors.Join(err, observeErr)
	for _, left := range observed {
		err = errors.Join(err, left.runtime.Remove(ctx, left.Observed))
	}
	for _, r := range o.config.Runtimes {
		if cleaner, ok := r.(Cleaner); ok {
			err = errors.Join(err, cleaner.Clean(ctx, volumes))
		}
	}
	return err
}
