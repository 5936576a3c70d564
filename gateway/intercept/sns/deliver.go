package sns

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"localcloud/gateway/aws"
	"localcloud/gateway/intercept/delivery"
)

// deliver makes one attempt to bring a message to a subscriber.
func (g *Glue) deliver(ctx context.Context, d delivery.Message) (delivery.Verdict, error) {
	var p parcel
	if err := json.Unmarshal(d.Payload, &p); err != nil {
		return delivery.Give, err
	}
	switch p.To.Protocol {
	case "sqs":
		return g.toQueue(ctx, p)
	case "http", "https":
		return g.toHTTP(ctx, p)
	case "sms", "email", "email-json", "application":
		return g.record(ctx, p)
	}
	return delivery.Give, fmt.Errorf("delivery by %s is not supported", p.To.Protocol)
}

// backoff follows "Amazon SNS message delivery retries": HTTP endpoints get three more attempts, 20
// seconds apart, unless the subscription's delivery policy says otherwise; services of AWS far more.
func backoff(d delivery.Message, attempt int) (time.Duration, bool) {
	var p parcel
	if json.Unmarshal(d.Payload, &p) != nil {
		return 0, false
	}
	if p.To.Protocol == "http" || p.To.Protocol == "https" {
		return httpRetry(p.To.Policy).wait(attempt - 1)
	}
	const most = 100_015
	wait := time.Second << min(attempt-2, 5)
	return min(wait, 20*time.Second), attempt <= most
}

// retryPolicy is healthyRetryPolicy of a delivery policy; times in seconds.
type retryPolicy struct {
	NumRetries         int     `json:"numRetries"`
	NumNoDelayRetries  int     `json:"numNoDelayRetries"`
	MinDelayTarget     float64 `json:"minDelayTarget"`
	MaxDelayTarget     float64 `json:"maxDelayTarget"`
	NumMinDelayRetries int     `json:"numMinDelayRetries"`
	NumMaxDelayRetries int     `json:"numMaxDelayRetries"`
	BackoffFunction    string  `json:"backoffFunction"`
}

func httpRetry(policy string) retryPolicy {
	p := struct {
		Healthy *retryPolicy `json:"healthyRetryPolicy"`
	}{}
	if json.Unmarshal([]byte(policy), &p) == nil && p.Healthy != nil {
		return *p.Healthy
	}
	return retryPolicy{NumRetries: 3, MinDelayTarget: 20, MaxDelayTarget: 20}
}

// wait is how long to wait before repetition n, counted from 1.
func (p retryPolicy) wait(n int) (time.Duration, bool) {
	if n > p.NumRetries {
		return 0, false
	}
	middle := p.NumRetries - p.NumNoDelayRetries - p.NumMinDelayRetries - p.NumMaxDelayRetries
	delay := p.MaxDelayTarget
	switch step := n - p.NumNoDelayRetries; {
	case step <= 0:
		delay = 0
	case step <= p.NumMinDelayRetries:
		delay = p.MinDelayTarget
	case step <= p.NumMinDelayRetries+middle:
		part := float64(step-p.NumMinDelayRetries) / float64(middle+1)
		if p.BackoffFunction == "exponential" || p.BackoffFunction == "geometric" {
			part = math.Pow(part, 2)
		}
		delay = p.MinDelayTarget + (p.MaxDelayTarget-p.MinDelayTarget)*part
	}
	return time.Duration(delay * float64(time.Second)), true
}

// deadLetter sends a message that could not be delivered to the subscription's dead-letter queue.
func (g *Glue) deadLetter(ctx context.Context, d delivery.Message, cause error) bool {
	var p parcel
	if json.Unmarshal(d.Payload, &p) != nil || p.To.DeadLetter == "" {
		return false
	}
	text, code := cause.Error(), "200"
	var refused *aws.Error
	if errors.As(cause, &refused) && refused.Status != 0 {
		code = fmt.Sprint(refused.Status)
	}
	queue := parcel{To: &subscription{ARN: p.To.ARN, Protocol: "sqs", Endpoint: p.To.DeadLetter, Raw: p.To.Raw, Signature: p.To.Signature}, Message: p.Message}
	if err := g.send(ctx, queue, map[string]attributeValue{
		"ErrorCode": {DataType: "Number", StringValue: &code}, "ErrorMessage": {DataType: "String", StringValue: &text},
	}); err != nil {
		g.log.Error("dead letter", "service", "sns", "target", p.To.ARN, "queue", p.To.DeadLetter, "error", err)
		return false
	}
	g.log.Info("delivery", "service", "sns", "message", p.Message.ID, "target", p.To.ARN, "result", "dead-letter", "reason", text)
	return true
}
