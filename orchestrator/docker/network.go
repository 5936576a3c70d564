package docker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

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
	found, err := r.findNetworks(ctx)
	if err == nil && len(found) == 0 {
		_, err = r.engine.NetworkCreate(ctx, r.networkName(), apinetwork.CreateOptions{
			Driver: "bridge", Labels: map[string]string{labelProject: r.options.Project},
		})
		if errdefs.IsConflict(err) {
			return nil, fmt.Errorf("the network %s exists already and is not localcloud's: remove it, or use another project name", r.networkName())
		}
		if err == nil {
			found, err = r.findNetworks(ctx)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("make the project's network: %w", err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("make the project's network: %s is gone again", r.networkName())
	}
	n := &network{id: found[0].ID}
	for _, c := range found[0].IPAM.Config {
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

// findNetworks lists the project's networks: none, one, or two where a killed process and its
// successor made one at the same moment, which engines do not prevent.
func (r *Runtime) findNetworks(ctx context.Context) ([]apinetwork.Summary, error) {
	list, err := r.engine.NetworkList(ctx, apinetwork.ListOptions{Filters: r.ours()})
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(n apinetwork.Summary) bool { return n.Name != r.networkName() })
	slices.SortFunc(list, func(a, b apinetwork.Summary) int { return cmp.Compare(a.ID, b.ID) })
	return list, nil
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
	found, err := r.findNetworks(ctx)
	for _, n := range found {
		if r.self != nil {
			if leaveErr := r.engine.NetworkDisconnect(ctx, n.ID, r.self.ID, true); leaveErr != nil && !errdefs.IsNotFound(leaveErr) {
				err = errors.Join(err, leaveErr)
			}
		}
		if removeErr := r.engine.NetworkRemove(ctx, n.ID); removeErr != nil && !errdefs.IsNotFound(removeErr) {
			err = errors.Join(err, removeErr)
		}
	}
	if err != nil {
		return fmt.Errorf("remove the project's network: %w", err)
	}
	return nil
}
