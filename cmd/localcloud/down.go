package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"localcloud/cmd/localcloud/project"
)

type downOptions struct {
	*app
	volumes bool
}

func newDown(a *app) *cobra.Command {
	o := &downOptions{app: a}
	c := &cobra.Command{
		Use:   "down",
		Short: "Stop the project and leave nothing behind",
		Long: `Stop the project and remove its containers, network and files, also what a killed process left.
State that persistence keeps stays, unless --volumes is given.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c) },
	}
	c.Flags().BoolVarP(&o.volumes, "volumes", "v", false, "remove kept state too")
	return c
}

func (o *downOptions) run(c *cobra.Command) error {
	dir, err := o.dir(c)
	if err != nil {
		return err
	}
	if !dir.Exists() {
		fmt.Fprintf(o.stderr, "project %s is not running\n", dir.Project)
		return nil
	}
	if err := o.stop(c.Context(), dir); err != nil {
		return err
	}
	fmt.Fprintf(o.stderr, "project %s is down\n", dir.Project)
	return nil
}

// stop has the process end itself; where there is none, this process does its work.
func (o *downOptions) stop(ctx context.Context, dir project.Dir) error {
	lock, err := dir.TryLock()
	if err == nil {
		return o.cleanUp(ctx, dir, lock)
	}
	if !errors.Is(err, project.ErrLocked) {
		return err
	}
	client, err := dir.Connect()
	if err != nil {
		return err
	}
	mark, _ := dir.Mark()
	show := o.progress()
	defer show.done()
	err = client.Down(ctx, o.volumes, show.line)
	var failure *project.Failure
	if errors.As(err, &failure) || ctx.Err() != nil {
		return err
	}
	ended := err == nil
	if !ended && !errors.Is(err, project.ErrNotRunning) { // it does not answer, or has ended half-way
		_ = mark.Kill()
	}
	lock, err = awaitEnd(ctx, dir, mark)
	if lock == nil || err != nil {
		return err
	}
	if !ended { // it may have been killed a moment ago
		return o.cleanUp(ctx, dir, lock)
	}
	return errors.Join(dir.Clean(), lock.Release()) // locking made the directory again
}

// cleanUp removes what a process that is no more has left.
func (o *downOptions) cleanUp(ctx context.Context, dir project.Dir, lock *project.Lock) error {
	return errors.Join(removeLeft(ctx, dir, o.volumes), lock.Release())
}

// awaitEnd returns once the marked process has ended: with its lock, or with nil where another process
// has taken it already.
func awaitEnd(ctx context.Context, dir project.Dir, mark project.Mark) (*project.Lock, error) {
	ctx, cancel := context.WithTimeout(ctx, startDeadline)
	defer cancel()
	retry := time.NewTicker(10 * time.Millisecond)
	defer retry.Stop()
	for {
		lock, err := dir.TryLock()
		if !errors.Is(err, project.ErrLocked) {
			return lock, err
		}
		if now, ok := dir.Mark(); ok && now != mark {
			return nil, nil
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			return nil, notAnswering(dir)
		}
	}
}
