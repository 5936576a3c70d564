package journal

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// Snapshot replaces all that the log held when it was begun by the records written to it.
type Snapshot struct {
	log    *Log
	number int64
	file   *os.File
	writer *bufio.Writer
	frame  []byte
	err    error
}

// Begin starts a compaction. It must be called at a moment when no change is half added (under the
// lock that orders the changes): every record added before belongs to the state that the caller
// writes to the snapshot, every later one is kept after it. One compaction at a time.
func (l *Log) Begin() (*Snapshot, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settle()
	if l.err != nil {
		return nil, l.err
	}
	number := l.number + 1
	next, err := os.OpenFile(logPath(l.dir, number), os.O_CREATE|os.O_WRONLY|os.O_APPEND|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("begin compaction: %w", err)
	}
	file, err := os.OpenFile(snapPath(l.dir, number)+".tmp", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("begin compaction: %w", err), next.Close(), os.Remove(next.Name()))
	}
	old := l.file
	l.file, l.number, l.size = next, number, 0
	return &Snapshot{log: l, number: number, file: file, writer: bufio.NewWriterSize(file, 1<<18)}, old.Close()
}

// Write adds a record to the snapshot. The first error is kept for Commit.
func (s *Snapshot) Write(record []byte) {
	if s.err != nil {
		return
	}
	s.frame = appendFrame(s.frame[:0], record)
	_, s.err = s.writer.Write(s.frame)
}

// Commit makes the snapshot the log's beginning and removes what it replaces. After an error the log
// holds what it held before.
func (s *Snapshot) Commit() error {
	err := errors.Join(s.err, s.writer.Flush(), s.file.Sync(), s.file.Close())
	if err != nil {
		return errors.Join(fmt.Errorf("write snapshot: %w", err), os.Remove(s.file.Name()))
	}
	if err := os.Rename(s.file.Name(), snapPath(s.log.dir, s.number)); err != nil {
		return fmt.Errorf("publish snapshot: %w", err)
	}
	files, err := list(s.log.dir)
	if err != nil {
		return err
	}
	return files.removeOld(s.log.dir)
}

// Abort gives the compaction up; the log holds what it held before.
func (s *Snapshot) Abort() error { return errors.Join(s.file.Close(), os.Remove(s.file.Name())) }

func logPath(dir string, number int64) string {
	return filepath.Join(dir, fmt.Sprintf("%08d.log", number))
}
func snapPath(dir string, number int64) string {
	return filepath.Join(dir, fmt.Sprintf("%08d.snap", number))
}

// fileSet is what a log's folder holds, numbers in ascending order.
type fileSet struct{ logs, snaps []int64 }

func list(dir string) (fileSet, error) {
	var set fileSet
	entries, err := os.ReadDir(dir)
	if err != nil {
		return set, err
	}
	for _, entry := range entries {
		base, ext, _ := strings.Cut(entry.Name(), ".")
		number, err := strconv.ParseInt(base, 10, 64)
		switch {
		case err != nil:
		case ext == "log":
			set.logs = append(set.logs, number)
		case ext == "snap":
			set.snaps = append(set.snaps, number)
		case ext == "snap.tmp": // a compaction that a kill cut short
			if err := os.Remove(filepath.Join(dir, entry.Name())); err != nil {
				return set, err
			}
		}
	}
	sort.Slice(set.logs, func(i, j int) bool { return set.logs[i] < set.logs[j] })
	sort.Slice(set.snaps, func(i, j int) bool { return set.snaps[i] < set.snaps[j] })
	return set, nil
}

// start is the number of the newest snapshot, 0 for none.
func (f fileSet) start() int64 {
	if len(f.snaps) == 0 {
		return 0
	}
	return f.snaps[len(f.snaps)-1]
}

func (f fileSet) last() int64 {
	last := f.start()
	if n := len(f.logs); n > 0 {
		last = max(last, f.logs[n-1])
	}
	return last
}

// replayed is the files to read, in order.
func (f fileSet) replayed(dir string) []string {
	var paths []string
	if start := f.start(); start > 0 {
		paths = append(paths, snapPath(dir, start))
	}
	for _, number := range f.logs {
		if number >= f.start() {
			paths = append(paths, logPath(dir, number))
		}
	}
	return paths
}

// removeOld removes what the newest snapshot replaces.
func (f fileSet) removeOld(dir string) error {
	var errs []error
	for _, number := range f.logs {
		if number < f.start() {
			errs = append(errs, os.Remove(logPath(dir, number)))
		}
	}
	for _, number := range f.snaps {
		if number < f.start() {
			errs = append(errs, os.Remove(snapPath(dir, number)))
		}
	}
	return errors.Join(errs...)
}
