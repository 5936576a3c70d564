package s3events

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"

	"localcloud/gateway"
	"localcloud/gateway/aws"
)

// configuration is what is kept of a bucket's notifications.
type configuration struct {
	Account, Region string
	Rules           []rule
}

// rule sends events to one destination.
type rule struct {
	ID, ARN string
	Events  []string // "s3:ObjectCreated:*"
	// Filters are returned as they were set; Prefix and Suffix are what they say.
	Filters        [][2]string
	Filtered       bool
	Prefix, Suffix string
}

func (r *rule) service() string {
	parts := strings.SplitN(r.ARN, ":", 4)
	return parts[2]
}

// read turns a request into rules, after the checks that need no other service.
func read(call *gateway.Call, n *notification) (*configuration, error) {
	c := &configuration{Account: call.Account, Region: call.Region}
	if n == nil {
		return c, nil
	}
	if len(n.LambdaFunctionConfigurations) > 0 {
		return nil, aws.NotImplemented(call.Service, "Notifications of s3 to lambda are not supported yet: the function would never be called.")
	}
	if n.EventBridgeConfiguration != nil {
		return nil, aws.NotImplemented(call.Service, "Notifications of s3 to EventBridge are not supported yet: the events would never arrive.")
	}
	for _, q := range n.QueueConfigurations {
		if err := c.add("Queue", "sqs", q.QueueArn, q.Id, q.Events, q.Filter); err != nil {
			return nil, err
		}
	}
	for _, t := range n.TopicConfigurations {
		if err := c.add("Topic", "sns", t.TopicArn, t.Id, t.Events, t.Filter); err != nil {
			return nil, err
		}
	}
	return c, c.checkOverlaps()
}

func argument(message string, detail map[string]any) *aws.Error {
	return &aws.Error{Code: "InvalidArgument", Message: message, Status: 400, Detail: detail}
}

func (c *configuration) add(name, service, arn string, id *string, events []string, f *filter) error {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[2] != service {
		return argument("The ARN could not be parsed", map[string]any{"ArgumentName": name, "ArgumentValue": arn})
	}
	r := rule{ARN: arn, Events: events}
	if len(events) == 0 {
		return &aws.Error{Code: "MalformedXML", Message: "The XML you provided was not well-formed or did not validate against our published schema", Status: 400}
	}
	for _, event := range events {
		if !slices.Contains(knownEvents, event) {
			return argument("A specified event is not supported for notifications.", map[string]any{"ArgumentName": "Event", "ArgumentValue": event})
		}
	}
	if id != nil {
		r.ID = *id
	}
	if r.ID == "" {
		r.ID = newID()
	}
	if err := r.readFilter(f); err != nil {
		return err
	}
	c.Rules = append(c.Rules, r)
	return nil
}

func (r *rule) readFilter(f *filter) error {
	if f == nil || f.Key == nil {
		return nil
	}
	r.Filtered = true
	for _, fr := range f.Key.FilterRules {
		name, value := "", ""
		if fr.Name != nil {
			name = strings.ToLower(*fr.Name)
		}
		if fr.Value != nil {
			value = *fr.Value
		}
		switch name {
		case "prefix":
			r.Prefix = value
			r.Filters = append(r.Filters, [2]string{"Prefix", value})
		case "suffix":
			r.Suffix = value
			r.Filters = append(r.Filters, [2]string{"Suffix", value})
		default:
			return argument("filter rule name must be either prefix or suffix", map[string]any{"ArgumentName": "FilterRule.Name", "ArgumentValue": name})
		}
		if len(value) > 1024 {
			return argument("Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation", map[string]any{"ArgumentName": "FilterRule.Value", "ArgumentValue": value[:64]})
		}
	}
	return nil
}

// checkOverlaps refuses two rules that would both tell of the same event.
func (c *configuration) checkOverlaps() error {
	for i := range c.Rules {
		for j := range c.Rules[:i] {
			a, b := &c.Rules[i], &c.Rules[j]
			if a.ID == b.ID {
				return argument("Same ID used for multiple configurations. IDs must be unique", map[string]any{"ArgumentName": "Id", "ArgumentValue": a.ID})
			}
			prefixes := strings.HasPrefix(a.Prefix, b.Prefix) || strings.HasPrefix(b.Prefix, a.Prefix)
			suffixes := strings.HasSuffix(a.Suffix, b.Suffix) || strings.HasSuffix(b.Suffix, a.Suffix)
			if prefixes && suffixes && shareEvent(a.Events, b.Events) {
				return argument("Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.", nil)
			}
		}
	}
	return nil
}

func shareEvent(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if covers(x, y) || covers(y, x) {
				return true
			}
		}
	}
	return false
}

// covers reports whether an event of a configuration, which may end in *, names another.
func covers(pattern, event string) bool {
	prefix, wild := strings.CutSuffix(pattern, "*")
	return pattern == event || wild && strings.HasPrefix(event, prefix)
}

// knownEvents is the list of "Supported event types for SQS, SNS, and Lambda". Those of operations
// that are refused never occur.
var knownEvents = []string{
	"s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectCreated:Post", "s3:ObjectCreated:Copy",
	"s3:ObjectCreated:CompleteMultipartUpload", "s3:ObjectRemoved:*", "s3:ObjectRemoved:Delete",
	"s3:ObjectRemoved:DeleteMarkerCreated", "s3:ObjectTagging:*", "s3:ObjectTagging:Put", "s3:ObjectTagging:Delete",
	"s3:ObjectAcl:Put", "s3:ObjectRestore:*", "s3:ObjectRestore:Post", "s3:ObjectRestore:Completed",
	"s3:ObjectRestore:Delete", "s3:ReducedRedundancyLostObject", "s3:Replication:*",
	"s3:Replication:OperationFailedReplication", "s3:Replication:OperationNotTracked",
	"s3:Replication:OperationMissedThreshold", "s3:Replication:OperationReplicatedAfterThreshold",
	"s3:LifecycleExpiration:*", "s3:LifecycleExpiration:Delete", "s3:LifecycleExpiration:DeleteMarkerCreated",
	"s3:LifecycleTransition", "s3:IntelligentTiering",
}

func (r *rule) describe(out *notification) {
	var f *filter
	if r.Filtered {
		f = &filter{Key: &keyFilter{}}
		for _, one := range r.Filters {
			f.Key.FilterRules = append(f.Key.FilterRules, filterRule{Name: &one[0], Value: &one[1]})
		}
	}
	if r.service() == "sqs" {
		out.QueueConfigurations = append(out.QueueConfigurations, queueConfiguration{Id: &r.ID, QueueArn: r.ARN, Events: r.Events, Filter: f})
		return
	}
	out.TopicConfigurations = append(out.TopicConfigurations, topicConfiguration{Id: &r.ID, TopicArn: r.ARN, Events: r.Events, Filter: f})
}

func newID() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
