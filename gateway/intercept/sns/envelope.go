package sns

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
)

// Types of messages as subscribers see them.
const (
	notification = "Notification"
	confirmation = "SubscriptionConfirmation"
)

// envelope is the JSON that a subscriber without raw delivery gets; the members stand in AWS's order
// ("Parsing Amazon SNS message formats").
type envelope struct {
	Type              string
	MessageID         string  `json:"MessageId"`
	SequenceNumber    string  `json:",omitempty"`
	Token             string  `json:",omitempty"`
	TopicArn          string  `json:",omitempty"`
	Subject           *string `json:",omitempty"`
	Message           string
	SubscribeURL      string `json:",omitempty"`
	Timestamp         string
	SignatureVersion  string                       `json:",omitempty"`
	Signature         string                       `json:",omitempty"`
	SigningCertURL    string                       `json:",omitempty"`
	UnsubscribeURL    string                       `json:",omitempty"`
	MessageAttributes map[string]envelopeAttribute `json:",omitempty"`
}

type envelopeAttribute struct{ Type, Value string }

const timestampFormat = "2006-01-02T15:04:05.000Z"

// envelopeFor writes a message for one subscriber. Messages of FIFO topics are not signed.
func (g *Glue) envelopeFor(s *subscription, m *message) ([]byte, error) {
	e := envelope{
		Type: notification, MessageID: m.ID, SequenceNumber: m.Sequence, TopicArn: m.Topic, Message: m.Body,
		Timestamp: m.Time.Format(timestampFormat),
	}
	if m.Type != "" {
		e.Type, e.Token = m.Type, m.Token
		e.SubscribeURL = m.Base + "/?Action=ConfirmSubscription&TopicArn=" + url.QueryEscape(m.Topic) + "&Token=" + m.Token
	} else {
		e.UnsubscribeURL = m.Base + "/?Action=Unsubscribe&SubscriptionArn=" + url.QueryEscape(s.ARN)
	}
	if m.HasSubject {
		e.Subject = &m.Subject
	}
	if len(m.Attributes) > 0 {
		e.MessageAttributes = make(map[string]envelopeAttribute, len(m.Attributes))
		for name, a := range m.Attributes {
			value := a.Text
			if a.Binary != nil {
				value = base64.StdEncoding.EncodeToString(a.Binary)
			}
			e.MessageAttributes[name] = envelopeAttribute{Type: a.DataType, Value: value}
		}
	}
	if m.Sequence == "" {
		version := s.Signature
		if version != "2" {
			version = "1"
		}
		signature, err := g.signer.sign(version, m.ID+m.Type+version, e.signed())
		if err != nil {
			return nil, err
		}
		e.SignatureVersion, e.Signature, e.SigningCertURL = version, signature, m.Base+certificatePath
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(e); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// signed is the text that is signed ("Verifying the signatures of Amazon SNS messages").
func (e *envelope) signed() string {
	var b strings.Builder
	line := func(name, value string) { b.WriteString(name + "\n" + value + "\n") }
	line("Message", e.Message)
	line("MessageId", e.MessageID)
	if e.Subject != nil {
		line("Subject", *e.Subject)
	}
	if e.SubscribeURL != "" {
		line("SubscribeURL", e.SubscribeURL)
	}
	line("Timestamp", e.Timestamp)
	if e.Token != "" {
		line("Token", e.Token)
	}
	line("TopicArn", e.TopicArn)
	line("Type", e.Type)
	return b.String()
}
