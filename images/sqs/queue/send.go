package queue

import (
	"errors"
	"time"
)

// Errors of a queue. Those of single receipts are in change.go.
var (
	// ErrClosed is returned by a queue that was deleted.
	ErrClosed = errors.New("queue: deleted")
	// ErrOverLimit is returned by a receive on a standard queue with too many messages in flight.
	ErrOverLimit = errors.New("queue: too many messages in flight")
)

// DelayBy gives a message that is not yet sent a delay of its own.
func (m *Message) DelayBy(d time.Duration) {
	m.due, m.state = int64(d), delayed
}

// Send puts messages into the queue, in their order. A message whose deduplication id was seen
// within the last five minutes is not put in: it gets the ID and the Sequence of the first one. The
// messages of a FIFO queue need an Extra of their own.
func (q *Queue) Send(messages ...*Message) error {
	now := q.enter()
	if q.closed {
		q.leave(now)
		return ErrClosed
	}
	for _, m := range messages {
		q.send(m, now)
	}
	added := q.added
	q.leave(now)
	return q.log.Wait(added)
}

func (q *Queue) send(m *Message, now int64) {
	delay := int64(q.config.Delay)
	if m.state == delayed {
		delay = m.due
	}
	m.Sent, m.due, m.state = now, 0, gone
	if m.Extra == nil {
		m.Extra = noExtra
	}
	if q.fifo != nil && q.fifo.duplicate(m, q.config.GroupScope) {
		return
	}
	q.admit(m)
	if delay > 0 {
		m.due = now + delay
		q.insert(m, delayed)
	} else {
		q.insert(m, visible)
	}
	q.logPut(m)
}

// admit gives a message its number and, in a FIFO queue, its sequence number.
func (q *Queue) admit(m *Message) {
	q.number++
	m.number = q.number
	if q.fifo != nil {
		m.Sequence = sequenceBase + q.number*sequenceStep
		q.fifo.remember(m, q.config.GroupScope)
	}
}

// AWS's sequence numbers have twenty digits and are not consecutive.
const (
	sequenceBase = 10_000_000_000_000_000_000
	sequenceStep = 256
)
