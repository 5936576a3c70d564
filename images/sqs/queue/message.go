package queue

import "crypto/md5"

// ID is a message id: the 16 bytes of a UUID.
type ID [16]byte

// String writes the id as AWS does: 8-4-4-4-12 hexadecimal digits.
func (id ID) String() string {
	const digits = "0123456789abcdef"
	var b [36]byte
	at := 0
	for i, v := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b[at] = '-'
			at++
		}
		b[at], b[at+1] = digits[v>>4], digits[v&15]
		at += 2
	}
	return string(b[:])
}

// Attribute is one message attribute of the sender.
type Attribute struct {
	Name   string
	Type   string // "String", "Number" or "Binary", perhaps with a label: "Number.int"
	Value  string // text, or the bytes of a binary value
	Binary bool
}

// Content is what a sender hands over. It does not change once it is sent.
type Content struct {
	ID     ID
	Body   string
	MD5    [md5.Size]byte // of Body
	Sender string         // SenderId
	*Extra                // what most messages have none of; nil for none of it
}

// Extra is what few messages of standard queues have. Once sent, every message has one; those without
// any of it share one.
type Extra struct {
	Attributes []Attribute // ordered by name
	Trace      string      // AWSTraceHeader, "" for none
	Group      string      // MessageGroupId, "" for none
	Dedup      string      // MessageDeduplicationId, "" for none
	DeadSource string      // ARN of the queue that the message was a dead letter of, "" for none
	Sequence   uint64      // SequenceNumber, given by FIFO queues; 0 in standard ones
}

var noExtra = new(Extra)

// from is the content with another DeadSource.
func (c Content) from(source string) Content {
	if c.DeadSource != source {
		extra := *c.Extra
		extra.DeadSource = source
		c.Extra = &extra
	}
	return c
}

type state uint8

const (
	gone     state = iota // not in a queue, or no longer
	visible               // waits to be received
	delayed               // waits for its delay to end
	inFlight              // was received and is neither deleted nor visible again
	moving                // on its way to another queue, still part of this one's snapshots
	states
)

// Message is a message in a queue. Content and Sent are fixed; the rest belongs to the queue and is
// guarded by its lock. There may be millions, so it is kept at 176 bytes.
type Message struct {
	Content
	Sent int64 // nanoseconds since 1970

	number   uint64 // in the order of arrival in this queue, never used twice
	due      int64  // end of the delay or of the visibility timeout
	first    int64  // first receive, 0 for none
	received int64  // latest receive
	receives uint32 // in all queues
	base     uint32 // receives before it came to this queue
	handles  uint32 // number of receipt handles given out; the latest belongs to the latest receive

	state    state
	returned bool  // visible again and in the heap of returned messages
	aged     bool  // in the heap of the ages, not in its list
	index    int32 // in the heap of its state
	ageIndex int32

	group            *group // FIFO only
	prev, next       *Message
	prevAge, nextAge *Message
}
