package local_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"localcloud/images"
	"localcloud/orchestrator"
	"localcloud/orchestrator/local"
	"localcloud/orchestrator/runtimetest"
)

func newRuntime(t *testing.T, dir string) *local.Runtime {
	t.Helper()
	return local.New(local.Options{Project: "faults", Dir: dir, Supervisor: []string{runtimetest.Program(t), "supervise"}})
}

// start starts a command of the test program and waits until it listens.
func start(t *testing.T, runtime *local.Runtime, command ...string) orchestrator.Instance {
	t.Helper()
	image := &images.Image{Command: append([]string{runtimetest.Program(t)}, command...)}
	instance, err := runtime.Start(t.Context(), orchestrator.Spec{Name: command[0], Image: image}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := instance.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	eventually(t, "it listens", func() bool { return listens(instance.Address()) })
	return instance
}

func listens(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

// eventually waits until something is true, for longer than a program has to end by itself.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	timeout := time.After(15 * time.Second)
	for !is() {
		select {
		case <-ticker.C:
		case <-timeout:
			t.Fatalf("not true after 15 s: %s", what)
		}
	}
}

// pids returns the processes of an instance, those of its supervisor first.
func pids(t *testing.T, runtime *local.Runtime) []int {
	t.Helper()
	observed, err := runtime.Observe(t.Context())
	if err != nil || len(observed) != 1 {
		t.Fatalf("observed %v, %v", observed, err)
	}
	var list []int
	for item := range strings.SplitSeq(observed[0].ID, ",") {
		text, _, _ := strings.Cut(item, "=")
		pid, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, pid)
	}
	return list
}

func TestAChildEndsWithItsKilledParent(t *testing.T) {
	t.Parallel()
	parent := exec.CommandContext(t.Context(), runtimetest.Program(t), "parent", t.TempDir())
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimSpace(line)
	if !listens(address) {
		t.Fatalf("nobody listens on %q", address)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	eventually(t, "the child, which ignores SIGTERM, is gone", func() bool { return !listens(address) })
}

func TestAChildEndsWithItsKilledSupervisor(t *testing.T) {
	runtime := newRuntime(t, t.TempDir())
	instance := start(t, runtime, "stubborn", "{port}")
	if err := syscall.Kill(pids(t, runtime)[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-instance.Done()
	left, err := runtime.Observe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range left { // where the kernel does not end the child, the next `up` does
		if err := runtime.Remove(t.Context(), l); err != nil {
			t.Error(err)
		}
	}
	if listens(instance.Address()) {
		t.Error("the child listens on")
	}
}

func TestAKilledChildIsNoticed(t *testing.T) {
	runtime := newRuntime(t, t.TempDir())
	instance := start(t, runtime, "serve", "{port}")
	all := pids(t, runtime)
	if err := syscall.Kill(all[len(all)-1], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-instance.Done():
	case <-time.After(10 * time.Second):
		t.Error("the end was not noticed")
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://backend/", nil)
	if _, err := instance.RoundTrip(req); err == nil {
		t.Error("an ended child answers")
	}
}

func TestChildrenOfAChildEndWithIt(t *testing.T) {
	runtime := newRuntime(t, t.TempDir())
	instance := start(t, runtime, "family", "{port}")
	if err := instance.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left, err := runtime.Observe(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestStopKillsWhenTimeIsUp(t *testing.T) {
	runtime := newRuntime(t, t.TempDir())
	instance := start(t, runtime, "stubborn", "{port}")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if err := instance.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took > 3*time.Second || listens(instance.Address()) {
		t.Errorf("took %v, listens: %v", took, listens(instance.Address()))
	}
}

func TestALogThatHasGrownTooLargeKeepsItsLastLines(t *testing.T) {
	dir := t.TempDir()
	runtime := newRuntime(t, dir)
	path := filepath.Join(dir, "logs", "serve.log")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	old := strings.Repeat(strings.Repeat("x", 99)+"\n", 200_000) + "the last line\n"
	if err := os.WriteFile(path, []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, runtime, "serve", "{port}")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > len(old)/2 || !strings.HasPrefix(string(text), "xxx") || !strings.Contains(string(text), "x\nthe last line\nserving on port") {
		t.Errorf("%d bytes are left: %.20q ... %q", len(text), text, text[max(0, len(text)-60):])
	}
}

func TestATakenPortIsTold(t *testing.T) {
	var config net.ListenConfig
	taken, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	image := &images.Image{Command: []string{runtimetest.Program(t), "serve", strconv.Itoa(port)}, Port: port}
	_, err = newRuntime(t, t.TempDir()).Start(t.Context(), orchestrator.Spec{Name: "fixed", Image: image}, nil)
	if err == nil || !strings.Contains(err.Error(), "port "+strconv.Itoa(port)+" is taken") {
		t.Errorf("error %v", err)
	}
}

func TestWhatIsNotInstalledIsRefusedWithTheWayToGetIt(t *testing.T) {
	runtime := newRuntime(t, t.TempDir())
	for want, image := range map[string]*images.Image{
		"no-such-program is not installed (pip install it, or start Docker)": {
			Command: []string{"no-such-program"}, Install: "pip install it", Reference: "a/b",
		},
		"no-such-program is not installed (install it)":      {Command: []string{"no-such-program"}},
		"it is a container, and there is no Docker engine: ": {Reference: "a/b"},
	} {
		if err := runtime.Takes(image); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestANativeBackendThatDoesNotStartLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	image := runtimetest.Counter()
	image.Settings = map[string]string{"broken": "yes"}
	_, err := newRuntime(t, dir).Start(t.Context(), orchestrator.Spec{Name: "counter", Image: image}, nil)
	if err == nil || !strings.Contains(err.Error(), "the setting broken is set") {
		t.Errorf("error %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "run", "*")); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, errors.Join(err))
	}
}
