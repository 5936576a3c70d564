package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"localcloud/cmd/localcloud/project"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"localcloud": func() { os.Exit(run(os.Args[1:])) }})
}

// TestScripts runs testdata/script: the program as a user has it, on the local runtime.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("LOCALCLOUD_STATE", filepath.Join(env.WorkDir, "state"))
			env.Setenv("LOCALCLOUD_RUNTIME", "local")
			env.Setenv("LOCALCLOUD_LISTEN", "127.0.0.1:0")
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("DOCKER_HOST", "unix://"+filepath.Join(env.WorkDir, "no-engine.sock"))
			env.Defer(func() { endAll(t, filepath.Join(env.WorkDir, "state")) })
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "get": get, "occupy": occupy, "kill9": kill9, "pid": pid, "left": left, "await": await, "running": running,
		},
	})
}

// endAll ends the projects that a script which failed half-way has left running.
func endAll(t *testing.T, home string) {
	projects, _ := os.ReadDir(home)
	for _, entry := range projects {
		dir, err := project.At(home, entry.Name())
		if err != nil {
			t.Error(err)
			continue
		}
		if mark, ok := dir.Mark(); ok {
			if err := mark.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
}

// exits CODE COMMAND... runs a command that must end with that code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	code := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// statusOf asks a project how it stands.
func statusOf(ts *testscript.TestScript, name string) (project.Dir, status) {
	dir, err := project.At(ts.Getenv("LOCALCLOUD_STATE"), name)
	ts.Check(err)
	client, err := dir.Connect()
	ts.Check(err)
	var s status
	ts.Check(client.Status(context.Background(), &s))
	return dir, s
}

// get PROJECT PATH prints an answer of the project's gateway.
func get(ts *testscript.TestScript, neg bool, args []string) {
	_, s := statusOf(ts, args[0])
	resp, err := http.Get(s.URL + args[1])
	if neg {
		if err == nil {
			ts.Fatalf("%s answers", s.URL)
		}
		return
	}
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%s\n%s\n", resp.Status, body)
}

// occupy VARIABLE takes a port until the end of the script and sets the variable to its address.
func occupy(ts *testscript.TestScript, _ bool, args []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { listener.Close() })
	ts.Setenv(args[0], listener.Addr().String())
}

// kill9 PROJECT kills the project's process and waits for its end.
func kill9(ts *testscript.TestScript, _ bool, args []string) {
	dir, _ := statusOf(ts, args[0])
	mark, ok := dir.Mark()
	if !ok {
		ts.Fatalf("no mark of %s", args[0])
	}
	ts.Check(mark.Kill())
	until(ts, "the process lives on", func() bool {
		lock, err := dir.TryLock()
		return err == nil && lock.Release() == nil
	})
}

// until waits for something to become true.
func until(ts *testscript.TestScript, otherwise string, true func() bool) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); !true(); <-tick.C {
		if time.Now().After(deadline) {
			ts.Fatalf("%s", otherwise)
		}
	}
}

// await PROJECT waits for a project that is being brought up in the background.
func await(ts *testscript.TestScript, _ bool, args []string) {
	dir, err := project.At(ts.Getenv("LOCALCLOUD_STATE"), args[0])
	ts.Check(err)
	client, err := dir.Connect()
	ts.Check(err)
	until(ts, "the project does not become ready", func() bool {
		var s status
		return client.Status(context.Background(), &s) == nil && s.Ready
	})
}

// running COMMANDLINE waits for a process whose command line begins so; with "!", for the end of all.
func running(ts *testscript.TestScript, neg bool, args []string) {
	want := strings.ReplaceAll(args[0], " ", "\x00") + "\x00"
	until(ts, fmt.Sprintf("%s: running %t", args[0], neg), func() bool {
		files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		found := slices.ContainsFunc(files, func(file string) bool {
			line, err := os.ReadFile(file)
			return err == nil && strings.HasPrefix(string(line), want)
		})
		return found != neg
	})
}

// pid PROJECT VARIABLE sets a variable to the id of the project's process.
func pid(ts *testscript.TestScript, _ bool, args []string) {
	_, s := statusOf(ts, args[0])
	ts.Setenv(args[1], strconv.Itoa(s.PID))
}

// left lists what is in the state folder; with "!", anything there is a failure.
func left(ts *testscript.TestScript, neg bool, _ []string) {
	var names []string
	home := ts.Getenv("LOCALCLOUD_STATE")
	_ = filepath.WalkDir(home, func(path string, _ os.DirEntry, err error) error {
		if err == nil && path != home {
			names = append(names, strings.TrimPrefix(path, home))
		}
		return nil
	})
	if neg && len(names) > 0 {
		ts.Fatalf("left behind: %s", strings.Join(names, " "))
	}
	fmt.Fprintln(ts.Stdout(), strings.Join(names, "\n"))
}
