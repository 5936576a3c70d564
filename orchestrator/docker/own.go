package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"

	"localcloud/orchestrator"
	"localcloud/orchestrator/guest"
)

// ownRepository is the name of the images that are made of localcloud's own executable; the tag is
// the executable's hash.
const ownRepository = "localcloud-guest"

// guestUser runs native backends and the relay: nobody, in most systems.
const (
	guestID   = 65534
	guestUser = "65534:65534"
)

// guestPath is where the executable stands in its image.
const guestPath = "/localcloud"

// ownImage is the executable that the own image is made of, once it was looked for.
type ownImage struct {
	path string
	tag  string // "localcloud-guest:<hash>"
}

// ownReference finds the executable and returns the name of the image that belongs to it, without
// making it.
func (r *Runtime) ownReference() (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.own.tag != "" {
		return r.own.tag, nil
	}
	path, err := r.executable()
	if err != nil {
		return "", err
	}
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the own executable: %w", err)
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", fmt.Errorf("read the own executable: %w", err)
	}
	r.own = ownImage{path, ownRepository + ":" + hex.EncodeToString(hash.Sum(nil)[:6])}
	return r.own.tag, nil
}

// executable is the path of a static Linux executable of localcloud for the engine's architecture.
func (r *Runtime) executable() (string, error) {
	arch := goArch(r.info.Architecture)
	if path := r.options.Executable; path != "" {
		return path, runsAlone(path, arch)
	}
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the own executable: %w", err)
	}
	first := runsAlone(path, arch)
	if first == nil {
		return path, nil
	}
	beside := filepath.Join(filepath.Dir(path), "localcloud-linux-"+arch)
	if err := runsAlone(beside, arch); err != nil {
		return "", fmt.Errorf("native backends as containers need a static Linux executable of localcloud: %w; "+
			"build one with CGO_ENABLED=0 GOOS=linux GOARCH=%s and put it at %s", first, arch, beside)
	}
	return beside, nil
}

// goArch is the engine's architecture in Go's words.
func goArch(arch string) string {
	switch arch {
	case "x86_64", "amd64":
		return "amd64"
	case "aarch64", "arm64":
		return "arm64"
	case "":
		return runtime.GOARCH
	default:
		return arch
	}
}

// runsAlone returns nil where the file is an executable that needs nothing else in its image.
func runsAlone(path, arch string) error {
	file, err := elf.Open(path)
	var missing *fs.PathError
	if errors.As(err, &missing) {
		return err
	}
	if err != nil {
		return fmt.Errorf("%s is no Linux executable", path)
	}
	defer file.Close()
	machines := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}
	if want, known := machines[arch]; known && file.Machine != want {
		return fmt.Errorf("%s is for %v, not for %s", path, file.Machine, arch)
	}
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP {
			return fmt.Errorf("%s is linked dynamically", path)
		}
	}
	return nil
}

// ensureOwn makes the own image where the engine does not have it, removes those of other
// executables, and returns its name. progress may be nil.
func (r *Runtime) ensureOwn(ctx context.Context, progress func(orchestrator.Progress)) (string, error) {
	tag, err := r.ownReference()
	if err != nil {
		return "", err
	}
	r.building.Lock()
	defer r.building.Unlock()
	_, err = r.engine.ImageInspect(ctx, tag)
	if err == nil {
		return tag, nil
	}
	if !errdefs.IsNotFound(err) {
		return "", fmt.Errorf("look for the own image: %w", err)
	}
	if progress != nil {
		progress(orchestrator.Progress{State: orchestrator.Building, Text: tag})
	}
	if err := r.build(ctx, tag); err != nil {
		return "", fmt.Errorf("make the own image %s: %w", tag, err)
	}
	return tag, r.removeOwn(ctx, func(other string) bool { return other != tag })
}

// build sends the engine a file system with nothing in it but the executable and what it needs.
func (r *Runtime) build(ctx context.Context, tag string) error {
	entrypoint, err := json.Marshal(append([]string{guestPath}, r.options.Guest...))
	if err != nil {
		return err
	}
	content, writer := io.Pipe()
	go func() { writer.CloseWithError(writeRoot(writer, r.own.path)) }()
	defer content.Close()
	reply, err := r.engine.ImageImport(ctx, image.ImportSource{Source: content, SourceName: "-"}, tag, image.ImportOptions{
		Message: "localcloud's own executable",
		Changes: []string{
			"ENTRYPOINT " + string(entrypoint), "USER " + guestUser, "LABEL " + labelOwn + "=true",
			"ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
		},
	})
	if err != nil {
		return err
	}
	defer reply.Close()
	return readReply(reply, func(message) {})
}

// writeRoot writes the root file system of the own image as a tar archive.
func writeRoot(w io.Writer, executable string) error {
	archive := tar.NewWriter(w)
	folders := []struct {
		name string
		mode int64
		id   int
	}{
		{"tmp/", 0o1777, 0}, {strings.TrimPrefix(guest.Dir, "/") + "/", 0o700, guestID},
		{"etc/", 0o755, 0}, {"etc/ssl/", 0o755, 0}, {"etc/ssl/certs/", 0o755, 0},
	}
	for _, f := range folders {
		if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: f.name, Mode: f.mode, Uid: f.id, Gid: f.id}); err != nil {
			return err
		}
	}
	for name, content := range map[string][]byte{
		"etc/passwd":                        []byte("nobody:x:65534:65534:nobody:/tmp:/bin/false\n"),
		"etc/ssl/certs/ca-certificates.crt": certificates(),
	} {
		if err := writeFile(archive, name, 0o644, int64(len(content)), bytes.NewReader(content)); err != nil {
			return err
		}
	}
	file, err := os.Open(executable)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if err := writeFile(archive, strings.TrimPrefix(guestPath, "/"), 0o755, info.Size(), file); err != nil {
		return err
	}
	return archive.Close()
}

func writeFile(archive *tar.Writer, name string, mode, size int64, content io.Reader) error {
	if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: size}); err != nil {
		return err
	}
	_, err := io.Copy(archive, content)
	return err
}

// certificates are this machine's trusted certificate authorities; nil where it keeps them elsewhere
// than in a file.
func certificates() []byte {
	for _, path := range []string{
		os.Getenv("SSL_CERT_FILE"), "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
	} {
		if path == "" {
			continue
		}
		if text, err := os.ReadFile(path); err == nil {
			return text
		}
	}
	return nil
}

// removeOwn removes those of the own images that are chosen, unless containers use them.
func (r *Runtime) removeOwn(ctx context.Context, chosen func(tag string) bool) error {
	list, err := r.engine.ImageList(ctx, image.ListOptions{Filters: filters.NewArgs(filters.Arg("label", labelOwn+"=true"))})
	if err != nil {
		return fmt.Errorf("list the own images: %w", err)
	}
	for _, old := range list {
		for _, tag := range old.RepoTags {
			if !strings.HasPrefix(tag, ownRepository+":") || !chosen(tag) {
				continue
			}
			_, err := r.engine.ImageRemove(ctx, tag, image.RemoveOptions{PruneChildren: true})
			if err != nil && !errdefs.IsNotFound(err) && !errdefs.IsConflict(err) {
				return fmt.Errorf("remove the own image %s: %w", tag, err)
			}
		}
	}
	return nil
}
