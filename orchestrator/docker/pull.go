package docker

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/containerd/errdefs"
	"github.com/distribution/reference"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/registry"

	"localcloud/images"
	"localcloud/orchestrator"
)

// Pull fetches a third-party image unless the engine has it; for a native backend it makes the image
// of localcloud's own executable.
func (r *Runtime) Pull(ctx context.Context, wanted *images.Image, progress func(orchestrator.Progress)) error {
	if wanted.New != nil {
		_, err := r.ensureOwn(ctx, progress)
		return err
	}
	_, err := r.engine.ImageInspect(ctx, wanted.Reference)
	if err == nil {
		return nil
	}
	if !errdefs.IsNotFound(err) {
		return fmt.Errorf("look for the image %s: %w", wanted.Reference, err)
	}
	progress(orchestrator.Progress{State: orchestrator.Pulling, Text: wanted.Reference})
	if err := r.pull(ctx, wanted.Reference, progress); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("the image %s cannot be pulled: %w. Check its name and the network, load it with `docker load`, "+
			"or choose another backend", wanted.Reference, err)
	}
	return nil
}

func (r *Runtime) pull(ctx context.Context, ref string, progress func(orchestrator.Progress)) error {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return err
	}
	reply, err := r.engine.ImagePull(ctx, reference.TagNameOnly(named).String(), image.PullOptions{RegistryAuth: credentials(reference.Domain(named))})
	if err != nil {
		return err
	}
	defer reply.Close()
	layers := map[string][2]int64{}
	last := int64(-1)
	return readReply(reply, func(m message) {
		if m.ProgressDetail.Total > 0 && m.Status == "Downloading" {
			layers[m.ID] = [2]int64{m.ProgressDetail.Current, m.ProgressDetail.Total}
		}
		if l, known := layers[m.ID]; known && m.Status == "Download complete" {
			layers[m.ID] = [2]int64{l[1], l[1]}
		}
		var done, total int64
		for _, l := range layers {
			done, total = done+l[0], total+l[1]
		}
		if total > 0 && 100*done/total != last {
			last = 100 * done / total
			progress(orchestrator.Progress{State: orchestrator.Pulling, Text: ref, Done: done, Total: total})
		}
	})
}

// message is one line of what an engine says while it pulls or imports.
type message struct {
	ID             string `json:"id"`
	Status         string `json:"status"`
	Error          string `json:"error"`
	ProgressDetail struct{ Current, Total int64 }
}

// readReply reads an engine's messages to their end, the only place where it tells of a failure.
func readReply(reply io.Reader, tell func(message)) error {
	decoder := json.NewDecoder(reply)
	for {
		var m message
		err := decoder.Decode(&m)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the engine's answer: %w", err)
		}
		if m.Error != "" {
			return errors.New(m.Error)
		}
		tell(m)
	}
}

// credentials are what the Docker client's configuration holds for a registry, as the engine wants
// them; "" for none. Those that credential helpers keep are not asked for.
func credentials(domain string) string {
	text, err := os.ReadFile(filepath.Join(clientDir(), "config.json"))
	if err != nil {
		return ""
	}
	var config struct {
		Auths map[string]struct{ Auth string }
	}
	if json.Unmarshal(text, &config) != nil {
		return ""
	}
	if domain == "docker.io" {
		domain = "https://index.docker.io/v1/"
	}
	pair, err := base64.StdEncoding.DecodeString(config.Auths[domain].Auth)
	if err != nil || len(pair) == 0 {
		return ""
	}
	for i, c := range pair {
		if c == ':' {
			encoded, err := registry.EncodeAuthConfig(registry.AuthConfig{Username: string(pair[:i]), Password: string(pair[i+1:]), ServerAddress: domain})
			if err != nil {
				return ""
			}
			return encoded
		}
	}
	return ""
}
