package engine

import (
	"encoding/binary"
	"maps"
	"slices"

	"github.com/tidwall/btree"

	"localcloud/internal/journal"
)

// minSnapshot is the size in bytes that a log may always have before a snapshot replaces it.
const minSnapshot = 64 << 20

// image is the state of a DB at one moment.
type image struct {
	meta    map[string]string
	tables  map[uint64][]*btree.BTreeG[Record] // lazy copies
	streams []streamImage
}

type streamImage struct {
	id     uint64
	state  []byte
	events []Event
}

// compactIfLarge replaces a log that has grown to twice what its last snapshot held.
func (db *DB) compactIfLarge() {
	if !db.compacting.TryLock() {
		return
	}
	if db.journal.Size() < db.snapshot {
		db.compacting.Unlock()
		return
	}
	db.background.Go(func() {
		defer db.compacting.Unlock()
		if err := db.compact(); err != nil {
			db.logger.Error("the log could not be compacted", "error", err)
		}
	})
}

// Compact replaces the log by a snapshot of the present state. It does not hold up reads and writes
// but for a moment.
func (db *DB) Compact() error {
	db.compacting.Lock()
	defer db.compacting.Unlock()
	return db.compact()
}

func (db *DB) compact() error {
	db.changes.Lock()
	snapshot, err := db.journal.Begin()
	var img image
	if err == nil {
		img = db.image()
	}
	db.changes.Unlock()
	if err != nil {
		return err
	}
	size := img.write(snapshot)
	db.snapshot = max(minSnapshot, 2*size)
	return snapshot.Commit()
}

// image copies the state; changes is held for writing.
func (db *DB) image() image {
	db.mu.Lock()
	defer db.mu.Unlock()
	img := image{meta: maps.Clone(db.meta), tables: make(map[uint64][]*btree.BTreeG[Record])}
	for id, t := range db.tables {
		for i := range t.shards {
			s := &t.shards[i]
			s.mu.Lock()
			if s.items != nil {
				img.tables[id] = append(img.tables[id], s.items.Copy())
			}
			s.mu.Unlock()
		}
	}
	for id, s := range db.streams {
		s.mu.Lock()
		img.streams = append(img.streams, streamImage{id, s.appendState(nil), slices.Clone(s.events)})
		s.mu.Unlock()
	}
	return img
}

// write writes the image and returns its size in bytes.
func (img *image) write(to *journal.Snapshot) (size int64) {
	var b []byte
	put := func() {
		to.Write(b)
		size += int64(len(b))
	}
	for _, key := range slices.Sorted(maps.Keys(img.meta)) {
		b = appendMeta(b[:0], Meta{key, img.meta[key]})
		put()
	}
	for _, id := range slices.Sorted(maps.Keys(img.tables)) {
		for _, shard := range img.tables[id] {
			shard.Scan(func(r Record) bool {
				b = binary.AppendUvarint(append(b[:0], recordItem), id)
				b = appendString(b, string(r))
				put()
				return true
			})
		}
	}
	for _, s := range img.streams {
		b = append(b[:0], s.state...)
		put()
		for i := range s.events {
			b = s.events[i].append(b[:0], s.id)
			put()
		}
	}
	return size
}
