package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"localcloud/test/load"
)

// subject is something that is measured.
type subject struct {
	name    string
	address string
	only    string        // the service it has; "" for all
	pid     int           // of localcloud; 0 for others
	up      time.Duration // from its start to its first answer
	idle    int64         // resident bytes then
	end     func() error
}

func (s *subject) skips(w load.Workload) bool {
	return s.only != "" && !strings.HasPrefix(w.Name, s.only+" ")
}

func (s *subject) stop() {
	if s.end == nil {
		return
	}
	if err := s.end(); err != nil {
		fmt.Fprintf(os.Stderr, "bench: end %s: %v\n", s.name, err)
	}
}

// startSubjects starts everything that is measured. end must be called in any case.
func startSubjects(ctx context.Context, o options) (subjects []*subject, end func(), err error) {
	end = func() {
		for _, s := range subjects {
			s.stop()
		}
	}
	runtimes := []string{"local"}
	if o.docker {
		runtimes = append(runtimes, "docker")
	}
	for _, runtime := range runtimes {
		s, err := startLocalcloud(ctx, o.binary, runtime)
		if err != nil {
			return subjects, end, err
		}
		subjects = append(subjects, s)
	}
	if o.soak {
		return subjects, end, nil
	}
	without, err := startChild(ctx, "direct", nil)
	if err != nil {
		return subjects, end, err
	}
	subjects = append(subjects, &subject{name: "backend without gateway", address: without.address, end: without.stop})
	for _, named := range o.subjects {
		name, address, _ := strings.Cut(named, "=")
		subjects = append(subjects, &subject{name: name, address: address})
	}
	return subjects, end, nil
}

// startLocalcloud runs a project of its own in the foreground until it is ended.
func startLocalcloud(ctx context.Context, binary, runtime string) (*subject, error) {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	project := "bench-" + runtime + "-" + strconv.Itoa(os.Getpid())
	command := exec.CommandContext(ctx, binary, "up", "--foreground", "--project", project, "--runtime", runtime, "--listen", address)
	command.Dir, command.Stderr = dir, os.Stderr
	command.Env = append(os.Environ(), "XDG_STATE_HOME="+dir)
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 20 * time.Second
	start := time.Now()
	if err := command.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start localcloud (make build makes it): %w", err), os.RemoveAll(dir))
	}
	s := &subject{name: "localcloud, " + runtime, address: address, pid: command.Process.Pid}
	s.end = func() error {
		err := command.Process.Signal(syscall.SIGTERM)
		if errors.Is(err, os.ErrProcessDone) {
			err = nil
		}
		_ = command.Wait() // how it ends is not what is measured
		return errors.Join(err, os.RemoveAll(dir))
	}
	if err := ready(ctx, address); err != nil {
		s.stop()
		return nil, err
	}
	s.up, s.idle = time.Since(start), resident(s.pid)
	return s, nil
}

// ready waits until the health page answers.
func ready(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/_localstack/health", nil)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(request); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("localcloud at %s does not answer: %w", address, ctx.Err())
		case <-tick.C:
		}
	}
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// resident is the memory of a process in bytes, 0 where the system does not tell.
func resident(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.SplitSeq(string(status), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err != nil {
				return 0
			}
			return kilobytes << 10
		}
	}
	return 0
}
