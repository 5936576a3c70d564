package docker

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	apinetwork "github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
	"github.com/docker/go-connections/nat"

	"localcloud/orchestrator"
	"localcloud/orchestrator/guest"
)

const (
	maxProcesses = 4096
	logSize      = "10m"
	logFiles     = "2"
)

// definition is what the engine is told about a container.
type definition struct {
	name    string
	config  *container.Config
	host    *container.HostConfig
	network *apinetwork.NetworkingConfig
	port    int
}

// Start makes the container of an instance and starts it.
func (r *Runtime) Start(ctx context.Context, spec orchestrator.Spec, _ func(orchestrator.Progress)) (orchestrator.Instance, error) {
	n, err := r.ensureNetwork(ctx)
	if err != nil {
		return nil, err
	}
	d, err := r.define(ctx, spec, n)
	if err != nil {
		return nil, err
	}
	id, err := r.launch(ctx, d)
	if err != nil {
		r.forgetNetwork() // somebody may have removed it
		return nil, err
	}
	i, err := r.attach(ctx, spec, id, d.port)
	if err != nil {
		return nil, errors.Join(err, r.removeContainer(context.WithoutCancel(ctx), id))
	}
	return i, nil
}

// launch creates a container and starts it. After an error there is none.
func (r *Runtime) launch(ctx context.Context, d *definition) (string, error) {
	created, err := r.engine.ContainerCreate(ctx, d.config, d.host, d.network, nil, d.name)
	if errdefs.IsConflict(err) {
		if err = r.removeStray(ctx, d.name); err == nil {
			created, err = r.engine.ContainerCreate(ctx, d.config, d.host, d.network, nil, d.name)
		}
	}
	if errdefs.IsNotFound(err) && strings.HasPrefix(d.config.Image, ownRepository+":") { // another project has just removed it
		if _, err = r.ensureOwn(ctx, nil); err == nil {
			created, err = r.engine.ContainerCreate(ctx, d.config, d.host, d.network, nil, d.name)
		}
	}
	if err != nil {
		err = fmt.Errorf("make the container %s: %w", d.name, err)
		if ctx.Err() != nil { // the engine may have made it all the same
			return "", errors.Join(err, r.removeContainer(context.WithoutCancel(ctx), d.name))
		}
		return "", err
	}
	if err := r.engine.ContainerStart(ctx, created.ID, container.StartOptions{}); err != nil {
		err = fmt.Errorf("start the container %s: %w", d.name, err)
		return "", errors.Join(err, r.removeContainer(context.WithoutCancel(ctx), created.ID))
	}
	return created.ID, nil
}

// removeStray removes a container that has a name of ours, if it is ours.
func (r *Runtime) removeStray(ctx context.Context, name string) error {
	found, err := r.engine.ContainerInspect(ctx, name)
	if errdefs.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if found.Config == nil || found.Config.Labels[labelProject] != r.options.Project {
		return fmt.Errorf("there is a container of that name that is not localcloud's; remove it, or use another project name")
	}
	return r.removeContainer(ctx, found.ID)
}

// define says what the container of an instance looks like.
func (r *Runtime) define(ctx context.Context, spec orchestrator.Spec, n *network) (*definition, error) {
	d := r.hardened(r.containerName(spec.Name), n, map[string]string{
		labelRole: roleBackend, labelBackend: spec.Name, labelHash: spec.Hash(),
		labelAccount: spec.Account, labelRegion: spec.Region,
	})
	d.host.Memory = spec.Image.Memory
	var err error
	if spec.Image.New != nil {
		err = r.defineNative(ctx, spec, d)
	} else {
		err = r.defineForeign(ctx, spec, d)
	}
	if err != nil {
		return nil, err
	}
	port := nat.Port(strconv.Itoa(d.port) + "/tcp")
	d.config.ExposedPorts = nat.PortSet{port: {}}
	if r.self == nil {
		d.host.PortBindings = nat.PortMap{port: {{HostIP: "127.0.0.1"}}}
	}
	return d, nil
}

// hardened is a container on the project's network that may do as little as possible.
func (r *Runtime) hardened(name string, n *network, labels map[string]string) *definition {
	labels[labelProject] = r.options.Project
	processes := int64(maxProcesses)
	return &definition{
		name:   name,
		config: &container.Config{Labels: labels},
		host: &container.HostConfig{
			NetworkMode: container.NetworkMode(n.id),
			CapDrop:     []string{"ALL"},
			SecurityOpt: []string{"no-new-privileges"},
			Resources:   container.Resources{PidsLimit: &processes},
			LogConfig:   container.LogConfig{Type: "json-file", Config: map[string]string{"max-size": logSize, "max-file": logFiles}},
		},
		network: &apinetwork.NetworkingConfig{EndpointsConfig: map[string]*apinetwork.EndpointSettings{n.id: {}}},
	}
}

// defineNative is a native backend in the image of localcloud's own executable.
func (r *Runtime) defineNative(ctx context.Context, spec orchestrator.Spec, d *definition) error {
	tag, err := r.ensureOwn(ctx, nil)
	if err != nil {
		return err
	}
	settings, err := json.Marshal(spec.Image.Settings)
	if err != nil {
		return fmt.Errorf("write the settings of %s: %w", spec.Name, err)
	}
	d.port = guest.Port
	d.config.Image = tag
	d.config.Labels[labelOwn] = tag
	d.config.Cmd = []string{"native", spec.Image.Name}
	d.config.Env = []string{
		guest.TokenVariable + "=" + rand.Text(),
		guest.SettingsVariable + "=" + string(settings),
		guest.PersistVariable + "=" + strconv.FormatBool(spec.Persist),
	}
	d.host.ReadonlyRootfs = true
	d.host.Tmpfs = map[string]string{"/tmp": "mode=1777"}
	return r.mount(ctx, spec, guest.Dir, d)
}

// defineForeign is third-party software in its own image.
func (r *Runtime) defineForeign(ctx context.Context, spec orchestrator.Spec, d *definition) error {
	image := spec.Image
	d.port = image.Port
	if d.port == 0 {
		var err error
		if d.port, err = r.exposedPort(ctx, image.Reference); err != nil {
			return err
		}
	}
	d.config.Image = image.Reference
	d.config.User = image.User
	fill := spec.Fill(d.port, image.Volume)
	for _, arg := range image.Args {
		d.config.Cmd = append(d.config.Cmd, fill.Replace(arg))
	}
	for name, value := range image.Env {
		d.config.Env = append(d.config.Env, name+"="+fill.Replace(value))
	}
	if image.User == "" { // its own user may be root, which takes on others at its start
		d.host.CapAdd = []string{"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID", "NET_BIND_SERVICE"}
	}
	if image.Writable != nil {
		d.host.ReadonlyRootfs = true
		d.host.Tmpfs = map[string]string{}
		for _, path := range image.Writable {
			d.host.Tmpfs[path] = "mode=1777"
		}
	}
	if image.Volume == "" {
		return nil
	}
	return r.mount(ctx, spec, image.Volume, d)
}

// mount puts a volume at path: a named one where the state is to survive, else one that goes with the
// container.
func (r *Runtime) mount(ctx context.Context, spec orchestrator.Spec, path string, d *definition) error {
	m := mount.Mount{Type: mount.TypeVolume, Target: path, VolumeOptions: &mount.VolumeOptions{
		Labels: map[string]string{labelProject: r.options.Project, labelRole: roleScratch},
	}}
	if spec.Persist {
		m.VolumeOptions = nil
		m.Source = r.volumeName(spec.Name)
		_, err := r.engine.VolumeCreate(ctx, volume.CreateOptions{
			Name: m.Source, Labels: map[string]string{labelProject: r.options.Project, labelBackend: spec.Name},
		})
		if err != nil {
			return fmt.Errorf("make the volume %s: %w", m.Source, err)
		}
	}
	d.host.Mounts = append(d.host.Mounts, m)
	return nil
}

// exposedPort is the only port that an image says it listens on.
func (r *Runtime) exposedPort(ctx context.Context, reference string) (int, error) {
	found, err := r.engine.ImageInspect(ctx, reference)
	if err != nil {
		return 0, fmt.Errorf("look at the image %s: %w", reference, err)
	}
	var ports []int
	if found.Config != nil {
		for text := range found.Config.ExposedPorts {
			if port := nat.Port(text); port.Proto() == "tcp" {
				ports = append(ports, port.Int())
			}
		}
	}
	if len(ports) != 1 {
		return 0, fmt.Errorf("the image %s names %d ports: say in the configuration on which one it takes calls (port: ...)", reference, len(ports))
	}
	return ports[0], nil
}

// removeContainer removes a container with its anonymous volumes. None is no error.
func (r *Runtime) removeContainer(ctx context.Context, id string) error {
	err := r.engine.ContainerRemove(ctx, id, container.RemoveOptions{Force: true, RemoveVolumes: true})
	if err == nil || errdefs.IsNotFound(err) {
		return nil
	}
	if errdefs.IsConflict(err) { // being removed already
		return r.awaitRemoval(ctx, id)
	}
	return fmt.Errorf("remove the container %s: %w", id, err)
}

func (r *Runtime) awaitRemoval(ctx context.Context, id string) error {
	removed, failed := r.engine.ContainerWait(ctx, id, container.WaitConditionRemoved)
	select {
	case <-removed:
		return nil
	case err := <-failed:
		if err != nil && !errdefs.IsNotFound(err) {
			return fmt.Errorf("remove the container %s: %w", id, err)
		}
		return nil
	}
}
