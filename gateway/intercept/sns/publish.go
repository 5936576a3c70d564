package sns

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"localcloud/gateway"
	"localcloud/gateway/aws"
	"localcloud/gateway/aws/pattern"
	"localcloud/gateway/intercept/delivery"
)

// message is one published message.
type message struct {
	ID         string               `json:"id"`
	Topic      string               `json:"topic,omitempty"`
	Subject    string               `json:"subject,omitempty"`
	HasSubject bool                 `json:"hasSubject,omitempty"`
	Body       string               `json:"body"`
	Attributes map[string]attribute `json:"attributes,omitempty"`
	Group      string               `json:"group,omitempty"`
	Dedup      string               `json:"dedup,omitempty"`
	Sequence   string               `json:"sequence,omitempty"`
	Time       time.Time            `json:"time"`
	Trace      string               `json:"trace,omitempty"`
	Base       string               `json:"base"` // of the addresses in it, once it is sent
	Type       string               `json:"type,omitempty"`
	Token      string               `json:"token,omitempty"`

	structure    map[string]string // bodies by protocol, of MessageStructure json
	scheme, host string            // that the publisher used
}

type attribute struct {
	DataType string `json:"type"`
	Text     string `json:"text,omitempty"`
	Binary   []byte `json:"binary,omitempty"`
}

func (g *Glue) publish(ctx context.Context, call *gateway.Call) (*http.Response, error) {
	var in publishInput
	if err := read(call, &in); err != nil {
		return nil, err
	}
	m, err := g.newMessage(call, &in)
	if err != nil {
		return nil, err
	}
	out, err := g.accept(ctx, call, &in, m)
	if err != nil {
		return nil, err
	}
	return answer(call, out)
}

// accept takes a message on its way to a topic, a telephone or a device.
func (g *Glue) accept(ctx context.Context, call *gateway.Call, in *publishInput, m *message) (*publishOutput, error) {
	switch {
	case in.PhoneNumber != nil:
		if !validPhone(*in.PhoneNumber) {
			return nil, invalid("PhoneNumber Reason: %s is not valid to publish to", *in.PhoneNumber)
		}
		g.records.sms(call.Account, call.Region, *in.PhoneNumber, "", m)
		return &publishOutput{MessageId: &m.ID}, nil
	case in.TopicArn == nil && in.TargetArn != nil && strings.Contains(*in.TargetArn, ":endpoint/"):
		return g.toEndpoint(ctx, *in.TargetArn, m)
	}
	parameter, text := "TopicArn", in.TopicArn
	if text == nil {
		parameter, text = "TargetArn", in.TargetArn
	}
	if text == nil {
		return nil, invalid("TopicArn or TargetArn Reason: no value for required parameter")
	}
	t, err := g.topic(ctx, call, parameter, *text)
	if err != nil {
		return nil, err
	}
	return g.toTopic(t, in, m)
}

// topic finds the topic of a call. A topic of another region cannot be published to.
func (g *Glue) topic(ctx context.Context, call *gateway.Call, parameter, text string) (*topic, error) {
	if known := g.topics.find(text); known != nil && known.arn.region == call.Region {
		return known, nil
	}
	a, refused := parseARN(parameter, text)
	if refused != nil {
		return nil, refused
	}
	if a.service != "sns" || a.region != call.Region || strings.Contains(a.resource, ":") {
		return nil, invalid("%s", parameter)
	}
	return g.topics.get(ctx, a)
}

// toTopic checks a message against its topic and queues it for every subscriber that wants it.
func (g *Glue) toTopic(t *topic, in *publishInput, m *message) (*publishOutput, error) {
	m.Topic = t.arn.text
	if err := checkTopicRules(t, in, m); err != nil {
		return nil, err
	}
	if !t.fifo {
		return &publishOutput{MessageId: &m.ID}, g.fanOut(t, m)
	}
	id, sequence, err := g.fifo.publish(t, m, func() error { return g.fanOut(t, m) })
	if err != nil {
		return nil, err
	}
	return &publishOutput{MessageId: &id, SequenceNumber: &sequence}, nil
}

// fanOut queues a message for all subscribers of a topic whose filters let it pass.
func (g *Glue) fanOut(t *topic, m *message) error {
	if len(t.subscriptions) == 0 {
		return nil
	}
	m.Base = m.scheme + "://" + m.host
	f := facts{message: m}
	deliveries := make([]delivery.Message, 0, len(t.subscriptions))
	for _, s := range t.subscriptions {
		if s.pending || !g.pending.confirmed(s.ARN) {
			continue
		}
		if failed := f.mismatch(s); failed != "" {
			g.log.Info("delivery", "service", "sns", "message", m.ID, "target", s.ARN, "result", "filtered", "reason", failed)
			continue
		}
		d, err := s.delivery(t, m)
		if err != nil {
			return err
		}
		deliveries = append(deliveries, d)
	}
	return g.queues.Add(deliveries...)
}

// parcel is what is queued: a message for one subscriber.
type parcel struct {
	To      *subscription `json:"to"`
	Message *message      `json:"message"`
}

func (s *subscription) delivery(t *topic, m *message) (delivery.Message, error) {
	own := *m
	if body, ok := m.structure[s.Protocol]; ok {
		own.Body = body
	}
	payload, err := json.Marshal(parcel{To: s, Message: &own})
	group := ""
	if t.fifo {
		group = m.Group
	}
	return delivery.Message{Target: s.ARN, Group: group, Payload: payload}, err
}

// facts is what filters read of a message, each part made at its first use.
type facts struct {
	message    *message
	attributes map[string]pattern.Attribute
	body       any
	parsed     bool
}

// mismatch is the path of the field because of which a subscriber does not want the message.
func (f *facts) mismatch(s *subscription) string {
	if s.filter == nil {
		return ""
	}
	if !s.body {
		if f.attributes == nil {
			f.attributes = make(map[string]pattern.Attribute, len(f.message.Attributes))
			for name, a := range f.message.Attributes {
				f.attributes[name] = pattern.Attribute{DataType: a.DataType, Value: a.Text}
			}
		}
		return s.filter.MismatchAttributes(f.attributes)
	}
	if !f.parsed {
		f.parsed = true
		if json.Unmarshal([]byte(f.message.Body), &f.body) != nil {
			f.body = nil
		}
	}
	return s.filter.Mismatch(f.body)
}

// toEndpoint records what a mobile device would have got.
func (g *Glue) toEndpoint(ctx context.Context, text string, m *message) (*publishOutput, error) {
	a, refused := parseARN("TargetArn", text)
	if refused != nil {
		return nil, refused
	}
	var out attributesOutput
	err := g.options.Call(ctx, "sns", "GetEndpointAttributes", a.account, a.region, &endpointInput{EndpointArn: text}, &out)
	var missing *aws.Error
	if errors.As(err, &missing) && missing.Code == "NotFound" {
		return nil, invalid("TargetArn Reason: No endpoint found for the target arn specified")
	}
	if err != nil {
		return nil, err
	}
	if out.Attributes["Enabled"] == "false" {
		return nil, &aws.Error{Code: "EndpointDisabled", Message: "Endpoint is disabled", Status: 400}
	}
	platform, _, _ := strings.Cut(strings.TrimPrefix(a.resource, "endpoint/"), "/")
	if body, ok := m.structure[platform]; ok {
		m.Body = body
	}
	g.records.push(a.account, a.region, text, m)
	return &publishOutput{MessageId: &m.ID}, nil
}
