package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"

	"localcloud/orchestrator"
)

// Logs returns what the container has written to its two streams.
func (i *instance) Logs(ctx context.Context, options orchestrator.LogOptions) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancel(ctx)
	tail := "all"
	if options.Tail > 0 {
		tail = strconv.Itoa(options.Tail)
	}
	raw, err := i.runtime.engine.ContainerLogs(ctx, i.id, container.LogsOptions{
		ShowStdout: true, ShowStderr: true, Follow: options.Follow, Tail: tail,
	})
	if err != nil {
		cancel()
		return nil, fmt.Errorf("read the log: %w", err)
	}
	reader, writer := io.Pipe()
	copied := make(chan struct{})
	go func() {
		defer close(copied)
		_, err := stdcopy.StdCopy(writer, writer, raw)
		if ctx.Err() != nil {
			err = nil
		}
		writer.CloseWithError(err)
	}()
	return &logs{reader, func() error {
		cancel()
		err := errors.Join(reader.Close(), raw.Close())
		<-copied
		return err
	}}, nil
}

// logs are lines of a container.
type logs struct {
	io.Reader
	close func() error
}

func (l *logs) Close() error { return l.close() }
