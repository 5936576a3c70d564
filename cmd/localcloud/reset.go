package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"localcloud/cmd/localcloud/project"
)

func newReset(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "reset",
		Short: "Forget the state of all backends",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			dir, err := a.dir(c)
			if err != nil {
				return err
			}
			client, err := dir.Connect()
			if err != nil {
				return err
			}
			if err := client.Reset(c.Context()); errors.Is(err, project.ErrNotRunning) {
				return &project.Failure{Message: fmt.Sprintf("project %s is not running", dir.Project), Hint: "localcloud up", Code: exitFailed}
			} else if err != nil {
				return err
			}
			fmt.Fprintf(a.stderr, "project %s is empty\n", dir.Project)
			return nil
		},
	}
}
