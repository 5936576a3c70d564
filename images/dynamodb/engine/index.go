package engine

import (
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidwall/btree"

	"localcloud/images/dynamodb/attr"
)

// Index is an ordered view of a table's items: a local or global secondary index, or the order in
// which items expire. Items without the key's attributes are not in it.
type Index struct {
	Name string
	Keys Keys
	// Projected tells whether an attribute is part of the index; nil for all attributes.
	Projected func(name string) bool
	expiry    string // attribute with the time of expiry, "" for a secondary index

	count, bytes atomic.Int64
	shards       [shardCount]indexShard
}

type indexShard struct {
	mu      sync.RWMutex
	entries *btree.BTreeG[entry]
}

// NewIndex returns an index that no table has yet.
func NewIndex(name string, keys Keys, projected func(string) bool) *Index {
	return &Index{Name: name, Keys: keys, Projected: projected}
}

// NewExpiry returns the index by the time (seconds of the Unix epoch) in an attribute.
func NewExpiry(attribute string) *Index { return &Index{expiry: attribute} }

// Counts are the number of items in the index and the size of their projected attributes.
func (x *Index) Counts() (items, bytes int64) { return x.count.Load(), x.bytes.Load() }

// Project is the part of an item that the index holds.
func (x *Index) Project(item attr.Map) attr.Map {
	if x.Projected == nil {
		return item
	}
	return item.Only(x.Projected)
}

// Size is the size of the part of an item that the index holds.
func (x *Index) Size(r Record) int {
	if x.Projected == nil {
		return r.Size()
	}
	size := 0
	for name, v := range r.Item().All() {
		if x.Projected(name) {
			size += len(name) + v.Size()
		}
	}
	return size
}

// Key is the ordered key of an item in the index; primary is its key in the table. "" where the item
// is not in the index.
func (x *Index) Key(item attr.Map, primary string) string {
	if x.expiry != "" {
		return x.expiryKey(item, primary)
	}
	var buf [256]byte
	b, ok := x.Keys.appendKey(buf[:0], item)
	if !ok {
		return ""
	}
	return string(append(b, primary...))
}

func (x *Index) expiryKey(item attr.Map, primary string) string {
	v := item.Get(x.expiry)
	if v.Type() != attr.N {
		return ""
	}
	seconds, ok := v.Number().Int64()
	if !ok || seconds <= 0 {
		return ""
	}
	return string(binary.BigEndian.AppendUint64(nil, uint64(seconds))) + primary
}

func (x *Index) keyOf(r Record) string {
	if r == "" {
		return ""
	}
	return x.Key(r.Item(), r.Key())
}

// apply maintains the index for one change. The shard of the table is locked.
func (x *Index) apply(c Change) {
	before, after := x.keyOf(c.Old), x.keyOf(c.New)
	if before != "" && before != after {
		s := &x.shards[shardOf(before)]
		s.mu.Lock()
		if s.entries != nil {
			if _, was := s.entries.Delete(entry{key: before}); was {
				x.counted(-1, c.Old)
			}
		}
		s.mu.Unlock()
	}
	if after != "" {
		x.put(after, c.New)
	}
}

func (x *Index) put(key string, r Record) {
	s := &x.shards[shardOf(key)]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries == nil {
		s.entries = btree.NewBTreeGOptions(lessEntry, btree.Options{Degree: degree, NoLocks: true})
	}
	old, replaced := s.entries.Set(entry{key, r})
	if replaced {
		x.counted(-1, old.record)
	}
	x.counted(1, r)
}

func (x *Index) counted(n int64, r Record) {
	if x.expiry == "" {
		x.count.Add(n)
		x.bytes.Add(n * int64(x.Size(r)))
	}
}

// AddIndex begins to maintain an index and fills it from the items that are there.
func (t *Table) AddIndex(x *Index) {
	t.change(func(s *schema) { s.indexes = append(slices.Clone(s.indexes), x) })
	t.fill(x)
}

// fill puts the items that are there into an index.
func (t *Table) fill(x *Index) {
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		if s.items != nil {
			s.items.Scan(func(r Record) bool {
				if key := x.keyOf(r); key != "" {
					x.put(key, r)
				}
				return true
			})
		}
		s.mu.Unlock()
	}
}

// RemoveIndex ends the maintenance of an index.
func (t *Table) RemoveIndex(x *Index) {
	t.change(func(s *schema) {
		s.indexes = slices.DeleteFunc(slices.Clone(s.indexes), func(y *Index) bool { return x == y })
	})
}

// change replaces the schema. Writers that began before it has returned may still use the old one.
func (t *Table) change(f func(*schema)) {
	for {
		old := t.schema.Load()
		changed := *old
		f(&changed)
		if t.schema.CompareAndSwap(old, &changed) {
			return
		}
	}
}

// Expired returns up to limit items whose time in the expiry index lies before now, but not more than
// five years before it.
func (x *Index) Expired(now time.Time, limit int) []Key {
	var keys []Key
	low := binary.BigEndian.AppendUint64(nil, uint64(max(now.AddDate(-5, 0, 0).Unix(), 1)))
	high := string(binary.BigEndian.AppendUint64(nil, uint64(max(now.Unix(), 1))))
	s := &x.shards[0]
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.entries == nil {
		return nil
	}
	s.entries.Ascend(entry{key: string(low)}, func(e entry) bool {
		if e.key >= high || len(keys) == limit {
			return false
		}
		keys = append(keys, probe(e.record.Key()))
		return true
	})
	return keys
}

// probe is the Key of an item's ordered key.
func probe(key string) Key { return record([]byte(key), "", 0) }

// Overdue reports whether an item's time of expiry lies before now as Expired has it.
func (x *Index) Overdue(r Record, now time.Time) bool {
	key := x.keyOf(r)
	if key == "" {
		return false
	}
	seconds := int64(binary.BigEndian.Uint64([]byte(key)))
	return seconds < now.Unix() && seconds >= now.AddDate(-5, 0, 0).Unix()
}
