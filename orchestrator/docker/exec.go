package docker

import (
	"context"
	"fmt"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"
)

// Exec runs a command in the container.
func (i *instance) Exec(ctx context.Context, command []string) error {
	engine := i.runtime.engine
	created, err := engine.ContainerExecCreate(ctx, i.id, container.ExecOptions{Cmd: command, AttachStdout: true, AttachStderr: true})
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	attached, err := engine.ContainerExecAttach(ctx, created.ID, container.ExecAttachOptions{})
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	defer attached.Close()
	stop := context.AfterFunc(ctx, attached.Close)
	defer stop()
	var out strings.Builder
	if _, err := stdcopy.StdCopy(&out, &out, attached.Reader); err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	result, err := engine.ContainerExecInspect(ctx, created.ID)
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	if result.ExitCode != 0 {
		return fmt.Errorf("%s: exit status %d: %s", command[0], result.ExitCode, strings.TrimSpace(out.String()))
	}
	return nil
}
