package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"localcloud/cmd/localcloud/project"
)

func newAWS(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "aws ARGUMENTS...",
		Short: "Run the installed AWS CLI against the project",
		Long: `Run the installed AWS CLI against the project, with test credentials and region us-east-1 unless
the environment has others. Flags of localcloud stand before "aws".

  localcloud aws sqs create-queue --queue-name jobs`,
		DisableFlagParsing: true,
		RunE:               func(c *cobra.Command, args []string) error { return a.runAWS(c, args) },
	}
}

func (a *app) runAWS(c *cobra.Command, args []string) error {
	s, err := a.running(c)
	if err != nil {
		return err
	}
	path, err := exec.LookPath("aws")
	if err != nil {
		return &project.Failure{Message: "the AWS CLI is not installed", Hint: "pip install awscli", Code: exitFailed}
	}
	if !slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "--endpoint-url") }) {
		args = append([]string{"--endpoint-url", s.URL}, args...)
	}
	command := exec.CommandContext(c.Context(), path, args...)
	command.Stdin, command.Stdout, command.Stderr = a.stdin, a.stdout, a.stderr
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.Env = os.Environ()
	own := clientEnv(s.URL)
	if os.Getenv("AWS_PROFILE") != "" || os.Getenv("AWS_ACCESS_KEY_ID") != "" {
		own = slices.DeleteFunc(own, func(pair [2]string) bool {
			return strings.HasPrefix(pair[0], "AWS_ACCESS") || strings.HasPrefix(pair[0], "AWS_SECRET")
		})
	}
	if os.Getenv("AWS_REGION") != "" || os.Getenv("AWS_DEFAULT_REGION") != "" || os.Getenv("AWS_PROFILE") != "" {
		own = slices.DeleteFunc(own, func(pair [2]string) bool { return pair[0] == "AWS_DEFAULT_REGION" })
	}
	for _, pair := range own {
		command.Env = append(command.Env, pair[0]+"="+pair[1])
	}
	err = command.Run()
	if c.Context().Err() != nil {
		return c.Context().Err()
	}
	return err
}
