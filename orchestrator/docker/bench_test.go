package docker_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"localcloud/gateway/aws"
	"localcloud/images"
	"localcloud/orchestrator"
	"localcloud/orchestrator/docker"
	"localcloud/orchestrator/runtimetest"
	"localcloud/orchestrator/transport"
)

// BenchmarkContainer measures small calls to a server in a container: by the container's own address
// and by its published port, with our transport and with http.Transport.
func BenchmarkContainer(b *testing.B) {
	runtime, err := docker.New(b.Context(), docker.Options{Project: prefix + "bench", Executable: runtimetest.Program(b), Guest: []string{"guest"}})
	if errors.Is(err, docker.ErrNoEngine) {
		b.Skip("no Docker engine: ", err)
	}
	if err != nil {
		b.Fatal(err)
	}
	defer runtime.Close()
	defer func() { _ = runtime.Clean(b.Context(), true) }()
	image := &images.Image{Name: "server", Reference: programImage(b), Args: []string{"serve", "{port}"}, Port: 8000, Probe: images.Probe{Path: "/who"}}
	o := orchestrator.New(orchestrator.Config{Runtimes: []orchestrator.Runtime{runtime}})
	plan, err := o.Plan(b.Context(), orchestrator.Desired{Images: map[string]*images.Image{"*": image}, Start: []string{"testing"}})
	if err != nil {
		b.Fatal(err)
	}
	if err := o.Run(b.Context(), plan); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = o.Stop(b.Context()) }()
	own := o.Status()[0].Address
	observed, err := runtime.Observe(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	found, err := newEngine(b).ContainerInspect(b.Context(), observed[0].ID)
	if err != nil {
		b.Fatal(err)
	}
	published := "127.0.0.1:" + found.NetworkSettings.Ports["8000/tcp"][0].HostPort
	for _, way := range []struct {
		name    string
		tripper http.RoundTripper
		host    string
	}{
		{"own address, transport", transport.New(own), own},
		{"own address, http.Transport", &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64}, own},
		{"published port, transport", transport.New(published), published},
		{"published port, http.Transport", &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64}, published},
	} {
		b.Run(way.name, func(b *testing.B) {
			b.SetParallelism(4)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					get(b, way.tripper, way.host)
				}
			})
		})
	}
}

func get(b *testing.B, tripper http.RoundTripper, host string) {
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "http://"+host+"/who", strings.NewReader("hello"))
	if err != nil {
		b.Error(err)
		return
	}
	req = req.WithContext(aws.WithCall(req.Context(), &aws.Call{Account: "1"}))
	resp, err := tripper.RoundTrip(req)
	if err != nil {
		b.Error(err)
		return
	}
	_, err = io.Copy(io.Discard, resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		b.Error(err)
	}
}
