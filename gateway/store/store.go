// Package store is what the gateway itself keeps, by account and region: the state of glue that no
// backend holds. It is persisted and reset like a backend.
//
// A Store is one folder, or only memory; a Bucket is one kind of values in it. The glue that needs
// state opens a bucket under a name of its own.
package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"localcloud/internal/journal"
)

// keeper is a Bucket without its type.
type keeper interface {
	apply(r record) error
	snapshot() func(yield func(record) error) error
	clear()
}

// Store holds buckets. Safe for concurrent use.
type Store struct {
	mu      sync.RWMutex
	log     *journal.Log // nil without persistence
	buckets map[string]keeper
	waiting map[string][]record // what was replayed of buckets that are not open yet
	held    int64               // bytes of the last snapshot
	err     error               // of the last compaction

	compacting bool
	work       sync.WaitGroup
}

// record is one change in the log. Without Value it deletes; without Bucket it resets everything.
type record struct {
	Bucket  string          `json:"b,omitempty"`
	Account string          `json:"a,omitempty"`
	Region  string          `json:"r,omitempty"`
	Key     string          `json:"k,omitempty"`
	Value   json.RawMessage `json:"v,omitempty"`
}

// Open opens the store in a folder, which is made where it does not exist; "" keeps all in memory
// alone. The caller closes it.
func Open(dir string) (*Store, error) {
	s := &Store{buckets: make(map[string]keeper), waiting: make(map[string][]record)}
	if dir == "" {
		return s, nil
	}
	log, _, err := journal.Open(dir, s.replay)
	if err != nil {
		return nil, fmt.Errorf("open the gateway's store: %w", err)
	}
	s.log = log
	return s, nil
}

// replay takes one record of the log. Later ones of the same key replace it when its bucket is opened.
func (s *Store) replay(text []byte) error {
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	if r.Bucket == "" {
		clear(s.waiting)
		return nil
	}
	s.waiting[r.Bucket] = append(s.waiting[r.Bucket], r)
	return nil
}

// change makes a change in the log and in memory, in one order for both, and returns when it is
// written.
func (s *Store) change(r record, make func()) error {
	var text []byte
	if s.log != nil {
		var err error
		if text, err = json.Marshal(r); err != nil {
			return fmt.Errorf("keep %s: %w", r.Bucket, err)
		}
		if len(text) > journal.MaxRecord {
			return fmt.Errorf("keep %s: a value of %d bytes is too long", r.Bucket, len(text))
		}
	}
	s.mu.Lock()
	make()
	if s.log == nil {
		s.mu.Unlock()
		return nil
	}
	sequence := s.log.Add(text)
	s.compactWhenLarge()
	s.mu.Unlock()
	return s.log.Wait(sequence)
}

// Reset forgets everything.
func (s *Store) Reset() error {
	return s.change(record{}, func() {
		for _, b := range s.buckets {
			b.clear()
		}
		clear(s.waiting)
	})
}

// Close writes what is to be written. Buckets must not be used afterwards.
func (s *Store) Close() error {
	if s.log == nil {
		return nil
	}
	s.work.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.err, s.log.Close())
}
