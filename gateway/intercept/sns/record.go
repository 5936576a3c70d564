package sns

import (
	"context"
	"sync"

	"localcloud/gateway/intercept/delivery"
)

// maxRecords is how many messages are kept for inspection a kind; the oldest go first.
const maxRecords = 10_000

// records is what telephones, mailboxes and mobile devices would have got.
type records struct {
	mu                    sync.Mutex
	phones, mails, mobile []record
}

// record is one message as the inspection pages show it.
type record struct {
	account, region string
	// To is the telephone number, address or endpoint.
	to                string
	PhoneNumber       string                       `json:"PhoneNumber,omitempty"`
	Endpoint          string                       `json:"Endpoint,omitempty"`
	TargetArn         string                       `json:"TargetArn,omitempty"`
	TopicArn          string                       `json:"TopicArn"`
	SubscriptionArn   string                       `json:"SubscriptionArn,omitempty"`
	MessageID         string                       `json:"MessageId"`
	Message           string                       `json:"Message"`
	MessageAttributes map[string]envelopeAttribute `json:"MessageAttributes"`
	Subject           *string                      `json:"Subject"`
}

func newRecord(account, region, to, subscriptionARN string, m *message) record {
	r := record{
		account: account, region: region, to: to, TopicArn: m.Topic, SubscriptionArn: subscriptionARN, MessageID: m.ID,
		Message: m.Body, MessageAttributes: make(map[string]envelopeAttribute, len(m.Attributes)),
	}
	for name, a := range m.Attributes {
		r.MessageAttributes[name] = envelopeAttribute{Type: a.DataType, Value: a.Text}
	}
	if m.HasSubject {
		r.Subject = &m.Subject
	}
	return r
}

func (r *records) add(list *[]record, one record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*list = append(*list, one)
	if len(*list) > maxRecords {
		*list = append([]record(nil), (*list)[len(*list)-maxRecords/2:]...)
	}
}

func (r *records) sms(account, region, number, subscriptionARN string, m *message) {
	one := newRecord(account, region, number, subscriptionARN, m)
	one.PhoneNumber = number
	r.add(&r.phones, one)
}

func (r *records) push(account, region, endpoint string, m *message) {
	one := newRecord(account, region, endpoint, "", m)
	one.TargetArn = endpoint
	r.add(&r.mobile, one)
}

func (r *records) mail(account, region, address, subscriptionARN string, m *message) {
	one := newRecord(account, region, address, subscriptionARN, m)
	one.Endpoint = address
	r.add(&r.mails, one)
}

func (r *records) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.phones, r.mails, r.mobile = nil, nil, nil
}

// record takes a message for a subscriber outside the machine.
func (g *Glue) record(_ context.Context, p parcel) (delivery.Verdict, error) {
	topic, refused := parseARN("TopicArn", topicOf(p.To.ARN))
	if refused != nil {
		return delivery.Give, refused
	}
	switch p.To.Protocol {
	case "sms":
		g.records.sms(topic.account, topic.region, p.To.Endpoint, p.To.ARN, p.Message)
	case "application":
		g.records.push(topic.account, topic.region, p.To.Endpoint, p.Message)
	default:
		g.records.mail(topic.account, topic.region, p.To.Endpoint, p.To.ARN, p.Message)
	}
	return delivery.Done, nil
}
