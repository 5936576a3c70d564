package orchestrator

import (
	"context"
	"io"
	"net/http"

	"localcloud/images"
)

// Runtime is where backends run. It belongs to one project and touches nothing of another. Safe for
// concurrent use. Each implementation passes runtimetest.
type Runtime interface {
	// Name is how configuration and messages call it: "docker", "local".
	Name() string
	// Takes returns nil where the image is packaged in a way that this runtime can run, and else an
	// error that says what is missing and how to get it. It asks neither network nor engine.
	Takes(image *images.Image) error
	// Observe lists what runs, or was left behind, of this project: found by labels and marks, so
	// that it also finds what a killed process left.
	Observe(ctx context.Context) ([]Observed, error)
	// Start starts an instance and returns as soon as it is begun; it need not be ready. It tells
	// progress what takes long. After an error nothing is left of it. When ctx ends the start is
	// given up; afterwards the instance no longer depends on ctx.
	Start(ctx context.Context, spec Spec, progress func(Progress)) (Instance, error)
	// Remove ends what Observe found and removes all that belongs to it, its volume excepted. What
	// is already gone is no error.
	Remove(ctx context.Context, left Observed) error
}

// Instance is a running backend as its runtime hands it out. RoundTrip sends it a request; the host
// in the URL does not matter. Safe for concurrent use.
type Instance interface {
	http.RoundTripper
	// Address is where it takes connections from this process ("127.0.0.1:40123"); "" for a backend
	// inside this process.
	Address() string
	// Done is closed when the instance has ended, for whatever reason.
	Done() <-chan struct{}
	// Logs returns what the backend has written, as lines. The caller closes it.
	Logs(ctx context.Context, options LogOptions) (io.ReadCloser, error)
	// Stop ends the instance, gently first, and removes what belongs to it; its volume stays. When
	// ctx ends it is killed. Stopping twice is harmless.
	Stop(ctx context.Context) error
}

// LogOptions selects log lines.
type LogOptions struct {
	Tail   int  // the last lines only; 0 for all
	Follow bool // go on until ctx or the instance ends
}

// Spec is one instance of a backend, as a runtime is asked to run it.
type Spec struct {
	// Name is unique in the project: the image's name, and for instances of one account and region
	// these behind it.
	Name    string
	Image   *images.Image
	Persist bool // state survives the instance
	Account string
	Region  string // both "" unless the image has one instance an account and region
}

// Observed is an instance that a runtime has found.
type Observed struct {
	Name    string // Spec.Name
	Hash    string // Spec.Hash at its start
	ID      string // the runtime's own: container or process id
	Running bool
	Account string // Spec.Account and Spec.Region, of instances of one account and region
	Region  string
}

// Progress is a sign of life of something that takes long.
type Progress struct {
	State       State // Pulling, Building or Starting
	Text        string
	Done, Total int64 // bytes; 0 where unknown
}

// Adopter is a Runtime that can take over an instance which an earlier process started.
type Adopter interface {
	Adopt(ctx context.Context, spec Spec, left Observed) (Instance, error)
}

// Puller is a Runtime that fetches images from elsewhere before it can start them.
type Puller interface {
	// Pull fetches the image unless it is present.
	Pull(ctx context.Context, image *images.Image, progress func(Progress)) error
}

// Keeper is a Runtime that knows whether a backend has state from earlier. Backends that keep state
// start with the project, since time goes on in them (delayed messages, items that expire).
type Keeper interface {
	Keeps(ctx context.Context, name string) (bool, error)
}

// Drainer is an Instance that knows when the answers it has given are read to their end.
type Drainer interface {
	// Drain waits until no answer is being read, or ctx ends.
	Drain(ctx context.Context) error
}

// Cleaner is a Runtime with more to remove than its instances: networks, images, volumes.
type Cleaner interface {
	// Clean removes what the project no longer needs once its instances are gone; state that was to
	// survive only where volumes is set.
	Clean(ctx context.Context, volumes bool) error
}

// Networked is a Runtime whose backends live on a network of their own, from which the gateway has
// to be reached as well.
type Networked interface {
	// HostAddress returns this machine's IP address on that network, on which the gateway has to
	// listen too; "" where the network reaches the gateway in another way.
	HostAddress(ctx context.Context) (string, error)
	// Announce lets containers on the network reach the gateway, which listens on port of
	// HostAddress, under the names and all names below them. It replaces an earlier announcement.
	Announce(ctx context.Context, names []string, port int) error
}

// Executor is an Instance in which commands can be run, for probes.
type Executor interface {
	// Exec runs a command next to the backend and returns an error unless it exits with 0.
	Exec(ctx context.Context, command []string) error
}

// Resetter is an Instance that can forget the backend's state. It returns errors.ErrUnsupported
// where the backend cannot.
type Resetter interface {
	Reset(ctx context.Context) error
}
