package queue

import "slices"

// Sight is a message as Peek shows it.
type Sight struct {
	*Message      // only what is fixed may be read
	Receives      uint32
	FirstReceived int64 // 0 for never
	Visible       bool
	Delayed       bool
}

// Peek returns the messages of the queue in the order of their arrival, without receiving them.
func (q *Queue) Peek() []Sight {
	now := q.enter()
	sights := make([]Sight, 0, q.counts[visible]+q.counts[inFlight]+q.counts[delayed])
	add := func(m *Message) {
		if m.state != moving {
			sights = append(sights, Sight{
				Message: m, Receives: m.receives, FirstReceived: m.first,
				Visible: m.state == visible, Delayed: m.state == delayed,
			})
		}
	}
	for m := q.ages.head; m != nil; m = m.nextAge {
		add(m)
	}
	for _, m := range q.ages.late.items {
		add(m)
	}
	q.leave(now)
	slices.SortFunc(sights, func(a, b Sight) int { // numbers are fixed
		if a.number < b.number {
			return -1
		}
		return 1
	})
	return sights
}
