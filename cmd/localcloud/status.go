package main

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"localcloud/cmd/localcloud/project"
	"localcloud/orchestrator"
)

// status is how a project stands, as `status --json` prints it.
type status struct {
	Project string    `json:"project"`
	Version string    `json:"version"`
	Build   string    `json:"build,omitempty"`
	PID     int       `json:"pid"`
	Since   time.Time `json:"since"`
	// Ready says that everything the last `up` wanted is ready.
	Ready    bool                  `json:"ready"`
	Runtime  string                `json:"runtime"`
	Reason   string                `json:"reason"` // why that runtime
	URL      string                `json:"url"`
	Listen   []string              `json:"listen"`
	Backends []orchestrator.Status `json:"backends"`
}

// where says which runtime it is, and why.
func (s *status) where() string { return "runtime " + s.Runtime + ": " + s.Reason }

type statusOptions struct {
	*app
	json, ready bool
}

func newStatus(a *app) *cobra.Command {
	o := &statusOptions{app: a}
	c := &cobra.Command{
		Use:   "status",
		Short: "Show which services work now, and by what",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return o.run(c) },
	}
	c.Flags().BoolVar(&o.json, "json", false, "print JSON")
	c.Flags().BoolVar(&o.ready, "ready", false, "print nothing; fail unless everything wanted is ready")
	return c
}

func (o *statusOptions) run(c *cobra.Command) error {
	dir, err := o.dir(c)
	if err != nil {
		return err
	}
	client, err := dir.Connect()
	if err != nil {
		return err
	}
	var s status
	err = client.Status(c.Context(), &s)
	switch {
	case errors.Is(err, project.ErrNotRunning):
		return &project.Failure{Message: fmt.Sprintf("project %s is not running", dir.Project), Hint: "localcloud up", Code: exitFailed}
	case err != nil:
		return err
	case o.ready && !s.Ready:
		return &project.Failure{Message: fmt.Sprintf("project %s is not ready yet", dir.Project), Code: exitFailed}
	case o.ready:
		return nil
	case o.json:
		return printJSON(o.stdout, s)
	}
	return o.print(&s)
}

func (o *statusOptions) print(s *status) error {
	fmt.Fprintf(o.stdout, "project %s at %s (%s; process %d, localcloud %s)\n", s.Project, s.URL, s.where(), s.PID, s.Version)
	rows := [][]string{{"BACKEND", "STATE", "RUNTIME", "SOURCE", "SERVICES"}}
	for _, b := range s.Backends {
		state := string(b.State)
		if b.Reason != "" {
			state += " (" + b.Reason + ")"
		}
		rows = append(rows, []string{b.Backend, state, b.Runtime, b.Source, servicesText(b.Services)})
	}
	return table(o.stdout, rows)
}

// servicesText names services; "*" is what no other backend answers.
func servicesText(services []string) string {
	return strings.ReplaceAll(strings.Join(services, ", "), "*", "all others")
}

// urlOf is the address that clients on this machine use for a listener.
func urlOf(address string) string {
	host, port, _ := net.SplitHostPort(address)
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() || host == "127.0.0.1" {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}
