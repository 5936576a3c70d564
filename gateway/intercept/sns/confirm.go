package sns

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"localcloud/gateway"
	"localcloud/gateway/aws"
	"localcloud/gateway/intercept/delivery"
)

// confirmations is the handshakes of subscriptions whose backend knows none of its own.
type confirmations struct {
	mu      sync.Mutex
	byToken map[string]string // to the subscription's ARN
	waiting map[string]string // subscriptions that are not confirmed, to their tokens
}

func newConfirmations() *confirmations {
	return &confirmations{byToken: make(map[string]string), waiting: make(map[string]string)}
}

func (c *confirmations) begin(arn string) (token string) {
	var b [64]byte
	rand.Read(b[:])
	token = hex.EncodeToString(b[:])
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byToken[token], c.waiting[arn] = arn, token
	return token
}

// end confirms the subscription of a token, "" for an unknown one. A token holds when it is used again.
func (c *confirmations) end(token string) (arn string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	arn = c.byToken[token]
	delete(c.waiting, arn)
	return arn
}

func (c *confirmations) confirmed(arn string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.waiting[arn] == ""
}

func (c *confirmations) token(arn string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.waiting[arn]
}

func (c *confirmations) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.byToken)
	clear(c.waiting)
}

// own reports whether a call was made by glue, and so must pass it.
func own(call *gateway.Call) bool { return call.Hops > 0 }

// subscribe refuses protocols that nobody delivers, and begins the handshake with HTTP endpoints.
func (g *Glue) subscribe(ctx context.Context, call *gateway.Call) (*http.Response, error) {
	if own(call) {
		return nil, nil
	}
	var in subscribeInput
	body, err := peek(call, &in)
	if err != nil {
		return nil, err
	}
	switch in.Protocol {
	case "lambda", "firehose":
		return nil, aws.NotImplemented(call.Service, "Deliveries of sns to "+in.Protocol+" are not supported yet: the subscription would never get a message.")
	case "http", "https", "email", "email-json":
	default:
		body.rewind(call)
		return nil, nil
	}
	asked := in.ReturnSubscriptionArn != nil && *in.ReturnSubscriptionArn
	yes := true
	in.ReturnSubscriptionArn = &yes
	var out subscribeOutput
	if err := g.options.Call(ctx, "sns", "Subscribe", call.Account, call.Region, &in, &out); err != nil {
		return nil, err
	}
	if out.SubscriptionArn == nil || !strings.HasPrefix(*out.SubscriptionArn, "arn:") {
		return answer(call, &out)
	}
	pending, err := g.handshake(ctx, call, &in, *out.SubscriptionArn)
	if err != nil {
		return nil, err
	}
	if pending && !asked {
		text := "pending confirmation"
		out.SubscriptionArn = &text
	}
	return answer(call, &out)
}

// handshake sends an endpoint the message by which it can confirm, unless it has confirmed before.
func (g *Glue) handshake(ctx context.Context, call *gateway.Call, in *subscribeInput, subscriptionARN string) (pending bool, err error) {
	var attributes attributesOutput
	err = g.options.Call(ctx, "sns", "GetSubscriptionAttributes", call.Account, call.Region, &subscriptionInput{SubscriptionArn: subscriptionARN}, &attributes)
	if err != nil {
		return false, err
	}
	token, known := "", false
	if attributes.Attributes["PendingConfirmation"] == "true" {
		token, known = g.options.Token(ctx, subscriptionARN)
	} else if attributes.Attributes["ConfirmationWasAuthenticated"] != "" {
		return false, nil
	}
	if !known {
		token = g.pending.begin(subscriptionARN)
	}
	s := &subscription{ARN: subscriptionARN, Protocol: in.Protocol, Endpoint: *in.Endpoint}
	m := &message{
		ID: newUUID(), Topic: in.TopicArn, Time: g.options.Clock.Now().UTC(), Base: call.Scheme + "://" + call.Host,
		Type: confirmation, Token: token,
		Body: "You have chosen to subscribe to the topic " + in.TopicArn + ".\nTo confirm the subscription, visit the SubscribeURL included in this message.",
	}
	return true, g.queue(s, m)
}

func (g *Glue) queue(s *subscription, m *message) error {
	payload, err := json.Marshal(parcel{To: s, Message: m})
	if err != nil {
		return err
	}
	return g.queues.Add(delivery.Message{Target: s.ARN, Payload: payload})
}

// confirm ends a handshake. The link in the message is visited without a signature, so that account
// and region are those of the topic.
func (g *Glue) confirm(_ context.Context, call *gateway.Call) (*http.Response, error) {
	var in confirmInput
	body, err := peek(call, &in)
	if err != nil {
		return nil, err
	}
	topic, refused := parseARN("Topic", in.TopicArn)
	if refused != nil {
		return nil, invalid("Topic")
	}
	if call.AccessKey == "" {
		call.Account, call.Region = topic.account, topic.region
	}
	confirmed := g.pending.end(in.Token)
	if confirmed == "" {
		body.rewind(call)
		return nil, nil
	}
	if topicOf(confirmed) != in.TopicArn {
		return nil, invalid("Token")
	}
	return answer(call, &subscribeOutput{SubscriptionArn: &confirmed})
}

// unsubscribe lets the link in a message end a subscription: it is visited without a signature, so that
// account and region are those of the subscription.
func (g *Glue) unsubscribe(_ context.Context, call *gateway.Call) (*http.Response, error) {
	if call.AccessKey != "" || own(call) {
		return nil, nil
	}
	var in subscriptionInput
	body, err := peek(call, &in)
	if err != nil {
		return nil, err
	}
	body.rewind(call)
	if a, refused := parseARN("SubscriptionArn", in.SubscriptionArn); refused == nil {
		call.Account, call.Region = a.account, a.region
	}
	return nil, nil
}
