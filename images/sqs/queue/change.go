package queue

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
	"time"
)

// Errors of one receipt handle.
var (
	// ErrReceipt: the text is no receipt handle of this queue.
	ErrReceipt = errors.New("queue: not a receipt handle of this queue")
	// ErrExpired: FIFO only; the visibility timeout of the receive is over, or the message was
	// received again.
	ErrExpired = errors.New("queue: receipt handle has expired")
	// ErrNotAvailable: the message is deleted, so that its visibility cannot be changed.
	ErrNotAvailable = errors.New("queue: message does not exist")
	// ErrBeyondLimit: the message would be in flight for longer than twelve hours after its receive.
	ErrBeyondLimit = errors.New("queue: visibility timeout beyond the limit")
)

// MaxVisibility is how long a message can be in flight after a receive.
const MaxVisibility = 12 * time.Hour

// receipt says which receive of which message a handle stands for.
type receipt struct {
	queue, number uint64
	handle        uint32
}

const (
	receiptPrefix = "AQEB"
	receiptLength = 24
)

// String writes the receipt handle.
func (r receipt) String() string {
	var raw [receiptLength]byte
	binary.BigEndian.PutUint64(raw[0:], r.queue)
	binary.BigEndian.PutUint64(raw[8:], r.number)
	binary.BigEndian.PutUint32(raw[16:], r.handle)
	binary.BigEndian.PutUint32(raw[20:], crc32.ChecksumIEEE(raw[:20]))
	var text [len(receiptPrefix) + receiptLength*4/3]byte
	copy(text[:], receiptPrefix)
	base64.StdEncoding.Encode(text[len(receiptPrefix):], raw[:])
	return string(text[:])
}

func (q *Queue) parse(handle string) (receipt, error) {
	var raw [receiptLength]byte
	text, ok := strings.CutPrefix(handle, receiptPrefix)
	if !ok || len(text) != receiptLength*4/3 {
		return receipt{}, ErrReceipt
	}
	if n, err := base64.StdEncoding.Strict().Decode(raw[:], []byte(text)); err != nil || n != receiptLength {
		return receipt{}, ErrReceipt
	}
	r := receipt{
		queue: binary.BigEndian.Uint64(raw[0:]), number: binary.BigEndian.Uint64(raw[8:]),
		handle: binary.BigEndian.Uint32(raw[16:]),
	}
	if r.queue != q.id || crc32.ChecksumIEEE(raw[:20]) != binary.BigEndian.Uint32(raw[20:]) {
		return receipt{}, ErrReceipt
	}
	return r, nil
}

// Delete removes the messages of receipt handles and returns an error for each (nil, ErrReceipt,
// ErrExpired), and one for the whole. A message that is deleted already is no error. Any handle that
// was ever given out for a message of a standard queue deletes it; in a FIFO queue only the latest,
// as long as the message is in flight.
func (q *Queue) Delete(handles ...string) ([]error, error) {
	return q.change(len(handles), func(now int64, i int) error {
		m, err := q.find(handles[i])
		if m != nil {
			q.logDelete(m)
			q.drop(m)
		}
		return err
	})
}

// Change is a new visibility timeout, counted from now, for the message of a receipt handle.
type Change struct {
	Handle     string
	Visibility time.Duration
}

// ChangeVisibility changes visibility timeouts and returns an error for each (nil, ErrReceipt,
// ErrNotAvailable, ErrBeyondLimit), and one for the whole. In a standard queue a message that is
// visible again becomes invisible.
func (q *Queue) ChangeVisibility(changes ...Change) ([]error, error) {
	return q.change(len(changes), func(now int64, i int) error {
		m, err := q.find(changes[i].Handle)
		if errors.Is(err, ErrExpired) || m == nil && err == nil {
			return ErrNotAvailable
		}
		if err != nil {
			return err
		}
		due := now + int64(changes[i].Visibility)
		if due > m.received+int64(MaxVisibility) {
			return ErrBeyondLimit
		}
		q.hide(m, now, due)
		return nil
	})
}

// hide keeps a message invisible until due.
func (q *Queue) hide(m *Message, now, due int64) {
	if m.state == visible {
		if due <= now {
			return
		}
		q.delist(m)
		m.due = due
		q.enlist(m, inFlight)
	} else {
		m.due = due
		q.flying.fix(m)
	}
	q.logVisibility(m)
	if due <= now {
		q.show(m)
	}
}

// change runs f for each of n receipts under the lock.
func (q *Queue) change(n int, f func(now int64, i int) error) ([]error, error) {
	now := q.enter()
	if q.closed {
		q.leave(now)
		return nil, ErrClosed
	}
	errs := make([]error, n)
	for i := range errs {
		errs[i] = f(now, i)
	}
	added := q.added
	q.leave(now)
	return errs, q.log.Wait(added)
}

// find is the message of a receipt handle, nil where it does not exist any more.
func (q *Queue) find(handle string) (*Message, error) {
	r, err := q.parse(handle)
	if err != nil {
		return nil, err
	}
	m := q.received[r.number]
	if m == nil || m.state == moving {
		return nil, nil
	}
	if q.fifo != nil && (m.state != inFlight || m.handles != r.handle) {
		return nil, ErrExpired
	}
	return m, nil
}
