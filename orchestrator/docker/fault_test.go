package docker_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/docker/docker/pkg/stdcopy"

	"localcloud/images"
	"localcloud/orchestrator"
	"localcloud/orchestrator/docker"
	"localcloud/orchestrator/runtimetest"
)

func newEngine(t testing.TB) *client.Client {
	t.Helper()
	engine, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	return engine
}

// clean removes all of a project at the end of a test.
func clean(t *testing.T, runtime *docker.Runtime) {
	t.Helper()
	t.Cleanup(func() {
		if err := runtime.Clean(context.Background(), true); err != nil {
			t.Error(err)
		}
	})
}

func startCounter(t *testing.T, runtime *docker.Runtime) orchestrator.Instance {
	t.Helper()
	instance, err := runtime.Start(t.Context(), orchestrator.Spec{Name: "counter", Image: runtimetest.Counter()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return instance
}

func TestAContainerThatSomebodyRemovesIsNoticed(t *testing.T) {
	runtime := connect(t, "faults")
	clean(t, runtime)
	engine := newEngine(t)
	for name, end := range map[string]func(id string) error{
		"killed": func(id string) error { return engine.ContainerKill(t.Context(), id, "KILL") },
		"removed": func(id string) error {
			return engine.ContainerRemove(t.Context(), id, container.RemoveOptions{Force: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			instance := startCounter(t, runtime)
			observed, err := runtime.Observe(t.Context())
			if err != nil || len(observed) != 1 || !observed[0].Running {
				t.Fatalf("observed %v, %v", observed, err)
			}
			if err := end(observed[0].ID); err != nil {
				t.Fatal(err)
			}
			select {
			case <-instance.Done():
			case <-time.After(10 * time.Second):
				t.Error("its end was not noticed")
			}
			if err := instance.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestContainersMayDoAsLittleAsPossible(t *testing.T) {
	runtime := connect(t, "hardened")
	clean(t, runtime)
	startCounter(t, runtime)
	observed, err := runtime.Observe(t.Context())
	if err != nil || len(observed) != 1 {
		t.Fatalf("observed %v, %v", observed, err)
	}
	found, err := newEngine(t).ContainerInspect(t.Context(), observed[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	host := found.HostConfig
	if !host.ReadonlyRootfs || host.Privileged || strings.Join(host.CapDrop, "") != "ALL" || len(host.CapAdd) > 0 ||
		strings.Join(host.SecurityOpt, "") != "no-new-privileges" || found.Config.User == "" {
		t.Errorf("%+v", host)
	}
	for _, bindings := range found.NetworkSettings.Ports {
		for _, b := range bindings {
			if b.HostIP != "127.0.0.1" {
				t.Errorf("published on %s", b.HostIP)
			}
		}
	}
	for _, m := range found.Mounts {
		if strings.Contains(m.Source, "docker.sock") {
			t.Error("the engine's socket is mounted")
		}
	}
}

func TestGuestsRefuseCallsThatAreNotTheGateways(t *testing.T) {
	runtime := connect(t, "token")
	clean(t, runtime)
	instance := startCounter(t, runtime)
	url := "http://" + instance.Address()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/", nil)
		req.Header.Set("X-Localcloud-Call", "testing&&&&&&&&&&&&")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			continue
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("status %d, want 403", resp.StatusCode)
		}
		return
	}
	t.Error("no answer")
}

func TestThereIsNothingToTakeFromForeignImages(t *testing.T) {
	runtime := connect(t, "takes")
	if err := runtime.Takes(&images.Image{Command: []string{"moto_server"}}); err == nil {
		t.Error("a command was taken")
	}
	if err := runtime.Takes(&images.Image{Reference: "a/b"}); err != nil {
		t.Error(err)
	}
}

// TestContainersReachTheGatewayByItsNames runs containers on the project's network that fetch from the
// gateway, by its name, and by names below it through the relay's DNS.
func TestContainersReachTheGatewayByItsNames(t *testing.T) {
	runtime := connect(t, "relay")
	clean(t, runtime)
	program := programImage(t)
	address, err := runtime.HostAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if address == "" {
		t.Skip("this machine has no address of its own on the network")
	}
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		t.Fatal(err)
	}
	gateway := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "gateway for "+r.Host)
	})}
	go func() { _ = gateway.Serve(listener) }()
	t.Cleanup(func() { _ = gateway.Close() })
	port := listener.Addr().(*net.TCPAddr).Port
	for range 2 { // the second changes nothing
		if err := runtime.Announce(t.Context(), []string{"cloud.test", "localhost.localstack.cloud"}, port); err != nil {
			t.Fatal(err)
		}
	}
	engine := newEngine(t)
	relay, err := engine.ContainerInspect(t.Context(), "localcloud-"+prefix+"relay_relay")
	if err != nil {
		t.Fatal(err)
	}
	resolver := relay.NetworkSettings.Networks["localcloud-"+prefix+"relay"].IPAddress
	for name, dns := range map[string]string{"localhost.localstack.cloud": "", "cloud.test": "", "bucket.s3.cloud.test": resolver} {
		host := name + ":" + strconv.Itoa(port)
		if got := fetch(t, engine, program, "http://"+host+"/", dns); got != "gateway for "+host {
			t.Errorf("from a container, %s answers %q", name, got)
		}
	}
	if err := runtime.Announce(t.Context(), []string{"other.test"}, port); err != nil {
		t.Fatal(err)
	}
	if got := fetch(t, engine, program, "http://other.test:"+strconv.Itoa(port)+"/", ""); !strings.HasPrefix(got, "gateway") {
		t.Errorf("after another announcement: %q", got)
	}
}

// fetch runs a container on the project's network that fetches a URL, and returns what it printed.
func fetch(t *testing.T, engine *client.Client, program, url, dns string) string {
	t.Helper()
	host := &container.HostConfig{NetworkMode: container.NetworkMode("localcloud-" + prefix + "relay")}
	if dns != "" {
		host.DNS = []string{dns}
	}
	created, err := engine.ContainerCreate(t.Context(), &container.Config{Image: program, Cmd: []string{"fetch", url}}, host, nil, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := engine.ContainerRemove(context.Background(), created.ID, container.RemoveOptions{Force: true}); err != nil {
			t.Error(err)
		}
	}()
	ended, failed := engine.ContainerWait(t.Context(), created.ID, container.WaitConditionNextExit)
	if err := engine.ContainerStart(t.Context(), created.ID, container.StartOptions{}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case err := <-failed:
		t.Fatal(err)
	case <-time.After(20 * time.Second):
		t.Fatal("the container does not end")
	}
	logs, err := engine.ContainerLogs(t.Context(), created.ID, container.LogsOptions{ShowStdout: true, ShowStderr: true})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	_, err = stdcopy.StdCopy(&out, &out, logs)
	if err = errors.Join(err, logs.Close()); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(out.String())
}
