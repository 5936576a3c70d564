package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"localcloud/internal/journal"
)

const (
	journalFolder = "log"
	compactAbove  = 16 << 20 // bytes of log
)

// replay reads the log and removes bodies that nothing refers to.
func (s *Store) replay() error {
	r := &replayer{store: s, bodies: make(map[uint64]*Body), names: make(map[string]string)}
	log, report, err := journal.Open(filepath.Join(s.dir, journalFolder), r.record)
	if err != nil {
		return err
	}
	s.journal = log
	if report.Dropped > 0 {
		s.log.Info("dropped the torn end of the log", "bytes", report.Dropped)
	}
	for id, b := range r.bodies {
		if b.refs.Load() <= 0 && b.segment != nil {
			if err := b.segment.unlink(b); err != nil {
				return err
			}
		}
		if b.refs.Load() <= 0 {
			delete(r.bodies, id)
		}
	}
	if err := s.sweepBodies(r.bodies); err != nil {
		return err
	}
	s.segments.sweep()
	return nil
}

// sweepBodies removes every file in the folder of bodies that is not the file of one of them.
func (s *Store) sweepBodies(known map[uint64]*Body) error {
	root := filepath.Join(s.dir, bodyFolder)
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		id, err := strconv.ParseUint(entry.Name(), 16, 64)
		if err == nil && known[id] != nil && known[id].segment == nil {
			return nil
		}
		return os.Remove(path)
	})
}

// compactWhenDue starts a compaction of the log in the background when it is worth its while: when
// the log has outgrown what the state took at the last one.
func (s *Store) compactWhenDue() {
	if s.journal == nil || s.closed.Load() || s.compacting.Load() {
		return
	}
	if s.journal.Size() < max(compactAbove, s.snapshotSize.Load()) || !s.compacting.CompareAndSwap(false, true) {
		return
	}
	s.background.Go(func() {
		defer s.compacting.Store(false)
		if err := s.compact(); err != nil {
			s.log.Error("compact log", "error", err)
		}
	})
}

// compact writes the whole state as the log's new beginning. Changes go on meanwhile.
func (s *Store) compact() error {
	s.order.Lock()
	snapshot, err := s.journal.Begin()
	s.order.Unlock()
	if err != nil {
		return err
	}
	w := &snapshotWriter{snapshot: snapshot}
	for _, b := range s.Buckets() {
		if s.closed.Load() {
			return snapshot.Abort()
		}
		w.bucket(b)
	}
	if err := snapshot.Commit(); err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	s.snapshotSize.Store(w.size)
	return nil
}

// snapshotWriter writes what exists as the changes that would make it.
type snapshotWriter struct {
	snapshot *journal.Snapshot
	size     int64
}

func (w *snapshotWriter) write(c change) {
	e := newEncoder()
	c.encode(e)
	w.snapshot.Write(e.b)
	w.size += int64(len(e.b))
	e.free()
}

func (w *snapshotWriter) bucket(b *Bucket) {
	w.write(bucketPut{b, b.Settings()})
	for after := ""; ; {
		var done bool
		if after, done = w.some(b, after); done {
			break
		}
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	b.uploads.Scan(func(u *Upload) bool {
		w.write(uploadPut{b, u})
		u.parts.Scan(func(_ int, p *Part) bool {
			w.write(partPut{b, u.Seq, p})
			return true
		})
		return true
	})
}

// some writes a thousand keys or so, so that the bucket is not locked for long.
func (w *snapshotWriter) some(b *Bucket, after string) (last string, done bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	written, done := 0, true
	b.objects.Ascend(after, func(key string, e *entry) bool {
		if key == after && after != "" {
			return true
		}
		if written >= 1000 {
			done = false
			return false
		}
		for _, v := range e.versions {
			w.write(versionPut{b, v})
		}
		written += len(e.versions)
		last = key
		return true
	})
	return last, done
}

// moveBodies moves small bodies, of each of which it is given a reference, to the active segment.
func (s *Store) moveBodies(bodies []*Body) error {
	defer s.Release(bodies...)
	for _, b := range bodies {
		if b.refs.Load() == 1 { // only ours is left
			continue
		}
		if err := s.moveBody(b); err != nil {
			return fmt.Errorf("compact segment: %w", err)
		}
	}
	return nil
}

func (s *Store) moveBody(b *Body) error {
	content, err := b.readSmall()
	if err != nil {
		return err
	}
	to, offset, err := s.segments.append(content)
	if err != nil {
		return err
	}
	err = s.commit(bodyMove{body: b, segment: to, offset: offset})
	to.settled()
	return errors.Join(err)
}
