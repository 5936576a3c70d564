package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"localcloud/cmd/localcloud/config"
	"localcloud/cmd/localcloud/project"
	"localcloud/gateway"
	"localcloud/internal/clock"
	"localcloud/orchestrator"
	"localcloud/orchestrator/docker"
)

// cloud is everything that runs inside the project's process: orchestrator, gateway, glue. Up, Down,
// Drain and Reset are called one at a time (by project.Control), the others at any time.
type cloud struct {
	dir    project.Dir
	log    *project.Log
	level  slog.LevelVar
	logger *slog.Logger
	clock  clock.Clock
	mark   project.Mark
	doors  doors
	// tell shows what happens to backends while a command runs.
	tell teller
	keep bool // the state directory outlives this process
	// gateway is the last that was made: it still takes the calls of glue when its ports are shut.
	gateway atomic.Pointer[gateway.Gateway]

	mu           sync.Mutex
	glue         *glue          // connects the services; nil while nothing is up
	config       *config.Config // nil while nothing is up
	ready        bool           // what config wants runs
	choice       project.Choice
	engine       *docker.Runtime // nil in the local runtime
	orchestrator *orchestrator.Orchestrator
}

func newCloud(dir project.Dir, log *project.Log, mark project.Mark) *cloud {
	c := &cloud{dir: dir, log: log, mark: mark}
	c.logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: &c.level}))
	c.doors.log = c.logger
	return c
}

// Up makes the cloud what a configuration says. Where that fails, the cloud is what it was before.
func (c *cloud) Up(ctx context.Context, configuration json.RawMessage, progress func(string)) error {
	next := new(config.Config)
	if err := json.Unmarshal(configuration, next); err != nil {
		return fmt.Errorf("read the configuration that was sent: %w", err)
	}
	c.tell.to(progress)
	defer c.tell.to(nil)
	c.mu.Lock()
	before := c.config
	c.mu.Unlock()
	choice, chosen := c.dir.Choice()
	began := time.Now()
	err := c.apply(ctx, next)
	if err == nil {
		c.logger.Info("ready", "took", time.Since(began).Round(time.Millisecond), "runtime", c.choice.Runtime, "listen", strings.Join(c.doors.addresses(), " "))
		return nil
	}
	c.logger.Error("up failed", "error", err)
	if err := c.undo(before, !chosen); err != nil {
		c.logger.Error("undo", "error", err)
	}
	if before == nil && chosen {
		return errors.Join(err, c.dir.Choose(choice))
	}
	return err
}

// undoDeadline bounds how long a failed or interrupted `up` is undone.
const undoDeadline = time.Minute

// undo brings the configuration back that was there before, nil for nothing: then all that was begun
// is removed, with its state where the project is new.
func (c *cloud) undo(before *config.Config, isNew bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), undoDeadline)
	defer cancel()
	if before == nil {
		return c.Down(ctx, isNew, func(string) {})
	}
	return c.apply(ctx, before)
}

// apply is the bring-up: the parts in their order.
func (c *cloud) apply(ctx context.Context, next *config.Config) error {
	if err := c.level.UnmarshalText([]byte(next.Log)); err != nil {
		return err
	}
	want, err := desired(next)
	if err != nil {
		return err
	}
	if err := c.doors.open(next); err != nil { // first: a taken port is told before anything is begun
		return err
	}
	if err := c.useRuntime(ctx, next); err != nil {
		return err
	}
	if err := c.openGlue(next.Persistence); err != nil {
		return err
	}
	c.mu.Lock()
	c.config, c.ready = next, false
	c.mu.Unlock()
	if err := c.serve(next); err != nil {
		return err
	}
	plan, err := c.orchestrator.Plan(ctx, want)
	if err != nil {
		return err
	}
	if err := c.orchestrator.Run(ctx, plan); err != nil {
		return err
	}
	if err := c.announce(ctx, next); err != nil {
		return err
	}
	c.mu.Lock()
	c.ready = true
	c.mu.Unlock()
	return nil
}

// Down ends everything and removes it.
func (c *cloud) Down(ctx context.Context, volumes bool, _ func(string)) error {
	err := c.end(ctx, !volumes, func(o *orchestrator.Orchestrator) error { return o.Down(ctx, volumes) })
	return errors.Join(err, c.dir.Forget(volumes))
}

// Drain ends everything and keeps all state, so that another process can go on with it.
func (c *cloud) Drain(ctx context.Context) error {
	c.keep = true
	return c.end(ctx, true, func(o *orchestrator.Orchestrator) error { return o.Stop(ctx) })
}

// end is the bring-up backwards: ports, glue (whose last messages still find backends), backends.
func (c *cloud) end(ctx context.Context, keep bool, backends func(*orchestrator.Orchestrator) error) error {
	c.mu.Lock()
	c.ready = false
	o := c.orchestrator
	c.mu.Unlock()
	err := c.doors.shut(ctx)
	err = errors.Join(err, c.closeGlue(ctx, keep))
	if o != nil {
		err = errors.Join(err, backends(o))
	}
	c.mu.Lock()
	c.config = nil
	c.mu.Unlock()
	c.closeRuntime()
	return err
}

// clean removes the files of this process, once everything has ended.
func (c *cloud) clean() error {
	if c.keep {
		return nil
	}
	return c.dir.Clean()
}

// Reset forgets the state of all backends and of the glue.
func (c *cloud) Reset(ctx context.Context) error {
	o := c.running()
	if o == nil {
		return project.ErrNotRunning
	}
	c.mu.Lock()
	g := c.glue
	c.mu.Unlock()
	if g == nil {
		return project.ErrNotRunning
	}
	return errors.Join(o.Reset(ctx), g.reset())
}

// Empty reports whether nothing is up.
func (c *cloud) Empty() bool { return c.running() == nil }

// running is the orchestrator, nil while nothing is up.
func (c *cloud) running() *orchestrator.Orchestrator {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.config == nil {
		return nil
	}
	return c.orchestrator
}

// Status is how the project stands.
func (c *cloud) Status() any { return c.status() }

func (c *cloud) status() *status {
	s := &status{
		Project: c.dir.Project, Version: c.mark.Version, Build: c.mark.Build, PID: c.mark.PID, Since: c.mark.Since,
		Listen: c.doors.addresses(),
	}
	if len(s.Listen) > 0 {
		s.URL = urlOf(s.Listen[0])
	}
	c.mu.Lock()
	s.Ready, s.Runtime, s.Reason = c.ready, c.choice.Runtime, c.choice.Reason
	o := c.orchestrator
	c.mu.Unlock()
	if o != nil {
		s.Backends = o.Status()
	}
	return s
}

// Logs writes log lines of a backend, "" for the project's own log.
func (c *cloud) Logs(ctx context.Context, w io.Writer, backend string, tail int, follow bool) error {
	if backend == "" {
		return c.log.Copy(ctx, w, tail, follow, func([]byte) bool { return true })
	}
	o := c.running()
	if o == nil {
		return project.ErrNotRunning
	}
	all := o.Status()
	at := slices.IndexFunc(all, func(s orchestrator.Status) bool { return s.Backend == backend })
	if at < 0 {
		var names []string
		for _, s := range all {
			names = append(names, s.Backend)
		}
		return &project.Failure{Message: fmt.Sprintf("no backend %q", backend), Hint: "there are: " + strings.Join(names, ", "), Code: exitFailed}
	}
	if all[at].Source == "native" && all[at].Runtime == "local" { // it writes into the project's log
		mark := []byte(" backend=" + backend + " ")
		return c.log.Copy(ctx, w, tail, follow, func(line []byte) bool { return bytes.Contains(line, mark) })
	}
	lines, err := o.Logs(ctx, backend, orchestrator.LogOptions{Tail: tail, Follow: follow})
	if err != nil {
		return err
	}
	defer lines.Close()
	_, err = io.Copy(w, lines)
	return err
}

// teller passes events of backends on to whoever waits for a command.
type teller struct {
	mu   sync.Mutex
	line func(string)
}

func (t *teller) to(line func(string)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.line = line
}

func (t *teller) event(e orchestrator.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.line != nil {
		t.line(e.String())
	}
}
