package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"localcloud/cmd/localcloud/project"
	"localcloud/internal/headroom"
)

const processCommand = "project-process"

// newProcess is the hidden command as which `up` starts the project's process.
func newProcess(a *app) *cobra.Command {
	var state string
	c := &cobra.Command{
		Use:    processCommand,
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			lock, listener, err := project.Inherit()
			if err != nil {
				return err
			}
			p, err := newProjectProcess(project.Dir{Project: filepath.Base(state), Path: state}, lock, listener, nil)
			if err != nil {
				return err
			}
			return p.run(c.Context())
		},
	}
	c.Flags().StringVar(&state, "state", "", "the project's state directory")
	return c
}

// process is the project's process from its beginning to its end: it holds the lock, answers on the
// control socket, and ends when it is told to, by command or signal, or when nothing is up in it.
type process struct {
	dir      project.Dir
	lock     *project.Lock
	listener net.Listener
	log      *project.Log
	cloud    *cloud
	control  *project.Control

	cancel context.CancelFunc // of a process in the foreground
	ended  chan struct{}
	err    error // set when ended is closed
}

// newProjectProcess takes over lock and listener. echo also gets the log's lines, nil for nobody.
func newProjectProcess(dir project.Dir, lock *project.Lock, listener net.Listener, echo io.Writer) (*process, error) {
	log, err := project.OpenLog(dir.LogPath(), echo)
	if err != nil {
		return nil, errors.Join(err, listener.Close(), lock.Release())
	}
	previous, killed := dir.Mark()
	mark, err := dir.WriteMark(version(), project.Build())
	if err != nil {
		return nil, errors.Join(err, log.Close(), listener.Close(), lock.Release())
	}
	p := &process{dir: dir, lock: lock, listener: listener, log: log, ended: make(chan struct{})}
	headroom.Keep(headroom.Default) // calls make much garbage beside little that stays
	p.cloud = newCloud(dir, log, mark)
	if killed {
		p.cloud.logger.Warn("an earlier process has ended without a word; what it left is taken over or removed", "process", previous.PID)
	}
	p.control = project.NewControl(p.cloud, failureOf, p.cloud.logger)
	return p, nil
}

// beginForeground makes this process the project's, in the background of the caller.
func beginForeground(dir project.Dir, lock *project.Lock, echo io.Writer) (*process, error) {
	listener, err := dir.Listen()
	if err != nil {
		return nil, errors.Join(err, lock.Release())
	}
	p, err := newProjectProcess(dir, lock, listener, echo)
	if err != nil {
		return nil, err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p.cancel = cancel
	go func() {
		defer close(p.ended)
		p.err = p.run(ctx)
	}()
	return p, nil
}

// wait returns when a process in the foreground has ended.
func (p *process) wait() error {
	<-p.ended
	p.cancel()
	return p.err
}

// firstUp is how long a process waits for the command it was started for.
const firstUp = 30 * time.Second

// run answers commands until the end.
func (p *process) run(ctx context.Context) error {
	served := make(chan error, 1)
	go func() { served <- p.control.Serve(p.listener) }()
	idle := time.AfterFunc(firstUp, p.control.EndIfEmpty)
	defer idle.Stop()
	var err error
	select {
	case <-p.control.Ended():
	case err = <-served:
		served <- nil
	case <-ctx.Done():
		err = p.control.Stop(context.WithoutCancel(ctx))
	}
	// The lock is the last thing to go: who waits for it finds nothing of us any more.
	err = errors.Join(err, p.cloud.clean(), p.control.Close(), <-served, p.log.Close())
	return errors.Join(err, p.lock.Release())
}
