package sns

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/policy"
)

// feedback matches the attributes that say how deliveries are logged. No delivery of a local cloud is
// logged with CloudWatch; the gateway logs them all.
var feedback = regexp.MustCompile(`^(HTTP|Firehose|Lambda|Application|SQS)(SuccessFeedbackRoleArn|FailureFeedbackRoleArn|SuccessFeedbackSampleRate)$`)

// with is the attributes of a topic after changes.
func (t *topic) with(changes map[string]string) (map[string]string, *aws.Error) {
	for _, name := range sortedKeys(changes) {
		if err := t.checkAttribute(name, changes[name]); err != nil {
			return nil, err
		}
	}
	out := changed(t.Attributes, changes)
	delete(out, "FifoTopic") // said by the name
	return out, nil
}

func (t *topic) checkAttribute(name, value string) *aws.Error {
	switch name {
	case "DisplayName":
		if utf8.RuneCountInString(value) > 100 {
			return invalid("DisplayName Reason: DisplayName must be at most 100 characters long")
		}
	case "Policy":
		if _, err := policy.Parse(value); err != nil && value != "" {
			return invalid("Policy Error: null")
		}
	case "DeliveryPolicy":
		if value != "" {
			_, err := readDeliveryPolicy(value)
			return err
		}
	case "KmsMasterKeyId":
	case "SignatureVersion":
		return oneOf(name, value, "1", "2")
	case "TracingConfig":
		return oneOf(name, value, "PassThrough", "Active")
	case "FifoTopic":
		return oneOf(name, value, "true", "false")
	case "ContentBasedDeduplication", "FifoThroughputScope", "ArchivePolicy":
		return t.checkFIFOAttribute(name, value)
	default:
		return checkFeedback(name, value)
	}
	return nil
}

func (t *topic) checkFIFOAttribute(name, value string) *aws.Error {
	if !t.fifo() {
		if name == "ContentBasedDeduplication" {
			return invalid("Content-based deduplication can only be set for FIFO topics")
		}
		return invalid("%s can only be set for FIFO topics", name)
	}
	switch name {
	case "ContentBasedDeduplication":
		return oneOf(name, value, "true", "false")
	case "FifoThroughputScope":
		return oneOf(name, value, "Topic", "MessageGroup")
	}
	if value != "" && value != "{}" {
		return aws.NotImplemented(aws.Lookup("sns"), "The native sns backend does not archive messages: the attribute ArchivePolicy is not supported.")
	}
	return nil
}

func checkFeedback(name, value string) *aws.Error {
	if !feedback.MatchString(name) {
		return invalid("AttributeName")
	}
	if strings.HasSuffix(name, "SampleRate") {
		if n, err := strconv.Atoi(value); err != nil || n < 0 || n > 100 {
			return invalid("%s Reason: must be an integer between 0 and 100", name)
		}
	}
	return nil
}

func oneOf(name, value string, values ...string) *aws.Error {
	for _, v := range values {
		if value == v {
			return nil
		}
	}
	return invalid("%s: Invalid value [%s]. Must be %s.", name, value, strings.Join(values, " or "))
}

func (b *Backend) setTopicAttributes(ctx context.Context, in *SetTopicAttributesInput) (*SetTopicAttributesOutput, error) {
	return &SetTopicAttributesOutput{}, b.update(func() error {
		t, err := b.find(ctx, "TopicArn", in.TopicArn, "SetTopicAttributes")
		if err != nil {
			return err
		}
		if in.AttributeName == "FifoTopic" {
			return invalid("AttributeName")
		}
		attributes, err := t.with(map[string]string{in.AttributeName: value(in.AttributeValue)})
		if err != nil {
			return err
		}
		t.Attributes = attributes
		b.record(change{Topic: t})
		return nil
	})
}

func (b *Backend) getTopicAttributes(ctx context.Context, in *GetTopicAttributesInput) (*GetTopicAttributesOutput, error) {
	out := &GetTopicAttributesOutput{}
	return out, b.view(func() error {
		t, err := b.find(ctx, "TopicArn", in.TopicArn, "GetTopicAttributes")
		if err != nil {
			return err
		}
		out.Attributes = t.allAttributes()
		return nil
	})
}

// allAttributes are the attributes of a topic, those included that nobody sets.
func (t *topic) allAttributes() map[string]string {
	a, _ := parseARN("TopicArn", t.ARN)
	all := map[string]string{"DisplayName": ""}
	if t.fifo() {
		all["FifoTopic"], all["ContentBasedDeduplication"] = "true", "false"
	}
	maps.Copy(all, t.Attributes)
	all["TopicArn"], all["Owner"], all["Policy"] = t.ARN, a.Account, t.policy()
	all["SubscriptionsConfirmed"] = strconv.Itoa(t.subscriptions.Len() - t.pending)
	all["SubscriptionsPending"] = strconv.Itoa(t.pending)
	all["SubscriptionsDeleted"] = strconv.Itoa(t.Deleted)
	d, err := readDeliveryPolicy(t.Attributes["DeliveryPolicy"])
	if err != nil {
		d = deliveryPolicy{}
	}
	if t.Attributes["DeliveryPolicy"] != "" {
		all["DeliveryPolicy"] = d.own()
	}
	all["EffectiveDeliveryPolicy"] = d.effective()
	return all
}

// policy is the topic's policy, AWS's default where none is set.
func (t *topic) policy() string {
	if p := t.Attributes["Policy"]; p != "" {
		return p
	}
	a, _ := parseARN("TopicArn", t.ARN)
	return `{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow",` +
		`"Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission",` +
		`"SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"` + t.ARN +
		`","Condition":{"StringEquals":{"AWS:SourceOwner":"` + a.Account + `"}}}]}`
}

// deliveryPolicy says how deliveries to HTTP endpoints are tried again ("Amazon SNS message delivery
// retries"). What is not set is left out.
type deliveryPolicy struct {
	HTTP struct {
		DefaultHealthyRetryPolicy    *retryPolicy    `json:"defaultHealthyRetryPolicy,omitempty"`
		DisableSubscriptionOverrides bool            `json:"disableSubscriptionOverrides"`
		DefaultThrottlePolicy        json.RawMessage `json:"defaultThrottlePolicy,omitempty"`
		DefaultRequestPolicy         *requestPolicy  `json:"defaultRequestPolicy,omitempty"`
	} `json:"http"`
}

type requestPolicy struct {
	HeaderContentType string `json:"headerContentType"`
}

type retryPolicy struct {
	MinDelayTarget     *int    `json:"minDelayTarget,omitempty"`
	MaxDelayTarget     *int    `json:"maxDelayTarget,omitempty"`
	NumRetries         *int    `json:"numRetries,omitempty"`
	NumMaxDelayRetries *int    `json:"numMaxDelayRetries,omitempty"`
	NumNoDelayRetries  *int    `json:"numNoDelayRetries,omitempty"`
	NumMinDelayRetries *int    `json:"numMinDelayRetries,omitempty"`
	BackoffFunction    *string `json:"backoffFunction,omitempty"`
}

func readDeliveryPolicy(text string) (d deliveryPolicy, _ *aws.Error) {
	if text == "" {
		return d, nil
	}
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return d, invalid("DeliveryPolicy: %s", malformed(text))
	}
	if r := d.HTTP.DefaultHealthyRetryPolicy; r != nil {
		return d, r.check("http.defaultHealthyRetryPolicy")
	}
	return d, nil
}

// check checks the bounds of a retry policy.
func (r *retryPolicy) check(at string) *aws.Error {
	for _, bound := range []struct {
		name        string
		value       *int
		least, most int
	}{
		{"minDelayTarget", r.MinDelayTarget, 1, 3600}, {"maxDelayTarget", r.MaxDelayTarget, 1, 3600},
		{"numRetries", r.NumRetries, 0, 100}, {"numMaxDelayRetries", r.NumMaxDelayRetries, 0, 100},
		{"numNoDelayRetries", r.NumNoDelayRetries, 0, 100}, {"numMinDelayRetries", r.NumMinDelayRetries, 0, 100},
	} {
		if v := bound.value; v != nil && (*v < bound.least || *v > bound.most) {
			return invalid("DeliveryPolicy: %s.%s must be from %d to %d", at, bound.name, bound.least, bound.most)
		}
	}
	if r.MinDelayTarget != nil && r.MaxDelayTarget != nil && *r.MinDelayTarget > *r.MaxDelayTarget {
		return invalid("DeliveryPolicy: %s.maxDelayTarget must be greater than or equal to minDelayTarget", at)
	}
	if r.BackoffFunction != nil {
		return oneOf("DeliveryPolicy: "+at+".backoffFunction", *r.BackoffFunction, "linear", "arithmetic", "geometric", "exponential")
	}
	return nil
}

func (d deliveryPolicy) own() string { return encode(d) }

// effective is the policy with AWS's defaults for what is not set.
func (d deliveryPolicy) effective() string {
	r := retryPolicy{
		MinDelayTarget: ptr(20), MaxDelayTarget: ptr(20), NumRetries: ptr(3), NumMaxDelayRetries: ptr(0),
		NumNoDelayRetries: ptr(0), NumMinDelayRetries: ptr(0), BackoffFunction: ptr("linear"),
	}
	if own := d.HTTP.DefaultHealthyRetryPolicy; own != nil {
		raw := encode(own)
		if err := json.Unmarshal([]byte(raw), &r); err != nil {
			panic(err) // it was just encoded
		}
	}
	d.HTTP.DefaultHealthyRetryPolicy = &r
	if d.HTTP.DefaultRequestPolicy == nil {
		d.HTTP.DefaultRequestPolicy = &requestPolicy{"text/plain; charset=UTF-8"}
	}
	return encode(d)
}

// encode writes a value that is made of plain structures as JSON.
func encode(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(raw)
}
