package orchestrator

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"localcloud/images"
	"localcloud/orchestrator/guest"
)

// The pace of probes: often at first, since most backends are ready in a moment.
const (
	firstProbe   = 5 * time.Millisecond
	slowestProbe = 250 * time.Millisecond
	probeTimeout = 5 * time.Second
	// addressTimeout is for backends that are said to run already.
	addressTimeout = 5 * time.Second
)

// probe asks once whether an instance is ready.
type probe func(ctx context.Context) error

// await waits until the instance is ready. The error tells why it is not, with its last lines.
func await(ctx context.Context, image *images.Image, instance Instance) error {
	ask := probeOf(image, instance)
	if ask == nil {
		return nil
	}
	timeout := image.Probe.Timeout
	switch {
	case timeout == 0 && image.Address != "":
		timeout = addressTimeout
	case timeout == 0:
		timeout = time.Minute
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("it was not ready within %v", timeout))
	defer cancel()
	err := repeat(ctx, instance, ask)
	if err == nil {
		return nil
	}
	if lines := lastLines(ctx, instance); lines != "" {
		err = fmt.Errorf("%w. Its last lines:\n%s", err, lines)
	}
	return err
}

// repeat asks until the answer is yes, the instance ends, or ctx does.
func repeat(ctx context.Context, instance Instance, ask probe) error {
	wait := firstProbe
	for {
		attempt, cancel := context.WithTimeout(ctx, probeTimeout)
		err := ask(attempt)
		cancel()
		if err == nil {
			return nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
			wait = min(2*wait, slowestProbe)
		case <-instance.Done():
			timer.Stop()
			return errors.New("it ended before it was ready")
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("%w: %w", context.Cause(ctx), err)
		}
	}
}

// probeOf chooses the probe of an instance; nil where it is ready as soon as it is there.
func probeOf(image *images.Image, instance Instance) probe {
	executor, executes := instance.(Executor)
	switch {
	case instance.Address() == "":
		return nil
	case image.New != nil:
		return probeHTTP(instance, guest.ReadyPath)
	case len(image.Probe.Command) > 0 && executes:
		return func(ctx context.Context) error { return executor.Exec(ctx, image.Probe.Command) }
	case image.Probe.Path != "":
		return probeHTTP(instance, image.Probe.Path)
	default:
		return func(ctx context.Context) error { return probeTCP(ctx, instance.Address()) }
	}
}

// probeHTTP is satisfied by an answer below 500.
func probeHTTP(instance Instance, path string) probe {
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://backend"+path, nil)
		if err != nil {
			return fmt.Errorf("probe: %w", err)
		}
		resp, err := instance.RoundTrip(req)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
		if err = errors.Join(err, resp.Body.Close()); err != nil {
			return err
		}
		if resp.StatusCode >= http.StatusInternalServerError {
			return fmt.Errorf("its probe %s answers %s", path, resp.Status)
		}
		return nil
	}
}

// settle is how long a connection has to stay open to count. A port that an engine publishes takes
// connections before anything listens behind it, and closes them at once.
const settle = 50 * time.Millisecond

// probeTCP is satisfied by a connection that stays open.
func probeTCP(ctx context.Context, address string) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(settle)); err != nil {
		return err
	}
	_, err = conn.Read(make([]byte, 1))
	var timeout net.Error
	if err == nil || errors.As(err, &timeout) && timeout.Timeout() {
		return nil
	}
	return fmt.Errorf("it takes connections and closes them: %w", err)
}

// lastLines are the lines of an instance that an error shows: the last ten, indented.
func lastLines(ctx context.Context, instance Instance) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeTimeout)
	defer cancel()
	logs, err := instance.Logs(ctx, LogOptions{Tail: 10})
	if err != nil {
		return ""
	}
	defer logs.Close()
	var lines []string
	scanner := bufio.NewScanner(io.LimitReader(logs, 1<<16))
	for scanner.Scan() {
		lines = append(lines, "  "+strings.TrimRight(scanner.Text(), " \r"))
	}
	return strings.Join(lines, "\n")
}
