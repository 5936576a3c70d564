package engine

import (
	"cmp"
	"slices"
)

// Op is one action of a transaction, or one read where Edit is nil.
type Op struct {
	Table *Table
	Key   Key
	Edit  Edit
}

// Transact runs all edits at one moment. Where any of them fails nothing is changed and errs tells
// which did, by position. meta, where not nil, is stored with the changes. Two ops must not name one item.
func (db *DB) Transact(ops []Op, meta *Meta) (changes []Change, errs []error, err error) {
	changes, errs, sequence, err := db.transact(ops, meta)
	if err != nil || errs != nil {
		return changes, errs, err
	}
	return changes, nil, db.wait(sequence)
}

func (db *DB) transact(ops []Op, meta *Meta) (changes []Change, errs []error, sequence uint64, err error) {
	db.begin()
	defer db.end()
	shards := shardsOf(ops)
	for _, s := range shards {
		s.mu.Lock()
	}
	defer func() {
		for _, s := range shards {
			s.mu.Unlock()
		}
	}()
	changes = make([]Change, len(ops))
	for i, op := range ops {
		if op.Table.dropped.Load() {
			return nil, nil, 0, ErrDropped
		}
		change, err := op.Table.decide(op.Table.shard(op.Key), op.Key, op.Edit)
		changes[i] = change
		if err == nil {
			continue
		}
		if errs == nil {
			errs = make([]error, len(ops))
		}
		errs[i] = err
	}
	if errs != nil {
		return changes, errs, 0, nil
	}
	schemas := make([]*schema, len(ops))
	for i, op := range ops {
		schemas[i] = op.Table.schema.Load()
		if changes[i].Old != changes[i].New {
			op.Table.apply(op.Table.shard(op.Key), schemas[i], changes[i])
		}
	}
	return changes, nil, db.logAll(ops, schemas, changes, meta), nil
}

// ReadAll reads all items at one moment.
func (db *DB) ReadAll(ops []Op) []Record {
	shards := shardsOf(ops)
	for _, s := range shards {
		s.mu.RLock()
	}
	defer func() {
		for _, s := range shards {
			s.mu.RUnlock()
		}
	}()
	records := make([]Record, len(ops))
	for i, op := range ops {
		records[i] = op.Table.shard(op.Key).get(op.Key)
	}
	return records
}

// shardsOf are the shards of the ops, each once, in the order in which they are locked.
func shardsOf(ops []Op) []*shard {
	type place struct {
		table uint64
		index int
		shard *shard
	}
	places := make([]place, len(ops))
	for i, op := range ops {
		at := shardOf(op.Key.Key())
		places[i] = place{op.Table.ID, at, &op.Table.shards[at]}
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.index, b.index))
	})
	places = slices.CompactFunc(places, func(a, b place) bool { return a.shard == b.shard })
	shards := make([]*shard, len(places))
	for i, p := range places {
		shards[i] = p.shard
	}
	return shards
}
