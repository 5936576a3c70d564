package docker

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/containerd/errdefs"
	apinetwork "github.com/docker/docker/api/types/network"
)

// network is the project's network.
type network struct {
	id      string
	gateway string // this machine's address on it; "" where the engine runs elsewhere
}

// ensureNetwork makes the project's network where there is none. In a container, this process joins it.
func (r *Runtime) ensureNetwork(ctx context.Context) (*network, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.network != nil {
		return r.network, nil
	}
	found, err := r.engine.NetworkInspect(ctx, r.networkName(), apinetwork.InspectOptions{})
	if errdefs.IsNotFound(err) {
		_, err = r.engine.NetworkCreate(ctx, r.networkName(), apinetwork.CreateOptions{
			Driver: "bridge", Labels: map[string]string{labelProject: r.options.Project},
		})
		if err == nil || errdefs.IsConflict(err) {
			found, err = r.engine.NetworkInspect(ctx, r.networkName(), apinetwork.InspectOptions{})
		}
	}
	if err != nil {
		return nil, fmt.Errorf("make the project's network: %w", err)
	}
	if found.Labels[labelProject] != r.options.Project {
		return nil, fmt.Errorf("the network %s exists already and is not localcloud's: remove it, or use another project name", r.networkName())
	}
	n := &network{id: found.ID}
	for _, c := range found.IPAM.Config {
		if a, err := netip.ParseAddr(c.Gateway); err == nil && a.Is4() {
			n.gateway = c.Gateway
		}
	}
	if r.self != nil {
		if err := r.join(ctx, n, nil); err != nil {
			return nil, err
		}
	}
	r.network = n
	return n, nil
}

// forgetNetwork lets the next start look for the network again.
func (r *Runtime) forgetNetwork() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.network = nil
}

// join connects the own container with the project's network, under the names.
func (r *Runtime) join(ctx context.Context, n *network, names []string) error {
	self, err := r.engine.ContainerInspect(ctx, r.self.ID)
	if err != nil {
		return fmt.Errorf("look at the own container: %w", err)
	}
	for _, endpoint := range self.NetworkSettings.Networks {
		if endpoint.NetworkID == n.id && len(names) == 0 {
			return nil
		}
		if endpoint.NetworkID == n.id {
			if err := r.engine.NetworkDisconnect(ctx, n.id, r.self.ID, true); err != nil {
				return fmt.Errorf("rename the own container: %w", err)
			}
		}
	}
	if err := r.engine.NetworkConnect(ctx, n.id, r.self.ID, &apinetwork.EndpointSettings{Aliases: names}); err != nil {
		return fmt.Errorf("join the project's network: %w", err)
	}
	return nil
}

// HostAddress returns this machine's address on the project's network; "" where the engine is in a
// virtual machine, which reaches this one by another way, and where this process is a container on
// the network itself, which listens on all of its addresses.
func (r *Runtime) HostAddress(ctx context.Context) (string, error) {
	n, err := r.ensureNetwork(ctx)
	if err != nil {
		return "", err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.self != nil || !r.direct {
		return "", nil
	}
	return n.gateway, nil
}

// removeNetwork removes the project's network.
func (r *Runtime) removeNetwork(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.network = nil
	found, err := r.engine.NetworkInspect(ctx, r.networkName(), apinetwork.InspectOptions{})
	if errdefs.IsNotFound(err) || err == nil && found.Labels[labelProject] != r.options.Project {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove the project's network: %w", err)
	}
	if r.self != nil {
		err = r.engine.NetworkDisconnect(ctx, found.ID, r.self.ID, true)
		if errdefs.IsNotFound(err) {
			err = nil
		}
	}
	if removeErr := r.engine.NetworkRemove(ctx, found.ID); removeErr != nil && !errdefs.IsNotFound(removeErr) {
		err = errors.Join(err, removeErr)
	}
	if err != nil {
		return fmt.Errorf("remove the project's network: %w", err)
	}
	return nil
}
