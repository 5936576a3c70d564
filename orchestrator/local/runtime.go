// Package local is the runtime without an engine: native backends run in this process, third-party
// programs that are installed on the machine as its child processes.
//
// A child never outlives this process: between them stands a supervisor (Supervise), which ends the
// child's process group when its pipe to this process closes. What survived even that is found by
// marks in the state directory and in the processes' environment.
package local

import (
	"log/slog"

	"localcloud/internal/clock"
)

// Options are what the runtime is made of.
type Options struct {
	Project string
	Dir     string // the project's state directory; the runtime keeps to "backends", "children" and "logs" in it
	// Supervisor is the command that runs Supervise: the executable and its hidden command. The
	// arguments of Supervise follow.
	Supervisor []string
	Log        *slog.Logger
	Clock      *clock.Clock // of native backends
}

// Runtime is the local runtime of one project.
type Runtime struct {
	options Options
}

// New returns the runtime and does nothing yet.
func New(options Options) *Runtime { return &Runtime{options: options} }
