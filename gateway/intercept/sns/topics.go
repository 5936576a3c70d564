package sns

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/pattern"
)

// topic is what publishing must know of one topic. It never changes; a newer one replaces it.
type topic struct {
	arn           arn
	fifo          bool
	contentDedup  bool
	groupScope    bool // deduplication within a message group alone
	signature     string
	subscriptions []*subscription
}

// subscription is one subscriber of a topic.
type subscription struct {
	ARN        string `json:"arn"`
	Protocol   string `json:"protocol"`
	Endpoint   string `json:"endpoint"`
	Raw        bool   `json:"raw,omitempty"`
	DeadLetter string `json:"deadLetter,omitempty"` // ARN of its dead-letter queue
	Policy     string `json:"policy,omitempty"`     // delivery policy of HTTP endpoints
	Signature  string `json:"signature,omitempty"`  // version, of the topic

	pending bool
	filter  *pattern.Pattern
	body    bool // the filter reads the message's body
}

// topics is what is known of the topics that were published to, read from the backend once and
// forgotten when a passing call may have changed it.
type topics struct {
	call Call

	mu      sync.Mutex
	known   map[string]*topic // by ARN
	changes map[string]int    // by account and region: how often something was forgotten
	resets  int
}

func newTopics(call Call) *topics {
	return &topics{call: call, known: make(map[string]*topic), changes: make(map[string]int)}
}

// find returns a topic that is known, nil for any other.
func (t *topics) find(arn string) *topic {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.known[arn]
}

// get returns a topic. Its error is NotFound, or what kept the backend from answering.
func (t *topics) get(ctx context.Context, a arn) (*topic, error) {
	place := a.account + "/" + a.region
	t.mu.Lock()
	known, change, resets := t.known[a.text], t.changes[place], t.resets
	t.mu.Unlock()
	if known != nil {
		return known, nil
	}
	loaded, err := t.load(ctx, a)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.changes[place] == change && t.resets == resets {
		t.known[a.text] = loaded
	}
	return loaded, nil
}

// forget drops the topics of an account and region.
func (t *topics) forget(account, region string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.changes[account+"/"+region]++
	for text, known := range t.known {
		if known.arn.account == account && known.arn.region == region {
			delete(t.known, text)
		}
	}
}

func (t *topics) forgetAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.resets++
	clear(t.known)
}

func (t *topics) load(ctx context.Context, a arn) (*topic, error) {
	var out attributesOutput
	if err := t.call(ctx, "sns", "GetTopicAttributes", a.account, a.region, &topicInput{TopicArn: a.text}, &out); err != nil {
		return nil, err
	}
	loaded := &topic{
		arn: a, fifo: out.Attributes["FifoTopic"] == "true" || strings.HasSuffix(a.resource, ".fifo"),
		contentDedup: out.Attributes["ContentBasedDeduplication"] == "true",
		groupScope:   out.Attributes["FifoThroughputScope"] == "MessageGroup", signature: out.Attributes["SignatureVersion"],
	}
	input := topicInput{TopicArn: a.text}
	for {
		var page subscriptionsOutput
		if err := t.call(ctx, "sns", "ListSubscriptionsByTopic", a.account, a.region, &input, &page); err != nil {
			return nil, err
		}
		for _, entry := range page.Subscriptions {
			s, err := t.loadSubscription(ctx, a, entry)
			if err != nil {
				return nil, err
			}
			if s != nil {
				s.Signature = loaded.signature
				loaded.subscriptions = append(loaded.subscriptions, s)
			}
		}
		if page.NextToken == nil || *page.NextToken == "" {
			return loaded, nil
		}
		input.NextToken = page.NextToken
	}
}

// loadSubscription reads the attributes of one subscription; nil for one that gets nothing.
func (t *topics) loadSubscription(ctx context.Context, a arn, entry subscriptionEntry) (*subscription, error) {
	if entry.SubscriptionArn == nil || entry.Protocol == nil || entry.Endpoint == nil || !strings.HasPrefix(*entry.SubscriptionArn, "arn:") {
		return nil, nil // "PendingConfirmation" and "Deleted"
	}
	s := &subscription{ARN: *entry.SubscriptionArn, Protocol: *entry.Protocol, Endpoint: *entry.Endpoint}
	var out attributesOutput
	err := t.call(ctx, "sns", "GetSubscriptionAttributes", a.account, a.region, &subscriptionInput{SubscriptionArn: s.ARN}, &out)
	var refused *aws.Error
	if errors.As(err, &refused) && refused.Code == "NotFound" {
		return nil, nil // unsubscribed meanwhile
	}
	if err != nil {
		return nil, err
	}
	s.Raw = out.Attributes["RawMessageDelivery"] == "true"
	s.pending = out.Attributes["PendingConfirmation"] == "true"
	s.body = out.Attributes["FilterPolicyScope"] == "MessageBody"
	s.DeadLetter = deadLetterTarget(out.Attributes["RedrivePolicy"])
	s.Policy = out.Attributes["DeliveryPolicy"]
	if policy := out.Attributes["FilterPolicy"]; policy != "" && policy != "{}" {
		dialect := pattern.SNSAttributes
		if s.body {
			dialect = pattern.SNSBody
		}
		if s.filter, err = pattern.Compile(policy, dialect); err != nil {
			return nil, invalid("FilterPolicy: %v", err)
		}
	}
	return s, nil
}

func deadLetterTarget(policy string) string {
	var p struct{ DeadLetterTargetArn string }
	if json.Unmarshal([]byte(policy), &p) != nil {
		return ""
	}
	return p.DeadLetterTargetArn
}
