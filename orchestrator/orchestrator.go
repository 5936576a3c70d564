// Package orchestrator brings a project from its configuration to running backends, and keeps them
// there: desired (what the configuration asks for), observed (what runs), plan (the difference, a
// pure function), run, ready. Backends start at once or at their first call.
//
// Where they run is up to a Runtime: the packages local and docker. To add one, write a package
// whose runtime passes runtimetest, and name it in cmd.
package orchestrator

import (
	"context"
	"io"
	"log/slog"

	"localcloud/gateway/aws"
	"localcloud/images"
)

// Config is what an orchestrator is made of.
type Config struct {
	Project string
	// Runtimes in order of preference: an image runs in the first that takes it. The docker runtime
	// is followed by the local one, where commands of this machine run.
	Runtimes []Runtime
	Log      *slog.Logger
	// Events is told what happens to backends, from several goroutines at once; nil for nobody.
	Events func(Event)
}

// Desired is what the configuration asks for.
type Desired struct {
	// Images by service name; "*" for every other service. Services with the same image (the same
	// pointer) share one backend.
	Images map[string]*images.Image
	// Start names the services whose backends are started at once; others start at their first call.
	Start []string
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
	config Config
}

// New returns an orchestrator that runs nothing yet and does not look at the machine.
func New(config Config) *Orchestrator {
	return &Orchestrator{config: config}
}

// Plan compares what is desired with what runs, and changes nothing.
func (o *Orchestrator) Plan(ctx context.Context, desired Desired) (*Plan, error) {
	panic("not written")
}

// Run makes the plan true: from its beginning, calls go to the backends it desires. It starts what
// is to start, in parallel, and returns when all of that is ready. Backends whose specification has
// not changed go on; replaced ones end after the calls in flight. When ctx ends, what Run has begun
// is undone.
func (o *Orchestrator) Run(ctx context.Context, plan *Plan) error { panic("not written") }

// Backend finds the backend of a call and starts it where it does not run; gateway.Backends
// describes it. An error is an *aws.Error, or the context's.
func (o *Orchestrator) Backend(ctx context.Context, service *aws.Service, operation, account, region string) (*images.Backend, error) {
	panic("not written")
}

// Status returns the backends of the project, ordered by name, without waiting for anything.
func (o *Orchestrator) Status() []Status { panic("not written") }

// Status is how one backend stands.
type Status struct {
	Backend  string   `json:"backend"`
	Services []string `json:"services"` // that it answers; "*" for all that no other backend answers
	Runtime  string   `json:"runtime"`  // "address" where nothing is started
	Source   string   `json:"source"`   // "native", the image reference, the command or the address
	State    State    `json:"state"`
	Reason   string   `json:"reason,omitempty"` // why it has failed or died, or how far it is
	Address  string   `json:"address,omitempty"`
}

// Logs returns the lines of a backend by its name. The caller closes it.
func (o *Orchestrator) Logs(ctx context.Context, backend string, options LogOptions) (io.ReadCloser, error) {
	panic("not written")
}

// Reset makes every running backend forget its state: by itself where it can, else by a restart.
func (o *Orchestrator) Reset(ctx context.Context) error { panic("not written") }

// Stop ends all backends after their calls in flight and waits for it. Their state is kept where it
// was to be.
func (o *Orchestrator) Stop(ctx context.Context) error { panic("not written") }

// Down ends and removes everything of the project that can be found, also what another process
// left; state that was to survive only where volumes is set.
func (o *Orchestrator) Down(ctx context.Context, volumes bool) error { panic("not written") }
