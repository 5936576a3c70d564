package sns

import (
	"encoding/json"
	"fmt"

	"localcloud/internal/journal"
)

// change is one record of the log: something as it is from then on, or that it is gone. Replaying one
// twice does no harm.
type change struct {
	Topic            *topic        `json:",omitempty"`
	TopicGone        string        `json:",omitempty"`
	Subscription     *subscription `json:",omitempty"`
	SubscriptionGone string        `json:",omitempty"`
	Application      *application  `json:",omitempty"`
	ApplicationGone  string        `json:",omitempty"`
	Endpoint         *endpoint     `json:",omitempty"`
	EndpointGone     string        `json:",omitempty"`

	Place    place             `json:",omitzero"`
	SMS      map[string]string `json:",omitempty"`
	Number   string            `json:",omitempty"`
	OptedOut bool              `json:",omitempty"`
	Reset    bool              `json:",omitempty"`
}

// record adds a change to the log. The lock is held.
func (b *Backend) record(c change) {
	if b.journal != nil {
		b.added = b.journal.Add(c.encode())
	}
}

func (c change) encode() []byte {
	raw, err := json.Marshal(c)
	if err != nil {
		panic(err) // texts, numbers and booleans only
	}
	return raw
}

// open replays the log in dir.
func (b *Backend) open(dir string) error {
	log, report, err := journal.Open(dir, func(record []byte) error {
		var c change
		if err := json.Unmarshal(record, &c); err != nil {
			return err
		}
		b.state.apply(c)
		return nil
	})
	if err != nil {
		return fmt.Errorf("sns: %w", err)
	}
	if report.Dropped > 0 {
		b.log.Warn("sns: the end of the log was not whole and is dropped", "bytes", report.Dropped)
	}
	b.journal = log
	return nil
}

func (s *state) apply(c change) {
	switch {
	case c.Reset:
		s.reset()
	case c.Topic != nil:
		s.putTopic(c.Topic)
	case c.TopicGone != "":
		if a, err := parseARN("", c.TopicGone); err == nil {
			s.removeTopic(a)
		}
	case c.Subscription != nil:
		s.putSubscription(c.Subscription)
	case c.SubscriptionGone != "":
		s.dropSubscription(c.SubscriptionGone)
	case c.Application != nil:
		s.putApplication(c.Application)
	case c.ApplicationGone != "":
		if a, err := parseARN("", c.ApplicationGone); err == nil {
			s.removeApplication(a)
		}
	case c.Endpoint != nil:
		s.putEndpoint(c.Endpoint)
	case c.EndpointGone != "":
		s.dropEndpoint(c.EndpointGone)
	case c.SMS != nil:
		s.at(c.Place).sms = c.SMS
	case c.Number != "":
		s.setOptOut(c.Place, c.Number, c.OptedOut)
	}
}

// all are the changes that make an empty state what this one is.
func (s *state) all(yield func(change)) {
	for at, r := range s.places {
		r.topics.Scan(func(_ string, t *topic) bool {
			yield(change{Topic: t})
			return true
		})
		r.applications.Scan(func(_ string, app *application) bool {
			yield(change{Application: app})
			return true
		})
		if len(r.sms) > 0 {
			yield(change{Place: at, SMS: r.sms})
		}
		r.optedOut.Scan(func(number string) bool {
			yield(change{Place: at, Number: number, OptedOut: true})
			return true
		})
	}
	for _, sub := range s.subscriptions {
		yield(change{Subscription: sub})
	}
	for _, e := range s.endpoints {
		yield(change{Endpoint: e})
	}
}

// compactAfter is the length of the log at which it is compacted for the first time.
const compactAfter = 8 << 20

// compactIfLong replaces the log by what there is once it is twice as long. The lock is held, since
// all of the state is small beside what was done to it.
func (b *Backend) compactIfLong() error {
	if b.journal == nil || b.journal.Size() < b.limit {
		return nil
	}
	return b.compact()
}

func (b *Backend) compact() error {
	snapshot, err := b.journal.Begin()
	if err != nil {
		return fmt.Errorf("sns: %w", err)
	}
	var written int64
	b.state.all(func(c change) {
		raw := c.encode()
		written += int64(len(raw))
		snapshot.Write(raw)
	})
	b.limit = max(compactAfter, 2*written)
	if err := snapshot.Commit(); err != nil {
		return fmt.Errorf("sns: %w", err)
	}
	return nil
}
