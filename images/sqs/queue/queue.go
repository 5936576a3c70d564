package queue

import (
	"sync"
	"time"

	"localcloud/internal/clock"
)

// Limits of messages in flight. A standard queue answers with OverLimit beyond; a FIFO queue returns
// no more messages.
const maxInFlight = 120_000

// sweep bounds how many messages one entry into the queue makes due, so that a million delays that
// end at the same moment do not hold the lock for long.
const sweep = 1024

// Config is what a queue's attributes mean to the engine.
type Config struct {
	FIFO       bool
	Delay      time.Duration // of messages that have none of their own
	Visibility time.Duration // of receives that ask for none
	Retention  time.Duration // age at which a message disappears
	GroupScope bool          // FIFO: deduplication ids count within a message group

	// MaxReceives is how many times a message is received before it becomes a dead letter; 0: it never does.
	MaxReceives int
	// DeadLetters finds the queue for dead letters, nil while there is none; messages then stay. It is
	// called under the queue's lock and must not use any queue.
	DeadLetters func() *Queue
	ARN         string // of this queue, for the dead letters that come from it
}

// Counts are the numbers of messages that a queue reports of itself.
type Counts struct{ Visible, InFlight, Delayed int }

// Queue is one queue. Safe for concurrent use.
type Queue struct {
	id    uint64
	clock *clock.Clock
	log   *Log

	mu       sync.Mutex
	config   Config
	closed   bool
	number   uint64 // of the latest message
	added    uint64 // sequence number of the latest record in the log
	record   []byte // scratch for records
	counts   [states]int
	ready    list // visible and never received, in order of arrival; standard queues only
	returned heap // visible again, or after a delay; standard queues only
	delayed  heap
	flying   heap
	ages     ages
	received map[uint64]*Message // those that receipt handles exist of, by number
	peak     int                 // of len(received); maps keep the size they once had
	fifo     *fifo               // nil for standard queues
	waiters  waiters
	timer    *clock.Timer // fires at armed, while receivers wait
	armed    int64        // 0: not armed
	dead     []deadLetter // found under the lock, buried after it
}

// New makes an empty queue. The id must be unique among all queues that ever share the log.
func New(id uint64, clk *clock.Clock, log *Log, config Config) *Queue {
	q := &Queue{
		id: id, clock: clk, log: log, config: config,
		returned: byNumber(), delayed: byDue(), flying: byDue(), ages: ages{late: bySent()},
		received: make(map[uint64]*Message),
	}
	if config.FIFO {
		q.fifo = newFIFO()
	}
	return q
}

// ID is the number the queue was made with.
func (q *Queue) ID() uint64 { return q.id }

// Configure changes the configuration. FIFO must stay as it was. Retention counts for the messages
// that are there, and so does, in a FIFO queue, the delay.
func (q *Queue) Configure(config Config) {
	now := q.enter()
	retroactive := q.fifo != nil && config.Delay != q.config.Delay
	q.config = config
	if retroactive {
		for _, m := range append([]*Message(nil), q.delayed.items...) {
			m.due = m.Sent + int64(config.Delay)
			q.delayed.fix(m)
		}
	}
	q.leave(now)
}

// Replayed changes the configuration of a queue that is being replayed.
func (q *Queue) Replayed(config Config) { q.config = config }

// Counts tells how many messages there are.
func (q *Queue) Counts() Counts {
	for {
		now := q.enter()
		counts := Counts{q.counts[visible], q.counts[inFlight], q.counts[delayed]}
		swept := !q.due(now)
		q.leave(now)
		if swept {
			return counts
		}
	}
}

// Purge removes all messages, and what is known of duplicates.
func (q *Queue) Purge() error {
	now := q.enter()
	for m := q.ages.oldest(); m != nil; m = q.ages.oldest() {
		q.drop(m)
	}
	if q.fifo != nil {
		q.fifo.forget()
	}
	q.logPurge()
	added := q.added
	q.leave(now)
	return q.log.Wait(added)
}

// Close ends waiting receives with nothing and refuses all that comes after; it is what happens to a
// queue that is deleted, and to all at the end of the process.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for w := q.waiters.head; w != nil; w = q.waiters.head {
		q.waiters.remove(w)
		close(w.done)
	}
	if q.timer != nil {
		q.timer.Stop()
	}
}

// enter takes the lock and lets everything come due that has. Each enter ends with leave.
func (q *Queue) enter() int64 {
	q.mu.Lock()
	now := q.clock.Now().UnixNano()
	q.advance(now)
	return now
}

// leave hands out what receivers wait for, gives the lock back and moves the dead letters.
func (q *Queue) leave(now int64) { bury(q.release(now)) }

// release is leave without the last step: the caller must bury what it returns.
func (q *Queue) release(now int64) []deadLetter {
	q.serve(now)
	dead := q.dead
	q.dead = nil
	q.mu.Unlock()
	return dead
}

// due reports whether something has come due and is not dealt with.
func (q *Queue) due(now int64) bool {
	if m := q.ages.oldest(); m != nil && q.expires(m) <= now {
		return true
	}
	next := q.nextDue()
	return next != 0 && next <= now
}

// advance ends delays, visibility timeouts and lives that are over at now.
func (q *Queue) advance(now int64) {
	for range sweep {
		m := q.ages.oldest()
		if m == nil || q.expires(m) > now {
			break
		}
		q.logDelete(m) // or it would be back if the retention were longer at the next start
		q.drop(m)
	}
	for range sweep {
		m := q.delayed.top()
		if m == nil || m.due > now {
			break
		}
		q.show(m)
	}
	for range sweep {
		m := q.flying.top()
		if m == nil || m.due > now {
			break
		}
		q.show(m)
	}
	if q.fifo != nil {
		q.fifo.expire(now)
	}
}

func (q *Queue) expires(m *Message) int64 { return m.Sent + int64(q.config.Retention) }

// nextDue is when the next message becomes visible, 0 for never.
func (q *Queue) nextDue() int64 {
	var next int64
	for _, m := range [...]*Message{q.delayed.top(), q.flying.top()} {
		if m != nil && (next == 0 || m.due < next) {
			next = m.due
		}
	}
	return next
}

// insert takes a message in that has its Sent and number.
func (q *Queue) insert(m *Message, to state) {
	q.ages.add(m)
	if q.fifo != nil {
		q.fifo.join(m)
	}
	q.enlist(m, to)
}

// enlist puts a message that is in no state into one.
func (q *Queue) enlist(m *Message, to state) {
	m.state = to
	q.counts[to]++
	switch {
	case to == delayed:
		q.delayed.push(m)
	case to == inFlight:
		q.flying.push(m)
	case q.fifo != nil: // the group knows where it stands
	case m.returned:
		q.returned.push(m)
	default:
		q.ready.push(m)
	}
	if q.fifo != nil {
		q.fifo.refresh(m.group)
	}
}

// delist takes a message out of its state.
func (q *Queue) delist(m *Message) {
	q.counts[m.state]--
	switch {
	case m.state == delayed:
		q.delayed.remove(m)
	case m.state == inFlight:
		q.flying.remove(m)
	case q.fifo != nil:
	case m.returned:
		q.returned.remove(m)
	default:
		q.ready.remove(m)
	}
	m.state = gone
}

// show makes a delayed message, or one in flight, visible. It is returned to the place in the order
// that it had when it was sent.
func (q *Queue) show(m *Message) {
	q.delist(m)
	m.returned = true
	q.enlist(m, visible)
}

// drop removes a message for good.
func (q *Queue) drop(m *Message) {
	if m.state != moving {
		q.delist(m)
	}
	m.state = gone
	q.ages.remove(m)
	if m.handles > 0 {
		q.peak = max(q.peak, len(q.received))
		delete(q.received, m.number)
		if len(q.received) == 0 && q.peak > 1024 {
			q.received, q.peak = make(map[uint64]*Message), 0
		}
	}
	if q.fifo != nil {
		q.fifo.part(m)
	}
}
