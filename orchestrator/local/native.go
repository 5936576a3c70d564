package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"localcloud/images"
	"localcloud/orchestrator"
)

// native is a native backend inside this process. Its calls are direct function calls.
type native struct {
	images.Native
	dir  string // removed at the end; "" where it stays
	log  *os.File
	done chan struct{}

	once sync.Once
	err  error
}

var (
	_ orchestrator.Instance = (*native)(nil)
	_ orchestrator.Resetter = (*native)(nil)
)

func (r *Runtime) startNative(_ context.Context, spec orchestrator.Spec, dir string) (orchestrator.Instance, error) {
	file, err := r.logFile(spec.Name)
	if err != nil {
		return nil, err
	}
	if err := trim(file); err != nil {
		return nil, errors.Join(fmt.Errorf("trim the log of %s: %w", spec.Name, err), file.Close())
	}
	backend, err := spec.Image.New(images.Env{
		Dir:      dir,
		Persist:  spec.Persist,
		Log:      slog.New(slog.NewTextHandler(file, nil)).With("backend", spec.Name),
		Clock:    r.options.Clock,
		Settings: spec.Image.Settings,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", spec.Name, err), file.Close())
	}
	n := &native{Native: backend, log: file, done: make(chan struct{})}
	if !spec.Persist {
		n.dir = dir
	}
	return n, nil
}

func (n *native) Address() string       { return "" }
func (n *native) Done() <-chan struct{} { return n.done }

func (n *native) Logs(ctx context.Context, options orchestrator.LogOptions) (io.ReadCloser, error) {
	return readLog(ctx, n.log.Name(), options, n.done)
}

// Reset makes the backend forget, where it can.
func (n *native) Reset(context.Context) error {
	if resetter, ok := n.Native.(images.Resetter); ok {
		return resetter.Reset()
	}
	return errors.ErrUnsupported
}

// Stop closes the backend, which ends its goroutines and flushes its state.
func (n *native) Stop(context.Context) error {
	n.once.Do(func() {
		n.err = errors.Join(n.Close(), n.log.Close())
		if n.dir != "" {
			n.err = errors.Join(n.err, os.RemoveAll(n.dir))
		}
		close(n.done)
	})
	return n.err
}
