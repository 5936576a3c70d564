package sqs

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"time"
	"unique"

	"localcloud/gateway/aws"
	"localcloud/images/sqs/queue"
)

func (b *Backend) sendMessage(ctx context.Context, in *SendMessageInput) (*SendMessageOutput, error) {
	r, err := b.reach(ctx, in.QueueUrl, "SendMessage")
	if err != nil {
		return nil, err
	}
	p := r.properties.Load()
	d := draft{
		body: in.MessageBody, delay: in.DelaySeconds, attributes: in.MessageAttributes,
		system: in.MessageSystemAttributes, dedup: in.MessageDeduplicationId, group: in.MessageGroupId,
	}
	m, system, err := d.message(ctx, &p.attributes)
	if err != nil {
		return nil, err
	}
	if err := r.Send(m); err != nil {
		return nil, engineError(ctx, err)
	}
	return &SendMessageOutput{
		MessageId: ptr(m.ID.String()), MD5OfMessageBody: ptr(hex.EncodeToString(m.MD5[:])),
		MD5OfMessageAttributes: attributesMD5(m.Attributes), MD5OfMessageSystemAttributes: attributesMD5(system),
		SequenceNumber: sequenceNumber(m),
	}, nil
}

func (b *Backend) sendMessageBatch(ctx context.Context, in *SendMessageBatchInput) (*SendMessageBatchOutput, error) {
	r, err := b.reach(ctx, in.QueueUrl, "SendMessage")
	if err != nil {
		return nil, err
	}
	entries := in.Entries
	if err := checkBatch(ctx, "SendMessageBatchRequestEntry", len(entries), func(i int) string { return entries[i].Id }); err != nil {
		return nil, err
	}
	p := r.properties.Load()
	if err := checkSendBatch(entries, &p.attributes); err != nil {
		return nil, err
	}
	out := &SendMessageBatchOutput{}
	var messages []*queue.Message
	for i := range entries {
		e := &entries[i]
		d := draft{
			body: e.MessageBody, delay: e.DelaySeconds, attributes: e.MessageAttributes,
			system: e.MessageSystemAttributes, dedup: e.MessageDeduplicationId, group: e.MessageGroupId,
		}
		m, system, err := d.message(ctx, &p.attributes)
		if err != nil {
			out.Failed = append(out.Failed, failedEntry(e.Id, err))
			continue
		}
		messages = append(messages, m)
		out.Successful = append(out.Successful, SendMessageBatchResultEntry{
			Id: e.Id, MD5OfMessageBody: hex.EncodeToString(m.MD5[:]),
			MD5OfMessageSystemAttributes: attributesMD5(system),
		})
	}
	if err := r.Send(messages...); err != nil {
		return nil, engineError(ctx, err)
	}
	for i, m := range messages { // a duplicate has got the identity of the first
		out.Successful[i].MessageId, out.Successful[i].SequenceNumber = m.ID.String(), sequenceNumber(m)
		out.Successful[i].MD5OfMessageAttributes = attributesMD5(m.Attributes)
	}
	return out, nil
}

// checkSendBatch checks what makes a whole batch fail.
func checkSendBatch(entries []SendMessageBatchRequestEntry, a *attributes) error {
	size := 0
	for i := range entries {
		e := &entries[i]
		size += len(e.MessageBody)
		for name, v := range e.MessageAttributes {
			size += len(name) + len(v.DataType) + len(value(v.StringValue)) + len(v.BinaryValue)
		}
		if !a.fifo {
			continue
		}
		if e.MessageGroupId == nil {
			return invalid("The request must contain the parameter MessageGroupId.")
		}
		if e.MessageDeduplicationId == nil && !a.contentDedup {
			return errNoDeduplication
		}
	}
	if size > maxBatch {
		return aws.Errorf("BatchRequestTooLong",
			"Batch requests cannot be longer than %d bytes. You have sent %d bytes.", maxBatch, size)
	}
	return nil
}

var errNoDeduplication = invalid("The queue should either have ContentBasedDeduplication enabled or " +
	"MessageDeduplicationId provided explicitly")

// draft is a message as a sender describes it.
type draft struct {
	body       string
	delay      *int32
	attributes map[string]MessageAttributeValue
	system     map[string]MessageSystemAttributeValue
	dedup      *string
	group      *string
}

// message checks a draft for a queue with the attributes a. It returns the system attributes as well.
func (d *draft) message(ctx context.Context, a *attributes) (*queue.Message, []queue.Attribute, error) {
	if d.body == "" {
		return nil, nil, missing("MessageBody")
	}
	attributes, err := readAttributes(d.attributes)
	if err != nil {
		return nil, nil, err
	}
	if len(d.body)+attributesSize(attributes) > a.maxSize {
		return nil, nil, invalid("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", a.maxSize)
	}
	if err := checkBody(d.body); err != nil {
		return nil, nil, err
	}
	trace, system, err := readTrace(d.system)
	if err != nil {
		return nil, nil, err
	}
	if trace == "" {
		trace = headersOf(ctx).trace
	}
	if err := d.checkIDs(a); err != nil {
		return nil, nil, err
	}
	m := &queue.Message{Content: queue.Content{
		ID: newMessageID(), Body: d.body, MD5: md5.Sum([]byte(d.body)), Sender: unique.Make(aws.CallFrom(ctx).Account).Value(),
	}}
	if a.fifo || attributes != nil || trace != "" || d.group != nil {
		m.Extra = &queue.Extra{Attributes: attributes, Trace: trace, Group: value(d.group), Dedup: value(d.dedup)}
	}
	if a.fifo && d.dedup == nil {
		sum := sha256.Sum256([]byte(d.body))
		m.Dedup = hex.EncodeToString(sum[:])
	}
	if err := d.setDelay(m, a); err != nil {
		return nil, nil, err
	}
	return m, system, nil
}

func (d *draft) checkIDs(a *attributes) error {
	if err := checkID(d.group, "MessageGroupId"); err != nil {
		return err
	}
	if err := checkID(d.dedup, "MessageDeduplicationId"); err != nil {
		return err
	}
	switch {
	case a.fifo && d.group == nil:
		return missing("MessageGroupId")
	case a.fifo && d.dedup == nil && !a.contentDedup:
		return errNoDeduplication
	case !a.fifo && d.dedup != nil:
		return invalidValue(*d.dedup, "MessageDeduplicationId",
			"The request include parameter that is not valid for this queue type.")
	}
	return nil
}

func (d *draft) setDelay(m *queue.Message, a *attributes) error {
	switch {
	case d.delay == nil, a.fifo && *d.delay == 0:
	case a.fifo:
		return invalidValue(*d.delay, "DelaySeconds", "The request include parameter that is not valid for this queue type.")
	case *d.delay < 0 || *d.delay > 900:
		return invalidValue(*d.delay, "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.")
	default:
		m.DelayBy(time.Duration(*d.delay) * time.Second)
	}
	return nil
}

// newMessageID makes a random UUID.
func newMessageID() (id queue.ID) {
	_, _ = rand.Read(id[:]) // never fails
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

func sequenceNumber(m *queue.Message) *string {
	if m.Sequence == 0 {
		return nil
	}
	return ptr(strconv.FormatUint(m.Sequence, 10))
}

// maxEntries is how many entries a batch has at most.
const maxEntries = 10

// checkBatch checks the entries of a batch: their number and their ids.
func checkBatch(ctx context.Context, kind string, n int, id func(i int) string) error {
	most := max(maxEntries, headersOf(ctx).count)
	switch {
	case n == 0:
		return aws.Errorf("EmptyBatchRequest", "There should be at least one %s in the request.", kind)
	case n > most:
		return aws.Errorf("TooManyEntriesInBatchRequest",
			"Maximum number of entries per request are %d. You have sent %d.", maxEntries, n)
	}
	for i := range n {
		if !validEntryID(id(i)) {
			return aws.Errorf("InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, "+
				"hyphens and underscores. It can be at most 80 letters long.")
		}
	}
	seen := make(map[string]struct{}, n)
	for i := range n {
		if _, repeated := seen[id(i)]; repeated {
			return aws.Errorf("BatchEntryIdsNotDistinct", "Id %s repeated.", id(i))
		}
		seen[id(i)] = struct{}{}
	}
	return nil
}

// validEntryID: the ids of entries are spelled like names of queues, without a suffix.
func validEntryID(id string) bool {
	return validName(id) && (len(id) < len(fifoSuffix) || id[len(id)-len(fifoSuffix):] != fifoSuffix)
}

// failedEntry is what a batch returns for an entry that failed.
func failedEntry(id string, err error) BatchResultErrorEntry {
	var e *aws.Error
	if !errors.As(err, &e) {
		return BatchResultErrorEntry{Id: id, Code: "InternalError", Message: ptr("The request processing has failed.")}
	}
	return BatchResultErrorEntry{Id: id, SenderFault: true, Code: e.Code, Message: &e.Message}
}
