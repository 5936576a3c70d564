package docker_test

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"

	"localcloud/images"
	"localcloud/orchestrator"
	"localcloud/orchestrator/docker"
	"localcloud/orchestrator/runtimetest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if err := runtimetest.Clean(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// prefix is what the names of the tests' projects begin with; no two runs share it.
var prefix = fmt.Sprintf("runtimetest-%d-", os.Getpid())

// connect returns a runtime of a project, and skips the test where no engine answers.
func connect(t *testing.T, project string) *docker.Runtime {
	t.Helper()
	runtime, err := docker.New(t.Context(), docker.Options{
		Project: prefix + project, Executable: runtimetest.Program(t), Guest: []string{"guest"},
	})
	if errors.Is(err, docker.ErrNoEngine) {
		t.Skip("no Docker engine: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = runtime.Close() })
	return runtime
}

// programImage makes an image of the test program and returns its name.
func programImage(t testing.TB) string {
	t.Helper()
	name := "localcloud-" + prefix + "program:1"
	engine, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		t.Fatal(err)
	}
	content, writer := io.Pipe()
	go func() { writer.CloseWithError(writeTar(writer, runtimetest.Program(t))) }()
	reply, err := engine.ImageImport(t.Context(), image.ImportSource{Source: content, SourceName: "-"}, name,
		image.ImportOptions{Changes: []string{`ENTRYPOINT ["/program"]`}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, reply); err != nil {
		t.Fatal(err)
	}
	_ = reply.Close()
	t.Cleanup(func() {
		if _, err := engine.ImageRemove(context.Background(), name, image.RemoveOptions{Force: true}); err != nil {
			t.Error(err)
		}
		_ = engine.Close()
	})
	return name
}

func writeTar(w io.Writer, program string) error {
	content, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(w)
	if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "program", Mode: 0o755, Size: int64(len(content))}); err != nil {
		return err
	}
	if _, err := archive.Write(content); err != nil {
		return err
	}
	return archive.Close()
}

func TestRuntime(t *testing.T) {
	connect(t, "engine")
	name := programImage(t)
	runtimetest.Run(t, runtimetest.Target{
		New: func(t *testing.T, project string) orchestrator.Runtime { return connect(t, project) },
		Image: func(_ *testing.T, command ...string) *images.Image {
			return &images.Image{Reference: name, Args: command, Port: 8000, User: "65534:65534", Writable: []string{"/tmp"}}
		},
		Broken:     &images.Image{Reference: "localhost:1/there/is:none", Port: 80},
		BrokenText: "the image localhost:1/there/is:none cannot be pulled",
	})
}
