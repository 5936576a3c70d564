package store

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidwall/btree"
)

// Bucket is a bucket and all that is in it. Name, owner, region and time of creation never change.
type Bucket struct {
	store   *Store
	Name    string
	Owner   string // account
	Region  string
	Created time.Time

	settings atomic.Pointer[Settings]

	// gate is held for reading by changes of objects and uploads, for writing by those of the bucket.
	gate sync.RWMutex

	mu          sync.RWMutex // guards what follows
	removed     bool
	objects     keys
	uploads     *btree.BTreeG[*Upload]
	uploadsByID map[uint64]*Upload
}

// Versioning is whether a bucket keeps older versions.
type Versioning string

// The states of versioning; a bucket that never had it is Unversioned.
const (
	Unversioned Versioning = ""
	Enabled     Versioning = "Enabled"
	Suspended   Versioning = "Suspended"
)

// Settings is what can be set of a bucket. A Settings in use is never changed.
type Settings struct {
	Versioning Versioning
	// Values holds configurations that the store does not look at, by a name the caller chooses.
	Values map[string]string
}

// With is a copy of the settings with another value under that name; "" removes it.
func (s *Settings) With(name, value string) *Settings {
	c := &Settings{Versioning: s.Versioning, Values: maps.Clone(s.Values)}
	if c.Values == nil {
		c.Values = make(map[string]string)
	}
	if c.Values[name] = value; value == "" {
		delete(c.Values, name)
	}
	return c
}

func (s *Store) newBucket(name, owner, region string, created time.Time) *Bucket {
	b := &Bucket{store: s, Name: name, Owner: owner, Region: region, Created: created}
	b.uploads = btree.NewBTreeGOptions(uploadLess, btree.Options{NoLocks: true})
	b.uploadsByID = make(map[uint64]*Upload)
	b.settings.Store(new(Settings))
	return b
}

// Create makes a bucket; ErrBucketExists says that the name is taken, by whomever.
func (s *Store) Create(name, owner, region string, settings *Settings) (*Bucket, error) {
	defer s.lockKeys(name, "")()
	if s.Bucket(name) != nil {
		return nil, ErrBucketExists
	}
	if settings == nil {
		settings = new(Settings)
	}
	b := s.newBucket(name, owner, region, s.now().UTC().Truncate(time.Millisecond))
	if err := s.commit(bucketPut{b, settings}); err != nil {
		return nil, err
	}
	return b, nil
}

// Settings returns what is set of the bucket; it must not be changed.
func (b *Bucket) Settings() *Settings { return b.settings.Load() }

// Change replaces the settings by what f makes of them; f's error ends it without a change.
func (b *Bucket) Change(f func(*Settings) (*Settings, error)) error {
	b.gate.Lock()
	defer b.gate.Unlock()
	if b.gone() {
		return ErrNoBucket
	}
	settings, err := f(b.Settings())
	if err != nil {
		return err
	}
	return b.store.commit(bucketPut{b, settings})
}

// Remove removes the bucket, or returns ErrBucketNotEmpty. Uploads in parts are dropped with it.
func (b *Bucket) Remove() error {
	return b.remove(func() error {
		b.mu.RLock()
		defer b.mu.RUnlock()
		if b.objects.Len() > 0 {
			return ErrBucketNotEmpty
		}
		return nil
	})
}

// purge removes the bucket with all that is in it.
func (b *Bucket) purge() error { return b.remove(func() error { return nil }) }

func (b *Bucket) remove(check func() error) error {
	b.gate.Lock()
	defer b.gate.Unlock()
	if b.gone() {
		return ErrNoBucket
	}
	if err := check(); err != nil {
		return err
	}
	return b.store.commit(bucketRemove{b.Name})
}

func (b *Bucket) gone() bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.removed
}

// enter orders changes of these keys, within the life of the bucket.
func (b *Bucket) enter(keys ...string) (leave func(), err error) {
	b.gate.RLock()
	if b.gone() {
		b.gate.RUnlock()
		return nil, ErrNoBucket
	}
	unlock := b.store.lockKeys(b.Name, keys...)
	return func() {
		unlock()
		b.gate.RUnlock()
	}, nil
}
