package sns

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"localcloud/gateway/aws"
)

// confirming are the protocols whose endpoints have to confirm; the others belong to the caller.
var confirming = map[string]bool{"http": true, "https": true, "email": true, "email-json": true}

func (b *Backend) subscribe(ctx context.Context, in *SubscribeInput) (*SubscribeOutput, error) {
	var sub *subscription
	err := b.update(func() error {
		t, refusal := b.find(ctx, "TopicArn", in.TopicArn, "Subscribe")
		if refusal != nil {
			return refusal
		}
		if refusal := b.checkEndpoint(t, in.Protocol, value(in.Endpoint)); refusal != nil {
			return refusal
		}
		s := b.newSubscription(ctx, t, in)
		if old := t.byEndpoint[s.key()]; old != nil {
			sub = old
			return old.sameAs(in.Attributes)
		}
		attributes, refusal := s.with(in.Attributes, t)
		if refusal != nil {
			return atCreation(refusal)
		}
		s.Attributes = attributes
		sub = s
		b.state.putSubscription(s)
		b.record(change{Subscription: s})
		return nil
	})
	if err != nil {
		return nil, err
	}
	if sub.Pending && !value(in.ReturnSubscriptionArn) {
		return &SubscribeOutput{SubscriptionArn: ptr("pending confirmation")}, nil
	}
	return &SubscribeOutput{SubscriptionArn: &sub.ARN}, nil
}

// newSubscription is what the caller asks for, without its attributes.
func (b *Backend) newSubscription(ctx context.Context, t *topic, in *SubscribeInput) *subscription {
	call := aws.CallFrom(ctx)
	s := &subscription{
		Number: b.state.number + 1, ARN: t.ARN + ":" + newUUID(), TopicARN: t.ARN,
		Owner: call.Account, Principal: call.Principal, Protocol: in.Protocol, Endpoint: value(in.Endpoint),
		Pending: confirming[in.Protocol],
	}
	if !strings.HasPrefix(s.Principal, "arn:") { // nobody known, or the gateway in the name of the account
		s.Principal = "arn:" + call.Partition() + ":iam::" + call.Account + ":root"
	}
	if s.Pending {
		s.Token = newToken()
	}
	s.Authenticated = !s.Pending
	return s
}

// sameAs compares the attributes of a second Subscribe with those of the subscription that there is.
func (s *subscription) sameAs(wanted map[string]string) error {
	for name, value := range wanted {
		have, set := s.Attributes[name]
		if !set && name == "RawMessageDelivery" {
			have = "false"
		}
		if have != value {
			return invalid("Attributes Reason: Subscription already exists with different attributes")
		}
	}
	return nil
}

var (
	phoneNumber    = regexp.MustCompile(`^\+?[1-9]\d{1,14}$`)
	twoSeparators  = regexp.MustCompile(`[./-]{2,}`)
	edgeSeparators = regexp.MustCompile(`^[./-]|[./-]$`)
	separators     = strings.NewReplacer(".", "", "/", "", "-", "")
	mailAddress    = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
)

// checkEndpoint checks that an endpoint is one of its protocol, and fits the topic. The lock is held.
func (b *Backend) checkEndpoint(t *topic, protocol, endpoint string) *aws.Error {
	switch protocol {
	case "http", "https":
		if !strings.HasPrefix(endpoint, protocol+"://") {
			return invalid("Endpoint must match the specified protocol")
		}
	case "email", "email-json":
		if !mailAddress.MatchString(endpoint) {
			return invalid("Email address")
		}
	case "sms":
		if twoSeparators.MatchString(endpoint) || edgeSeparators.MatchString(endpoint) ||
			!phoneNumber.MatchString(separators.Replace(endpoint)) {
			return refused("Invalid SMS endpoint: %s", endpoint)
		}
	case "sqs":
		if !isARNOf(endpoint, "sqs") {
			return invalid("SQS endpoint ARN")
		}
	case "lambda":
		if !isARNOf(endpoint, "lambda") {
			return invalid("Lambda endpoint ARN")
		}
	case "firehose":
		if !isARNOf(endpoint, "firehose") {
			return invalid("Firehose endpoint ARN")
		}
	case "application":
		if b.state.endpoints[endpoint] == nil {
			return invalid("Endpoint Reason: Endpoint does not exist for endpoint arn %s", endpoint)
		}
	default:
		return invalid("Amazon SNS does not support this protocol string: %s", protocol)
	}
	return fits(t, protocol, endpoint)
}

// fits checks what FIFO topics and queues allow.
func fits(t *topic, protocol, endpoint string) *aws.Error {
	switch {
	case t.fifo() && protocol != "sqs":
		return invalid("Invalid parameter: Endpoint Reason: Please use FIFO SQS queue")
	case !t.fifo() && protocol == "sqs" && strings.HasSuffix(endpoint, fifoSuffix):
		return invalid("Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics")
	}
	return nil
}

func isARNOf(text, service string) bool {
	parts := strings.SplitN(text, ":", 6)
	return len(parts) == 6 && parts[0] == "arn" && parts[2] == service && parts[3] != "" && isAccount(parts[4]) && parts[5] != ""
}

func newUUID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// tokenLength is how many hexadecimal digits a token has.
const tokenLength = 288

func newToken() string {
	var raw [tokenLength / 2]byte
	_, _ = rand.Read(raw[:]) // never fails
	return hex.EncodeToString(raw[:])
}

func (b *Backend) confirmSubscription(ctx context.Context, in *ConfirmSubscriptionInput) (*ConfirmSubscriptionOutput, error) {
	a, refusal := parseARN("TopicArn", in.TopicArn)
	if refusal != nil {
		return nil, invalid("Topic")
	}
	if _, err := hex.DecodeString(in.Token); err != nil || len(in.Token) < 64 {
		return nil, refused("Invalid token")
	}
	out := &ConfirmSubscriptionOutput{}
	return out, b.update(func() error {
		sub := b.state.tokens[in.Token]
		switch {
		case sub == nil:
			return invalid("Token")
		case sub.TopicARN != a.text, sub.Orphan:
			return invalid("Topic")
		}
		out.SubscriptionArn = &sub.ARN
		if !sub.Pending {
			return nil
		}
		confirmed := *sub
		confirmed.Pending = false
		confirmed.Authenticated = aws.CallFrom(ctx).AccessKey != ""
		confirmed.Guarded = value(in.AuthenticateOnUnsubscribe) == "true"
		b.state.putSubscription(&confirmed)
		b.record(change{Subscription: &confirmed})
		return nil
	})
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func (b *Backend) unsubscribe(ctx context.Context, in *UnsubscribeInput) (*UnsubscribeOutput, error) {
	a, refusal := own(ctx, "SubscriptionArn", in.SubscriptionArn)
	if refusal != nil {
		return nil, refusal
	}
	if _, id, _ := strings.Cut(a.resource, ":"); !uuid.MatchString(id) {
		return nil, invalid("SubscriptionId")
	}
	return &UnsubscribeOutput{}, b.update(func() error {
		sub := b.state.subscriptions[a.text]
		if sub == nil {
			return nil
		}
		if refusal := sub.permit(ctx, "Unsubscribe"); refusal != nil {
			return refusal
		}
		b.state.dropSubscription(sub.ARN)
		b.record(change{SubscriptionGone: sub.ARN})
		topicARN, _ := parseARN("", sub.TopicARN)
		if t := b.state.topic(topicARN); t != nil && !sub.Orphan {
			t.Deleted++
			b.record(change{Topic: t})
		}
		return nil
	})
}

// permit lets the owner of a subscription, that of its topic, and (unless it is guarded) whoever
// follows the link in a message end or change it.
func (s *subscription) permit(ctx context.Context, action string) *aws.Error {
	call := aws.CallFrom(ctx)
	a, _ := parseARN("", s.TopicARN)
	switch {
	case call.Account == s.Owner, call.Account == a.Account, strings.HasSuffix(call.Principal, ".amazonaws.com"):
		if call.AccessKey != "" || !s.Guarded || action != "Unsubscribe" {
			return nil
		}
	}
	return &aws.Error{Code: "AuthorizationError", Status: 403,
		Message: "User: " + call.Principal + " is not authorized to perform: SNS:" + action + " on resource: " + s.ARN}
}
