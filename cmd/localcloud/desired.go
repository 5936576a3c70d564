package main

import (
	"context"
	"io"
	"log/slog"
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
	start := cfg.Services
	if cfg.Eager && len(start) == 0 {
		for service, image := range resolved {
			if image.New != nil && service != "*" {
				start = append(start, service)
			}
		}
	}
	return orchestrator.Desired{Images: resolved, Start: start, Strict: cfg.Strict, Persist: cfg.Persistence}, nil
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

// printable is what `up --dry-run` prints.
type printable struct {
	Project string `json:"project"`
	Runtime string `json:"runtime"`
	Reason  string `json:"reason"`
	*orchestrator.Plan
}

func (p *printable) print(w io.Writer) error {
	_, err := io.WriteString(w, "project "+p.Project+", runtime "+p.Runtime+": "+p.Reason+"\n"+p.Plan.String())
	return err
}

// planOf computes what `up` would do, and does nothing. What runs is seen as the next process would
// see it: by what the runtimes observe.
func planOf(ctx context.Context, dir project.Dir, cfg *config.Config) (*printable, error) {
	want, err := desired(cfg)
	if err != nil {
		return nil, err
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
	plan, err := o.Plan(ctx, want)
	if err != nil {
		return nil, err
	}
	return &printable{Project: cfg.Project, Runtime: choice.Runtime, Reason: choice.Reason, Plan: plan}, nil
}
