package sns

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"localcloud/internal/clock"
)

// dedupWindow is how long a FIFO topic takes a deduplication id for the same message.
const dedupWindow = 5 * time.Minute

// fifo gives the messages of FIFO topics their numbers and recognises those that come again.
type fifo struct {
	clock *clock.Clock

	mu     sync.Mutex
	last   uint64
	topics map[string]*published
}

// published is what a FIFO topic has taken within the window.
type published struct {
	mu    sync.Mutex // held while a message is queued, so that order is that of the numbers
	seen  map[string]receipt
	order []receipt // oldest first
}

type receipt struct {
	key, id, sequence string
	at                time.Time
}

func newFIFO(c *clock.Clock) *fifo {
	return &fifo{clock: c, last: firstSequence(c.Now()), topics: make(map[string]*published)}
}

// firstSequence lies behind all numbers that an earlier process gave.
func firstSequence(now time.Time) uint64 { return uint64(now.UnixMicro()) << 8 }

// publish queues a message, unless its deduplication id was seen: then it answers what it answered
// before.
func (f *fifo) publish(t *topic, m *message, queue func() error) (id, sequence string, err error) {
	key := m.Dedup
	if t.groupScope {
		key = m.Group + "\x00" + m.Dedup
	}
	f.mu.Lock()
	p := f.topics[t.arn.text]
	if p == nil {
		p = &published{seen: make(map[string]receipt)}
		f.topics[t.arn.text] = p
	}
	f.mu.Unlock()

	p.mu.Lock()
	defer p.mu.Unlock()
	now := f.clock.Now()
	p.expire(now)
	if r, again := p.seen[key]; again {
		return r.id, r.sequence, nil
	}
	m.Sequence = f.next()
	if err := queue(); err != nil {
		return "", "", err
	}
	r := receipt{key: key, id: m.ID, sequence: m.Sequence, at: now}
	p.seen[key] = r
	p.order = append(p.order, r)
	return m.ID, m.Sequence, nil
}

func (p *published) expire(now time.Time) {
	n := 0
	for n < len(p.order) && now.Sub(p.order[n].at) >= dedupWindow {
		delete(p.seen, p.order[n].key)
		n++
	}
	p.order = p.order[n:]
}

func (f *fifo) next() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	return fmt.Sprintf("%020d", f.last)
}

func (f *fifo) reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.topics)
}

// newUUID returns a random UUID of version 4.
func newUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	var text [36]byte
	hex.Encode(text[0:8], b[0:4])
	hex.Encode(text[9:13], b[4:6])
	hex.Encode(text[14:18], b[6:8])
	hex.Encode(text[19:23], b[8:10])
	hex.Encode(text[24:36], b[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}
