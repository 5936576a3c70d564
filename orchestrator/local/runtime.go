// Package local is the runtime without an engine: native backends run in this process, third-party
// programs that are installed on the machine as its child processes.
//
// A child never outlives this process: between them stands a supervisor (Supervise), which ends the
// child's process group when its pipe to this process closes. What survived even that is found by
// marks in the state directory and in the processes' environment.
package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"

	"localcloud/images"
	"localcloud/internal/clock"
	"localcloud/orchestrator"
)

// Options are what the runtime is made of.
type Options struct {
	Project string
	// Dir is the project's state directory. The runtime keeps to its folders backends (state that is
	// to survive), run (state that is not), children (marks) and logs.
	Dir string
	// Supervisor is the command that runs Supervise: the executable and its hidden command. The
	// arguments of Supervise follow.
	Supervisor []string
	Log        *slog.Logger // nil for slog.Default
	Clock      *clock.Clock // of native backends; nil for one of its own
}

// Runtime is the local runtime of one project.
type Runtime struct {
	options Options
}

var (
	_ orchestrator.Runtime = (*Runtime)(nil)
	_ orchestrator.Keeper  = (*Runtime)(nil)
	_ orchestrator.Cleaner = (*Runtime)(nil)
)

// New returns the runtime and does nothing yet.
func New(options Options) *Runtime {
	if options.Log == nil {
		options.Log = slog.Default()
	}
	if options.Clock == nil {
		options.Clock = new(clock.Clock)
	}
	return &Runtime{options: options}
}

// Name is "local".
func (r *Runtime) Name() string { return "local" }

// Takes native backends, and programs that are installed.
func (r *Runtime) Takes(image *images.Image) error {
	switch {
	case image.New != nil:
		return nil
	case len(image.Command) == 0:
		return errors.New("it is a container, and there is no Docker engine: start one and run localcloud up again, or choose another backend")
	}
	_, err := exec.LookPath(image.Command[0])
	if err == nil {
		return nil
	}
	hint := "install it"
	if image.Install != "" {
		hint = image.Install
	}
	if image.Reference != "" {
		hint += ", or start Docker"
	}
	return fmt.Errorf("%s is not installed (%s)", image.Command[0], hint)
}

// Start starts a native backend in this process, or an installed program as its child.
func (r *Runtime) Start(ctx context.Context, spec orchestrator.Spec, _ func(orchestrator.Progress)) (orchestrator.Instance, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	dir, err := r.stateDir(spec)
	if err != nil {
		return nil, err
	}
	start := r.startChild
	if spec.Image.New != nil {
		start = r.startNative
	}
	instance, err := start(ctx, spec, dir)
	if err != nil && !spec.Persist {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return instance, err
}

// stateDir makes the directory of an instance: empty, unless its state is to survive.
func (r *Runtime) stateDir(spec orchestrator.Spec) (string, error) {
	dir := filepath.Join(r.options.Dir, "backends", spec.Name)
	if !spec.Persist {
		dir = filepath.Join(r.options.Dir, "run", spec.Name)
		if err := os.RemoveAll(dir); err != nil {
			return "", fmt.Errorf("empty the directory of %s: %w", spec.Name, err)
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the directory of %s: %w", spec.Name, err)
	}
	return dir, nil
}

// Keeps reports whether the backend has a directory with state from earlier.
func (r *Runtime) Keeps(_ context.Context, name string) (bool, error) {
	entries, err := os.ReadDir(filepath.Join(r.options.Dir, "backends", name))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return len(entries) > 0, err
}

// Clean removes the runtime's folders; that with state which was to survive only where volumes is set.
func (r *Runtime) Clean(_ context.Context, volumes bool) error {
	folders := []string{"run", "children", "logs"}
	if volumes {
		folders = append(folders, "backends")
	}
	var err error
	for _, folder := range folders {
		err = errors.Join(err, os.RemoveAll(filepath.Join(r.options.Dir, folder)))
	}
	return err
}

// logFile opens the log of an instance for appending.
func (r *Runtime) logFile(name string) (*os.File, error) {
	path := r.logPath(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of logs: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", name, err)
	}
	return file, nil
}

func (r *Runtime) logPath(name string) string {
	return filepath.Join(r.options.Dir, "logs", name+".log")
}
