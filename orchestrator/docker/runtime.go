// Package docker is the runtime that runs backends as containers, through the Docker API of a Docker
// or Podman engine. It is the only user of the Docker SDK.
//
// engine.go finds the engine, own.go makes the image of localcloud's own executable, container.go
// says what a container of a backend looks like, instance.go is a running one, network.go and
// relay.go connect containers with the gateway, observe.go finds and removes what there is.
package docker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/system"
	"github.com/docker/docker/client"

	"localcloud/images"
	"localcloud/orchestrator"
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
	Log   *slog.Logger // nil for slog.Default
}

// Runtime is the docker runtime of one project.
type Runtime struct {
	options Options
	engine  *client.Client
	host    string // where the engine was found
	info    system.Info
	self    *container.InspectResponse // the container that this process runs in; nil outside

	mu       sync.Mutex
	direct   bool // containers are reached by their addresses, not by published ports
	network  *network
	own      ownImage
	building sync.Mutex // held while the own image is made
}

var (
	_ orchestrator.Runtime   = (*Runtime)(nil)
	_ orchestrator.Adopter   = (*Runtime)(nil)
	_ orchestrator.Puller    = (*Runtime)(nil)
	_ orchestrator.Cleaner   = (*Runtime)(nil)
	_ orchestrator.Keeper    = (*Runtime)(nil)
	_ orchestrator.Networked = (*Runtime)(nil)
)

// New finds the engine (DOCKER_HOST, the current Docker context, the usual sockets) and agrees on an
// API version with it. Without an engine the error is ErrNoEngine. Close it after use.
func New(ctx context.Context, options Options) (*Runtime, error) {
	if options.Log == nil {
		options.Log = slog.Default()
	}
	engine, host, err := find(ctx)
	if err != nil {
		return nil, err
	}
	info, err := engine.Info(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("ask the engine at %s: %w", host, err), engine.Close())
	}
	if info.OSType != "linux" {
		return nil, errors.Join(fmt.Errorf("the engine at %s runs %s containers; localcloud needs Linux ones", host, info.OSType), engine.Close())
	}
	r := &Runtime{options: options, engine: engine, host: host, info: info}
	if r.self, err = findSelf(ctx, engine); err != nil {
		return nil, errors.Join(err, engine.Close())
	}
	r.direct = r.self != nil || reachesContainers(host, info)
	return r, nil
}

// reachesContainers reports whether this machine is the one whose kernel runs the containers.
func reachesContainers(host string, info system.Info) bool {
	rootless := slices.ContainsFunc(info.SecurityOptions, func(s string) bool { return strings.Contains(s, "rootless") })
	return runtime.GOOS == "linux" && strings.HasPrefix(host, "unix://") && !rootless &&
		!strings.Contains(info.OperatingSystem, "Docker Desktop")
}

// Name is "docker".
func (r *Runtime) Name() string { return "docker" }

// Engine describes the engine in a line: "Docker 20.10.24 at unix:///var/run/docker.sock".
func (r *Runtime) Engine() string {
	return fmt.Sprintf("Docker %s at %s", r.info.ServerVersion, r.host)
}

// Close closes the connections to the engine; what runs goes on.
func (r *Runtime) Close() error { return r.engine.Close() }

// Takes native backends and container images.
func (r *Runtime) Takes(image *images.Image) error {
	if image.New == nil && image.Reference == "" {
		return errors.New("it has no container image")
	}
	return nil
}

// Names of what belongs to the project.
func (r *Runtime) containerName(name string) string {
	return "localcloud-" + r.options.Project + "-" + name
}

func (r *Runtime) volumeName(name string) string { return r.containerName(name) }
func (r *Runtime) networkName() string           { return "localcloud-" + r.options.Project }

// Labels by which what belongs to a project is found.
const (
	labelProject = "localcloud.project"
	labelRole    = "localcloud.role" // one of those below
	labelBackend = "localcloud.backend"
	labelHash    = "localcloud.hash"
	labelAccount = "localcloud.account"
	labelRegion  = "localcloud.region"
	labelOwn     = "localcloud.own" // on images made of localcloud's executable

	roleBackend = "backend"
	roleRelay   = "relay"
	roleScratch = "scratch" // a volume that goes with its container
)
