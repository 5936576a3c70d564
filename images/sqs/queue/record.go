package queue

import "encoding/binary"

// The records that queues add to the log: one byte for the kind, the id of the queue in eight, then
// numbers as varints and texts with their lengths. Replaying a record twice does no harm, which is
// what lets a snapshot be written while the queues go on.
const (
	opPut        = iota + 1 // a message as it is
	opReceive               // what a receive changed
	opVisibility            // the end of a visibility timeout
	opDelete
	opPurge
	opMove   // opPut into this queue, opDelete from another
	opSeen   // a deduplication id
	opNumber // the latest number given out

	// MaxRecordKind bounds the first bytes of the engine's records; others may use those above.
	MaxRecordKind = 63
)

// Flags of opPut and opMove.
const (
	flagRemember      = 1 << iota // the deduplication id is to be remembered
	flagRememberGroup             // within its group
)

func (q *Queue) begin(op byte) []byte {
	return binary.BigEndian.AppendUint64(append(q.record[:0], op), q.id)
}

func (q *Queue) write(record []byte) {
	q.added = q.log.Add(record)
	q.record = record
	if cap(record) > 1<<16 {
		q.record = nil
	}
}

func (q *Queue) logPut(m *Message) {
	if q.log != nil {
		q.write(q.appendPut(q.begin(opPut), m, true))
	}
}

func (q *Queue) logMove(from, number uint64, m *Message) {
	if q.log != nil {
		b := binary.BigEndian.AppendUint64(q.begin(opMove), from)
		b = binary.AppendUvarint(b, number)
		q.write(q.appendPut(b, m, true))
	}
}

func (q *Queue) logReceive(m *Message) {
	if q.log != nil {
		b := binary.AppendUvarint(q.begin(opReceive), m.number)
		q.write(appendReceive(b, m))
	}
}

func (q *Queue) logVisibility(m *Message) {
	if q.log != nil {
		b := binary.AppendUvarint(q.begin(opVisibility), m.number)
		q.write(binary.AppendVarint(b, m.due))
	}
}

func (q *Queue) logDelete(m *Message) {
	if q.log != nil {
		q.write(binary.AppendUvarint(q.begin(opDelete), m.number))
	}
}

func (q *Queue) logPurge() {
	if q.log != nil {
		q.write(binary.AppendUvarint(q.begin(opPurge), q.number))
	}
}

func appendReceive(b []byte, m *Message) []byte {
	b = binary.AppendUvarint(b, uint64(m.receives))
	b = binary.AppendUvarint(b, uint64(m.handles))
	b = binary.AppendVarint(b, m.first)
	b = binary.AppendVarint(b, m.received)
	return binary.AppendVarint(b, m.due)
}

// appendPut writes all of a message; fresh says that it is new in the queue.
func (q *Queue) appendPut(b []byte, m *Message, fresh bool) []byte {
	var flags byte
	if fresh && q.fifo != nil {
		flags = flagRemember
		if q.config.GroupScope {
			flags |= flagRememberGroup
		}
	}
	at := m.state
	if at == moving {
		at = visible
	}
	b = append(b, flags, byte(at))
	b = binary.AppendUvarint(b, m.number)
	b = binary.AppendVarint(b, m.Sent)
	b = binary.AppendUvarint(b, uint64(m.base))
	b = appendReceive(b, m)
	return appendContent(b, &m.Content)
}

func appendContent(b []byte, c *Content) []byte {
	b = append(append(b, c.ID[:]...), c.MD5[:]...)
	b = appendText(appendText(b, c.Body), c.Sender)
	if c.Extra == noExtra {
		return append(b, 0)
	}
	b = append(b, 1)
	for _, text := range [...]string{c.Trace, c.Group, c.Dedup, c.DeadSource} {
		b = appendText(b, text)
	}
	b = binary.AppendUvarint(b, c.Sequence)
	b = binary.AppendUvarint(b, uint64(len(c.Attributes)))
	for i := range c.Attributes {
		a := &c.Attributes[i]
		b = appendText(appendText(appendText(b, a.Name), a.Type), a.Value)
		b = append(b, bit(a.Binary))
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func bit(v bool) byte {
	if v {
		return 1
	}
	return 0
}

// Snapshot passes records to write that make an empty queue what this one is at some moment during
// the call. The slice is valid during the call of write only. Others can use the queue meanwhile.
func (q *Queue) Snapshot(write func(record []byte)) {
	q.mu.Lock()
	messages := make([]*Message, 0, q.counts[visible]+q.counts[inFlight]+q.counts[delayed])
	for m := q.ages.head; m != nil; m = m.nextAge {
		messages = append(messages, m)
	}
	messages = append(messages, q.ages.late.items...)
	var seen []*sighting
	if q.fifo != nil {
		seen = append(seen, q.fifo.seen.order...)
	}
	write(binary.AppendUvarint(q.begin(opNumber), q.number))
	q.mu.Unlock()
	for _, s := range seen {
		write(q.appendSeen(s))
	}
	const chunk = 256
	var buffer []byte
	var ends []int
	for len(messages) > 0 {
		part := messages[:min(chunk, len(messages))]
		messages = messages[len(part):]
		buffer, ends = q.encode(buffer[:0], ends[:0], part)
		begin := 0
		for _, end := range ends {
			write(buffer[begin:end])
			begin = end
		}
	}
}

// encode writes records of those messages that are still in the queue, one behind the other.
func (q *Queue) encode(b []byte, ends []int, messages []*Message) ([]byte, []int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range messages {
		if m.state == gone {
			continue
		}
		b = binary.BigEndian.AppendUint64(append(b, opPut), q.id)
		b = q.appendPut(b, m, false)
		ends = append(ends, len(b))
	}
	return b, ends
}

func (q *Queue) appendSeen(s *sighting) []byte {
	b := binary.BigEndian.AppendUint64([]byte{opSeen}, q.id)
	b = appendText(appendText(b, s.key.group), s.key.id)
	b = append(b, s.message[:]...)
	b = binary.AppendUvarint(b, s.sequence)
	return binary.AppendVarint(b, s.at)
}
