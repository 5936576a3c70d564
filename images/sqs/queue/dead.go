package queue

import "errors"

// ErrNoDestination is returned by Move for a message that has nowhere to go.
var ErrNoDestination = errors.New("queue: no destination")

// deadLetter is a message that leaves a queue for another.
type deadLetter struct {
	from    *Queue
	message *Message // in state moving
	to      *Queue
	content Content // as it arrives
	redrive bool    // a new message with a new life, not a dead letter
}

// die makes a visible message a dead letter if it was received too often. The lock is held.
func (q *Queue) die(m *Message) bool {
	if q.config.MaxReceives == 0 || int(m.receives-m.base) < q.config.MaxReceives {
		return false
	}
	to := q.config.DeadLetters()
	if to == nil || to == q {
		return false
	}
	q.depart(deadLetter{from: q, message: m, to: to, content: m.Content.from(q.config.ARN)})
	return true
}

// depart takes a visible message out of circulation until it is buried.
func (q *Queue) depart(d deadLetter) {
	m := d.message
	q.delist(m)
	m.state = moving
	if q.fifo != nil {
		q.fifo.part(m)
	}
	q.dead = append(q.dead, d)
}

// bury moves messages to their new queues, and those that die there because of it, and so on. No
// lock is held: each message is first taken into its new queue, which journals the whole move, and
// then forgotten by the old one.
func bury(dead []deadLetter) {
	for len(dead) > 0 {
		d := dead[0]
		dead = append(dead[1:], d.bury()...)
	}
}

func (d *deadLetter) bury() []deadLetter {
	done := d.from.log.moving()
	defer done()
	more, adopted := d.to.adopt(d)
	q := d.from
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case d.message.state != moving: // purged or expired meanwhile
	case adopted:
		q.drop(d.message)
	default: // the other queue was deleted meanwhile
		if q.fifo != nil {
			q.fifo.join(d.message)
		}
		d.message.returned = true
		q.enlist(d.message, visible)
	}
	return more
}

// adopt takes in a message of another queue, and reports false where q is deleted.
func (q *Queue) adopt(d *deadLetter) (dead []deadLetter, adopted bool) {
	now := q.enter()
	if q.closed {
		return q.release(now), false
	}
	old := d.message
	m := &Message{Content: d.content, Sent: old.Sent, receives: old.receives, base: old.receives, first: old.first}
	if d.redrive {
		m.receives, m.base, m.first = 0, 0, 0
	}
	if d.redrive || q.fifo != nil {
		m.Sent = now
	}
	if q.fifo != nil { // it gets a sequence number of its own
		extra := *m.Extra
		m.Extra = &extra
	}
	q.admit(m)
	q.insert(m, visible)
	q.logMove(d.from.id, old.number, m)
	return q.release(now), true
}

// Move moves the first visible message to the queue that destination names for the ARN its content
// has as DeadSource. There it is a new message with the id that newID makes. It reports false where
// no message is visible, and ErrNoDestination where destination returns nil; the message then stays.
// Destination is called under the lock and must not use any queue.
func (q *Queue) Move(destination func(source string) *Queue, newID func() ID) (bool, error) {
	now := q.enter()
	if q.closed {
		q.leave(now)
		return false, ErrClosed
	}
	m := q.first()
	if q.fifo != nil {
		m = q.fifo.first()
	}
	if m == nil {
		q.leave(now)
		return false, nil
	}
	to := destination(m.DeadSource)
	if to == nil || to == q {
		q.leave(now)
		return false, ErrNoDestination
	}
	content := m.Content.from("")
	content.ID = newID()
	q.depart(deadLetter{from: q, message: m, to: to, content: content, redrive: true})
	q.leave(now)
	to.mu.Lock()
	added := to.added
	to.mu.Unlock()
	return true, q.log.Wait(added)
}
