// Package sns is the native backend of Amazon SNS: it keeps topics, subscriptions, permissions, tags,
// platform applications and their endpoints, SMS settings and opt-outs, by account and region, in
// memory with an append log where persistence is on. It delivers nothing: the gateway answers Publish
// and PublishBatch and reads what it needs from here by ordinary calls.
//
// state.go holds what is kept, arn.go and failure.go how it is named and refused; each operation
// stands in the file of its group (topics, topicattributes, permissions, tags, protection, subscribe,
// subscriptions, subscriptionattributes, applications, endpoints, sms, sandbox), and persist.go keeps it all. One more
// operation is a function in such a file and a line in operations.
package sns

import (
	"fmt"
	"log/slog"
	"net/http"
	"sync"

	"localcloud/gateway/aws"
	"localcloud/images"
	"localcloud/images/native"
	"localcloud/internal/clock"
	"localcloud/internal/journal"
)

// Image returns the catalog's entry.
func Image() *images.Image {
	return &images.Image{Name: "sns", Services: []string{"sns"}, New: New}
}

// Backend is a running SNS without deliveries. Safe for concurrent use.
type Backend struct {
	*native.Server
	clock *clock.Clock
	log   *slog.Logger

	journal *journal.Log // nil without persistence

	mu    sync.RWMutex
	state state
	added uint64 // sequence number of the latest record in the log
	limit int64  // size of the log at which it is compacted next
}

var (
	_ images.Native   = (*Backend)(nil)
	_ images.Resetter = (*Backend)(nil)
)

// New starts the backend. It has no settings.
func New(env images.Env) (images.Native, error) {
	for key := range env.Settings {
		return nil, fmt.Errorf("sns: unknown setting %q; there are none", key)
	}
	b := &Backend{clock: env.Clock, log: env.Log, limit: compactAfter}
	if b.clock == nil {
		b.clock = &clock.Clock{}
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	b.state.reset()
	if env.Persist {
		if err := b.open(env.Dir); err != nil {
			return nil, err
		}
	}
	b.Server = native.NewServer(aws.Lookup("sns"), b.operations(), native.Log(b.log),
		native.Page(tokensPage, http.HandlerFunc(b.showToken)), native.Page(optOutsPage, http.HandlerFunc(b.optOut)))
	return b, nil
}

func (b *Backend) operations() []native.Operation {
	return []native.Operation{
		native.Op("AddPermission", b.addPermission),
		native.Op("CheckIfPhoneNumberIsOptedOut", b.checkIfPhoneNumberIsOptedOut),
		native.Op("ConfirmSubscription", b.confirmSubscription),
		native.Op("CreatePlatformApplication", b.createPlatformApplication),
		native.Op("CreatePlatformEndpoint", b.createPlatformEndpoint),
		native.Op("CreateTopic", b.createTopic),
		native.Op("DeleteEndpoint", b.deleteEndpoint),
		native.Op("DeletePlatformApplication", b.deletePlatformApplication),
		native.Op("DeleteSMSSandboxPhoneNumber", b.deleteSMSSandboxPhoneNumber),
		native.Op("DeleteTopic", b.deleteTopic),
		native.Op("GetDataProtectionPolicy", b.getDataProtectionPolicy),
		native.Op("GetEndpointAttributes", b.getEndpointAttributes),
		native.Op("GetPlatformApplicationAttributes", b.getPlatformApplicationAttributes),
		native.Op("GetSMSAttributes", b.getSMSAttributes),
		native.Op("GetSMSSandboxAccountStatus", b.getSMSSandboxAccountStatus),
		native.Op("GetSubscriptionAttributes", b.getSubscriptionAttributes),
		native.Op("GetTopicAttributes", b.getTopicAttributes),
		native.Op("ListEndpointsByPlatformApplication", b.listEndpointsByPlatformApplication),
		native.Op("ListOriginationNumbers", b.listOriginationNumbers),
		native.Op("ListPhoneNumbersOptedOut", b.listPhoneNumbersOptedOut),
		native.Op("ListPlatformApplications", b.listPlatformApplications),
		native.Op("ListSMSSandboxPhoneNumbers", b.listSMSSandboxPhoneNumbers),
		native.Op("ListSubscriptions", b.listSubscriptions),
		native.Op("ListSubscriptionsByTopic", b.listSubscriptionsByTopic),
		native.Op("ListTagsForResource", b.listTagsForResource),
		native.Op("ListTopics", b.listTopics),
		native.Op("OptInPhoneNumber", b.optInPhoneNumber),
		native.Op("PutDataProtectionPolicy", b.putDataProtectionPolicy),
		native.Op("RemovePermission", b.removePermission),
		native.Op("SetEndpointAttributes", b.setEndpointAttributes),
		native.Op("SetPlatformApplicationAttributes", b.setPlatformApplicationAttributes),
		native.Op("SetSMSAttributes", b.setSMSAttributes),
		native.Op("SetSubscriptionAttributes", b.setSubscriptionAttributes),
		native.Op("SetTopicAttributes", b.setTopicAttributes),
		native.Op("Subscribe", b.subscribe),
		native.Op("TagResource", b.tagResource),
		native.Op("Unsubscribe", b.unsubscribe),
		native.Op("UntagResource", b.untagResource),
	}
}

// Close closes the log.
func (b *Backend) Close() error {
	if b.journal == nil {
		return nil
	}
	return b.journal.Close()
}

// Reset forgets everything of all accounts.
func (b *Backend) Reset() error {
	return b.update(func() error {
		b.state.reset()
		b.record(change{Reset: true})
		return nil
	})
}

// update runs f under the lock and returns once what it recorded is written.
func (b *Backend) update(f func() error) error {
	b.mu.Lock()
	err := f()
	added := b.added
	if err == nil {
		err = b.compactIfLong()
	}
	b.mu.Unlock()
	if err != nil || b.journal == nil || added == 0 {
		return err
	}
	return b.journal.Wait(added)
}

// view runs f under the lock for reading.
func (b *Backend) view(f func() error) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return f()
}
