package queue

import "time"

// group is one message group: its messages in the order in which they were sent, whatever their
// states. The first of them decides: while it is delayed or in flight, so is the whole group.
type group struct {
	id         string
	messages   list
	ready      bool // in fifo.ready
	prev, next *group
}

// fifo is what only FIFO queues have.
type fifo struct {
	groups map[string]*group
	// Groups whose first message is visible, longest waiting first.
	head, tail *group
	seen       deduplication
	attempts   attempts
}

func newFIFO() *fifo {
	return &fifo{
		groups:   make(map[string]*group),
		seen:     deduplication{entries: make(map[dedupKey]*sighting)},
		attempts: attempts{byID: make(map[string]*attempt)},
	}
}

// first is the visible message that is next, or nil.
func (f *fifo) first() *Message {
	if f.head == nil {
		return nil
	}
	return f.head.messages.head
}

// join puts a message into its group, at the place that its number gives it.
func (f *fifo) join(m *Message) {
	g := f.groups[m.Group]
	if g == nil {
		g = &group{id: m.Group}
		f.groups[m.Group] = g
	}
	m.group = g
	if tail := g.messages.tail; tail == nil || tail.number < m.number {
		g.messages.push(m)
		return
	}
	at := g.messages.head
	for at.number < m.number {
		at = at.next
	}
	m.prev, m.next = at.prev, at
	if at.prev == nil {
		g.messages.head = m
	} else {
		at.prev.next = m
	}
	at.prev = m
}

// part takes a message out of its group, if it is in one.
func (f *fifo) part(m *Message) {
	g := m.group
	if g == nil {
		return
	}
	m.group = nil
	g.messages.remove(m)
	f.refresh(g)
	if g.messages.head == nil {
		delete(f.groups, g.id)
	}
}

// refresh puts a group among the ready ones, or takes it out, as its first message says.
func (f *fifo) refresh(g *group) {
	if g == nil {
		return
	}
	first := g.messages.head
	ready := first != nil && first.state == visible
	switch {
	case ready == g.ready:
	case ready:
		f.push(g)
	default:
		f.remove(g)
	}
}

func (f *fifo) push(g *group) {
	g.prev, g.next, g.ready = f.tail, nil, true
	if f.tail == nil {
		f.head = g
	} else {
		f.tail.next = g
	}
	f.tail = g
}

func (f *fifo) remove(g *group) {
	if g.prev == nil {
		f.head = g.next
	} else {
		g.prev.next = g.next
	}
	if g.next == nil {
		f.tail = g.prev
	} else {
		g.next.prev = g.prev
	}
	g.prev, g.next, g.ready = nil, nil, false
}

// takeFIFO delivers as many messages of the first ready group as it can, then of the next.
func (q *Queue) takeFIFO(now int64, req *Request, visibility time.Duration) []Delivery {
	if again := q.repeat(now, req.Attempt, visibility); again != nil {
		return again
	}
	var out []Delivery
	for len(out) < req.Max && q.counts[inFlight] < maxInFlight {
		m := q.fifo.first()
		if m == nil {
			break
		}
		out = q.takeGroup(out, m, now, req.Max, visibility)
	}
	if req.Attempt != "" && len(out) > 0 {
		q.fifo.attempts.add(&attempt{id: req.Attempt, at: now, deliveries: out})
	}
	return out
}

// takeGroup delivers a visible message and those that follow it in its group, up to the first that
// is not visible.
func (q *Queue) takeGroup(out []Delivery, m *Message, now int64, most int, visibility time.Duration) []Delivery {
	for m != nil && m.state == visible && len(out) < most && q.counts[inFlight] < maxInFlight {
		next := m.next
		if !q.die(m) {
			out = append(out, q.deliver(m, now, visibility))
		}
		m = next
	}
	return out
}

// forget empties what a purge empties.
func (f *fifo) forget() {
	f.seen = deduplication{entries: make(map[dedupKey]*sighting)}
	f.attempts = attempts{byID: make(map[string]*attempt)}
}

// expire forgets what is older than the five minutes for which a FIFO queue remembers.
func (f *fifo) expire(now int64) {
	f.seen.expire(now)
	f.attempts.expire(now)
}

// attempt is what a receive with a ReceiveRequestAttemptId got.
type attempt struct {
	id         string
	at         int64
	deliveries []Delivery
}

type attempts struct {
	byID  map[string]*attempt
	order []*attempt
}

func (a *attempts) add(t *attempt) {
	a.byID[t.id] = t
	a.order = append(a.order, t)
}

func (a *attempts) expire(now int64) {
	for len(a.order) > 0 && a.order[0].at+int64(interval) <= now {
		old := a.order[0]
		a.order[0] = nil
		a.order = a.order[1:]
		if a.byID[old.id] == old {
			delete(a.byID, old.id)
		}
	}
}

// repeat gives a receiver that asks again with the same attempt id the same messages, if all of them
// are still in flight with the receipts it was given; their visibility timeout begins anew.
func (q *Queue) repeat(now int64, id string, visibility time.Duration) []Delivery {
	t := q.fifo.attempts.byID[id]
	if t == nil {
		return nil
	}
	for i := range t.deliveries {
		d := &t.deliveries[i]
		if d.state != inFlight || d.handles != d.receipt.handle {
			return nil
		}
	}
	for i := range t.deliveries {
		m := t.deliveries[i].Message
		m.due = now + int64(visibility)
		q.flying.fix(m)
		q.logVisibility(m)
	}
	return append([]Delivery(nil), t.deliveries...)
}
