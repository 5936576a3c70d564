package queue

import (
	"encoding/binary"
	"errors"
	"unique"
)

// errRecord is returned for a record that cannot be read.
var errRecord = errors.New("queue: malformed record")

// Replayer makes queues again out of the records of a log. Records of queues that it does not know
// are passed over: those were deleted later on.
type Replayer struct {
	queues map[uint64]*replayed
}

type replayed struct {
	*Queue
	byNumber map[uint64]*Message
}

// NewReplayer returns a Replayer that knows no queue.
func NewReplayer() *Replayer { return &Replayer{queues: make(map[uint64]*replayed)} }

// Add makes a queue known, which is empty and not in use.
func (r *Replayer) Add(q *Queue) {
	r.queues[q.id] = &replayed{Queue: q, byNumber: make(map[uint64]*Message)}
}

// Remove makes a queue unknown again.
func (r *Replayer) Remove(id uint64) { delete(r.queues, id) }

// Replay applies one record.
func (r *Replayer) Replay(record []byte) error {
	in := reader{b: record}
	op, id := in.byte(), in.fixed()
	q := r.queues[id]
	if op == opMove {
		from, number := in.fixed(), in.uvarint()
		if source := r.queues[from]; source != nil {
			source.delete(number)
		}
		op = opPut
	}
	if q != nil {
		q.apply(op, &in)
	}
	if in.failed {
		return errRecord
	}
	return nil
}

func (q *replayed) apply(op byte, in *reader) {
	switch op {
	case opPut:
		q.put(in)
	case opReceive:
		q.receive(in)
	case opVisibility:
		number, due := in.uvarint(), in.varint()
		if m := q.byNumber[number]; m != nil && !in.failed {
			q.delist(m)
			m.due = due
			q.enlist(m, inFlight)
		}
	case opDelete:
		q.delete(in.uvarint())
	case opPurge:
		q.purge(in.uvarint())
	case opSeen:
		s := &sighting{key: dedupKey{in.text(), in.text()}}
		in.copy(s.message[:])
		s.sequence, s.at = in.uvarint(), in.varint()
		q.see(s, in)
	case opNumber:
		q.number = max(q.number, in.uvarint())
	default:
		in.failed = true
	}
}

func (q *replayed) put(in *reader) {
	flags, at := in.byte(), state(in.byte())
	m := &Message{number: in.uvarint(), Sent: in.varint(), base: uint32(in.uvarint())}
	m.receives, m.handles = uint32(in.uvarint()), uint32(in.uvarint())
	m.first, m.received, m.due = in.varint(), in.varint(), in.varint()
	in.content(&m.Content)
	if in.failed || at < visible || at > inFlight {
		in.failed = true
		return
	}
	q.number = max(q.number, m.number)
	if q.fifo != nil && flags&flagRemember != 0 {
		key := dedupKey{id: m.Dedup}
		if flags&flagRememberGroup != 0 {
			key.group = m.Group
		}
		q.see(&sighting{key: key, message: m.ID, sequence: m.Sequence, at: m.Sent}, in)
	}
	if q.byNumber[m.number] != nil {
		return
	}
	// The list of fresh messages is in the order of their numbers.
	m.returned = m.handles > 0 || q.ready.tail != nil && q.ready.tail.number > m.number
	q.byNumber[m.number] = m
	if m.handles > 0 {
		q.received[m.number] = m
	}
	q.insert(m, at)
}

func (q *replayed) receive(in *reader) {
	m := q.byNumber[in.uvarint()]
	receives, handles := uint32(in.uvarint()), uint32(in.uvarint())
	first, received, due := in.varint(), in.varint(), in.varint()
	if m == nil || in.failed {
		return
	}
	q.delist(m)
	m.receives, m.handles, m.first, m.received, m.due = receives, handles, first, received, due
	q.received[m.number] = m
	q.enlist(m, inFlight)
}

func (q *replayed) delete(number uint64) {
	if m := q.byNumber[number]; m != nil {
		delete(q.byNumber, number)
		q.drop(m)
	}
}

func (q *replayed) purge(upTo uint64) {
	for number := range q.byNumber {
		if number <= upTo {
			q.delete(number)
		}
	}
	if q.fifo != nil {
		q.fifo.forget()
	}
}

func (q *replayed) see(s *sighting, in *reader) {
	if q.fifo != nil && !in.failed {
		q.fifo.seen.add(s)
	}
}

// reader reads the fields of a record; failed is set once there is less than is asked for.
type reader struct {
	b      []byte
	failed bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.failed, r.b = true, nil
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) fixed() uint64 {
	if b := r.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.failed, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.failed, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) copy(to []byte) { copy(to, r.take(len(to))) }

func (r *reader) text() string {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.failed, r.b = true, nil
		return ""
	}
	return string(r.take(int(n)))
}

func (r *reader) content(c *Content) {
	r.copy(c.ID[:])
	r.copy(c.MD5[:])
	c.Body, c.Sender, c.Extra = r.text(), unique.Make(r.text()).Value(), noExtra
	if r.byte() == 0 {
		return
	}
	c.Extra = &Extra{Trace: r.text(), Group: r.text(), Dedup: r.text(), DeadSource: r.text(), Sequence: r.uvarint()}
	n := r.uvarint()
	if n == 0 || n > uint64(len(r.b)) {
		return
	}
	c.Attributes = make([]Attribute, n)
	for i := range c.Attributes {
		a := &c.Attributes[i]
		a.Name, a.Type, a.Value = r.text(), r.text(), r.text()
		a.Binary = r.byte() == 1
	}
}
