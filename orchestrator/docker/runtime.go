// Package docker is the runtime that runs backends as containers, through the Docker API of a Docker
// or Podman engine. It is the only user of the Docker SDK.
package docker

import (
	"context"
	"errors"
	"log/slog"
)

// ErrNoEngine says that no engine answers; the error around it tells where it was looked for.
var ErrNoEngine = errors.New("no Docker engine answers")

// Options are what the runtime is made of.
type Options struct {
	Project string
	// Executable is the static Linux executable from which the image of native backends and of the
	// relay is built; "" for this process's own file, or localcloud-linux-<arch> beside it where this
	// one cannot serve.
	Executable string
	// Guest is the hidden command of that executable that runs guest.Run.
	Guest []string
	Log   *slog.Logger
}

// Runtime is the docker runtime of one project.
type Runtime struct {
	options Options
}

// New finds the engine (DOCKER_HOST, the current Docker context, the usual sockets) and agrees on an
// API version with it. Without an engine the error is ErrNoEngine. Close it after use.
func New(ctx context.Context, options Options) (*Runtime, error) { panic("not written") }

// Engine describes the engine in a line: "Docker 20.10.24 at unix:///var/run/docker.sock".
func (r *Runtime) Engine() string { panic("not written") }

// Close closes the connections to the engine; what runs goes on.
func (r *Runtime) Close() error { panic("not written") }
