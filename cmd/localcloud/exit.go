package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"localcloud/cmd/localcloud/config"
	"localcloud/cmd/localcloud/project"
	"localcloud/orchestrator/docker"
)

// Exit codes.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitNoEngine    = 3
	exitInterrupted = 130
)

// usageError is a command line that cannot be understood.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

// failureOf makes an error into what is printed, with a hint where the user can do something, and its
// exit code. It is the only place that does so.
func failureOf(err error) *project.Failure {
	var (
		failure *project.Failure
		usage   *usageError
		wrong   *config.Error
		taken   *portTaken
		child   *exec.ExitError
	)
	switch {
	case errors.As(err, &failure):
		return failure
	case errors.Is(err, context.Canceled):
		return &project.Failure{Message: "interrupted; what was begun is undone", Code: exitInterrupted}
	case errors.As(err, &child):
		return &project.Failure{Code: child.ExitCode()} // it has said itself what is wrong
	case errors.As(err, &wrong):
		return &project.Failure{Message: wrong.Error(), Code: exitUsage}
	case errors.As(err, &usage):
		return &project.Failure{Message: usage.Error(), Hint: "localcloud help", Code: exitUsage}
	case isUsage(err):
		return &project.Failure{Message: err.Error(), Hint: "localcloud help", Code: exitUsage}
	case errors.Is(err, docker.ErrNoEngine):
		return &project.Failure{Message: err.Error(), Hint: "start Docker, or use --runtime local", Code: exitNoEngine}
	case errors.Is(err, project.ErrNotRunning):
		return &project.Failure{Message: err.Error(), Hint: "localcloud up", Code: exitFailed}
	case errors.As(err, &taken):
		return &project.Failure{Message: taken.Error(), Hint: "end it, or take a free port: localcloud up --listen 127.0.0.1:0", Code: exitFailed}
	default:
		return &project.Failure{Message: err.Error(), Code: exitFailed}
	}
}

// isUsage recognises cobra's complaints about commands and arguments, which have no type.
func isUsage(err error) bool {
	text := err.Error()
	return strings.HasPrefix(text, "unknown command ") || strings.HasPrefix(text, "accepts ") || strings.HasPrefix(text, "requires at least ")
}

// exit prints an error and returns the exit code.
func (a *app) exit(err error) int {
	if err == nil {
		return 0
	}
	failure := failureOf(err)
	for line := range strings.Lines(failure.Message) {
		fmt.Fprintln(a.stderr, "localcloud:", strings.TrimRight(line, "\n"))
	}
	if failure.Hint != "" {
		fmt.Fprintln(a.stderr, "hint:", failure.Hint)
	}
	return failure.Code
}
