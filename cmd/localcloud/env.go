package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"localcloud/cmd/localcloud/project"
)

type envOptions struct {
	*app
	shell string
}

func newEnv(a *app) *cobra.Command {
	o := &envOptions{app: a}
	c := &cobra.Command{
		Use:   "env",
		Short: "Print the lines that point a shell's AWS clients at the project",
		Long: `Print the lines that point a shell's AWS clients at the project:

  eval "$(localcloud env)"
  localcloud env --shell fish | source`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c) },
	}
	c.Flags().StringVar(&o.shell, "shell", "sh", "sh, fish or dotenv")
	return c
}

func (o *envOptions) run(c *cobra.Command) error {
	s, err := o.running(c)
	if err != nil {
		return err
	}
	return printEnv(o.stdout, s.URL, o.shell)
}

// running is the status of a project that runs; it is an error where it does not.
func (a *app) running(c *cobra.Command) (*status, error) {
	dir, err := a.dir(c)
	if err != nil {
		return nil, err
	}
	client, err := dir.Connect()
	if err != nil {
		return nil, err
	}
	s := new(status)
	if err := client.Status(c.Context(), s); errors.Is(err, project.ErrNotRunning) {
		return nil, &project.Failure{Message: fmt.Sprintf("project %s is not running", dir.Project), Hint: "localcloud up", Code: exitFailed}
	} else if err != nil {
		return nil, err
	}
	if s.URL == "" {
		return nil, &project.Failure{Message: fmt.Sprintf("project %s is not ready yet", dir.Project), Code: exitFailed}
	}
	return s, nil
}

// clientEnv is the environment of an AWS client that uses the project.
func clientEnv(url string) [][2]string {
	return [][2]string{
		{"AWS_ENDPOINT_URL", url},
		{"AWS_ACCESS_KEY_ID", "test"},
		{"AWS_SECRET_ACCESS_KEY", "test"},
		{"AWS_DEFAULT_REGION", "us-east-1"},
	}
}

// printEnv writes that environment for a shell.
func printEnv(w io.Writer, url, shell string) error {
	formats := map[string]string{"sh": "export %s=%s\n", "fish": "set -gx %s %s\n", "dotenv": "%s=%s\n"}
	format, ok := formats[shell]
	if !ok {
		return &usageError{fmt.Errorf("--shell %s: want sh, fish or dotenv", shell)}
	}
	for _, pair := range clientEnv(url) {
		if _, err := fmt.Fprintf(w, format, pair[0], pair[1]); err != nil {
			return err
		}
	}
	return nil
}
