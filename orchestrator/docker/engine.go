package docker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/docker/docker/client"
)

// pingTimeout bounds how long a socket may take to show that an engine is behind it.
const pingTimeout = 3 * time.Second

// place is where an engine may be.
type place struct {
	host string // unix:///..., tcp://...
	tls  string // folder with ca.pem, cert.pem and key.pem; "" for none
}

// find connects to the engine that the user's Docker client would use, or else to the first one that
// answers at a usual place.
func find(ctx context.Context) (*client.Client, string, error) {
	chosen, err := configured()
	if err != nil {
		return nil, "", err
	}
	if chosen != nil {
		if err := isLocal(chosen.host); err != nil {
			return nil, "", err
		}
		engine, err := connect(ctx, *chosen)
		if err != nil {
			return nil, "", fmt.Errorf("%w at %s: %w", ErrNoEngine, chosen.host, err)
		}
		return engine, chosen.host, nil
	}
	var tried []string
	for _, p := range usual() {
		if _, err := os.Stat(strings.TrimPrefix(p.host, "unix://")); err != nil {
			continue
		}
		engine, err := connect(ctx, p)
		if err == nil {
			return engine, p.host, nil
		}
		tried = append(tried, fmt.Sprintf("%s: %v", p.host, err))
	}
	if len(tried) == 0 {
		return nil, "", fmt.Errorf("%w: there is none of the usual sockets, and DOCKER_HOST is not set", ErrNoEngine)
	}
	return nil, "", fmt.Errorf("%w: %s", ErrNoEngine, strings.Join(tried, "; "))
}

// connect makes a client and asks the engine for a sign of life.
func connect(ctx context.Context, p place) (*client.Client, error) {
	options := []client.Opt{client.WithHost(p.host), client.WithAPIVersionNegotiation(), client.WithUserAgent("localcloud")}
	if p.tls != "" {
		options = append(options, client.WithTLSClientConfig(
			filepath.Join(p.tls, "ca.pem"), filepath.Join(p.tls, "cert.pem"), filepath.Join(p.tls, "key.pem")))
	}
	engine, err := client.NewClientWithOpts(options...)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	if _, err := engine.Ping(ctx); err != nil {
		return nil, errors.Join(err, engine.Close())
	}
	return engine, nil
}

// configured is the engine that the environment or the Docker client's current context names; nil
// for none.
func configured() (*place, error) {
	if host := os.Getenv("DOCKER_HOST"); host != "" {
		p := &place{host: host}
		if verify := os.Getenv("DOCKER_TLS_VERIFY"); verify != "" {
			if p.tls = os.Getenv("DOCKER_CERT_PATH"); p.tls == "" {
				p.tls = clientDir()
			}
		}
		return p, nil
	}
	name := os.Getenv("DOCKER_CONTEXT")
	if name == "" {
		name = currentContext()
	}
	if name == "" || name == "default" {
		return nil, nil
	}
	return contextPlace(name)
}

// clientDir is the folder of the Docker client's configuration.
func clientDir() string {
	if dir := os.Getenv("DOCKER_CONFIG"); dir != "" {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".docker")
}

// currentContext is the name of the Docker client's current context, "" for the default one.
func currentContext() string {
	text, err := os.ReadFile(filepath.Join(clientDir(), "config.json"))
	if err != nil {
		return ""
	}
	var config struct {
		CurrentContext string `json:"currentContext"`
	}
	if json.Unmarshal(text, &config) != nil {
		return "" // the Docker client would complain; we have no use for the rest of its file
	}
	return config.CurrentContext
}

// contextPlace reads where a context of the Docker client has its engine.
func contextPlace(name string) (*place, error) {
	sum := sha256.Sum256([]byte(name))
	id := hex.EncodeToString(sum[:])
	text, err := os.ReadFile(filepath.Join(clientDir(), "contexts", "meta", id, "meta.json"))
	if err != nil {
		return nil, fmt.Errorf("read the Docker context %q: %w", name, err)
	}
	var meta struct {
		Endpoints map[string]struct{ Host string }
	}
	if err := json.Unmarshal(text, &meta); err != nil {
		return nil, fmt.Errorf("read the Docker context %q: %w", name, err)
	}
	p := &place{host: meta.Endpoints["docker"].Host}
	if p.host == "" {
		return nil, fmt.Errorf("the Docker context %q names no engine", name)
	}
	secrets := filepath.Join(clientDir(), "contexts", "tls", id, "docker")
	if _, err := os.Stat(filepath.Join(secrets, "cert.pem")); err == nil {
		p.tls = secrets
	}
	return p, nil
}

// isLocal refuses engines whose containers this machine cannot reach.
func isLocal(host string) error {
	u, err := url.Parse(host)
	if err != nil {
		return fmt.Errorf("the engine's address %q: %w", host, err)
	}
	switch u.Scheme {
	case "unix", "npipe":
		return nil
	case "tcp", "http", "https":
		if name := u.Hostname(); name == "localhost" || name == "127.0.0.1" || name == "::1" {
			return nil
		}
	}
	return fmt.Errorf("the engine at %s is on another machine, where the ports of containers cannot be reached from here: "+
		"choose a local one with DOCKER_HOST or `docker context use`, or use --runtime local", host)
}

// usual lists the sockets of the usual engines: Docker, rootless Docker, Docker Desktop, Colima,
// Rancher Desktop, OrbStack, Podman.
func usual() []place {
	paths := []string{"/var/run/docker.sock"}
	runtimeDir := os.Getenv("XDG_RUNTIME_DIR")
	if runtimeDir != "" {
		paths = append(paths, filepath.Join(runtimeDir, "docker.sock"))
	}
	if home, err := os.UserHomeDir(); err == nil {
		for _, path := range []string{
			".docker/run/docker.sock", ".docker/desktop/docker.sock",
			".colima/default/docker.sock", ".config/colima/default/docker.sock",
			".rd/docker.sock", ".orbstack/run/docker.sock",
			".local/share/containers/podman/machine/podman.sock",
			".local/share/containers/podman/machine/qemu/podman.sock",
		} {
			paths = append(paths, filepath.Join(home, path))
		}
	}
	if runtimeDir != "" {
		paths = append(paths, filepath.Join(runtimeDir, "podman", "podman.sock"))
	}
	paths = append(paths, "/run/podman/podman.sock")
	places := make([]place, len(paths))
	for i, path := range paths {
		places[i] = place{host: "unix://" + path}
	}
	return places
}
