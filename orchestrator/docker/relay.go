package docker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/containerd/errdefs"

	"localcloud/orchestrator/guest"
)

// Announce lets containers on the project's network reach the gateway under the names: by a relay
// that holds them as aliases and passes connections on, or by the own container where localcloud
// runs in one.
func (r *Runtime) Announce(ctx context.Context, names []string, port int) error {
	n, err := r.ensureNetwork(ctx)
	if err != nil {
		return err
	}
	if r.self != nil {
		return r.join(ctx, n, names)
	}
	tag, err := r.ensureOwn(ctx, nil)
	if err != nil {
		return err
	}
	target := net.JoinHostPort(hostName, strconv.Itoa(port))
	host, err := r.HostAddress(ctx)
	if err != nil {
		return err
	}
	if host != "" {
		target = net.JoinHostPort(host, strconv.Itoa(port))
	}
	args := guest.RelayArgs(port, target, names)
	sum := sha256.Sum256([]byte(tag + "\x00" + strings.Join(args, "\x00")))
	hash := hex.EncodeToString(sum[:8])
	name := "localcloud-" + r.options.Project + "_relay" // no backend has such a name
	running, err := r.relayRuns(ctx, name, hash)
	if err != nil || running {
		return err
	}
	d := r.hardened(name, n, map[string]string{labelRole: roleRelay, labelHash: hash, labelOwn: tag})
	d.config.Image, d.config.Cmd = tag, args
	d.host.ReadonlyRootfs = true
	d.host.ExtraHosts = []string{hostName + ":host-gateway"}
	d.network.EndpointsConfig[n.id].Aliases = names
	_, err = r.launch(ctx, d)
	return err
}

// hostName is how a container calls the machine that the engine was started from.
const hostName = "host.docker.internal"

// relayRuns reports whether the wanted relay runs, and removes another one.
func (r *Runtime) relayRuns(ctx context.Context, name, hash string) (bool, error) {
	found, err := r.engine.ContainerInspect(ctx, name)
	if errdefs.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the relay: %w", err)
	}
	if found.Config == nil || found.Config.Labels[labelProject] != r.options.Project {
		return false, errors.New("the container " + name + " is not localcloud's; remove it, or use another project name")
	}
	if found.Config.Labels[labelHash] == hash && found.State != nil && found.State.Running {
		return true, nil
	}
	return false, r.removeContainer(ctx, found.ID)
}
