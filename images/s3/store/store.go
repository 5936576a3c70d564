// Package store keeps S3 buckets, the versions of their objects and uploads in parts.
//
// Metadata lives in memory, ordered for listing. Bodies live in files: a file of its own for each
// large one, append-only segments shared by the small ones. With Persist every change is written to
// an append log before it becomes visible, so that what was acknowledged survives a kill at any
// moment and nothing else becomes visible; without, everything goes with the folder.
//
// Read in this order: version.go (what is kept), change.go (the only way state changes), bucket.go,
// object.go, upload.go, list.go (what can be asked), body.go, receive.go, segment.go, segments.go
// (bodies), codec.go, record.go, persist.go (the log).
package store

import (
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidwall/btree"

	"localcloud/internal/journal"
)

// What callers branch on.
var (
	ErrBucketExists   = errors.New("store: bucket exists")
	ErrBucketNotEmpty = errors.New("store: bucket is not empty")
	ErrNoBucket       = errors.New("store: no such bucket")
	ErrNoUpload       = errors.New("store: no such upload")
)

// Options of a store. The zero value is a store that is not persistent.
type Options struct {
	Persist bool
	Log     *slog.Logger     // nil for none
	Now     func() time.Time // nil for time.Now
	// SegmentSize is how many bytes of small bodies share a file; 0 for 64 MiB.
	SegmentSize int64
}

const stripes = 512

// Store is an open store. Safe for concurrent use.
type Store struct {
	dir     string
	persist bool
	log     *slog.Logger
	now     func() time.Time

	segments *segments
	journal  *journal.Log // nil without persistence
	last     atomic.Uint64

	// order is held for reading while a change is journalled and applied, for writing while a
	// snapshot of the journal is begun.
	order      sync.RWMutex
	compacting atomic.Bool
	// snapshotSize is what the state took when the log was last compacted.
	snapshotSize atomic.Int64
	background   sync.WaitGroup
	closed       atomic.Bool

	seed maphash.Seed
	keys [stripes]sync.Mutex // order the changes of one key

	mu      sync.RWMutex // guards buckets
	buckets btree.Map[string, *Bucket]
}

// Open opens the store in dir, which is made where it does not exist. What an earlier, killed process
// left half done is removed.
func Open(dir string, options Options) (*Store, error) {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.SegmentSize <= 0 {
		options.SegmentSize = 64 << 20
	}
	s := &Store{dir: dir, persist: options.Persist, log: options.Log, now: options.Now, seed: maphash.MakeSeed()}
	if err := os.MkdirAll(filepath.Join(dir, bodyFolder), 0o700); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	var err error
	if s.segments, err = openSegments(filepath.Join(dir, segmentFolder), options.SegmentSize); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s.last.Store(uint64(time.Now().UnixNano()))
	if s.persist {
		if err := s.replay(); err != nil {
			return nil, errors.Join(fmt.Errorf("open store: %w", err), s.segments.close())
		}
	}
	s.segments.start(s.moveBodies)
	return s, nil
}

// Close waits for background work and closes all files. Readers that are open stay usable for large
// bodies only.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	s.segments.stop()
	s.background.Wait()
	var err error
	if s.journal != nil {
		err = s.journal.Close()
	}
	return errors.Join(err, s.segments.close())
}

// Reset removes every bucket with all that is in it.
func (s *Store) Reset() error {
	for _, b := range s.Buckets() {
		if err := b.purge(); err != nil && !errors.Is(err, ErrNoBucket) {
			return err
		}
	}
	return nil
}

// Bucket returns the bucket of that name, or nil.
func (s *Store) Bucket(name string) *Bucket {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, _ := s.buckets.Get(name)
	return b
}

// Buckets returns all buckets, ordered by name.
func (s *Store) Buckets() []*Bucket {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.buckets.Values()
}

// next returns a number that is greater than every one before it, also over restarts: it begins at
// the time of the start.
func (s *Store) next() uint64 { return s.last.Add(1) }

// lockKeys orders changes of these keys against others; unlock ends that.
func (s *Store) lockKeys(bucket string, keys ...string) (unlock func()) {
	var few [4]int
	held := few[:0]
	for _, key := range keys {
		held = append(held, s.stripe(bucket, key))
	}
	slices.Sort(held)
	held = slices.Compact(held)
	for _, i := range held {
		s.keys[i].Lock()
	}
	return func() {
		for _, i := range held {
			s.keys[i].Unlock()
		}
	}
}

func (s *Store) stripe(bucket, key string) int {
	var h maphash.Hash
	h.SetSeed(s.seed)
	h.WriteString(bucket)
	h.WriteByte('/')
	h.WriteString(key)
	return int(h.Sum64() % stripes)
}
