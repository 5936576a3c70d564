package engine

import (
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"localcloud/internal/clock"
	"localcloud/internal/journal"
)

// DB is all tables of a backend, with the log that makes them survive. Safe for concurrent use.
type DB struct {
	clock   *clock.Clock
	logger  *slog.Logger
	onMeta  func(key, value string) error
	journal *journal.Log // nil where nothing is persisted

	// changes is held for reading while a change is made and logged, for writing at the moment of a
	// snapshot, so that no change lies on both sides of it.
	changes sync.RWMutex

	mu      sync.Mutex
	tables  map[uint64]*Table
	streams map[uint64]*Stream
	meta    map[string]string

	writes     atomic.Uint64
	background sync.WaitGroup
	compacting sync.Mutex // held while a snapshot is written
	snapshot   int64      // size of the log at which the next one is worth its while; under compacting
}

// Meta is a named value that the engine keeps in its log for its user: definitions of tables, say.
// An empty Value deletes it.
type Meta struct{ Key, Value string }

// Config is what a DB needs.
type Config struct {
	Clock  *clock.Clock
	Logger *slog.Logger
	// OnMeta is called while the log is read for each Meta in the order in which they were set. What
	// it defines (NewTable, AddIndex, SetStream, ...) must be defined when it returns: the items that
	// follow go there.
	OnMeta func(key, value string) error
}

// New returns an empty DB; Load reads its log.
func New(c Config) *DB {
	return &DB{
		clock: c.Clock, logger: c.Logger, onMeta: c.OnMeta, tables: make(map[uint64]*Table),
		streams: make(map[uint64]*Stream), meta: make(map[string]string), snapshot: minSnapshot,
	}
}

// Load reads the log in dir and appends to it from then on. It is called once, before anything else.
func (db *DB) Load(dir string) error {
	l, report, err := journal.Open(filepath.Join(dir, "journal"), db.replay)
	if err != nil {
		return err
	}
	if report.Dropped > 0 {
		db.logger.Warn("the end of the log was torn and is dropped", "bytes", report.Dropped, "records", report.Records)
	}
	db.journal = l
	return nil
}

// Close ends background work and closes the log.
func (db *DB) Close() error {
	db.background.Wait()
	if db.journal == nil {
		return nil
	}
	return db.journal.Close()
}

// NewTable adds an empty table. The id must be a new one and is never used again.
func (db *DB) NewTable(id uint64, keys Keys) *Table {
	t := &Table{db: db, ID: id, Keys: keys}
	t.schema.Store(&schema{})
	db.mu.Lock()
	defer db.mu.Unlock()
	db.tables[id] = t
	return t
}

// Drop forgets a table with its items.
func (db *DB) Drop(t *Table) {
	t.dropped.Store(true)
	db.mu.Lock()
	defer db.mu.Unlock()
	delete(db.tables, t.ID)
}

// KeepStream makes a stream part of what snapshots hold, until ForgetStream.
func (db *DB) KeepStream(s *Stream) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.streams[s.ID] = s
}

// ForgetStream is the end of a stream.
func (db *DB) ForgetStream(s *Stream) {
	db.mu.Lock()
	defer db.mu.Unlock()
	delete(db.streams, s.ID)
}

// SetMeta stores a named value and returns once it is in the log.
func (db *DB) SetMeta(m Meta) error {
	db.begin()
	db.keep(m)
	var sequence uint64
	if db.journal != nil {
		sequence = db.journal.Add(appendMeta(nil, m))
	}
	db.end()
	return db.wait(sequence)
}

// keep holds a Meta for snapshots.
func (db *DB) keep(m Meta) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if m.Value == "" {
		delete(db.meta, m.Key)
		return
	}
	db.meta[m.Key] = m.Value
}

// ForgetMeta drops a value that a later Load may still see.
func (db *DB) ForgetMeta(key string) { db.keep(Meta{Key: key}) }

func (db *DB) begin() {
	if db.journal != nil {
		db.changes.RLock()
	}
}

func (db *DB) end() {
	if db.journal != nil {
		db.changes.RUnlock()
	}
}

// wait returns once the record of that number is in the log.
func (db *DB) wait(sequence uint64) error {
	if db.journal == nil || sequence == 0 {
		return nil
	}
	if err := db.journal.Wait(sequence); err != nil {
		return err
	}
	if db.writes.Add(1)%1024 == 0 {
		db.compactIfLarge()
	}
	return nil
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// log writes one change to its table's stream and to the log; the item's shard is locked.
func (db *DB) log(t *Table, stream *Stream, c Change, options Options) uint64 {
	if stream == nil && db.journal == nil {
		return 0
	}
	w := write{table: t.ID, change: c, service: options.Service}
	if stream != nil {
		// One lock over both, so that the log has a stream's events in their order.
		stream.mu.Lock()
		defer stream.mu.Unlock()
		db.emit(&w, stream)
	}
	if db.journal == nil {
		return 0
	}
	buf := buffers.Get().(*[]byte)
	*buf = w.append(append((*buf)[:0], recordWrite))
	sequence := db.journal.Add(*buf)
	buffers.Put(buf)
	return sequence
}

// emit adds a write to the stream, which is locked.
func (db *DB) emit(w *write, stream *Stream) {
	w.at = db.clock.Now().Truncate(time.Millisecond)
	w.sequence = stream.append(w.change, w.at, w.service)
}

// logAll writes the changes of a transaction as one record; the shards are locked.
func (db *DB) logAll(ops []Op, schemas []*schema, changes []Change, meta *Meta) uint64 {
	writes := make([]write, 0, len(ops))
	for _, s := range streamsOf(schemas) {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	for i, op := range ops {
		if changes[i].Old == changes[i].New {
			continue
		}
		w := write{table: op.Table.ID, change: changes[i]}
		if s := schemas[i].stream; s != nil {
			db.emit(&w, s)
		}
		writes = append(writes, w)
	}
	if meta != nil {
		db.keep(*meta)
	}
	if db.journal == nil {
		return 0
	}
	return db.journal.Add(appendTransaction(nil, writes, meta))
}
