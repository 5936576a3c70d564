package docker

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
)

// findSelf finds the container that this process runs in, by its host name and then by what is
// mounted in it. It is nil outside of containers, and inside one of another engine.
func findSelf(ctx context.Context, engine *client.Client) (*container.InspectResponse, error) {
	if !inContainer() {
		return nil, nil
	}
	for _, id := range selfIDs() {
		found, err := engine.ContainerInspect(ctx, id)
		switch {
		case errdefs.IsNotFound(err):
			continue
		case err != nil:
			return nil, fmt.Errorf("find the own container: %w", err)
		case found.State != nil && found.State.Running:
			return &found, nil
		}
	}
	return nil, nil
}

func inContainer() bool {
	for _, path := range []string{"/.dockerenv", "/run/.containerenv"} {
		if _, err := os.Stat(path); err == nil {
			return true
		}
	}
	return false
}

// mountedFrom is what the engine mounts into a container from a folder named by the container's id.
var mountedFrom = regexp.MustCompile(`/containers/([0-9a-f]{64})/(?:hostname|hosts|resolv\.conf|userdata)`)

// selfIDs lists what may be the own container's id, the likeliest first.
func selfIDs() []string {
	var ids []string
	if name := os.Getenv("HOSTNAME"); name != "" {
		ids = append(ids, name)
	} else if name, err := os.Hostname(); err == nil {
		ids = append(ids, name)
	}
	if text, err := os.ReadFile("/proc/self/mountinfo"); err == nil {
		ids = append(ids, mountIDs(string(text))...)
	}
	return ids
}

// mountIDs finds container ids in the lines of a mountinfo file.
func mountIDs(text string) []string {
	var ids []string
	for line := range strings.Lines(text) {
		if m := mountedFrom.FindStringSubmatch(line); m != nil {
			ids = append(ids, m[1])
		}
	}
	return ids
}
