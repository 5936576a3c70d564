// Package intercept holds the interceptors of the gateway: what turns backends that keep the state of
// one API each into a cloud. To add one, write it in a file of its own (or a folder, for glue with
// background work) and give it a place in the list of All.
package intercept

import (
	"context"

	"localcloud/gateway"
	"localcloud/gateway/intercept/s3events"
	"localcloud/gateway/intercept/sns"
)

// Options is what the interceptors need to know.
type Options struct {
	Version string
	// Status is what /_localcloud/status answers, as JSON; nil for version and uptime alone.
	Status func(ctx context.Context) any
	// Services gives the state of each service by name for /_localstack/health ("available",
	// "running", "starting", "disabled", "error"); nil for none.
	Services func() map[string]string
	// Reset makes everything forget its state (POST /_localstack/state/reset); nil where it cannot be.
	Reset func(ctx context.Context) error
	// Stages tells which stages of the start have passed, for /_localstack/init; nil for all but
	// shutdown.
	Stages func() Stages
	// QueueURLs is the form of the queue URLs that SQS returns; "" for DynamicQueueURLs.
	QueueURLs QueueURLs
	// Host is the host[:port] in URLs that do not follow the request ("localhost.localstack.cloud:4566"),
	// "" for the one that the caller used.
	Host string
	// Origins are further origins ("https://app.example.com") that browsers may call from; "*" for all.
	Origins []string
	// NoCORS leaves out all CORS headers and checks.
	NoCORS bool
	// S3Events and SNS are the glue of these services; nil where there is none.
	S3Events *s3events.Glue
	SNS      *sns.Glue
	// NoMark leaves out the header "x-localstack: true".
	NoMark bool
}

// All returns the interceptors in their order. The first sees a call first and its answer last.
func All(o Options) []gateway.Interceptor {
	list := []gateway.Interceptor{newHeaders(o)}
	if !o.NoCORS {
		list = append(list, newCORS(o))
	}
	list = append(list,
		newPages(o),
		newQueueURLs(o),
	)
	if o.S3Events != nil {
		list = append(list, o.S3Events)
	}
	if o.SNS != nil {
		list = append(list, o.SNS)
	}
	return list
}
