package queue

import (
	"context"
	"time"
)

// Request is what a receiver asks for.
type Request struct {
	Max        int           // 1 to 10, or more where the caller allows it
	Visibility time.Duration // negative: the queue's
	Wait       time.Duration // how long to wait for the first message
	Attempt    string        // ReceiveRequestAttemptId of FIFO queues, "" for none
}

// Delivery is a message as one receive returns it.
type Delivery struct {
	*Message             // only what is fixed may be read: Content, Sent, Sequence
	Receives      uint32 // how many times it was received, this one included
	FirstReceived int64  // nanoseconds since 1970
	receipt       receipt
}

// Handle is the receipt handle of this receive.
func (d *Delivery) Handle() string { return d.receipt.String() }

// Receive returns up to req.Max messages and makes them invisible. Where there is none it waits until
// one comes, req.Wait is over, or ctx is done; receivers are served in the order in which they came.
// A receive whose ctx is done returns ctx's error, and its messages stay in the queue as if it had
// never been.
func (q *Queue) Receive(ctx context.Context, req Request) ([]Delivery, error) {
	now := q.enter()
	if err := q.refuses(ctx); err != nil {
		q.leave(now)
		return nil, err
	}
	var deliveries []Delivery
	if q.waiters.head == nil { // else what there is belongs to those who wait
		deliveries = q.take(now, &req)
	}
	if len(deliveries) == 0 && q.overLimit() {
		q.leave(now)
		return nil, ErrOverLimit
	}
	if len(deliveries) > 0 || req.Wait <= 0 {
		added := q.added
		q.leave(now)
		return q.handOver(ctx, deliveries, added)
	}
	w := &waiter{req: req, ctx: ctx, done: make(chan struct{})}
	q.waiters.push(w)
	q.leave(now)
	return q.wait(w)
}

func (q *Queue) refuses(ctx context.Context) error {
	if q.closed {
		return ErrClosed
	}
	return ctx.Err()
}

func (q *Queue) overLimit() bool { return q.fifo == nil && q.counts[inFlight] >= maxInFlight }

// handOver returns deliveries to their receiver once they are journalled, or undoes them where it is gone.
func (q *Queue) handOver(ctx context.Context, deliveries []Delivery, added uint64) ([]Delivery, error) {
	if err := q.log.Wait(added); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil && len(deliveries) > 0 {
		q.undo(deliveries)
		return nil, err
	}
	return deliveries, nil
}

// take delivers what is visible. The lock is held.
func (q *Queue) take(now int64, req *Request) []Delivery {
	visibility := req.Visibility
	if visibility < 0 {
		visibility = q.config.Visibility
	}
	if q.fifo != nil {
		return q.takeFIFO(now, req, visibility)
	}
	var out []Delivery
	for len(out) < req.Max && q.counts[inFlight] < maxInFlight {
		m := q.first()
		if m == nil {
			break
		}
		if !q.die(m) {
			out = append(out, q.deliver(m, now, visibility))
		}
	}
	return out
}

// first is the visible message of a standard queue that was sent first.
func (q *Queue) first() *Message {
	fresh, returned := q.ready.head, q.returned.top()
	if returned == nil || fresh != nil && fresh.number < returned.number {
		return fresh
	}
	return returned
}

// deliver makes a visible message invisible and gives out a receipt.
func (q *Queue) deliver(m *Message, now int64, visibility time.Duration) Delivery {
	q.delist(m)
	if m.first == 0 {
		m.first = now
	}
	m.received, m.due = now, now+int64(visibility)
	m.receives++
	m.handles++
	q.received[m.number] = m
	q.enlist(m, inFlight)
	q.logReceive(m)
	return Delivery{
		Message: m, Receives: m.receives, FirstReceived: m.first,
		receipt: receipt{queue: q.id, number: m.number, handle: m.handles},
	}
}

// undo takes back what a receiver that is gone was given.
func (q *Queue) undo(deliveries []Delivery) {
	now := q.enter()
	for i := range deliveries {
		d := &deliveries[i]
		m := q.received[d.number]
		if m == nil || m.handles != d.receipt.handle || m.state != inFlight {
			continue
		}
		m.receives--
		if m.receives == 0 {
			m.first = 0
		}
		m.due = now
		q.logReceive(m)
		q.show(m)
	}
	q.leave(now)
}
