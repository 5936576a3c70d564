package queue

import (
	"context"
	"time"
)

// waiter is a receiver that waits. Its result and added are set under the queue's lock before done
// is closed.
type waiter struct {
	req  Request
	ctx  context.Context // of the request: a receiver that is gone is passed over
	done chan struct{}

	result     []Delivery
	added      uint64
	prev, next *waiter
	queued     bool
}

// waiters is a list of receivers in the order in which they came.
type waiters struct{ head, tail *waiter }

func (l *waiters) push(w *waiter) {
	w.prev, w.queued = l.tail, true
	if l.tail == nil {
		l.head = w
	} else {
		l.tail.next = w
	}
	l.tail = w
}

func (l *waiters) remove(w *waiter) {
	if !w.queued {
		return
	}
	if w.prev == nil {
		l.head = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		l.tail = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.prev, w.next, w.queued = nil, nil, false
}

// wait returns what w is given, or nothing when its time is over. Messages are handed to exactly one
// receiver each, by whoever makes them visible, so that none wakes in vain.
func (q *Queue) wait(w *waiter) ([]Delivery, error) {
	over := make(chan struct{})
	timer := q.clock.After(w.req.Wait, func() { close(over) })
	defer timer.Stop()
	select {
	case <-w.done:
	case <-w.ctx.Done():
	case <-over:
	}
	q.mu.Lock()
	q.waiters.remove(w)
	result, added := w.result, w.added
	q.mu.Unlock()
	if err := w.ctx.Err(); err != nil && len(result) == 0 {
		return nil, err
	}
	return q.handOver(w.ctx, result, added)
}

// serve gives visible messages to those who wait. The lock is held.
func (q *Queue) serve(now int64) {
	for w := q.waiters.head; w != nil; w = q.waiters.head {
		if w.ctx.Err() == nil {
			w.result = q.take(now, &w.req)
			if len(w.result) == 0 {
				break
			}
		}
		w.added = q.added
		q.waiters.remove(w)
		close(w.done)
	}
	q.arm()
}

// arm sets the timer to the next moment at which a message becomes visible, if anyone waits for it.
func (q *Queue) arm() {
	next := q.nextDue()
	if q.waiters.head == nil || next == 0 || q.closed {
		return // a timer that fires for nothing does no harm
	}
	if q.armed != 0 && q.armed <= next {
		return
	}
	q.armed = next
	at := time.Unix(0, next)
	if q.timer == nil {
		q.timer = q.clock.At(at, q.tick)
		return
	}
	q.timer.Reset(at)
}

func (q *Queue) tick() {
	q.mu.Lock()
	q.armed = 0
	now := q.clock.Now().UnixNano()
	q.advance(now)
	q.leave(now)
}
