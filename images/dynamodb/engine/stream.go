package engine

import (
	"slices"
	"sort"
	"sync"
	"time"

	"localcloud/images/dynamodb/attr"
)

// Retention is how long a stream keeps its records.
const Retention = 24 * time.Hour

// shardSpan is how long a stream writes into one shard before it goes on in a child of it.
const shardSpan = 4 * time.Hour

// View is what a stream's records show of an item.
type View uint8

// Views are bits: of the item before and of the item after the change.
const (
	KeysOnly View = 0
	OldImage View = 1
	NewImage View = 2
)

// Event is one record of a stream.
type Event struct {
	Sequence uint64
	Time     time.Time
	Kind     EventKind
	Service  bool // done by DynamoDB itself
	// Keys are the item's key attributes; Old and New the images that the view has, "" for none.
	Keys, Old, New attr.Map
}

// EventKind is what happened to an item.
type EventKind uint8

// The kinds.
const (
	Insert EventKind = iota
	Modify
	Remove
)

// StreamShard is one shard of a stream.
type StreamShard struct {
	Created time.Time
	Number  int // within the stream, from 1; its parent has the number before it
	First   uint64
	Last    uint64 // 0 while the shard is open
}

// Stream is the changes of a table's items within the last day. Safe for concurrent use.
type Stream struct {
	ID   uint64
	View View
	keys Keys

	mu     sync.Mutex
	shards []StreamShard
	events []Event
	next   uint64
	closed bool
}

// NewStream returns an open stream of changes to items with those keys.
func NewStream(id uint64, view View, keys Keys, now time.Time) *Stream {
	return &Stream{ID: id, View: view, keys: keys, next: 1, shards: []StreamShard{{Created: now, Number: 1, First: 1}}}
}

// SetStream makes s the stream of the table's changes from now on; nil ends the one there is.
func (t *Table) SetStream(s *Stream) {
	t.change(func(c *schema) { c.stream = s })
	for i := range t.shards {
		t.shards[i].settle()
	}
}

// settle waits for a writer that may still use the schema from before.
func (s *shard) settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
}

// append adds the event of a change and returns its sequence number. mu is held.
func (s *Stream) append(c Change, at time.Time, service bool) uint64 {
	s.roll(at)
	e := Event{Sequence: s.next, Time: at, Service: service, Kind: Modify}
	switch {
	case c.Old == "":
		e.Kind = Insert
	case c.New == "":
		e.Kind = Remove
	}
	if s.View&OldImage != 0 {
		e.Old = c.Old.Item()
	}
	if s.View&NewImage != 0 {
		e.New = c.New.Item()
	}
	if e.Old == "" && e.New == "" {
		item := c.New.Item()
		if item == "" {
			item = c.Old.Item()
		}
		e.Keys = item.Only(s.keys.Has)
	}
	s.events = append(s.events, e)
	s.next++
	return e.Sequence
}

// roll goes on in a new shard where the open one is old, and drops what is older than Retention.
func (s *Stream) roll(now time.Time) {
	open := &s.shards[len(s.shards)-1]
	if !s.closed && now.Sub(open.Created) >= shardSpan && s.next > open.First {
		open.Last = s.next - 1
		s.shards = append(s.shards, StreamShard{Created: now, Number: open.Number + 1, First: s.next})
	}
	s.trim(now)
}

func (s *Stream) trim(now time.Time) {
	horizon := now.Add(-Retention)
	old := sort.Search(len(s.events), func(i int) bool { return s.events[i].Time.After(horizon) })
	if old > 0 {
		s.events = slices.Clone(s.events[old:])
	}
	oldest := s.next
	if len(s.events) > 0 {
		oldest = s.events[0].Sequence
	}
	for len(s.shards) > 1 && s.shards[0].Last != 0 && s.shards[0].Last < oldest && s.shards[1].Created.Before(horizon) {
		s.shards = s.shards[1:]
	}
}

// Close ends the stream: its open shard is closed, what it holds can still be read.
func (s *Stream) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	s.shards[len(s.shards)-1].Last = max(s.next-1, s.shards[len(s.shards)-1].First)
}

// Shards are the shards of the stream, oldest first.
func (s *Stream) Shards(now time.Time) []StreamShard {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.roll(now)
	return slices.Clone(s.shards)
}

// Range tells which events the stream holds of a shard: the sequence number of the oldest one, and
// the number that the next one will have (behind the shard's end where it is closed).
func (s *Stream) Range(number int, now time.Time) (oldest, next uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.roll(now)
	for _, shard := range s.shards {
		if shard.Number != number {
			continue
		}
		next = s.next
		if shard.Last != 0 {
			next = shard.Last + 1
		}
		oldest = shard.First
		if len(s.events) > 0 {
			oldest = max(oldest, s.events[0].Sequence)
		} else if shard.Last == 0 {
			oldest = s.next
		}
		return oldest, next, true
	}
	return 0, 0, false
}

// Read returns up to limit events of a shard from a sequence number on, the number to go on from,
// and whether the shard has ended there.
func (s *Stream) Read(number int, from uint64, limit int, now time.Time) (events []Event, next uint64, ended bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.roll(now)
	at := slices.IndexFunc(s.shards, func(shard StreamShard) bool { return shard.Number == number })
	if at < 0 {
		return nil, from, true
	}
	shard := s.shards[at]
	i := sort.Search(len(s.events), func(i int) bool { return s.events[i].Sequence >= max(from, shard.First) })
	for ; i < len(s.events) && len(events) < limit; i++ {
		e := s.events[i]
		if shard.Last != 0 && e.Sequence > shard.Last {
			break
		}
		if e.Keys == "" {
			e.Keys = s.keysOf(e)
		}
		events = append(events, e)
	}
	next = from
	if len(events) > 0 {
		next = events[len(events)-1].Sequence + 1
	}
	last := s.next
	if i < len(s.events) {
		last = s.events[i].Sequence
	}
	return events, next, shard.Last != 0 && (next > shard.Last || last > shard.Last)
}

func (s *Stream) keysOf(e Event) attr.Map {
	if e.New != "" {
		return e.New.Only(s.keys.Has)
	}
	return e.Old.Only(s.keys.Has)
}
