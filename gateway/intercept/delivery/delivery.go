// Package delivery carries messages from glue to their targets in the background. Each target (a
// subscription, a bucket's destination) has a queue of its own with its own workers, so that a slow or
// dead one harms no other. A queue is bounded in memory, spills to disk, and past the disk's bound
// gives messages up, which is logged and counted. With persistence every message is journalled before
// Add returns and is delivered again after a kill until its delivery is done: at least once.
package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"localcloud/internal/journal"
)

// Message is something on its way to a target.
type Message struct {
	Target  string // names the queue
	Group   string // messages of one group keep their order; "" for none
	Payload []byte // what Options.Deliver gets; not kept by it
}

// Verdict is what became of an attempt.
type Verdict uint8

// The verdicts.
const (
	Done  Verdict = iota
	Retry         // later, as Options.Backoff says
	Give          // it will never succeed: to Options.GiveUp
)

// Options is how messages are delivered.
type Options struct {
	// Dir holds spilled messages and, with Persist, the journal.
	Dir     string
	Persist bool
	Log     *slog.Logger
	// Deliver makes one attempt. The error says why it did not succeed.
	Deliver func(ctx context.Context, m Message) (Verdict, error)
	// Backoff is how long to wait before attempt n (2 is the first repetition); ok is false when enough
	// were made.
	Backoff func(m Message, attempt int) (wait time.Duration, ok bool)
	// GiveUp takes a message that could not be delivered to its dead-letter queue, if it has one; dead
	// says whether it is kept there.
	GiveUp func(ctx context.Context, m Message, cause error) (dead bool)
	// Observe sees the end of each attempt; nil for nobody.
	Observe func(m Message, attempt int, v Verdict, err error)
	// Memory is how many messages a queue holds in memory, 0 for 1,000; Disk how many bytes more it may
	// spill, 0 for 256 MiB; Workers how many deliveries a queue has under way at once, 0 for 8.
	Memory  int
	Disk    int64
	Workers int
}

// Queues is all queues of one kind of glue. Safe for concurrent use.
type Queues struct {
	options Options
	log     *journal.Log // nil without persistence

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu      sync.Mutex
	queues  map[string]*queue
	next    uint64 // id of the next message
	pending int
	idle    sync.Cond // pending has become 0
	closed  bool

	delivered, dropped, dead atomic.Int64
}

// Counts is what has become of all messages so far.
type Counts struct {
	Delivered, DeadLettered, Dropped int64
	Pending                          int
}

// ErrClosed is returned by Add after Close.
var ErrClosed = errors.New("deliveries are closed")

// Open returns queues that hold what an earlier process left undelivered.
func Open(options Options) (*Queues, error) {
	if options.Memory == 0 {
		options.Memory = 1000
	}
	if options.Disk == 0 {
		options.Disk = 256 << 20
	}
	if options.Workers == 0 {
		options.Workers = 8
	}
	q := &Queues{options: options, queues: make(map[string]*queue)}
	q.idle.L = &q.mu
	q.ctx, q.cancel = context.WithCancel(context.Background())
	if err := os.MkdirAll(options.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("open deliveries: %w", err)
	}
	if err := removeSpills(options.Dir); err != nil {
		return nil, fmt.Errorf("open deliveries: %w", err)
	}
	if options.Persist {
		if err := q.recover(); err != nil {
			return nil, err
		}
	}
	return q, nil
}

// recover takes up what the journal says is not delivered.
func (q *Queues) recover() error {
	left := make(map[uint64]Message)
	var order []uint64
	log, report, err := journal.Open(filepath.Join(q.options.Dir, "journal"), func(record []byte) error {
		id, m, added, err := decodeRecord(record)
		switch {
		case err != nil:
			return err
		case added:
			left[id] = m
			order = append(order, id)
		default:
			delete(left, id)
		}
		q.next = max(q.next, id+1)
		return nil
	})
	if err != nil {
		return fmt.Errorf("open deliveries: %w", err)
	}
	if report.Dropped > 0 {
		q.options.Log.Warn("journal of deliveries ended in a torn record", "bytes", report.Dropped)
	}
	q.log = log
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, id := range order {
		if m, ok := left[id]; ok {
			q.enqueue(entry{id: id, message: m})
		}
	}
	return nil
}

// Add puts messages into their queues and returns once they are safe. What a queue has no room for
// is given up at once, with a log line.
func (q *Queues) Add(messages ...Message) error {
	if len(messages) == 0 {
		return nil
	}
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return ErrClosed
	}
	var sequence uint64
	for _, m := range messages {
		e := entry{id: q.next, message: m}
		q.next++
		if q.log != nil {
			sequence = q.log.Add(encodeAdd(e.id, m))
		}
		q.enqueue(e)
	}
	q.mu.Unlock()
	if q.log == nil {
		return nil
	}
	return q.log.Wait(sequence)
}

// Counts tells what has become of all messages.
func (q *Queues) Counts() Counts {
	q.mu.Lock()
	defer q.mu.Unlock()
	return Counts{Delivered: q.delivered.Load(), DeadLettered: q.dead.Load(), Dropped: q.dropped.Load(), Pending: q.pending}
}

// Forget drops all that is queued for a target; what is under way goes on.
func (q *Queues) Forget(name string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if target := q.queues[name]; target != nil {
		for _, e := range target.clear() {
			q.pending--
			if q.log != nil {
				q.log.Add(encodeDone(e.id))
			}
		}
	}
}

// Flush waits until nothing is pending, or ctx ends.
func (q *Queues) Flush(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.idle.Broadcast()
	})
	defer stop()
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.pending > 0 && ctx.Err() == nil {
		q.idle.Wait()
	}
	return ctx.Err()
}

// Close ends deliveries that are under way and waits for them. With persistence what is left is
// delivered by the next process, without it is lost; Flush before to avoid that.
func (q *Queues) Close() error {
	q.mu.Lock()
	q.closed = true
	left := q.pending
	q.mu.Unlock()
	q.cancel()
	q.work.Wait()
	var errs []error
	q.mu.Lock()
	for _, target := range q.queues {
		errs = append(errs, target.close())
	}
	q.mu.Unlock()
	if q.log != nil {
		return errors.Join(append(errs, q.log.Close())...)
	}
	if left > 0 {
		q.options.Log.Warn("undelivered messages are lost", "messages", left)
	}
	return errors.Join(errs...)
}
