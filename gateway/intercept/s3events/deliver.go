package s3events

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"localcloud/gateway"
	"localcloud/gateway/intercept/delivery"
)

// parcel is what is queued: an event for one destination.
type parcel struct {
	ARN  string `json:"arn"`
	Body string `json:"body"`
}

// tell queues what has happened for all destinations that want to know.
func (g *Glue) tell(call *gateway.Call, c *change, occurrences []occurrence) error {
	var messages []delivery.Message
	now := g.options.Clock.Now()
	for _, o := range occurrences {
		sequencer := g.last.next(now)
		for i := range c.configuration.Rules {
			r := &c.configuration.Rules[i]
			if !r.wants(o) {
				continue
			}
			body, err := g.event(call, c, o, r, now, sequencer)
			if err != nil {
				return err
			}
			m, err := newDelivery(c.bucket, r, body)
			if err != nil {
				return err
			}
			messages = append(messages, m)
		}
	}
	return g.queues.Add(messages...)
}

func (r *rule) wants(o occurrence) bool {
	if !strings.HasPrefix(o.key, r.Prefix) || !strings.HasSuffix(o.key, r.Suffix) {
		return false
	}
	for _, event := range r.Events {
		if covers(event, "s3:"+o.event) {
			return true
		}
	}
	return false
}

func newDelivery(bucket string, r *rule, body []byte) (delivery.Message, error) {
	payload, err := json.Marshal(parcel{ARN: r.ARN, Body: string(body)})
	return delivery.Message{Target: bucket + " " + r.ARN, Payload: payload}, err
}

// sendTests tells new destinations that they are configured.
func (g *Glue) sendTests(call *gateway.Call, bucket string, rules []rule) error {
	var messages []delivery.Message
	for i := range rules {
		body, err := testEvent(bucket, call.RequestID, g.options.Clock.Now())
		if err != nil {
			return err
		}
		m, err := newDelivery(bucket, &rules[i], body)
		if err != nil {
			return err
		}
		messages = append(messages, m)
	}
	return g.queues.Add(messages...)
}

// deliver makes one attempt to bring an event to its destination.
func (g *Glue) deliver(ctx context.Context, d delivery.Message) (delivery.Verdict, error) {
	var p parcel
	if err := json.Unmarshal(d.Payload, &p); err != nil {
		return delivery.Give, err
	}
	parts := strings.SplitN(p.ARN, ":", 6)
	service, region, account := parts[2], parts[3], parts[4]
	operation := "SendMessage"
	in := map[string]any{"QueueUrl": "http://sqs." + region + ".localhost/" + account + "/" + parts[5], "MessageBody": p.Body}
	if service == "sns" {
		operation = "Publish"
		in = map[string]any{"TopicArn": p.ARN, "Subject": "Amazon S3 Notification", "Message": p.Body}
	}
	err := g.options.Call(ctx, service, operation, account, region, in, &struct{ MessageId *string }{})
	return delivery.VerdictOf(err), err
}

// backoff repeats for about a day, as S3 does.
func backoff(_ delivery.Message, attempt int) (time.Duration, bool) {
	return min(time.Second<<min(attempt-2, 6), time.Minute), attempt <= 1500
}
