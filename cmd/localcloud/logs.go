package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"localcloud/cmd/localcloud/project"
)

type logsOptions struct {
	*app
	follow     bool
	tail       int
	deliveries bool
}

func newLogs(a *app) *cobra.Command {
	o := &logsOptions{app: a}
	c := &cobra.Command{
		Use:   "logs [BACKEND]",
		Short: "Print the log of the project, or of one backend",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			backend := ""
			if len(args) > 0 {
				backend = args[0]
			}
			return o.run(c, backend)
		},
	}
	// -f follows here, as in every other program; --file has no short form in this command.
	c.Flags().BoolVarP(&o.follow, "follow", "f", false, "go on as lines come")
	c.Flags().StringVar(&a.file, "file", "", "configuration file")
	c.Flags().BoolVar(&o.deliveries, "deliveries", false, "what became of messages between services, and why")
	c.Flags().IntVarP(&o.tail, "tail", "n", 0, "the last lines only (default: all)")
	return c
}

func (o *logsOptions) run(c *cobra.Command, backend string) error {
	dir, err := o.dir(c)
	if err != nil {
		return err
	}
	client, err := dir.Connect()
	if err != nil {
		return err
	}
	var out io.Writer = o.stdout
	if o.deliveries {
		out = &deliveries{w: o.stdout}
	}
	err = client.Logs(c.Context(), out, backend, o.tail, o.follow)
	if !errors.Is(err, project.ErrNotRunning) {
		return err
	}
	if backend != "" || !dir.Exists() {
		return &project.Failure{Message: fmt.Sprintf("project %s is not running", dir.Project), Hint: "localcloud up", Code: exitFailed}
	}
	return project.CopyLog(out, dir.LogPath(), o.tail, func([]byte) bool { return true })
}
