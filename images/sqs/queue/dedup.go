package queue

import "time"

// interval is how long a FIFO queue remembers deduplication ids and receive attempts.
const interval = 5 * time.Minute

// dedupKey is a deduplication id, and the group within which it counts, "" for the whole queue.
type dedupKey struct{ group, id string }

// sighting is the first message with a deduplication id.
type sighting struct {
	key      dedupKey
	message  ID
	sequence uint64
	at       int64
}

// deduplication remembers which deduplication ids were seen, even after their messages are deleted.
type deduplication struct {
	entries map[dedupKey]*sighting
	order   []*sighting // by time
}

func (d *deduplication) add(s *sighting) {
	d.entries[s.key] = s
	d.order = append(d.order, s)
}

func (d *deduplication) find(key dedupKey, now int64) *sighting {
	s := d.entries[key]
	if s == nil || s.at+int64(interval) <= now {
		return nil
	}
	return s
}

func (d *deduplication) expire(now int64) {
	for range sweep {
		if len(d.order) == 0 || d.order[0].at+int64(interval) > now {
			return
		}
		old := d.order[0]
		d.order[0] = nil
		d.order = d.order[1:]
		if d.entries[old.key] == old {
			delete(d.entries, old.key)
		}
	}
}

// duplicate reports whether m's deduplication id was seen, and if so gives m the identity of the
// first message. Ids that were seen while they counted for the whole queue go on doing so after the
// scope is narrowed to groups; the other way round they do not.
func (f *fifo) duplicate(m *Message, groupScope bool) bool {
	first := f.seen.find(dedupKey{id: m.Dedup}, m.Sent)
	if first == nil && groupScope {
		first = f.seen.find(dedupKey{m.Group, m.Dedup}, m.Sent)
	}
	if first == nil {
		return false
	}
	m.ID, m.Sequence = first.message, first.sequence
	return true
}

// remember notes the deduplication id of a message that is put into the queue.
func (f *fifo) remember(m *Message, groupScope bool) {
	key := dedupKey{id: m.Dedup}
	if groupScope {
		key.group = m.Group
	}
	f.seen.add(&sighting{key: key, message: m.ID, sequence: m.Sequence, at: m.Sent})
}
