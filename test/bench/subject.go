package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"localcloud/test/load"
)

// subject is something that is measured.
type subject struct {
	name    string
	address string
	slow    bool          // leaves out the workloads of a hundred thousand or million
	pid     int           // of the server; 0 where it is not ours
	up      time.Duration // from the command to its end
	idle    int64         // resident bytes right then
	end     func() error
}

func (s *subject) skips(w load.Workload) bool {
	return s.slow && strings.Contains(w.Name, "100")
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
	subjects = append(subjects, &subject{name: "backend without gateway", address: without.address, pid: without.command.Process.Pid, end: without.stop})
	if o.moto {
		s, err := startMoto(ctx)
		if err != nil {
			return subjects, end, err
		}
		subjects = append(subjects, s)
	}
	for _, named := range o.subjects {
		name, address, _ := strings.Cut(named, "=")
		subjects = append(subjects, &subject{name: name, address: address})
	}
	return subjects, end, nil
}

// startLocalcloud brings up a project of its own.
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
	command := func(ctx context.Context, args ...string) ([]byte, error) {
		c := exec.CommandContext(ctx, binary, append(args, "--project", project)...)
		c.Dir, c.Stderr = dir, os.Stderr
		c.Env = append(os.Environ(), "LOCALCLOUD_STATE="+dir)
		return c.Output()
	}
	s := &subject{name: "localcloud, " + runtime, address: address}
	s.end = func() error {
		_, err := command(context.Background(), "down")
		return errors.Join(err, os.RemoveAll(dir))
	}
	start := time.Now()
	output, err := command(ctx, "up", "--json", "--runtime", runtime, "--listen", address)
	s.up = time.Since(start)
	var status struct {
		PID int `json:"pid"`
	}
	if err == nil {
		err = json.Unmarshal(output, &status)
	}
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("start localcloud (make build makes it): %w", err)
	}
	s.pid, s.idle = status.PID, resident(status.PID)
	return s, nil
}

// startMoto runs the moto server that is installed.
func startMoto(ctx context.Context) (*subject, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, "moto_server", "-H", host, "-p", port)
	if err := command.Start(); err != nil {
		return nil, err
	}
	s := &subject{name: "moto_server", slow: true, address: address, pid: command.Process.Pid}
	s.end = func() error {
		err := command.Process.Kill()
		_ = command.Wait() // it was killed
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if c, err := load.Dial(ctx, address); err == nil {
			return s, c.Close()
		}
		select {
		case <-ctx.Done():
			s.stop()
			return nil, fmt.Errorf("moto_server at %s takes no connection: %w", address, ctx.Err())
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

// cpuTime is the processor time that a process has used, 0 where the system does not tell.
func cpuTime(pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil || pid == 0 {
		return 0
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	var ticks int64 // hundredths of a second
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
