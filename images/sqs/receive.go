package sqs

import (
	"context"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"localcloud/images/sqs/queue"
)

func (b *Backend) receiveMessage(ctx context.Context, in *ReceiveMessageInput) (*ReceiveMessageOutput, error) {
	r, err := b.reach(ctx, in.QueueUrl, "ReceiveMessage")
	if err != nil {
		return nil, err
	}
	request, err := receiveRequest(in, &r.properties.Load().attributes)
	if err != nil {
		return nil, err
	}
	if h := headersOf(ctx); h != (headers{}) {
		request.Max, request.Wait = max(request.Max, h.count), max(request.Wait, h.wait)
	}
	wanted, err := selectAttributes(in)
	if err != nil {
		return nil, err
	}
	deliveries, err := r.Receive(ctx, request)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, engineError(ctx, err)
	}
	out := &ReceiveMessageOutput{}
	if len(deliveries) > 0 {
		out.Messages = make([]Message, len(deliveries))
	}
	for i := range deliveries {
		d := &deliveries[i]
		wanted.fill(&out.Messages[i], d.Message, d.Receives, d.FirstReceived)
		out.Messages[i].ReceiptHandle = ptr(d.Handle())
	}
	return out, nil
}

// maxReceived is how many messages a receive returns at most, and maxWait how long it waits.
const (
	maxReceived = 10
	maxWait     = 20
)

func receiveRequest(in *ReceiveMessageInput, a *attributes) (queue.Request, error) {
	request := queue.Request{Max: 1, Visibility: -1, Wait: a.wait}
	if n := in.MaxNumberOfMessages; n != nil {
		if *n < 1 || *n > maxReceived {
			return request, invalidValue(*n, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
		}
		request.Max = int(*n)
	}
	if n := in.WaitTimeSeconds; n != nil {
		if *n < 0 || *n > maxWait {
			return request, invalidValue(*n, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.")
		}
		request.Wait = time.Duration(*n) * time.Second
	}
	if n := in.VisibilityTimeout; n != nil {
		if err := checkVisibility(*n); err != nil {
			return request, err
		}
		request.Visibility = time.Duration(*n) * time.Second
	}
	if in.ReceiveRequestAttemptId != nil {
		if !a.fifo {
			return request, invalidValue(*in.ReceiveRequestAttemptId, "ReceiveRequestAttemptId",
				"The request include parameter that is not valid for this queue type.")
		}
		if err := checkID(in.ReceiveRequestAttemptId, "ReceiveRequestAttemptId"); err != nil {
			return request, err
		}
		request.Attempt = *in.ReceiveRequestAttemptId
	}
	return request, nil
}

func checkVisibility(seconds int32) error {
	if seconds < 0 || seconds > int32(queue.MaxVisibility/time.Second) {
		return invalidValue(seconds, "VisibilityTimeout", "Must be between 0 and 43200, if provided.")
	}
	return nil
}

// selection says which attributes a receive returns.
type selection struct {
	system   uint32   // bits of systemAttributes
	all      bool     // all message attributes
	names    []string // of message attributes
	prefixes []string
}

// systemAttributes are the attributes that the service adds to messages.
var systemAttributes = [...]string{
	"SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp", "SequenceNumber",
	"MessageDeduplicationId", "MessageGroupId", "AWSTraceHeader", "DeadLetterQueueSourceArn",
}

const (
	senderID = 1 << iota
	sentTimestamp
	receiveCount
	firstReceive
	sequence
	deduplicationID
	groupID
	traceHeader
	deadLetterSource
)

func selectAttributes(in *ReceiveMessageInput) (s selection, err error) {
	for _, names := range [...][]string{in.MessageSystemAttributeNames, in.AttributeNames} {
		for _, name := range names {
			if err := s.addSystem(name); err != nil {
				return s, err
			}
		}
	}
	for _, name := range in.MessageAttributeNames {
		prefix, wild := strings.CutSuffix(name, ".*")
		switch {
		case name == "All", name == "*", name == ".*":
			s.all = true
		case wild:
			s.prefixes = append(s.prefixes, prefix)
		default:
			s.names = append(s.names, name)
		}
	}
	return s, nil
}

func (s *selection) addSystem(name string) error {
	if name == "All" {
		s.system = 1<<len(systemAttributes) - 1
		return nil
	}
	for i, known := range systemAttributes {
		if name == known {
			s.system |= 1 << i
			return nil
		}
	}
	if !knownAttribute(name) { // names of queue attributes are taken, and mean nothing
		return unknownAttribute(name)
	}
	return nil
}

// fill writes a message as a receive returns it, without its receipt handle.
func (s *selection) fill(out *Message, m *queue.Message, receives uint32, first int64) {
	out.MessageId = ptr(m.ID.String())
	out.Body = &m.Body
	out.MD5OfBody = ptr(hex.EncodeToString(m.MD5[:]))
	if s.system != 0 {
		out.Attributes = s.systemValues(m, receives, first)
	}
	if chosen := s.choose(m.Attributes); len(chosen) > 0 {
		out.MD5OfMessageAttributes = attributesMD5(chosen)
		out.MessageAttributes = make(map[string]MessageAttributeValue, len(chosen))
		for i := range chosen {
			out.MessageAttributes[chosen[i].Name] = attributeValue(&chosen[i])
		}
	}
}

func (s *selection) systemValues(m *queue.Message, receives uint32, first int64) map[string]string {
	values := make(map[string]string, len(systemAttributes))
	add := func(bit uint32, name, value string) {
		if s.system&bit != 0 && value != "" {
			values[name] = value
		}
	}
	const millisecond = int64(time.Millisecond)
	add(senderID, "SenderId", m.Sender)
	add(sentTimestamp, "SentTimestamp", strconv.FormatInt(m.Sent/millisecond, 10))
	add(receiveCount, "ApproximateReceiveCount", strconv.FormatUint(uint64(receives), 10))
	if first != 0 {
		add(firstReceive, "ApproximateFirstReceiveTimestamp", strconv.FormatInt(first/millisecond, 10))
	}
	if m.Sequence != 0 {
		add(sequence, "SequenceNumber", strconv.FormatUint(m.Sequence, 10))
	}
	add(deduplicationID, "MessageDeduplicationId", m.Dedup)
	add(groupID, "MessageGroupId", m.Group)
	add(traceHeader, "AWSTraceHeader", m.Trace)
	add(deadLetterSource, "DeadLetterQueueSourceArn", m.DeadSource)
	if len(values) == 0 {
		return nil
	}
	return values
}

// choose returns those of the attributes that are asked for.
func (s *selection) choose(attributes []queue.Attribute) []queue.Attribute {
	if s.all || len(attributes) == 0 {
		return attributes
	}
	var chosen []queue.Attribute
	for i := range attributes {
		if s.has(attributes[i].Name) {
			chosen = append(chosen, attributes[i])
		}
	}
	return chosen
}

func (s *selection) has(name string) bool {
	for _, n := range s.names {
		if n == name {
			return true
		}
	}
	for _, prefix := range s.prefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func attributeValue(a *queue.Attribute) MessageAttributeValue {
	if a.Binary {
		return MessageAttributeValue{DataType: a.Type, BinaryValue: []byte(a.Value)}
	}
	return MessageAttributeValue{DataType: a.Type, StringValue: &a.Value}
}
