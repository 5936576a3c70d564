package store

import (
	"encoding/json"
	"errors"

	"localcloud/internal/journal"
)

// compactFrom is the length of the log from which on a compaction may be worth its while.
const compactFrom = 1 << 20

// compactWhenLarge starts a compaction where the log is longer than what the last one left; mu is
// held, and no change is half made.
func (s *Store) compactWhenLarge() {
	if s.compacting || s.log.Size() < max(compactFrom, s.held) {
		return
	}
	snapshot, err := s.log.Begin()
	if err != nil {
		s.err = err
		return
	}
	s.compacting = true
	parts := make([]func(func(record) error) error, 0, len(s.buckets))
	for _, b := range s.buckets {
		parts = append(parts, b.snapshot())
	}
	for _, records := range s.waiting {
		parts = append(parts, func(yield func(record) error) error {
			for _, r := range records {
				if err := yield(r); err != nil {
					return err
				}
			}
			return nil
		})
	}
	s.work.Go(func() { s.compact(snapshot, parts) })
}

// compact writes a snapshot beside the calls that go on.
func (s *Store) compact(snapshot *journal.Snapshot, parts []func(func(record) error) error) {
	var size int64
	var err error
	for _, part := range parts {
		err = errors.Join(err, part(func(r record) error {
			text, err := json.Marshal(r)
			if err == nil {
				snapshot.Write(text)
				size += int64(len(text))
			}
			return err
		}))
	}
	if err == nil {
		err = snapshot.Commit()
	} else {
		err = errors.Join(err, snapshot.Abort())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.compacting, s.err, s.held = false, err, size
}
