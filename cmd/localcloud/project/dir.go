// Package project is the project's process seen from outside and from inside: its state directory,
// lock, mark, log, control socket, and how it is started.
//
// The directory holds lock (held by the process as long as it lives), process.json (who holds it),
// control.sock, localcloud.log, runtime.json (which runtime was chosen) and what the runtimes keep
// there. Clean removes all of it but state that is kept.
package project

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Dir is the state directory of one project.
type Dir struct {
	Project string
	Path    string
}

// Open returns the state directory of a project below home ("" for Home) and makes it.
func Open(home, project string) (Dir, error) {
	d, err := At(home, project)
	if err != nil {
		return d, err
	}
	if err := os.MkdirAll(d.Path, 0o700); err != nil {
		return d, fmt.Errorf("state directory: %w", err)
	}
	return d, nil
}

// At is Open without making anything.
func At(home, project string) (Dir, error) {
	if home == "" {
		var err error
		if home, err = Home(); err != nil {
			return Dir{}, err
		}
	}
	path, err := filepath.Abs(filepath.Join(home, project))
	if err != nil {
		return Dir{}, fmt.Errorf("state directory: %w", err)
	}
	return Dir{Project: project, Path: path}, nil
}

// Home is the folder that holds the state of all projects: LOCALCLOUD_STATE, else localcloud below
// XDG_STATE_HOME or ~/.local/state.
func Home() (string, error) {
	if home := os.Getenv("LOCALCLOUD_STATE"); home != "" {
		return home, nil
	}
	if state := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(state) {
		return filepath.Join(state, "localcloud"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("state directory: %w (set LOCALCLOUD_STATE)", err)
	}
	return filepath.Join(home, ".local", "state", "localcloud"), nil
}

func (d Dir) file(name string) string { return filepath.Join(d.Path, name) }

// LogPath is the path of the log.
func (d Dir) LogPath() string { return d.file("localcloud.log") }

// Exists reports whether the project has a state directory.
func (d Dir) Exists() bool {
	info, err := os.Stat(d.Path)
	return err == nil && info.IsDir()
}

// longestSocket is how long the path of a socket may be on every system (104 on macOS, with its end).
const longestSocket = 100

// socket is the path of the control socket. Where the directory's own path is too long for one, it
// stands in a private folder for temporary files.
func (d Dir) socket() (string, error) {
	if path := d.file("control.sock"); len(path) <= longestSocket {
		return path, nil
	}
	folder := filepath.Join(os.TempDir(), fmt.Sprintf("localcloud-%d", os.Getuid()))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("control socket: %w", err)
	}
	if err := private(folder); err != nil {
		return "", fmt.Errorf("control socket: %w", err)
	}
	sum := sha256.Sum256([]byte(d.Path))
	return filepath.Join(folder, hex.EncodeToString(sum[:8])+".sock"), nil
}

// private returns an error unless the folder is ours alone.
func private(folder string) error {
	info, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 || !ok || int(stat.Uid) != os.Getuid() {
		return fmt.Errorf("%s is not a private folder of this user", folder)
	}
	return nil
}

// own are the names in the directory that the process made; the rest belongs to runtimes.
var own = []string{lockName, markName, "control.sock", "localcloud.log", "localcloud.log.1"}

// Clean removes what the project's process keeps in the directory, and the directory where nothing
// is left in it. The caller holds the lock.
func (d Dir) Clean() error {
	var errs []error
	if socket, err := d.socket(); err == nil {
		errs = append(errs, remove(socket))
		if filepath.Dir(socket) != d.Path {
			_ = os.Remove(filepath.Dir(socket)) // stays as long as other projects have sockets in it
		}
	}
	for _, name := range own {
		errs = append(errs, remove(d.file(name)))
	}
	kept, err := d.kept()
	errs = append(errs, err)
	if !kept {
		errs = append(errs, os.RemoveAll(d.Path))
		_ = os.Remove(filepath.Dir(d.Path)) // stays as long as other projects are in it
	}
	return errors.Join(errs...)
}

// kept reports whether there is any file in the directory.
func (d Dir) kept() (bool, error) {
	found := errors.New("found")
	err := filepath.WalkDir(d.Path, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			return found
		}
		return err
	})
	switch {
	case errors.Is(err, found):
		return true, nil
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	}
	return err != nil, err
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
