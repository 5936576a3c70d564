package sns

import (
	"context"
	"strconv"

	"github.com/tidwall/btree"
)

func (b *Backend) listSubscriptions(ctx context.Context, in *ListSubscriptionsInput) (*ListSubscriptionsOutput, error) {
	after, refusal := pageAfterNumber(in.NextToken)
	if refusal != nil {
		return nil, refusal
	}
	out := &ListSubscriptionsOutput{}
	return out, b.view(func() error {
		out.Subscriptions, out.NextToken = listed(&b.state.seen(here(ctx)).subscriptions, after)
		return nil
	})
}

func (b *Backend) listSubscriptionsByTopic(ctx context.Context, in *ListSubscriptionsByTopicInput) (*ListSubscriptionsByTopicOutput, error) {
	after, refusal := pageAfterNumber(in.NextToken)
	if refusal != nil {
		return nil, refusal
	}
	out := &ListSubscriptionsByTopicOutput{}
	return out, b.view(func() error {
		t, refusal := b.find(ctx, "TopicArn", in.TopicArn, "ListSubscriptionsByTopic")
		if refusal != nil {
			return refusal
		}
		out.Subscriptions, out.NextToken = listed(&t.subscriptions, after)
		return nil
	})
}

// listed is a page of subscriptions, and the token of the next one.
func listed(subscriptions *btree.Map[uint64, *subscription], after uint64) (out []Subscription, next *string) {
	out = []Subscription{}
	last := uint64(0)
	subscriptions.Ascend(after+1, func(number uint64, s *subscription) bool {
		if len(out) == pageSize {
			next = pageToken(strconv.FormatUint(last, 10))
			return false
		}
		last = number
		shown := &s.ARN
		if s.Pending {
			shown = ptr("PendingConfirmation")
		}
		out = append(out, Subscription{
			SubscriptionArn: shown, Owner: &s.Owner, Protocol: &s.Protocol, Endpoint: &s.Endpoint, TopicArn: &s.TopicARN,
		})
		return true
	})
	return out, next
}
