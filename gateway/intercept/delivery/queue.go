package delivery

import (
	"errors"
	"slices"
)

// entry is a message in a queue.
type entry struct {
	id      uint64
	message Message
}

// queue is the messages of one target, oldest first: those in memory, then those on disk. Its owner's
// lock guards it.
type queue struct {
	name    string
	memory  int
	ready   []entry
	head    int // ready[:head] is taken
	spill   spill
	groups  map[string][]entry // groups with a message under way, and what waits behind it
	waiting int                // messages in groups
	workers int
}

var errFull = errors.New("the target's queue is full")

func newQueue(o Options, name string) *queue {
	return &queue{name: name, memory: o.Memory, spill: spill{dir: o.Dir, limit: o.Disk}}
}

func (q *queue) push(e entry) error {
	if q.spill.count == 0 && len(q.ready)-q.head+q.waiting < q.memory {
		q.ready = append(q.ready, e)
		return nil
	}
	return q.spill.push(e)
}

// pop takes the next message whose group has none under way.
func (q *queue) pop() (entry, bool, error) {
	for {
		e, ok, err := q.oldest()
		if !ok || e.message.Group == "" {
			return e, ok, err
		}
		behind, busy := q.groups[e.message.Group]
		if !busy {
			if q.groups == nil {
				q.groups = make(map[string][]entry)
			}
			q.groups[e.message.Group] = nil
			return e, true, nil
		}
		q.groups[e.message.Group] = append(behind, e)
		if q.waiting++; q.waiting >= q.memory {
			return entry{}, false, nil // a worker that ends its group takes up the next
		}
	}
}

func (q *queue) oldest() (entry, bool, error) {
	if q.head < len(q.ready) {
		e := q.ready[q.head]
		q.ready[q.head] = entry{}
		if q.head++; q.head == len(q.ready) {
			q.ready, q.head = q.ready[:0], 0
		}
		return e, true, nil
	}
	return q.spill.pop()
}

// release ends the delivery of an entry: what waits behind it in its group comes first now.
func (q *queue) release(e entry) {
	if e.message.Group == "" {
		return
	}
	behind := q.groups[e.message.Group]
	delete(q.groups, e.message.Group)
	if len(behind) > 0 {
		q.waiting -= len(behind)
		q.ready = slices.Concat(behind, q.ready[q.head:])
		q.head = 0
	}
}

func (q *queue) empty() bool { return q.head == len(q.ready) && q.waiting == 0 && q.spill.count == 0 }

// clear takes out all that is not under way.
func (q *queue) clear() []entry {
	var all []entry
	for {
		e, ok, err := q.oldest()
		if !ok || err != nil {
			break
		}
		all = append(all, e)
	}
	for group, behind := range q.groups {
		all = append(all, behind...)
		q.groups[group] = nil
	}
	q.waiting = 0
	return all
}

func (q *queue) close() error { return q.spill.close() }
