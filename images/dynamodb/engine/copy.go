package engine

import "encoding/binary"

// Copy fills the empty table dst with the items that src has at this moment and builds its indexes.
// The items are shared, not copied.
func (db *DB) Copy(src, dst *Table) error {
	db.begin()
	sequence := db.copy(src, dst)
	db.end()
	return db.wait(sequence)
}

func (db *DB) copy(src, dst *Table) (sequence uint64) {
	for i := range src.shards {
		src.shards[i].mu.Lock()
		defer src.shards[i].mu.Unlock()
	}
	for i := range src.shards {
		if from := &src.shards[i]; from.items != nil {
			to := &dst.shards[i]
			to.mu.Lock()
			to.items = from.items.Copy()
			to.mu.Unlock()
		}
	}
	dst.items.Store(src.items.Load())
	dst.bytes.Store(src.bytes.Load())
	for _, x := range dst.schema.Load().indexes {
		dst.fill(x)
	}
	if db.journal == nil {
		return 0
	}
	b := binary.AppendUvarint([]byte{recordCopy}, src.ID)
	return db.journal.Add(binary.AppendUvarint(b, dst.ID))
}

// Table returns the table of that id, nil for none.
func (db *DB) Table(id uint64) *Table {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.tables[id]
}
