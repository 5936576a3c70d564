package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"localcloud/cmd/localcloud/config"
	"localcloud/cmd/localcloud/project"
)

// upOptions are those of `up` that are no settings of the configuration.
type upOptions struct {
	*app
	foreground bool
	dryRun     bool
	json       bool
}

func newUp(a *app) *cobra.Command {
	o := &upOptions{app: a}
	c := &cobra.Command{
		Use:   "up",
		Short: "Start the project, or change it to its present configuration",
		Long: `Start the project and return when everything that is wanted is ready. Where it runs already,
change what differs from the configuration and nothing else.

The lines on standard output set up a shell: eval "$(localcloud up)"`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c) },
	}
	flags := c.Flags()
	flags.StringSlice("listen", nil, "address of the gateway, host:port (default 127.0.0.1:4566)")
	flags.String("runtime", "", "where backends run: auto, docker or local")
	flags.StringSlice("services", nil, "services to start at once; others start at their first call")
	flags.StringArray("backend", nil, "backend of a service, SERVICE=BACKEND; may be repeated")
	flags.Bool("classic-ports", false, "also listen on the ports 4567-4599")
	flags.Bool("strict", false, "refuse services that are not listed")
	flags.Bool("persistence", false, "keep state over down and up")
	flags.BoolVar(&o.foreground, "foreground", false, "stay, and end with the project")
	flags.BoolVar(&o.dryRun, "dry-run", false, "print what would be done")
	flags.BoolVar(&o.json, "json", false, "print the status as JSON")
	return c
}

func (o *upOptions) run(c *cobra.Command) error {
	ctx := c.Context()
	cfg, err := o.load(c)
	if err != nil {
		return err
	}
	o.notes(cfg.Notes)
	if o.dryRun {
		return o.plan(ctx, cfg)
	}
	dir, err := project.Open("", cfg.Project)
	if err != nil {
		return err
	}
	client, err := dir.Connect()
	if err != nil {
		return err
	}
	began, err := o.start(ctx, dir)
	if err != nil {
		return err
	}
	err = o.bringUp(ctx, client, cfg)
	if errors.Is(err, project.ErrNotRunning) { // a `down` was there first
		if began, err = o.start(ctx, dir); err != nil {
			return err
		}
		err = o.bringUp(ctx, client, cfg)
	}
	if err != nil {
		return errors.Join(err, began.undone(dir))
	}
	if o.foreground {
		fmt.Fprintln(o.stdout, "Ready.")
		return began.foreground.wait()
	}
	return o.report(ctx, client)
}

// begun says which process `up` has started: none, one in the background, or this one.
type begun struct {
	background bool
	foreground *process
}

// undone returns when the process that was started has ended, since nothing is up in it.
func (b begun) undone(dir project.Dir) error {
	switch {
	case b.foreground != nil:
		b.foreground.cancel()
		return b.foreground.wait()
	case b.background:
		mark, _ := dir.Mark()
		lock, err := awaitEnd(context.Background(), dir, mark)
		if lock == nil || err != nil {
			return err
		}
		return errors.Join(dir.Clean(), lock.Release())
	}
	return nil
}

// bringUp has the process make the configuration true and shows how far it is.
func (o *upOptions) bringUp(ctx context.Context, client *project.Client, cfg *config.Config) error {
	show := o.progress()
	defer show.done()
	return client.Up(ctx, cfg, show.line)
}

// report prints what runs now.
func (o *upOptions) report(ctx context.Context, client *project.Client) error {
	var s status
	if err := client.Status(ctx, &s); err != nil || len(s.Listen) == 0 {
		return &project.Failure{Message: "the project was taken down as soon as it was ready", Hint: "localcloud up", Code: exitFailed}
	}
	if o.json {
		return printJSON(o.stdout, s)
	}
	fmt.Fprintf(o.stderr, "localcloud is ready at %s (project %s, %s)\n", s.URL, s.Project, s.where())
	return printEnv(o.stdout, s.URL, "sh")
}

// startDeadline is how long another `up` or `down` of the same project may take to let go.
const startDeadline = 30 * time.Second

// start makes sure that a process of this build runs the project.
func (o *upOptions) start(ctx context.Context, dir project.Dir) (begun, error) {
	ctx, cancel := context.WithTimeout(ctx, startDeadline)
	defer cancel()
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		lock, err := dir.TryLock()
		if err == nil {
			return o.begin(dir, lock)
		}
		if !errors.Is(err, project.ErrLocked) {
			return begun{}, err
		}
		ready, err := o.takeOver(ctx, dir)
		if ready || err != nil {
			return begun{}, err
		}
		select { // the process is about to begin, or to end
		case <-retry.C:
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return begun{}, notAnswering(dir)
			}
			return begun{}, ctx.Err()
		}
	}
}

// begin starts the process, whose lock is ours.
func (o *upOptions) begin(dir project.Dir, lock *project.Lock) (begun, error) {
	if o.foreground {
		p, err := beginForeground(dir, lock, o.stderr)
		return begun{foreground: p}, err
	}
	executable, err := os.Executable()
	if err != nil {
		return begun{}, errors.Join(err, lock.Release())
	}
	err = dir.Spawn(lock, executable, processCommand, "--project", dir.Project, "--state", dir.Path)
	return begun{background: true}, err
}

// takeOver looks at the process that holds the lock. It reports whether that is fit for use; one of
// another build is drained.
func (o *upOptions) takeOver(ctx context.Context, dir project.Dir) (ready bool, err error) {
	client, err := dir.Connect()
	if err != nil {
		return false, err
	}
	var s status
	if client.Status(ctx, &s) != nil {
		return false, nil // it does not answer yet, or no more
	}
	if s.Version == version() && s.Build == project.Build() {
		if o.foreground {
			return false, &project.Failure{
				Message: fmt.Sprintf("project %s runs already (process %d)", s.Project, s.PID), Hint: "localcloud down", Code: exitFailed,
			}
		}
		return true, nil
	}
	fmt.Fprintf(o.stderr, "note: replacing the running localcloud %s by %s\n", s.Version, version())
	if err := client.Drain(ctx); !errors.Is(err, project.ErrNotRunning) {
		return false, err
	}
	return false, nil
}

func notAnswering(dir project.Dir) error {
	mark, _ := dir.Mark()
	return &project.Failure{
		Message: fmt.Sprintf("the process of project %s (%d) does not answer", dir.Project, mark.PID),
		Hint:    "localcloud down ends it", Code: exitFailed,
	}
}

// plan prints what `up` would do.
func (o *upOptions) plan(ctx context.Context, cfg *config.Config) error {
	dir, err := project.At("", cfg.Project)
	if err != nil {
		return err
	}
	plan, err := planOf(ctx, dir, cfg)
	if err != nil {
		return err
	}
	if o.json {
		return printJSON(o.stdout, plan)
	}
	return plan.print(o.stdout)
}

func printJSON(w interface{ Write([]byte) (int, error) }, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
