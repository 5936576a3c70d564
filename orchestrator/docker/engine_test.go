package docker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fakeEngine answers the ping of the Docker API on a unix socket.
func fakeEngine(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "engine") // t.TempDir is too long for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "docker.sock")
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Api-Version", "1.41")
		w.WriteHeader(http.StatusOK)
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		_ = os.RemoveAll(dir)
	})
	return "unix://" + path
}

// dockerConfig makes a folder of the Docker client with a current context at host.
func dockerConfig(t *testing.T, host string) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("DOCKER_CONFIG", dir)
	t.Setenv("DOCKER_HOST", "")
	t.Setenv("DOCKER_CONTEXT", "")
	sum := sha256.Sum256([]byte("mine"))
	meta := filepath.Join(dir, "contexts", "meta", hex.EncodeToString(sum[:]))
	if err := os.MkdirAll(meta, 0o700); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{
		filepath.Join(dir, "config.json"): `{"currentContext": "mine", "credsStore": "x"}`,
		filepath.Join(meta, "meta.json"):  `{"Name": "mine", "Endpoints": {"docker": {"Host": "` + host + `"}}}`,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheEngineOfTheCurrentContextIsFound(t *testing.T) {
	want := fakeEngine(t)
	dockerConfig(t, want)
	engine, host, err := find(t.Context())
	if err != nil || host != want {
		t.Fatalf("%s, %v; want %s", host, err, want)
	}
	if err := engine.Close(); err != nil {
		t.Error(err)
	}
}

func TestTheEnvironmentGoesBeforeTheContext(t *testing.T) {
	dockerConfig(t, "unix:///nowhere.sock")
	want := fakeEngine(t)
	t.Setenv("DOCKER_HOST", want)
	engine, host, err := find(t.Context())
	if err != nil || host != want {
		t.Fatalf("%s, %v; want %s", host, err, want)
	}
	_ = engine.Close()
}

func TestAConfiguredEngineThatIsGoneIsNotReplacedByAnother(t *testing.T) {
	dockerConfig(t, "unix:///nowhere.sock")
	_, _, err := find(t.Context())
	if !errors.Is(err, ErrNoEngine) || !strings.Contains(err.Error(), "/nowhere.sock") {
		t.Errorf("error %v, want ErrNoEngine that names the socket", err)
	}
}

func TestASilentSocketDoesNotHang(t *testing.T) {
	dir, err := os.MkdirTemp("", "engine")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	t.Setenv("DOCKER_HOST", "unix://"+filepath.Join(dir, "s"))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, _, err := find(ctx); !errors.Is(err, ErrNoEngine) {
		t.Errorf("error %v, want ErrNoEngine", err)
	}
}

func TestEnginesOnOtherMachinesAreRefused(t *testing.T) {
	for host, local := range map[string]bool{
		"unix:///var/run/docker.sock": true, "tcp://127.0.0.1:2375": true, "tcp://localhost:2375": true,
		"tcp://10.0.0.5:2376": false, "ssh://me@host": false, "tcp://docker:2375": false,
	} {
		if err := isLocal(host); (err == nil) != local {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestTheOwnContainerIsFoundInMounts(t *testing.T) {
	id := strings.Repeat("0123456789abcdef", 4)
	text := `621 600 0:50 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/X
640 621 254:1 /var/lib/docker/containers/` + id + `/resolv.conf /etc/resolv.conf rw - ext4 /dev/vda1 rw
641 621 254:1 /var/lib/docker/volumes/containers/x/_data /data rw - ext4 /dev/vda1 rw
`
	if got := mountIDs(text); len(got) != 1 || got[0] != id {
		t.Errorf("ids %q", got)
	}
}

func TestOnlyStaticExecutablesOfTheEnginesArchitectureServe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := runsAlone(file, "amd64"); err == nil || !strings.Contains(err.Error(), "is no Linux executable") {
		t.Errorf("a script: %v", err)
	}
	if err := runsAlone("/no/such/file", "amd64"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
