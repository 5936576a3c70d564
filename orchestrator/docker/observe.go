package docker

import (
	"context"
	"errors"
	"fmt"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/volume"

	"localcloud/orchestrator"
)

// ours selects what belongs to the project.
func (r *Runtime) ours(more ...filters.KeyValuePair) filters.Args {
	return filters.NewArgs(append(more, filters.Arg("label", labelProject+"="+r.options.Project))...)
}

// Observe lists the containers of the project's backends. A native backend made of another executable
// than this one has no hash, so that it is replaced.
func (r *Runtime) Observe(ctx context.Context) ([]orchestrator.Observed, error) {
	list, err := r.engine.ContainerList(ctx, container.ListOptions{
		All: true, Filters: r.ours(filters.Arg("label", labelRole+"="+roleBackend)),
	})
	if err != nil {
		return nil, fmt.Errorf("list the containers of the project: %w", err)
	}
	observed := make([]orchestrator.Observed, 0, len(list))
	for _, c := range list {
		o := orchestrator.Observed{
			Name: c.Labels[labelBackend], Hash: c.Labels[labelHash], ID: c.ID, Running: c.State == "running",
			Account: c.Labels[labelAccount], Region: c.Labels[labelRegion],
		}
		if own := c.Labels[labelOwn]; own != "" {
			current, err := r.ownReference()
			if err != nil || own != current {
				o.Hash = ""
			}
		}
		observed = append(observed, o)
	}
	return observed, nil
}

// Remove removes the container of what was observed.
func (r *Runtime) Remove(ctx context.Context, left orchestrator.Observed) error {
	return r.removeContainer(ctx, left.ID)
}

// Keeps reports whether the backend has a volume from earlier.
func (r *Runtime) Keeps(ctx context.Context, name string) (bool, error) {
	_, err := r.engine.VolumeInspect(ctx, r.volumeName(name))
	if errdefs.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the volume of %s: %w", name, err)
	}
	return true, nil
}

// Clean removes what is left of the project: relay, network, the own image where nobody uses it, and
// the volumes where asked to.
func (r *Runtime) Clean(ctx context.Context, volumes bool) error {
	list, err := r.engine.ContainerList(ctx, container.ListOptions{All: true, Filters: r.ours()})
	if err != nil {
		return fmt.Errorf("list the containers of the project: %w", err)
	}
	for _, c := range list {
		err = errors.Join(err, r.removeContainer(ctx, c.ID))
	}
	err = errors.Join(err, r.removeNetwork(ctx))
	if own, ownErr := r.ownReference(); ownErr == nil { // without an executable there is no image of it
		err = errors.Join(err, r.removeOwn(ctx, func(tag string) bool { return tag == own }))
	}
	chosen := r.ours(filters.Arg("label", labelRole+"="+roleScratch)) // of containers that somebody else removed
	if volumes {
		chosen = r.ours()
	}
	return errors.Join(err, r.removeVolumes(ctx, chosen))
}

func (r *Runtime) removeVolumes(ctx context.Context, chosen filters.Args) error {
	list, err := r.engine.VolumeList(ctx, volume.ListOptions{Filters: chosen})
	if err != nil {
		return fmt.Errorf("list the volumes of the project: %w", err)
	}
	for _, v := range list.Volumes {
		if removeErr := r.engine.VolumeRemove(ctx, v.Name, false); removeErr != nil && !errdefs.IsNotFound(removeErr) {
			err = errors.Join(err, fmt.Errorf("remove the volume %s: %w", v.Name, removeErr))
		}
	}
	return err
}
