package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Bucket is one kind of values, by account, region and key. Values are encoded as JSON where they
// are persisted; those that are handed in and out are shared and must not be changed. Safe for
// concurrent use.
type Bucket[T any] struct {
	store  *Store
	name   string
	values map[Place]map[string]T
}

// OpenBucket opens a bucket of a store with what was kept in it. A bucket is opened once; name is its own
// for all time.
func OpenBucket[T any](s *Store, name string) (*Bucket[T], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name == "" || s.buckets[name] != nil {
		return nil, fmt.Errorf("bucket %q of the gateway's store is open already", name)
	}
	b := &Bucket[T]{store: s, name: name, values: make(map[Place]map[string]T)}
	for _, r := range s.waiting[name] {
		if err := b.apply(r); err != nil {
			return nil, err
		}
	}
	delete(s.waiting, name)
	s.buckets[name] = b
	return b, nil
}

// Get returns the value of a key, and whether there is one.
func (b *Bucket[T]) Get(account, region, key string) (T, bool) {
	b.store.mu.RLock()
	defer b.store.mu.RUnlock()
	v, ok := b.values[Place{account, region}][key]
	return v, ok
}

// Put sets the value of a key and returns when that is written.
func (b *Bucket[T]) Put(account, region, key string, v T) error {
	r := record{Bucket: b.name, Account: account, Region: region, Key: key}
	var err error
	if r.Value, err = json.Marshal(v); err != nil {
		return fmt.Errorf("keep %s: %w", b.name, err)
	}
	return b.store.change(r, func() { b.set(Place{account, region}, key, v) })
}

// Delete removes a key, where it is there, and returns when that is written.
func (b *Bucket[T]) Delete(account, region, key string) error {
	r := record{Bucket: b.name, Account: account, Region: region, Key: key}
	return b.store.change(r, func() { b.remove(Place{account, region}, key) })
}

// List returns the values of an account and region by their keys. The map is the caller's.
func (b *Bucket[T]) List(account, region string) map[string]T {
	b.store.mu.RLock()
	defer b.store.mu.RUnlock()
	list := maps.Clone(b.values[Place{account, region}])
	if list == nil {
		list = make(map[string]T)
	}
	return list
}

// Place is an account and region.
type Place struct{ Account, Region string }

// Places lists where the bucket holds anything, ordered.
func (b *Bucket[T]) Places() []Place {
	b.store.mu.RLock()
	defer b.store.mu.RUnlock()
	places := make([]Place, 0, len(b.values))
	for in := range b.values {
		places = append(places, in)
	}
	slices.SortFunc(places, func(x, y Place) int {
		return cmp.Or(strings.Compare(x.Account, y.Account), strings.Compare(x.Region, y.Region))
	})
	return places
}

// Shelf is the part of a bucket that belongs to one account and region, or to none.
type Shelf[T any] struct {
	bucket *Bucket[T]
	place  Place
}

// At is the part of the bucket at a place.
func (b *Bucket[T]) At(account, region string) Shelf[T] { return Shelf[T]{b, Place{account, region}} }

// Get is Bucket.Get.
func (s Shelf[T]) Get(key string) (T, bool) {
	return s.bucket.Get(s.place.Account, s.place.Region, key)
}

// Put is Bucket.Put.
func (s Shelf[T]) Put(key string, v T) error {
	return s.bucket.Put(s.place.Account, s.place.Region, key, v)
}

// Delete is Bucket.Delete.
func (s Shelf[T]) Delete(key string) error {
	return s.bucket.Delete(s.place.Account, s.place.Region, key)
}

func (b *Bucket[T]) set(in Place, key string, v T) {
	if b.values[in] == nil {
		b.values[in] = make(map[string]T)
	}
	b.values[in][key] = v
}

func (b *Bucket[T]) remove(in Place, key string) {
	delete(b.values[in], key)
	if len(b.values[in]) == 0 {
		delete(b.values, in)
	}
}

// apply repeats a change that the log holds.
func (b *Bucket[T]) apply(r record) error {
	in := Place{r.Account, r.Region}
	if r.Value == nil {
		b.remove(in, r.Key)
		return nil
	}
	var v T
	if err := json.Unmarshal(r.Value, &v); err != nil {
		return fmt.Errorf("value %s of bucket %s: %w", r.Key, b.name, err)
	}
	b.set(in, r.Key, v)
	return nil
}

func (b *Bucket[T]) clear() { b.values = make(map[Place]map[string]T) }

// snapshot is what the bucket holds now, to be encoded later; mu is held.
func (b *Bucket[T]) snapshot() func(yield func(record) error) error {
	held := make(map[Place]map[string]T, len(b.values))
	for in, values := range b.values {
		held[in] = maps.Clone(values)
	}
	return func(yield func(record) error) error {
		for in, values := range held {
			for key, v := range values {
				value, err := json.Marshal(v)
				if err != nil {
					return fmt.Errorf("keep %s: %w", b.name, err)
				}
				if err := yield(record{b.name, in.Account, in.Region, key, value}); err != nil {
					return err
				}
			}
		}
		return nil
	}
}
