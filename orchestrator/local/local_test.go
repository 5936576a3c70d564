package local_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"localcloud/images"
	"localcloud/orchestrator"
	"localcloud/orchestrator/local"
	"localcloud/orchestrator/runtimetest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if err := runtimetest.Clean(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func TestRuntime(t *testing.T) {
	program := runtimetest.Program(t)
	root := t.TempDir()
	broken := filepath.Join(root, "broken")
	if err := os.WriteFile(broken, []byte{0, 1, 2}, 0o700); err != nil {
		t.Fatal(err)
	}
	runtimetest.Run(t, runtimetest.Target{
		New: func(t *testing.T, project string) orchestrator.Runtime {
			return local.New(local.Options{
				Project: project, Dir: filepath.Join(root, project), Supervisor: []string{program, "supervise"},
			})
		},
		Image: func(_ *testing.T, command ...string) *images.Image {
			return &images.Image{Command: append([]string{program}, command...)}
		},
		Broken:     &images.Image{Command: []string{broken, "{port}"}},
		BrokenText: "exec format error",
	})
}
