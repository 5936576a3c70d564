package main

import (
	"log/slog"

	"github.com/spf13/cobra"

	"localcloud/cmd/localcloud/project"
	"localcloud/gateway/aws"
	"localcloud/images/catalog"
	"localcloud/orchestrator/guest"
	"localcloud/orchestrator/local"
)

// The hidden commands by which localcloud starts its own executable.
const (
	guestCommand     = "guest"
	superviseCommand = "supervise"
)

// newGuest is what runs in containers made from our own image: native backends and the relay.
func newGuest(a *app) *cobra.Command {
	return &cobra.Command{
		Use:                guestCommand,
		Hidden:             true,
		DisableFlagParsing: true,
		RunE: func(c *cobra.Command, args []string) error {
			return guest.Run(c.Context(), args, guest.Options{
				Image:   catalog.Lookup,
				Service: aws.Lookup,
				Log:     slog.New(slog.NewTextHandler(a.stderr, nil)),
			})
		},
	}
}

// newSupervise is what stands between the project's process and a program that it runs.
func newSupervise() *cobra.Command {
	return &cobra.Command{
		Use:                superviseCommand,
		Hidden:             true,
		DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			if code := local.Supervise(args); code != 0 {
				return &project.Failure{Code: code}
			}
			return nil
		},
	}
}
