// Package sns is the glue of SNS: it publishes. Topics and subscriptions are the state of whatever
// backend SNS has; Publish and PublishBatch are answered here, and messages are delivered from here to
// queues, HTTP endpoints, telephones, mailboxes and mobile devices (the latter three are recorded for
// inspection), whichever backends those services have.
//
// The way of a message: publish.go and validate.go take it, topics.go knows who has subscribed,
// filters decide, envelope.go writes what a subscriber reads, deliver.go sends it in the background by
// sqs.go, http.go or record.go. confirm.go is the handshake with HTTP endpoints.
package sns

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"

	"localcloud/gateway"
	"localcloud/gateway/aws"
	"localcloud/gateway/aws/wire"
	"localcloud/gateway/intercept/delivery"
	"localcloud/gateway/store"
	"localcloud/internal/clock"
)

// Call performs an operation of a service through the gateway, as the service principal of SNS. in
// and out are structures with the members of the model, or documents. Errors are *aws.Error.
type Call func(ctx context.Context, service, operation, account, region string, in, out any) error

// Options is what the glue works with.
type Options struct {
	Call Call
	// Token asks the backend of SNS for the token of a pending subscription; ok is false where it has
	// none, and one is made here.
	Token   func(ctx context.Context, subscriptionARN string) (token string, ok bool)
	Store   *store.Store
	Dir     string // for messages on their way and the signing key
	Persist bool
	Log     *slog.Logger
	Clock   *clock.Clock
}

// Glue is the interceptor. Close ends its background work.
type Glue struct {
	options  Options
	log      *slog.Logger
	topics   *topics
	queues   *delivery.Queues
	fifo     *fifo
	signer   *signer
	records  *records
	pending  *confirmations
	client   *http.Client
	handlers map[string]handler
}

type handler func(ctx context.Context, call *gateway.Call) (*http.Response, error)

var _ gateway.Interceptor = (*Glue)(nil)

// New returns the glue, which takes up deliveries that an earlier process left.
func New(o Options) (*Glue, error) {
	g := &Glue{options: o, log: o.Log, fifo: newFIFO(o.Clock), records: new(records), client: newClient()}
	g.topics = newTopics(o.Call)
	g.signer = &signer{dir: o.Dir}
	var err error
	if g.pending, err = openConfirmations(o.Store); err != nil {
		return nil, fmt.Errorf("open glue of sns: %w", err)
	}
	g.handlers = map[string]handler{
		"Publish": g.publish, "PublishBatch": g.publishBatch, "Subscribe": g.subscribe,
		"ConfirmSubscription": g.confirm, "Unsubscribe": g.unsubscribe,
	}
	g.queues, err = delivery.Open(delivery.Options{
		Dir: filepath.Join(o.Dir, "deliveries"), Persist: o.Persist, Log: o.Log,
		Deliver: g.deliver, Backoff: backoff, GiveUp: g.deadLetter, Observe: delivery.LogAttempts(o.Log, "sns"),
	})
	if err != nil {
		return nil, fmt.Errorf("open glue of sns: %w", err)
	}
	return g, nil
}

// Performed lists the operations whose effect this glue performs, whatever backend SNS has.
var Performed = []string{"sns:Publish", "sns:PublishBatch", "sns:Subscribe"}

// ForwardRequest answers what this glue does itself.
func (g *Glue) ForwardRequest(ctx context.Context, call *gateway.Call) (*http.Response, error) {
	if call.Service == nil || call.Service.Name != "sns" {
		return nil, nil
	}
	if call.Operation == nil {
		return g.page(call)
	}
	if handle := g.handlers[call.Operation.Name]; handle != nil {
		return handle(ctx, call)
	}
	return nil, nil
}

// ReturnResponse keeps what is known of topics right.
func (g *Glue) ReturnResponse(_ context.Context, call *gateway.Call, resp *http.Response) error {
	if call.Service == nil || call.Service.Name != "sns" || call.Operation == nil || resp.StatusCode >= 300 {
		return nil
	}
	switch call.Operation.Name {
	case "CreateTopic", "DeleteTopic", "SetTopicAttributes", "SetSubscriptionAttributes", "Subscribe", "Unsubscribe",
		"ConfirmSubscription", "DeleteEndpoint", "SetEndpointAttributes":
		g.topics.forget(call.Account, call.Region)
	}
	return nil
}

// Reset forgets all messages and recorded deliveries.
func (g *Glue) Reset() {
	g.topics.forgetAll()
	g.fifo.reset()
	g.records.reset()
	g.pending.reset()
}

// Flush waits until every message is delivered or given up, or ctx ends.
func (g *Glue) Flush(ctx context.Context) error { return g.queues.Flush(ctx) }

// Counts tells what has become of all deliveries.
func (g *Glue) Counts() delivery.Counts { return g.queues.Counts() }

// Close ends deliveries that are under way.
func (g *Glue) Close() error {
	g.client.CloseIdleConnections()
	return g.queues.Close()
}

// answer encodes the result of an operation that was performed here.
func answer(call *gateway.Call, out any) (*http.Response, error) {
	return wire.EncodeResponse(&call.Call, call.Request, out)
}

// read decodes the input of an operation that is performed here, with the validation of the model.
func read(call *gateway.Call, in any) error {
	return wire.DecodeRequest(&call.Call, call.Request, in, wire.Options{Validate: true})
}

func invalid(format string, args ...any) *aws.Error {
	return &aws.Error{Code: "InvalidParameter", Message: "Invalid parameter: " + fmt.Sprintf(format, args...), Status: 400}
}

func notFound(what string) *aws.Error {
	return &aws.Error{Code: "NotFound", Message: what + " does not exist", Status: 404}
}
