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
	show := o.progress()
	defer show.done()
	err = client.Down(ctx, o.volumes, show.line)
	var failure *project.Failure
	if errors.As(err, &failure) || ctx.Err() != nil {
		return err
	}
	if err != nil { // it does not answer, or has ended half-way
		if mark, ok := dir.Mark(); ok {
			_ = mark.Kill()
		}
	}
	lock, lockErr := awaitLock(ctx, dir)
	if lockErr != nil {
		return lockErr
	}
	if err != nil {
		return o.cleanUp(ctx, dir, lock)
	}
	// The process removed its directory; locking made it again.
	return errors.Join(dir.Clean(), lock.Release())
}

// cleanUp removes what a process that is no more has left.
func (o *downOptions) cleanUp(ctx context.Context, dir project.Dir, lock *project.Lock) error {
	return errors.Join(removeLeft(ctx, dir, o.volumes), lock.Release())
}

// awaitLock takes the lock once the process has let it go.
func awaitLock(ctx context.Context, dir project.Dir) (*project.Lock, error) {
	ctx, cancel := context.WithTimeout(ctx, startDeadline)
	defer cancel()
	retry := time.NewTicker(10 * time.Millisecond)
	defer retry.Stop()
	for {
		lock, err := dir.TryLock()
		if !errors.Is(err, project.ErrLocked) {
			return lock, err
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			return nil, notAnswering(dir)
		}
	}
}
