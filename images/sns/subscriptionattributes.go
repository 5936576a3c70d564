package sns

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strconv"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/pattern"
)

// with is the attributes of a subscription after changes. t is its topic, nil for an orphan.
func (s *subscription) with(changes map[string]string, t *topic) (map[string]string, *aws.Error) {
	for _, name := range sortedKeys(changes) {
		if err := s.checkAttribute(name, changes[name], t); err != nil {
			return nil, err
		}
	}
	if role := changes["SubscriptionRoleArn"]; s.Attributes == nil && s.Protocol == "firehose" && role == "" {
		return nil, invalid("SubscriptionRoleArn Reason: no value for required parameter")
	}
	out := changed(s.Attributes, changes)
	if policy := out["FilterPolicy"]; policy != "" {
		if err := checkFilter(policy, out["FilterPolicyScope"]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *subscription) checkAttribute(name, value string, t *topic) *aws.Error {
	switch name {
	case "RawMessageDelivery":
		if value != "true" && value != "false" {
			return invalid("RawMessageDelivery: Invalid value [%s]. Must be true or false.", value)
		}
	case "FilterPolicy": // together with its scope
	case "FilterPolicyScope":
		if value != "MessageAttributes" && value != "MessageBody" {
			return invalid("FilterPolicyScope: Invalid value [%s]. Please use either MessageBody or MessageAttributes", value)
		}
	case "RedrivePolicy":
		return checkRedrive(value, t, s)
	case "DeliveryPolicy":
		return s.checkDelivery(value)
	case "SubscriptionRoleArn":
		if value != "" && !strings.HasPrefix(value, "arn:") {
			return invalid("SubscriptionRoleArn")
		}
	case "ReplayPolicy":
		return aws.NotImplemented(aws.Lookup("sns"), "The native sns backend does not archive messages: the attribute ReplayPolicy is not supported.")
	default:
		return invalid("AttributeName")
	}
	return nil
}

// checkFilter refuses a filter policy that AWS refuses.
func checkFilter(policy, scope string) *aws.Error {
	dialect := pattern.SNSAttributes
	if scope == "MessageBody" {
		dialect = pattern.SNSBody
	}
	_, err := pattern.Compile(policy, dialect)
	var e *pattern.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &e):
		return invalid("FilterPolicy: %v", err)
	case e.Nested:
		return invalid("%s", e.Message)
	}
	return invalid("FilterPolicy: %s", e.Error())
}

// checkRedrive checks where undeliverable messages shall go.
func checkRedrive(text string, t *topic, s *subscription) *aws.Error {
	if text == "" {
		return nil
	}
	if !json.Valid([]byte(text)) {
		return invalid("RedrivePolicy: %s", malformed(text))
	}
	var p struct {
		DeadLetterTargetArn string `json:"deadLetterTargetArn"`
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil || !isARNOf(p.DeadLetterTargetArn, "sqs") {
		return invalid("RedrivePolicy: deadLetterTargetArn is an invalid arn")
	}
	fifoQueue := strings.HasSuffix(p.DeadLetterTargetArn, fifoSuffix)
	if t != nil && t.fifo() && strings.HasSuffix(s.Endpoint, fifoSuffix) && !fifoQueue {
		return invalid("RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.")
	}
	return nil
}

// checkDelivery checks how an HTTP endpoint wants failed deliveries to be tried again.
func (s *subscription) checkDelivery(text string) *aws.Error {
	if text == "" {
		return nil
	}
	if s.Protocol != "http" && s.Protocol != "https" {
		return invalid("DeliveryPolicy: is only supported for http and https endpoints")
	}
	var p struct {
		HealthyRetryPolicy *retryPolicy `json:"healthyRetryPolicy"`
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return invalid("DeliveryPolicy: %s", malformed(text))
	}
	if p.HealthyRetryPolicy != nil {
		return p.HealthyRetryPolicy.check("healthyRetryPolicy")
	}
	return nil
}

func (b *Backend) setSubscriptionAttributes(ctx context.Context, in *SetSubscriptionAttributesInput) (*SetSubscriptionAttributesOutput, error) {
	return &SetSubscriptionAttributesOutput{}, b.update(func() error {
		s, err := b.subscriptionOf(ctx, in.SubscriptionArn, "SetSubscriptionAttributes")
		if err != nil {
			return err
		}
		a, _ := parseARN("", s.TopicARN)
		attributes, err := s.with(map[string]string{in.AttributeName: value(in.AttributeValue)}, b.state.topic(a))
		if err != nil {
			return err
		}
		s.Attributes = attributes
		b.record(change{Subscription: s})
		return nil
	})
}

func (b *Backend) getSubscriptionAttributes(ctx context.Context, in *GetSubscriptionAttributesInput) (*GetSubscriptionAttributesOutput, error) {
	out := &GetSubscriptionAttributesOutput{}
	return out, b.view(func() error {
		s, err := b.subscriptionOf(ctx, in.SubscriptionArn, "GetSubscriptionAttributes")
		if err != nil {
			return err
		}
		out.Attributes = s.allAttributes()
		return nil
	})
}

// subscriptionOf returns the subscription of an ARN for an operation of the caller. The lock is held.
func (b *Backend) subscriptionOf(ctx context.Context, text, action string) (*subscription, *aws.Error) {
	a, err := own(ctx, "SubscriptionArn", text)
	if err != nil {
		return nil, err
	}
	s := b.state.subscriptions[a.text]
	if s == nil {
		return nil, notFound("Subscription")
	}
	return s, s.permit(ctx, action)
}

// allAttributes are the attributes of a subscription, those included that nobody sets.
func (s *subscription) allAttributes() map[string]string {
	all := map[string]string{
		"SubscriptionArn": s.ARN, "TopicArn": s.TopicARN, "Owner": s.Owner, "Protocol": s.Protocol, "Endpoint": s.Endpoint,
		"SubscriptionPrincipal": s.Principal, "RawMessageDelivery": "false",
		"PendingConfirmation":          strconv.FormatBool(s.Pending),
		"ConfirmationWasAuthenticated": strconv.FormatBool(s.Authenticated),
	}
	maps.Copy(all, s.Attributes)
	switch {
	case all["FilterPolicy"] == "":
		delete(all, "FilterPolicyScope")
	case all["FilterPolicyScope"] == "":
		all["FilterPolicyScope"] = "MessageAttributes"
	}
	if policy := all["DeliveryPolicy"]; policy != "" {
		all["EffectiveDeliveryPolicy"] = policy
	}
	return all
}
