package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/go-connections/nat"

	"localcloud/gateway/aws"
	"localcloud/orchestrator"
	"localcloud/orchestrator/guest"
	"localcloud/orchestrator/transport"
)

// instance is a backend in a container.
type instance struct {
	*transport.Transport
	runtime *Runtime
	id      string
	address string
	gentle  bool // it is given the time to write its state down
	native  bool
	done    chan struct{}
	cancel  context.CancelFunc // of the watch over it

	once sync.Once
	err  error
}

var (
	_ orchestrator.Instance = (*instance)(nil)
	_ orchestrator.Drainer  = (*instance)(nil)
	_ orchestrator.Executor = (*instance)(nil)
	_ orchestrator.Resetter = (*instance)(nil)
)

// Adopt takes over a container that an earlier process of the project has started.
func (r *Runtime) Adopt(ctx context.Context, spec orchestrator.Spec, left orchestrator.Observed) (orchestrator.Instance, error) {
	if _, err := r.ensureNetwork(ctx); err != nil {
		return nil, err
	}
	port := spec.Image.Port
	switch {
	case spec.Image.New != nil:
		port = guest.Port
	case port == 0:
		var err error
		if port, err = r.exposedPort(ctx, spec.Image.Reference); err != nil {
			return nil, err
		}
	}
	return r.attach(ctx, spec, left.ID, port)
}

// attach makes the instance of a container that was started.
func (r *Runtime) attach(ctx context.Context, spec orchestrator.Spec, id string, port int) (*instance, error) {
	found, err := r.engine.ContainerInspect(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("look at the container of %s: %w", spec.Name, err)
	}
	watching, cancel := context.WithCancel(context.Background())
	i := &instance{
		runtime: r, id: id, address: r.addressOf(ctx, found, port), done: make(chan struct{}), cancel: cancel,
		native: spec.Image.New != nil, gentle: spec.Persist || spec.Image.New != nil,
	}
	i.Transport = orchestrator.Connect(i.address, spec.Image)
	if i.native {
		token := variable(found.Config.Env, guest.TokenVariable)
		i.Extra = func(req *http.Request) []transport.Header {
			headers := []transport.Header{{Name: guest.TokenHeader, Value: token}}
			if call := aws.CallFrom(req.Context()); call != nil {
				headers = append(headers, transport.Header{Name: aws.CallHeader, Value: call.MarshalHeader()})
			}
			return headers
		}
	}
	go i.watch(watching)
	return i, nil
}

func variable(env []string, name string) string {
	for _, pair := range env {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value
		}
	}
	return ""
}

// reachTimeout is how long a container's own address may take to answer, be it by a refusal.
const reachTimeout = 500 * time.Millisecond

// addressOf is where a container is reached: by its address on the project's network where this
// machine has a way there, else by its published port.
func (r *Runtime) addressOf(ctx context.Context, found container.InspectResponse, port int) string {
	var own, published string
	if found.NetworkSettings != nil {
		for _, endpoint := range found.NetworkSettings.Networks { // there is but the project's
			if endpoint != nil && endpoint.IPAddress != "" {
				own = net.JoinHostPort(endpoint.IPAddress, strconv.Itoa(port))
			}
		}
		if bound := found.NetworkSettings.Ports[nat.Port(strconv.Itoa(port)+"/tcp")]; len(bound) > 0 {
			published = net.JoinHostPort(bound[0].HostIP, bound[0].HostPort)
		}
	}
	r.mu.Lock()
	direct := r.direct
	r.mu.Unlock()
	switch {
	case own == "" && published == "":
		return nowhere
	case published == "" || direct && own != "" && reaches(ctx, own):
		return own
	default:
		return published
	}
}

// nowhere is the address of a container that has ended already: nobody can listen there.
const nowhere = "127.0.0.1:0"

// reaches reports whether an address answers, be it by a refusal.
func reaches(ctx context.Context, address string) bool {
	dialer := net.Dialer{Timeout: reachTimeout}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err == nil {
		conn.Close()
		return true
	}
	var failure net.Error
	return !errors.As(err, &failure) || !failure.Timeout()
}

// enginePause is how long to wait before an engine that went away is asked again.
const enginePause = 500 * time.Millisecond

// watch closes done when the container has ended.
func (i *instance) watch(ctx context.Context) {
	defer close(i.done)
	defer i.Abort()
	for {
		ended, failed := i.runtime.engine.ContainerWait(ctx, i.id, container.WaitConditionNotRunning)
		select {
		case <-ended:
			return
		case err := <-failed:
			if ctx.Err() != nil || errdefs.IsNotFound(err) {
				return
			}
		}
		timer := time.NewTimer(enginePause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

func (i *instance) Address() string       { return i.address }
func (i *instance) Done() <-chan struct{} { return i.done }

// Reset makes a native backend forget, where it can.
func (i *instance) Reset(ctx context.Context) error {
	if !i.native {
		return errors.ErrUnsupported
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://backend"+guest.ResetPath, nil)
	if err != nil {
		return err
	}
	resp, err := i.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusNoContent:
		return nil
	case http.StatusNotImplemented:
		return errors.ErrUnsupported
	default:
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10)) // as much of the reason as there is
		return fmt.Errorf("reset: %s: %s", resp.Status, strings.TrimSpace(string(text)))
	}
}

const (
	// stopSeconds is how long a container with state has to end by itself.
	stopSeconds = 8
	// removeTimeout bounds the removal of a container whose caller has no more time.
	removeTimeout = 10 * time.Second
)

// Stop ends the container and removes it. One without state to write down is not asked first.
func (i *instance) Stop(ctx context.Context) error {
	i.once.Do(func() {
		if i.gentle {
			seconds := stopSeconds
			err := i.runtime.engine.ContainerStop(ctx, i.id, container.StopOptions{Timeout: &seconds})
			if err != nil && !errdefs.IsNotFound(err) && ctx.Err() == nil {
				i.err = fmt.Errorf("stop the container: %w", err)
			}
		}
		removing, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeTimeout)
		defer cancel()
		i.err = errors.Join(i.err, i.runtime.removeContainer(removing, i.id))
		i.cancel()
		<-i.done
	})
	return i.err
}
