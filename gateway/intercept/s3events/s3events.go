// Package s3events is the glue of S3 notifications: it keeps the notification configuration of every
// bucket, whatever backend S3 has, and tells queues and topics of the changes that pass through the
// gateway.
//
// config.go sets and returns configurations, changes.go reads from a passing call what has changed,
// event.go writes what a destination gets, deliver.go sends it in the background.
package s3events

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"

	"localcloud/gateway"
	"localcloud/gateway/intercept/delivery"
	"localcloud/gateway/store"
	"localcloud/internal/clock"
)

// Call performs an operation of a service through the gateway, as the service principal of S3. in and
// out are structures with the members of the model, or documents. Errors are *aws.Error.
type Call func(ctx context.Context, service, operation, account, region string, in, out any) error

// Options is what the glue works with.
type Options struct {
	Call    Call
	Store   *store.Store
	Dir     string // for events on their way
	Persist bool
	Log     *slog.Logger
	Clock   *clock.Clock
}

// Glue is the interceptor. Close ends its background work.
type Glue struct {
	options Options
	queues  *delivery.Queues
	// configurations of buckets by their names, which are unique over all accounts.
	configurations store.Shelf[configuration]

	changing sync.Map // *gateway.Call to *change, between both ways of a call
	last     sequence
}

var _ gateway.Interceptor = (*Glue)(nil)

// New returns the glue, which takes up deliveries that an earlier process left.
func New(o Options) (*Glue, error) {
	configurations, err := store.OpenBucket[configuration](o.Store, "s3.notifications")
	if err != nil {
		return nil, fmt.Errorf("open glue of s3: %w", err)
	}
	g := &Glue{options: o, configurations: configurations.At("", "")}
	queues, err := delivery.Open(delivery.Options{
		Dir: filepath.Join(o.Dir, "deliveries"), Persist: o.Persist, Log: o.Log,
		Deliver: g.deliver, Backoff: backoff, Observe: delivery.LogAttempts(o.Log, "s3"),
	})
	if err != nil {
		return nil, fmt.Errorf("open glue of s3: %w", err)
	}
	g.queues = queues
	return g, nil
}

// ForwardRequest answers the operations on notification configurations and notes what other calls
// are about to change.
func (g *Glue) ForwardRequest(ctx context.Context, call *gateway.Call) (*http.Response, error) {
	if call.Service == nil || call.Service.Name != "s3" || call.Operation == nil {
		return nil, nil
	}
	switch call.Operation.Name {
	case "PutBucketNotificationConfiguration":
		return g.put(ctx, call)
	case "GetBucketNotificationConfiguration":
		return g.get(ctx, call)
	case "PutBucketNotification", "GetBucketNotification":
		return nil, deprecated(call)
	}
	if kind := changes[call.Operation.Name]; kind != nil {
		bucket, key := bucketAndKey(call.Path)
		if c, ok := g.configurations.Get(bucket); ok {
			noted := note(call, kind, c, bucket, key)
			if call.Operation.Name == "DeleteObjects" {
				var err error
				if noted.deletion, err = noteDeletion(call); err != nil {
					return nil, err
				}
			}
			g.changing.Store(call, noted)
		}
	}
	return nil, nil
}

// ReturnResponse tells the bucket's destinations of a change that has succeeded.
func (g *Glue) ReturnResponse(ctx context.Context, call *gateway.Call, resp *http.Response) error {
	if call.Service == nil || call.Service.Name != "s3" || call.Operation == nil {
		return nil
	}
	if call.Operation.Name == "DeleteBucket" && resp.StatusCode < 300 {
		bucket, _ := bucketAndKey(call.Path)
		return g.configurations.Delete(bucket)
	}
	noted, ok := g.changing.LoadAndDelete(call)
	if !ok || resp.StatusCode >= 300 && resp.StatusCode != http.StatusSeeOther {
		return nil
	}
	c := noted.(*change)
	occurrences, err := c.kind.read(ctx, g, call, c, resp)
	if err != nil {
		return err
	}
	return g.tell(call, c, occurrences)
}

// Flush waits until every event is delivered or given up, or ctx ends.
func (g *Glue) Flush(ctx context.Context) error { return g.queues.Flush(ctx) }

// Counts tells what has become of all events.
func (g *Glue) Counts() delivery.Counts { return g.queues.Counts() }

// Close ends deliveries that are under way.
func (g *Glue) Close() error { return g.queues.Close() }

// bucketAndKey splits the path of a call.
func bucketAndKey(path string) (bucket, key string) {
	bucket, key, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return unescape(bucket), unescape(key)
}

func unescape(s string) string {
	plain, err := url.PathUnescape(s)
	if err != nil {
		return s
	}
	return plain
}
