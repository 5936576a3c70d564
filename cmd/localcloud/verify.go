package main

import (
	"os"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"

	"localcloud/cmd/localcloud/project"
)

// verifier is the program that has the suites; it is no part of localcloud because of the clients in it.
const verifier = "localcloud-verify"

func newVerify(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "verify [SERVICE...] [--backend SERVICE=BACKEND]",
		Short: "Run the conformance suite of services against their backends",
		Long: `Run the conformance suite of services against their native backend and others, side by side:

  localcloud verify sqs --backend sqs=moto

It starts projects of its own. "make suites" builds the suites.`,
		DisableFlagParsing: true,
		RunE: func(c *cobra.Command, args []string) error {
			path, err := findVerifier()
			if err != nil {
				return err
			}
			command := exec.CommandContext(c.Context(), path, args...)
			command.Stdin, command.Stdout, command.Stderr = a.stdin, a.stdout, a.stderr
			command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
			return command.Run()
		},
	}
}

// findVerifier looks beside this executable, then on the PATH.
func findVerifier() (string, error) {
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), verifier)
		if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
			return beside, nil
		}
	}
	path, err := exec.LookPath(verifier)
	if err != nil {
		return "", &project.Failure{Message: "the conformance suites are not built", Hint: "make suites", Code: exitFailed}
	}
	return path, nil
}
