package project

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

const lockName = "lock"

// ErrLocked says that a process of the project lives.
var ErrLocked = errors.New("the project's process is running")

// Lock is the lock of a project. It belongs to whoever holds its file open: it passes to a child
// process with the descriptor, and ends with the last holder, however that ends.
type Lock struct{ file *os.File }

// TryLock takes the project's lock, or returns ErrLocked.
func (d Dir) TryLock() (*Lock, error) {
	for attempt := 0; ; attempt++ {
		file, err := d.openLock()
		if errors.Is(err, os.ErrNotExist) && attempt < 100 {
			continue // a `down` removed the directory meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("lock project: %w", err)
		}
		if err := flock(file); err != nil {
			file.Close()
			return nil, err
		}
		if sameFile(file, d.file(lockName)) {
			return &Lock{file}, nil
		}
		file.Close() // the holder before us removed the file that we locked
	}
}

func (d Dir) openLock() (*os.File, error) {
	if err := os.MkdirAll(d.Path, 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(d.file(lockName), os.O_CREATE|os.O_RDWR, 0o600)
}

// Release gives the lock back.
func (l *Lock) Release() error { return l.file.Close() }

func flock(file *os.File) error {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return ErrLocked
		default:
			return fmt.Errorf("lock project: %w", err)
		}
	}
}

func sameFile(file *os.File, path string) bool {
	a, err := file.Stat()
	if err != nil {
		return false
	}
	b, err := os.Stat(path)
	return err == nil && os.SameFile(a, b)
}
