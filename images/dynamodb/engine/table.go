package engine

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"

	"localcloud/images/dynamodb/attr"
)

// shardBits is the number of leading bits of the hash that choose the shard.
const (
	shardBits  = 6
	shardCount = 1 << shardBits
)

// degree of the B-trees: nodes of up to 2*degree-1 items.
const degree = 32

// ErrDropped is returned by writes to a table that was dropped meanwhile.
var ErrDropped = errors.New("engine: the table was dropped")

// Table is the items of one table. Safe for concurrent use.
type Table struct {
	db   *DB
	ID   uint64
	Keys Keys

	// schema is replaced as a whole; writers load it under the lock of their shard.
	schema  atomic.Pointer[schema]
	dropped atomic.Bool
	items   atomic.Int64
	bytes   atomic.Int64
	shards  [shardCount]shard
}

// schema is what a write has to maintain beside the items.
type schema struct {
	indexes []*Index
	stream  *Stream // the open one, nil for none
}

// shard is a part of a table's items, and of its local indexes.
type shard struct {
	mu    sync.RWMutex
	items *btree.BTreeG[Record] // nil while empty
}

// Counts are the number of items and their total size in bytes.
func (t *Table) Counts() (items, bytes int64) { return t.items.Load(), t.bytes.Load() }

// Key is the ordered key of the item that the attributes of key name, "" where an attribute is
// missing or of another type.
func (t *Table) Key(key attr.Map) Key {
	var buf [256]byte
	b, ok := t.Keys.appendKey(append(buf[:0], make([]byte, recordHeader)...), key)
	if !ok {
		return ""
	}
	n := len(b) - recordHeader
	b[0], b[1] = byte(n), byte(n>>8)
	return Key(b)
}

// Key names an item within a table: a probe for it.
type Key = Record

func shardOf(key string) int { return int(key[0]) >> (8 - shardBits) }

func (t *Table) shard(key Key) *shard { return &t.shards[shardOf(key.Key())] }

// get reads an item; the shard is locked.
func (s *shard) get(key Key) Record {
	if s.items == nil {
		return ""
	}
	r, _ := s.items.Get(key)
	return r
}

// Get returns the item of that key, the zero Record where there is none.
func (t *Table) Get(key Key) Record {
	s := t.shard(key)
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.get(key)
}

// Edit decides what becomes of an item: it gets the item as it is ("" where there is none) and
// returns what it shall be ("" to delete it, the same for no change). It runs under the item's lock,
// must not block and must not use the table. After an error nothing is changed.
type Edit func(old Record) (attr.Map, error)

// Change is what an edit did.
type Change struct{ Old, New Record }

// Options of a write.
type Options struct {
	// Service marks a deletion as done by DynamoDB itself (TTL) in the stream.
	Service bool
}

// Update runs edit on the item of that key and returns once the change is in the log.
func (t *Table) Update(key Key, edit Edit, options Options) (Change, error) {
	change, sequence, err := t.update(key, edit, options)
	if err != nil {
		return change, err
	}
	return change, t.db.wait(sequence)
}

func (t *Table) update(key Key, edit Edit, options Options) (Change, uint64, error) {
	t.db.begin()
	defer t.db.end()
	s := t.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.dropped.Load() {
		return Change{}, 0, ErrDropped
	}
	change, err := t.decide(s, key, edit)
	if err != nil || change.Old == change.New {
		return change, 0, err
	}
	schema := t.schema.Load()
	t.apply(s, schema, change)
	return change, t.db.log(t, schema.stream, change, options), nil
}

// decide runs an edit; the shard is locked.
func (t *Table) decide(s *shard, key Key, edit Edit) (Change, error) {
	old := s.get(key)
	item, err := edit(old)
	if err != nil {
		return Change{Old: old}, err
	}
	change := Change{Old: old}
	switch {
	case item == "":
	case item == old.Item():
		change.New = old
	default:
		change.New = record([]byte(key.Key()), item, item.Size())
	}
	return change, nil
}

// apply puts a change into the shard, which is locked, and into the indexes.
func (t *Table) apply(s *shard, schema *schema, c Change) {
	if s.items == nil {
		s.items = btree.NewBTreeGOptions(lessRecord, btree.Options{Degree: degree, NoLocks: true})
	}
	if c.New != "" {
		s.items.Set(c.New)
	} else {
		s.items.Delete(c.Old)
	}
	t.bytes.Add(int64(c.New.Size() - c.Old.Size()))
	switch {
	case c.Old == "":
		t.items.Add(1)
	case c.New == "":
		t.items.Add(-1)
	}
	for _, x := range schema.indexes {
		x.apply(c)
	}
}

// UpdateAll runs the edits one after the other, not at one moment, and returns once all changes are
// in the log. It ends at the first error.
func (db *DB) UpdateAll(ops []Op) ([]Change, error) {
	changes := make([]Change, len(ops))
	var last uint64
	for i, op := range ops {
		change, sequence, err := op.Table.update(op.Key, op.Edit, Options{})
		if err != nil {
			return nil, err
		}
		changes[i] = change
		last = max(last, sequence)
	}
	return changes, db.wait(last)
}
