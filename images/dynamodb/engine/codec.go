package engine

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"localcloud/images/dynamodb/attr"
)

// The records of the log, by their first byte.
const (
	recordMeta        = 'm' // a Meta
	recordWrite       = 'w' // one write
	recordTransaction = 'x' // writes that belong together, and perhaps a Meta
	recordCopy        = 'c' // the items of one table put into another
	recordItem        = 'i' // of a snapshot: an item
	recordStream      = 's' // of a snapshot: the state of a stream
	recordEvent       = 'e' // of a snapshot: an event of a stream
)

var errRecord = errors.New("engine: broken record in the log")

// write is one change as the log has it.
type write struct {
	table    uint64
	change   Change
	service  bool
	sequence uint64 // in the table's stream, 0 for none
	at       time.Time
}

const (
	flagDelete  = 1
	flagService = 2
	flagStream  = 4
)

// append writes: flags, table, sequence and time of the event, length of the record, the record (of
// a deletion: its probe).
func (w *write) append(b []byte) []byte {
	r := w.change.New
	var flags byte
	if r == "" {
		flags |= flagDelete
		r = w.change.Old[:recordHeader+w.change.Old.keyLength()]
	}
	if w.service {
		flags |= flagService
	}
	if w.sequence != 0 {
		flags |= flagStream
	}
	b = binary.AppendUvarint(append(b, flags), w.table)
	if w.sequence != 0 {
		b = binary.AppendUvarint(b, w.sequence)
		b = binary.AppendUvarint(b, uint64(w.at.UnixMilli()))
	}
	return appendString(b, string(r))
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendMeta(b []byte, m Meta) []byte {
	return appendString(appendString(append(b, recordMeta), m.Key), m.Value)
}

func appendTransaction(b []byte, writes []write, meta *Meta) []byte {
	b = binary.AppendUvarint(append(b, recordTransaction), uint64(len(writes)))
	for i := range writes {
		b = writes[i].append(b)
	}
	if meta != nil {
		b = appendMeta(b, *meta)
	}
	return b
}

// fields reads the parts of a record. After the first broken one all are zero.
type fields struct {
	b   []byte
	err error
}

func (f *fields) byte() byte {
	if len(f.b) == 0 {
		f.err = errRecord
		return 0
	}
	c := f.b[0]
	f.b = f.b[1:]
	return c
}

func (f *fields) number() uint64 {
	n, size := binary.Uvarint(f.b)
	if size <= 0 {
		f.err, f.b = errRecord, nil
		return 0
	}
	f.b = f.b[size:]
	return n
}

func (f *fields) string() string {
	n := f.number()
	if n > uint64(len(f.b)) {
		f.err, f.b = errRecord, nil
		return ""
	}
	s := string(f.b[:n])
	f.b = f.b[n:]
	return s
}

func (f *fields) write() (w write, r Record) {
	flags := f.byte()
	w.table = f.number()
	w.service = flags&flagService != 0
	if flags&flagStream != 0 {
		w.sequence = f.number()
		w.at = time.UnixMilli(int64(f.number())).UTC()
	}
	r = Record(f.string())
	if f.err == nil && !r.valid(flags&flagDelete != 0) {
		f.err = errRecord
	}
	if flags&flagDelete == 0 {
		w.change.New = r
	}
	return w, r
}

func (r Record) valid(probe bool) bool {
	if len(r) < recordHeader || len(r) < recordHeader+r.keyLength() || r.keyLength() == 0 {
		return false
	}
	return probe == (r.Item() == "") && (probe || attr.Valid(string(r.Item())))
}

// replay takes one record of the log in.
func (db *DB) replay(b []byte) error {
	f := &fields{b: b}
	switch kind := f.byte(); kind {
	case recordMeta:
		return db.replayMeta(f)
	case recordWrite:
		w, r := f.write()
		if f.err == nil {
			db.redo(w, r)
		}
	case recordTransaction:
		for n := f.number(); n > 0 && f.err == nil; n-- {
			if w, r := f.write(); f.err == nil {
				db.redo(w, r)
			}
		}
		if f.err == nil && len(f.b) > 0 {
			f.byte()
			return db.replayMeta(f)
		}
	case recordItem:
		w := write{table: f.number()}
		r := Record(f.string())
		if f.err == nil && !r.valid(false) {
			return errRecord
		}
		w.change.New = r
		if f.err == nil {
			db.redo(w, r)
		}
	case recordCopy:
		src, dst := db.tables[f.number()], db.tables[f.number()]
		if f.err == nil && src != nil && dst != nil {
			db.copy(src, dst)
		}
	case recordStream:
		db.replayStream(f)
	case recordEvent:
		db.replayEvent(f)
	default:
		return fmt.Errorf("engine: unknown record %q in the log", kind)
	}
	return f.err
}

func (db *DB) replayMeta(f *fields) error {
	m := Meta{Key: f.string(), Value: f.string()}
	if f.err != nil {
		return f.err
	}
	db.keep(m)
	return db.onMeta(m.Key, m.Value)
}

// redo makes a write again. Writes to tables that were dropped are over.
func (db *DB) redo(w write, key Key) {
	t := db.tables[w.table]
	if t == nil {
		return
	}
	s := t.shard(key)
	w.change.Old = s.get(key)
	if w.change.Old == w.change.New {
		return
	}
	schema := t.schema.Load()
	t.apply(s, schema, w.change)
	if schema.stream != nil && w.sequence != 0 {
		schema.stream.next = w.sequence
		schema.stream.append(w.change, w.at, w.service)
	}
}

// appendStream writes the state of a stream without its events.
func (s *Stream) appendState(b []byte) []byte {
	b = binary.AppendUvarint(append(b, recordStream), s.ID)
	b = binary.AppendUvarint(b, s.next)
	b = binary.AppendUvarint(b, uint64(len(s.shards)))
	for _, shard := range s.shards {
		b = binary.AppendUvarint(b, uint64(shard.Created.UnixMilli()))
		b = binary.AppendUvarint(b, uint64(shard.Number))
		b = binary.AppendUvarint(b, shard.First)
		b = binary.AppendUvarint(b, shard.Last)
	}
	return b
}

func (db *DB) replayStream(f *fields) {
	s := db.streams[f.number()]
	next := f.number()
	var shards []StreamShard
	for n := f.number(); n > 0 && f.err == nil; n-- {
		shards = append(shards, StreamShard{
			Created: time.UnixMilli(int64(f.number())).UTC(), Number: int(f.number()), First: f.number(), Last: f.number(),
		})
	}
	if s != nil && f.err == nil && len(shards) > 0 {
		s.next, s.shards = next, shards
	}
}

func (e *Event) append(b []byte, stream uint64) []byte {
	b = binary.AppendUvarint(append(b, recordEvent), stream)
	b = binary.AppendUvarint(b, e.Sequence)
	b = binary.AppendUvarint(b, uint64(e.Time.UnixMilli()))
	service := byte(0)
	if e.Service {
		service = 1
	}
	b = append(b, byte(e.Kind), service)
	for _, m := range [...]attr.Map{e.Keys, e.Old, e.New} {
		b = appendString(b, string(m))
	}
	return b
}

func (db *DB) replayEvent(f *fields) {
	s := db.streams[f.number()]
	e := Event{Sequence: f.number(), Time: time.UnixMilli(int64(f.number())).UTC()}
	e.Kind, e.Service = EventKind(f.byte()), f.byte() == 1
	for _, m := range [...]*attr.Map{&e.Keys, &e.Old, &e.New} {
		if *m = attr.Map(f.string()); *m != "" && !attr.Valid(string(*m)) {
			f.err = errRecord
		}
	}
	if s != nil && f.err == nil {
		s.events = append(s.events, e)
	}
}

// streamsOf are the streams of the schemas, each once, in the order in which they are locked.
func streamsOf(schemas []*schema) []*Stream {
	var streams []*Stream
	for _, s := range schemas {
		if s.stream != nil && !slices.Contains(streams, s.stream) {
			streams = append(streams, s.stream)
		}
	}
	slices.SortFunc(streams, func(a, b *Stream) int { return cmp.Compare(a.ID, b.ID) })
	return streams
}
