package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"

	"localcloud/cmd/localcloud/config"
	"localcloud/cmd/localcloud/project"
	"localcloud/orchestrator"
	"localcloud/orchestrator/docker"
	"localcloud/orchestrator/local"
)

// useRuntime sees to it that backends run where the configuration wants them, and that this is known
// to whoever has to clean up. A change of the runtime ends what runs in the other one.
func (c *cloud) useRuntime(ctx context.Context, next *config.Config) error {
	if c.orchestrator != nil && (next.Runtime == "auto" || next.Runtime == c.choice.Runtime) {
		return c.remember(c.choice, next.Persistence)
	}
	choice, engine, err := choose(ctx, c.dir, next.Runtime, c.logger)
	if err != nil {
		return err
	}
	if c.orchestrator != nil {
		if err := c.orchestrator.Down(ctx, false); err != nil {
			return err
		}
		c.closeRuntime()
	}
	o, err := newOrchestrator(c.dir, engine, c)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.engine, c.orchestrator = engine, o
	c.mu.Unlock()
	c.logger.Info("runtime", "name", choice.Runtime, "reason", choice.Reason)
	return c.remember(choice, next.Persistence)
}

// remember writes down where backends run, and whether there may be state of them that is to be kept.
func (c *cloud) remember(choice project.Choice, persist bool) error {
	choice.Kept = choice.Kept || persist
	c.mu.Lock()
	c.choice = choice
	c.mu.Unlock()
	return c.dir.Choose(choice)
}

func (c *cloud) closeRuntime() {
	c.mu.Lock()
	engine := c.engine
	c.engine, c.orchestrator = nil, nil
	c.mu.Unlock()
	if engine != nil {
		if err := engine.Close(); err != nil {
			c.logger.Warn("close the connection to the engine", "error", err)
		}
	}
}

// choose decides for a runtime: the wanted one, for "auto" the one that was chosen before, else docker
// where an engine answers. The engine is nil for the local runtime.
func choose(ctx context.Context, dir project.Dir, wanted string, log *slog.Logger) (project.Choice, *docker.Runtime, error) {
	before, known := dir.Choice()
	choice := project.Choice{Runtime: wanted, Reason: "as configured", Kept: before.Kept}
	if wanted == "auto" && known {
		choice = before
	}
	if choice.Runtime == "local" {
		return choice, nil, nil
	}
	engine, err := connect(ctx, dir, log)
	switch {
	case err == nil:
		if choice.Runtime == "auto" {
			choice.Runtime, choice.Reason = "docker", engine.Engine()+" answers"
		}
		return choice, engine, nil
	case choice.Runtime == "auto" && errors.Is(err, docker.ErrNoEngine):
		choice.Runtime, choice.Reason = "local", "no Docker engine answers"
		return choice, nil, nil
	case wanted == "auto":
		return choice, nil, &project.Failure{
			Message: fmt.Sprintf("the project was started with Docker (%s), which is gone now: %v", before.Reason, err),
			Hint:    "start Docker again, or use --runtime local for a cloud without the project's state", Code: exitNoEngine,
		}
	default:
		return choice, nil, err
	}
}

// connect finds the Docker engine.
func connect(ctx context.Context, dir project.Dir, log *slog.Logger) (*docker.Runtime, error) {
	return docker.New(ctx, docker.Options{Project: dir.Project, Guest: []string{guestCommand}, Log: log})
}

// newOrchestrator makes the orchestrator of a project; engine is nil for the local runtime, which also
// runs the commands of this machine beside docker. The cloud c is nil where nothing is to be started.
func newOrchestrator(dir project.Dir, engine *docker.Runtime, c *cloud) (*orchestrator.Orchestrator, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, err
	}
	options := local.Options{Project: dir.Project, Dir: dir.Path, Supervisor: []string{executable, superviseCommand}}
	cfg := orchestrator.Config{Project: dir.Project}
	if c != nil {
		options.Log, options.Clock = c.logger, &c.clock
		cfg.Log, cfg.Events = c.logger, c.tell.event
	}
	if engine != nil {
		cfg.Runtimes = append(cfg.Runtimes, engine)
	}
	cfg.Runtimes = append(cfg.Runtimes, local.New(options))
	return orchestrator.New(cfg), nil
}

// announce lets containers on the project's network reach the gateway, where the runtime has one.
func (c *cloud) announce(ctx context.Context, next *config.Config) error {
	if c.engine == nil {
		return nil
	}
	var networked orchestrator.Networked = c.engine
	host, err := networked.HostAddress(ctx)
	if err != nil {
		return fmt.Errorf("find the project's network: %w", err)
	}
	_, text, err := net.SplitHostPort(c.doors.addresses()[0])
	if err != nil {
		return err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	if host != "" {
		if err := c.doors.openInside(net.JoinHostPort(host, text)); err != nil {
			return err
		}
	}
	return networked.Announce(ctx, names(next), port)
}

// names are the host names of the gateway on the project's network.
func names(cfg *config.Config) []string {
	list := []string{"localhost.localstack.cloud"}
	if host, _, err := net.SplitHostPort(cfg.Host); err == nil && host != "" && host != "localhost" && host != list[0] {
		list = append(list, host)
	} else if err != nil && cfg.Host != "" && cfg.Host != "localhost" && cfg.Host != list[0] {
		list = append(list, cfg.Host)
	}
	return list
}

// removeLeft removes what a process that is no more has left of its project. The caller holds the lock.
func removeLeft(ctx context.Context, dir project.Dir, volumes bool) error {
	choice, known := dir.Choice()
	var engine *docker.Runtime
	if known && choice.Runtime == "docker" {
		var err error
		if engine, err = connect(ctx, dir, slog.New(slog.DiscardHandler)); errors.Is(err, docker.ErrNoEngine) {
			return &project.Failure{
				Message: fmt.Sprintf("the project has containers, and their engine is gone: %v", err),
				Hint:    "start Docker again, then localcloud down", Code: exitNoEngine,
			}
		} else if err != nil {
			return err
		}
		defer engine.Close()
	}
	o, err := newOrchestrator(dir, engine, nil)
	if err != nil {
		return err
	}
	err = o.Down(ctx, volumes)
	if volumes || !choice.Kept {
		err = errors.Join(err, os.RemoveAll(glueFolder(dir)))
	}
	return errors.Join(err, dir.Forget(volumes), dir.Clean())
}
