package queue

// heap is a binary heap of messages that knows where each one stands, so that any can be removed.
type heap struct {
	items  []*Message
	before func(a, b *Message) bool
	index  func(m *Message) *int32
}

// The orders in which a queue needs its messages.
func byDue() heap {
	return heap{index: stateIndex, before: func(a, b *Message) bool {
		return a.due < b.due || a.due == b.due && a.number < b.number
	}}
}
func byNumber() heap {
	return heap{index: stateIndex, before: func(a, b *Message) bool { return a.number < b.number }}
}
func bySent() heap {
	return heap{
		index:  func(m *Message) *int32 { return &m.ageIndex },
		before: func(a, b *Message) bool { return a.Sent < b.Sent },
	}
}

func stateIndex(m *Message) *int32 { return &m.index }

// top is the first message, or nil.
func (h *heap) top() *Message {
	if len(h.items) == 0 {
		return nil
	}
	return h.items[0]
}

func (h *heap) push(m *Message) {
	h.items = append(h.items, m)
	h.up(len(h.items)-1, m)
}

func (h *heap) remove(m *Message) {
	at, last := int(*h.index(m)), len(h.items)-1
	moved := h.items[last]
	h.items[last] = nil
	h.items = h.items[:last]
	if at < last {
		h.place(at, moved)
	}
	if cap(h.items) > 1024 && last < cap(h.items)/4 { // a rare great number is not kept for ever
		h.items = append(make([]*Message, 0, last*2), h.items...)
	}
}

// fix restores the order after m has changed.
func (h *heap) fix(m *Message) { h.place(int(*h.index(m)), m) }

func (h *heap) place(at int, m *Message) {
	if at > 0 && h.before(m, h.items[(at-1)/2]) {
		h.up(at, m)
		return
	}
	h.down(at, m)
}

func (h *heap) up(at int, m *Message) {
	for at > 0 {
		parent := (at - 1) / 2
		if !h.before(m, h.items[parent]) {
			break
		}
		h.set(at, h.items[parent])
		at = parent
	}
	h.set(at, m)
}

func (h *heap) down(at int, m *Message) {
	for {
		child := 2*at + 1
		if child >= len(h.items) {
			break
		}
		if right := child + 1; right < len(h.items) && h.before(h.items[right], h.items[child]) {
			child = right
		}
		if !h.before(h.items[child], m) {
			break
		}
		h.set(at, h.items[child])
		at = child
	}
	h.set(at, m)
}

func (h *heap) set(at int, m *Message) {
	h.items[at] = m
	*h.index(m) = int32(at)
}
