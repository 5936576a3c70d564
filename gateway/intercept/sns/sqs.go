package sns

import (
	"context"
	"fmt"
	"strings"

	"localcloud/gateway/intercept/delivery"
)

// toQueue sends a message to a queue, of any account and region.
func (g *Glue) toQueue(ctx context.Context, p parcel) (delivery.Verdict, error) {
	err := g.send(ctx, p, nil)
	return delivery.VerdictOf(err), err
}

// maxQueueAttributes is how many attributes a message of SQS may have; SNS discards a raw message with more.
const maxQueueAttributes = 10

func (g *Glue) send(ctx context.Context, p parcel, more map[string]attributeValue) error {
	queue, refused := parseARN("Endpoint", p.To.Endpoint)
	if refused != nil {
		return refused
	}
	in := sendMessageInput{
		QueueUrl:          "http://sqs." + queue.region + ".localhost/" + queue.account + "/" + queue.resource,
		MessageAttributes: more,
	}
	if p.To.Raw && p.Message.Type == "" {
		if len(p.Message.Attributes)+len(more) > maxQueueAttributes {
			return invalid("a raw message with more than %d attributes cannot be sent to a queue", maxQueueAttributes)
		}
		in.MessageBody = p.Message.Body
		in.MessageAttributes = queueAttributes(p.Message.Attributes, more)
	} else {
		body, err := g.envelopeFor(p.To, p.Message)
		if err != nil {
			return fmt.Errorf("write message: %w", err)
		}
		in.MessageBody = string(body)
	}
	if p.Message.Trace != "" {
		in.MessageSystemAttributes = map[string]attributeValue{"AWSTraceHeader": {DataType: "String", StringValue: &p.Message.Trace}}
	}
	if p.Message.Group != "" && (strings.HasSuffix(queue.resource, ".fifo") || p.Message.Sequence == "") {
		in.MessageGroupId = &p.Message.Group
		if p.Message.Dedup != "" {
			in.MessageDeduplicationId = &p.Message.Dedup
		}
	}
	return g.options.Call(ctx, "sqs", "SendMessage", queue.account, queue.region, &in, &struct{ MessageId *string }{})
}

func queueAttributes(attributes map[string]attribute, more map[string]attributeValue) map[string]attributeValue {
	if len(attributes)+len(more) == 0 {
		return nil
	}
	all := make(map[string]attributeValue, len(attributes)+len(more))
	for name, a := range attributes {
		value := attributeValue{DataType: a.DataType, BinaryValue: a.Binary}
		if a.Binary == nil {
			value.StringValue = &a.Text
		}
		all[name] = value
	}
	for name, value := range more {
		all[name] = value
	}
	return all
}
