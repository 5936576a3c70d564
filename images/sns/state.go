package sns

import (
	"maps"
	"slices"
	"strings"

	"github.com/tidwall/btree"

	"localcloud/gateway/aws"
)

// place is an account in a region.
type place struct{ Account, Region string }

func (p place) arn(resource string) string {
	return "arn:" + aws.Partition(p.Region) + ":sns:" + p.Region + ":" + p.Account + ":" + resource
}

// topic is what is kept of a topic. Its fields are written to the log as they are.
type topic struct {
	ARN        string
	Attributes map[string]string // those that were set
	Tags       []Tag             // in the order in which they were added
	Deleted    int               // subscriptions that were ended

	subscriptions btree.Map[uint64, *subscription]
	byEndpoint    map[string]*subscription // by protocol and endpoint
	pending       int
}

func (t *topic) fifo() bool { return strings.HasSuffix(t.ARN, fifoSuffix) }

// subscription is what is kept of a subscription. One whose topic is deleted stays until it is ended.
type subscription struct {
	Number     uint64 // in the order in which they were made
	ARN        string
	TopicARN   string
	Owner      string // account
	Principal  string // ARN of who subscribed
	Protocol   string
	Endpoint   string
	Attributes map[string]string
	Token      string `json:",omitempty"` // while it waits for its confirmation
	Pending    bool   `json:",omitempty"`
	// Authenticated says that who confirmed it was known, Guarded that only its owner can end it.
	Authenticated bool `json:",omitempty"`
	Guarded       bool `json:",omitempty"`
	Orphan        bool `json:",omitempty"` // the topic is deleted
}

func (s *subscription) key() string { return s.Protocol + " " + s.Endpoint }

// application is a platform application, endpoint one of its mobile endpoints.
type application struct {
	ARN        string
	Attributes map[string]string

	endpoints btree.Map[uint64, *endpoint]
	byToken   map[string]*endpoint
}

type endpoint struct {
	Number         uint64
	ARN            string
	ApplicationARN string
	Attributes     map[string]string
}

// region is what an account has in a region.
type region struct {
	topics        btree.Map[string, *topic] // by ARN
	subscriptions btree.Map[uint64, *subscription]
	applications  btree.Map[string, *application]
	sms           map[string]string // SMS attributes that were set
	optedOut      btree.Set[string] // phone numbers
}

// state is all that the backend keeps. Backend.mu guards it.
type state struct {
	number        uint64 // of the latest subscription or endpoint
	places        map[place]*region
	subscriptions map[string]*subscription // by ARN
	tokens        map[string]*subscription // those that were pending, by token
	endpoints     map[string]*endpoint     // by ARN
}

func (s *state) reset() {
	s.number = 0
	s.places = make(map[place]*region)
	s.subscriptions = make(map[string]*subscription)
	s.tokens = make(map[string]*subscription)
	s.endpoints = make(map[string]*endpoint)
}

// at is what there is in a place; it can be changed under the lock for writing only.
func (s *state) at(p place) *region {
	r := s.places[p]
	if r == nil {
		r = &region{sms: make(map[string]string)}
		s.places[p] = r
	}
	return r
}

// seen is at for reading: what nobody has put anything in is empty.
func (s *state) seen(p place) *region {
	if r := s.places[p]; r != nil {
		return r
	}
	return &region{}
}

func (s *state) topic(a arn) *topic {
	t, _ := s.seen(a.place).topics.Get(a.text)
	return t
}

func (s *state) application(a arn) *application {
	found, _ := s.seen(a.place).applications.Get(a.text)
	return found
}

// putTopic takes in a topic that is new, or what the log says of one.
func (s *state) putTopic(t *topic) {
	a, _ := parseARN("", t.ARN)
	if old := s.topic(a); old != nil {
		old.Attributes, old.Tags, old.Deleted = t.Attributes, t.Tags, t.Deleted
		return
	}
	t.byEndpoint = make(map[string]*subscription)
	s.at(a.place).topics.Set(t.ARN, t)
}

// removeTopic deletes a topic. Its subscriptions stay, as orphans.
func (s *state) removeTopic(a arn) {
	t := s.topic(a)
	if t == nil {
		return
	}
	t.subscriptions.Scan(func(_ uint64, sub *subscription) bool {
		sub.Orphan = true
		return true
	})
	s.at(a.place).topics.Delete(a.text)
}

// putSubscription takes in a subscription that is new, or what the log says of one.
func (s *state) putSubscription(sub *subscription) {
	s.dropSubscription(sub.ARN)
	s.number = max(s.number, sub.Number)
	s.subscriptions[sub.ARN] = sub
	if sub.Token != "" {
		s.tokens[sub.Token] = sub
	}
	a, _ := parseARN("", sub.TopicARN)
	s.at(place{sub.Owner, a.Region}).subscriptions.Set(sub.Number, sub)
	if t := s.topic(a); t != nil && !sub.Orphan {
		t.subscriptions.Set(sub.Number, sub)
		t.byEndpoint[sub.key()] = sub
		if sub.Pending {
			t.pending++
		}
	}
}

// dropSubscription forgets a subscription.
func (s *state) dropSubscription(text string) {
	sub := s.subscriptions[text]
	if sub == nil {
		return
	}
	delete(s.subscriptions, text)
	if sub.Token != "" {
		delete(s.tokens, sub.Token)
	}
	a, _ := parseARN("", sub.TopicARN)
	s.at(place{sub.Owner, a.Region}).subscriptions.Delete(sub.Number)
	t := s.topic(a)
	if t == nil || sub.Orphan {
		return
	}
	t.subscriptions.Delete(sub.Number)
	if t.byEndpoint[sub.key()] == sub {
		delete(t.byEndpoint, sub.key())
	}
	if sub.Pending {
		t.pending--
	}
}

func (s *state) putApplication(app *application) {
	a, _ := parseARN("", app.ARN)
	if old := s.application(a); old != nil {
		old.Attributes = app.Attributes
		return
	}
	app.byToken = make(map[string]*endpoint)
	s.at(a.place).applications.Set(app.ARN, app)
}

// removeApplication deletes a platform application with its endpoints.
func (s *state) removeApplication(a arn) {
	app := s.application(a)
	if app == nil {
		return
	}
	app.endpoints.Scan(func(_ uint64, e *endpoint) bool {
		delete(s.endpoints, e.ARN)
		return true
	})
	s.at(a.place).applications.Delete(a.text)
}

func (s *state) putEndpoint(e *endpoint) {
	s.dropEndpoint(e.ARN)
	s.number = max(s.number, e.Number)
	a, _ := parseARN("", e.ApplicationARN)
	app := s.application(a)
	if app == nil {
		return
	}
	s.endpoints[e.ARN] = e
	app.endpoints.Set(e.Number, e)
	app.byToken[e.Attributes["Token"]] = e
}

func (s *state) dropEndpoint(text string) {
	e := s.endpoints[text]
	if e == nil {
		return
	}
	delete(s.endpoints, text)
	a, _ := parseARN("", e.ApplicationARN)
	app := s.application(a)
	if app == nil {
		return
	}
	app.endpoints.Delete(e.Number)
	if token := e.Attributes["Token"]; app.byToken[token] == e {
		delete(app.byToken, token)
	}
}

// changed is a copy of a map with changes; an empty value removes a key.
func changed(old, changes map[string]string) map[string]string {
	out := maps.Clone(old)
	if out == nil {
		out = make(map[string]string, len(changes))
	}
	for key, value := range changes {
		if value == "" {
			delete(out, key)
		} else {
			out[key] = value
		}
	}
	return out
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
