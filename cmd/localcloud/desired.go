package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"time"

	"localcloud/cmd/localcloud/config"
	"localcloud/cmd/localcloud/project"
	"localcloud/images"
	"localcloud/images/catalog"
	"localcloud/orchestrator"
)

// desired turns a configuration into what the orchestrator is asked for.
func desired(cfg *config.Config) (orchestrator.Desired, error) {
	choices := make(map[string]catalog.Choice, len(cfg.Backends))
	for service, b := range cfg.Backends {
		choices[service] = choiceOf(b)
	}
	resolved, err := catalog.Resolve(choices)
	if err != nil {
		return orchestrator.Desired{}, err
	}
	start := slices.Clone(cfg.Services)
	if cfg.Eager {
		for service, image := range resolved {
			if image.New != nil && service != "*" {
				start = append(start, service)
			}
		}
	}
	return orchestrator.Desired{
		Images: resolved, Start: start, Fetch: slices.Sorted(maps.Keys(cfg.Backends)), Strict: cfg.Strict,
		Persist: cfg.Persistence, Performed: performed,
	}, nil
}

// choiceOf is a backend of the configuration in the catalog's words.
func choiceOf(b config.Backend) catalog.Choice {
	choice := catalog.Choice{
		Entry: b.Entry, Image: b.Image, Command: b.Command, Address: b.Address,
		Args: b.Args, Port: b.Port, Env: b.Env, Volume: b.Volume, Memory: b.Memory, Services: b.Services,
		Account: b.Account, Region: b.Region, Protocols: b.Protocols, Delivers: b.Delivers, Settings: b.Settings,
	}
	if b.Native {
		choice.Name = "native"
	}
	if b.Probe != nil {
		choice.Probe, choice.ProbeCommand = b.Probe.Path, b.Probe.Command
		choice.ProbeTimeout = time.Duration(b.Probe.Seconds) * time.Second
	}
	if b.Sign != nil {
		choice.Sign = &images.Signing{AccessKey: b.Sign.AccessKey, SecretKey: b.Sign.SecretKey, Region: b.Sign.Region}
	}
	return choice
}

// plan is what `up` would do, as `up --dry-run` prints it.
type plan struct {
	Project string `json:"project"`
	Runtime string `json:"runtime"`
	Reason  string `json:"reason"`
	orchestrator.Plan
}

func (p *plan) print(w io.Writer) error {
	_, err := fmt.Fprintf(w, "project %s, runtime %s: %s\n%s", p.Project, p.Runtime, p.Reason, p.Plan.String())
	return err
}

// planOf computes the plan of a project that may not run, and does nothing.
func planOf(ctx context.Context, dir project.Dir, cfg *config.Config) (*plan, error) {
	client, err := dir.Connect()
	if err != nil {
		return nil, err
	}
	p := new(plan)
	if err := client.Plan(ctx, cfg, p); !errors.Is(err, project.ErrNotRunning) {
		return p, err
	}
	choice, engine, err := choose(ctx, dir, cfg.Runtime, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	if engine != nil {
		defer engine.Close()
	}
	o, err := newOrchestrator(dir, engine, nil)
	if err != nil {
		return nil, err
	}
	return computePlan(ctx, o, choice, cfg)
}

func computePlan(ctx context.Context, o *orchestrator.Orchestrator, choice project.Choice, cfg *config.Config) (*plan, error) {
	want, err := desired(cfg)
	if err != nil {
		return nil, err
	}
	computed, err := o.Plan(ctx, want)
	if err != nil {
		return nil, err
	}
	return &plan{Project: cfg.Project, Runtime: choice.Runtime, Reason: choice.Reason, Plan: *computed}, nil
}

// Plan is what Up would do. A change of the runtime is planned as if nothing ran in the new one.
func (c *cloud) Plan(ctx context.Context, configuration json.RawMessage) (any, error) {
	next := new(config.Config)
	if err := json.Unmarshal(configuration, next); err != nil {
		return nil, fmt.Errorf("read the configuration that was sent: %w", err)
	}
	o, choice := c.running(), c.choice
	if o == nil || next.Runtime != "auto" && next.Runtime != choice.Runtime {
		return nil, &project.Failure{
			Message: fmt.Sprintf("the runtime would change from %s to %s: everything would be started anew", choice.Runtime, next.Runtime),
			Code:    exitFailed,
		}
	}
	return computePlan(ctx, o, choice, next)
}
