package project

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func open(t *testing.T) Dir {
	t.Helper()
	dir, err := Open(filepath.Join(t.TempDir(), "state"), "shop")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestTheLockHasOneHolder(t *testing.T) {
	dir := open(t)
	lock, err := dir.TryLock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dir.TryLock(); !errors.Is(err, ErrLocked) {
		t.Errorf("second lock: %v, want ErrLocked", err)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	again, err := dir.TryLock()
	if err != nil {
		t.Fatalf("after its release: %v", err)
	}
	if err := dir.Clean(); err != nil {
		t.Fatal(err)
	}
	anew, err := dir.TryLock() // a new file: the old one is gone
	if err != nil {
		t.Fatalf("after Clean: %v", err)
	}
	if err := errors.Join(again.Release(), anew.Release()); err != nil {
		t.Error(err)
	}
}

func TestCleanLeavesNothingButWhatRuntimesKeep(t *testing.T) {
	dir := open(t)
	if _, err := dir.WriteMark("1", "b"); err != nil {
		t.Fatal(err)
	}
	if err := dir.Choose(Choice{Runtime: "local", Kept: true}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(dir.Forget(false), dir.Clean()); err != nil {
		t.Fatal(err)
	}
	if c, ok := dir.Choice(); !ok || c.Runtime != "local" {
		t.Errorf("the choice belongs to kept state and is gone: %+v", c)
	}
	if _, ok := dir.Mark(); ok {
		t.Error("the mark is still there")
	}
	if err := errors.Join(dir.Forget(true), dir.Clean()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(dir.Path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something is left: %v", err)
	}
}

func TestAMarkKnowsItsProcess(t *testing.T) {
	dir := open(t)
	mark, err := dir.WriteMark("1", "b")
	if err != nil {
		t.Fatal(err)
	}
	read, ok := dir.Mark()
	if !ok || read != mark {
		t.Errorf("got %+v, want %+v", read, mark)
	}
	if !read.Alive() {
		t.Error("this process lives")
	}
	if startOf(os.Getpid()) != 0 {
		read.Start++
		if read.Alive() {
			t.Error("a process that was started at another time is not ours")
		}
	}
}

func TestALongPathHasItsSocketElsewhere(t *testing.T) {
	t.Setenv("TMPDIR", "/tmp") // that of the test is long itself
	short := Dir{Project: "a", Path: "/tmp/a"}
	if got, _ := short.socket(); got != "/tmp/a/control.sock" {
		t.Errorf("got %s", got)
	}
	long := Dir{Project: "a", Path: "/tmp/" + strings.Repeat("a", 200)}
	got, err := long.socket()
	if err != nil || len(got) > longestSocket {
		t.Errorf("got %s, %v", got, err)
	}
	_ = os.Remove(filepath.Dir(got))
}

func all([]byte) bool { return true }

func TestTheLogIsFollowed(t *testing.T) {
	log, err := OpenLog(filepath.Join(t.TempDir(), "log"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"one\n", "two\n", "three\n"} {
		if _, err := log.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := log.Copy(context.Background(), writer, 2, true, func(line []byte) bool { return !bytes.HasPrefix(line, []byte("-")) })
		ended <- errors.Join(err, writer.Close())
	}()
	first := make([]byte, len("two\nthree\n"))
	if _, err := io.ReadFull(reader, first); err != nil || string(first) != "two\nthree\n" {
		t.Fatalf("got %q, %v", first, err)
	}
	if _, err := log.Write([]byte("-not this\nfour\n")); err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(reader)
	if err := <-ended; err != nil || string(rest) != "four\n" {
		t.Errorf("got %q, %v", rest, err)
	}
}

func TestTheLogRotatesAndReadsOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	log, err := OpenLog(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	line := []byte(strings.Repeat("x", 1<<20-1) + "\n")
	for range 20 {
		if _, err := log.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := log.Write([]byte("the last\n")); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := log.Copy(context.Background(), &out, 0, false, all); err != nil {
		t.Fatal(err)
	}
	if got, want := out.Len(), 20<<20+len("the last\n"); got != want {
		t.Errorf("got %d bytes, want %d", got, want)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + ".1"} {
		if info, err := os.Stat(name); err != nil || info.Size() > logSize+1<<20 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	out.Reset()
	if err := CopyLog(&out, path, 1, all); err != nil || out.String() != "the last\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

// fake is a cloud that does what its functions say.
type fake struct {
	Cloud
	up    func(ctx context.Context, configuration json.RawMessage, progress func(string)) error
	empty bool
}

func (f *fake) Up(ctx context.Context, configuration json.RawMessage, progress func(string)) error {
	return f.up(ctx, configuration, progress)
}
func (f *fake) Empty() bool { return f.empty }
func (f *fake) Status() any { return map[string]string{"project": "shop"} }
func (f *fake) Down(context.Context, bool, func(string)) error {
	f.empty = true
	return nil
}
func (f *fake) Logs(_ context.Context, w io.Writer, backend string, _ int, _ bool) error {
	if backend != "" {
		return errors.New("no such backend")
	}
	_, err := io.WriteString(w, "a line\n")
	return err
}

// control serves a cloud and returns its client.
func control(t *testing.T, dir Dir, cloud Cloud) (*Control, *Client) {
	t.Helper()
	listener, err := dir.Listen()
	if err != nil {
		t.Fatal(err)
	}
	c := NewControl(cloud, func(err error) *Failure { return &Failure{Message: err.Error(), Hint: "think", Code: 7} }, slog.New(slog.DiscardHandler))
	served := make(chan error, 1)
	go func() { served <- c.Serve(listener) }()
	t.Cleanup(func() {
		if err := errors.Join(c.Close(), <-served); err != nil {
			t.Error(err)
		}
	})
	client, err := dir.Connect()
	if err != nil {
		t.Fatal(err)
	}
	return c, client
}

func TestCommandsCrossTheControlSocket(t *testing.T) {
	dir := open(t)
	cloud := &fake{}
	cloud.up = func(_ context.Context, configuration json.RawMessage, progress func(string)) error {
		progress("got " + string(configuration))
		return nil
	}
	c, client := control(t, dir, cloud)
	ctx := context.Background()
	var lines []string
	if err := client.Up(ctx, "a configuration", func(line string) { lines = append(lines, line) }); err != nil {
		t.Fatal(err)
	}
	if len(lines) != 1 || lines[0] != `got "a configuration"` {
		t.Errorf("progress: %q", lines)
	}
	var status map[string]string
	if err := client.Status(ctx, &status); err != nil || status["project"] != "shop" {
		t.Errorf("status: %v, %v", status, err)
	}
	var out strings.Builder
	if err := client.Logs(ctx, &out, "", 0, false); err != nil || out.String() != "a line\n" {
		t.Errorf("logs: %q, %v", out.String(), err)
	}
	var failure *Failure
	if err := client.Logs(ctx, &out, "x", 0, false); !errors.As(err, &failure) || failure.Code != 7 || failure.Hint != "think" {
		t.Errorf("logs of an unknown backend: %v", err)
	}
	select {
	case <-c.Ended():
		t.Error("ended too early")
	default:
	}
	if err := client.Down(ctx, false, func(string) {}); err != nil {
		t.Fatal(err)
	}
	<-c.Ended()
}

func TestAnInterruptedUpIsUndoneAndAnEmptyProcessEnds(t *testing.T) {
	dir := open(t)
	begun := make(chan struct{})
	cloud := &fake{empty: true}
	cloud.up = func(ctx context.Context, _ json.RawMessage, _ func(string)) error {
		close(begun)
		<-ctx.Done() // the caller has gone away
		return ctx.Err()
	}
	c, client := control(t, dir, cloud)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-begun
		cancel()
	}()
	if err := client.Up(ctx, nil, func(string) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	select {
	case <-c.Ended():
	case <-time.After(5 * time.Second):
		t.Error("the empty process lives on")
	}
}

func TestAPanicInACommandIsAFailure(t *testing.T) {
	cloud := &fake{up: func(context.Context, json.RawMessage, func(string)) error { panic("oh") }}
	_, client := control(t, open(t), cloud)
	var failure *Failure
	if err := client.Up(context.Background(), nil, func(string) {}); !errors.As(err, &failure) || !strings.Contains(failure.Message, "oh") {
		t.Errorf("got %v, want a failure", err)
	}
}

func TestWithoutAProcessTheErrorSaysSo(t *testing.T) {
	dir := open(t)
	client, err := dir.Connect()
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Status(context.Background(), new(any)); !errors.Is(err, ErrNotRunning) {
		t.Errorf("got %v, want ErrNotRunning", err)
	}
}
