package queue

// list is a doubly linked list of messages through prev and next.
type list struct{ head, tail *Message }

func (l *list) push(m *Message) {
	m.prev, m.next = l.tail, nil
	if l.tail == nil {
		l.head = m
	} else {
		l.tail.next = m
	}
	l.tail = m
}

func (l *list) remove(m *Message) {
	if m.prev == nil {
		l.head = m.next
	} else {
		m.prev.next = m.next
	}
	if m.next == nil {
		l.tail = m.prev
	} else {
		m.next.prev = m.prev
	}
	m.prev, m.next = nil, nil
}

// ages orders all messages of a queue by the time they were sent. Messages nearly always arrive in
// that order and then stand in a list; one that was sent earlier than its predecessor (a dead
// letter keeps its time) goes to a heap.
type ages struct {
	head, tail *Message
	late       heap
}

func (a *ages) add(m *Message) {
	if a.tail != nil && m.Sent < a.tail.Sent {
		m.aged = true
		a.late.push(m)
		return
	}
	m.prevAge = a.tail
	if a.tail == nil {
		a.head = m
	} else {
		a.tail.nextAge = m
	}
	a.tail = m
}

func (a *ages) remove(m *Message) {
	if m.aged {
		m.aged = false
		a.late.remove(m)
		return
	}
	if m.prevAge == nil {
		a.head = m.nextAge
	} else {
		m.prevAge.nextAge = m.nextAge
	}
	if m.nextAge == nil {
		a.tail = m.prevAge
	} else {
		m.nextAge.prevAge = m.prevAge
	}
	m.prevAge, m.nextAge = nil, nil
}

// oldest is the message that was sent first, or nil.
func (a *ages) oldest() *Message {
	late := a.late.top()
	if late == nil || a.head != nil && a.head.Sent <= late.Sent {
		return a.head
	}
	return late
}
