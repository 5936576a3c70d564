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
	"localcloud/gateway/store"
)

// handshakeState is how far the handshake of a subscription is.
type handshakeState struct {
	Token     string
	Confirmed bool
}

// confirmations is the handshakes of subscriptions whose backend knows none of its own.
type confirmations struct {
	kept store.Shelf[handshakeState] // by the subscription's ARN

	mu      sync.Mutex
	byToken map[string]string // to the subscription's ARN
}

func openConfirmations(s *store.Store) (*confirmations, error) {
	bucket, err := store.OpenBucket[handshakeState](s, "sns.confirmations")
	if err != nil {
		return nil, err
	}
	c := &confirmations{kept: bucket.At("", ""), byToken: make(map[string]string)}
	for arn, state := range bucket.List("", "") {
		c.byToken[state.Token] = arn
	}
	return c, nil
}

func (c *confirmations) begin(arn string) (token string, err error) {
	var b [64]byte
	rand.Read(b[:])
	token = hex.EncodeToString(b[:])
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byToken[token] = arn
	return token, c.kept.Put(arn, handshakeState{Token: token})
}

// end confirms the subscription of a token, "" for an unknown one. A token holds when it is used again.
func (c *confirmations) end(token string) (arn string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	arn, known := c.byToken[token]
	if !known {
		return "", nil
	}
	return arn, c.kept.Put(arn, handshakeState{Token: token, Confirmed: true})
}

// confirmed reports whether messages may be sent: also to those whose backend does the handshake.
func (c *confirmations) confirmed(arn string) bool {
	state, known := c.kept.Get(arn)
	return !known || state.Confirmed
}

// token is the token of a handshake that has not ended, "" for none.
func (c *confirmations) token(arn string) string {
	if state, known := c.kept.Get(arn); known && !state.Confirmed {
		return state.Token
	}
	return ""
}

// reset forgets the tokens; the store is reset by its owner.
func (c *confirmations) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.byToken)
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
	before, err := g.confirmedBefore(ctx, call, &in)
	if err != nil {
		return nil, err
	}
	yes := true
	in.ReturnSubscriptionArn = &yes
	var out subscribeOutput
	if err := g.options.Call(ctx, "sns", "Subscribe", call.Account, call.Region, &in, &out); err != nil {
		return nil, err
	}
	if out.SubscriptionArn == nil || !strings.HasPrefix(*out.SubscriptionArn, "arn:") {
		return answer(call, &out)
	}
	if before {
		return answer(call, &out)
	}
	if err := g.handshake(ctx, call, &in, *out.SubscriptionArn); err != nil {
		return nil, err
	}
	if !asked {
		text := "pending confirmation"
		out.SubscriptionArn = &text
	}
	return answer(call, &out)
}

// confirmedBefore reports whether the endpoint has subscribed to the topic and confirmed already.
func (g *Glue) confirmedBefore(ctx context.Context, call *gateway.Call, in *subscribeInput) (bool, error) {
	query := topicInput{TopicArn: in.TopicArn}
	for {
		var page subscriptionsOutput
		if err := g.options.Call(ctx, "sns", "ListSubscriptionsByTopic", call.Account, call.Region, &query, &page); err != nil {
			return false, err
		}
		for _, s := range page.Subscriptions {
			if s.SubscriptionArn != nil && strings.HasPrefix(*s.SubscriptionArn, "arn:") && s.Protocol != nil && *s.Protocol == in.Protocol &&
				s.Endpoint != nil && in.Endpoint != nil && *s.Endpoint == *in.Endpoint {
				return g.pending.confirmed(*s.SubscriptionArn), nil
			}
		}
		if page.NextToken == nil || *page.NextToken == "" {
			return false, nil
		}
		query.NextToken = page.NextToken
	}
}

// handshake sends an endpoint the message by which it can confirm.
func (g *Glue) handshake(ctx context.Context, call *gateway.Call, in *subscribeInput, subscriptionARN string) error {
	token, known := g.options.Token(ctx, subscriptionARN)
	if !known {
		var err error
		if token, err = g.pending.begin(subscriptionARN); err != nil {
			return err
		}
	}
	s := &subscription{ARN: subscriptionARN, Protocol: in.Protocol, Endpoint: *in.Endpoint}
	m := &message{
		ID: newUUID(), Topic: in.TopicArn, Time: g.options.Clock.Now().UTC(), Base: call.Scheme + "://" + call.Host,
		Type: confirmation, Token: token,
		Body: "You have chosen to subscribe to the topic " + in.TopicArn + ".\nTo confirm the subscription, visit the SubscribeURL included in this message.",
	}
	return g.queue(s, m)
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
	confirmed, err := g.pending.end(in.Token)
	if err != nil {
		return nil, err
	}
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
