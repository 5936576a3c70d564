// Package adapt hides the habits of third-party backends: whatever is peculiar about how one is spoken
// to (keys, accounts, regions, protocols, framing, words in its ARNs, its errors) is declared in its
// images.Image and done here, so that callers and glue see one AWS.
//
// File names follow a call: request, names, queueurl, credentials, chunked on the way in; failure,
// answer on the way out; s3 for the regions of buckets. One more habit is a field of images.Image and
// the place here that reads it.
package adapt

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/sign"
	"localcloud/gateway/aws/wire"
	"localcloud/gateway/store"
	"localcloud/images"
	"localcloud/internal/clock"
)

// Config is what an Adapter is made of.
type Config struct {
	Clock *clock.Clock // of signatures; nil for the wall clock
	// Regions keeps the regions of buckets that are held by a backend of one region, by name, without
	// account and region; nil keeps them in memory.
	Regions *store.Bucket[string]
}

// Adapter speaks to third-party backends. Safe for concurrent use.
type Adapter struct {
	clock   *clock.Clock
	regions *store.Bucket[string]

	mu       sync.Mutex
	accounts map[string]*admissions // by name of the backend
}

// New returns an adapter.
func New(config Config) *Adapter {
	a := &Adapter{clock: config.Clock, regions: config.Regions, accounts: make(map[string]*admissions)}
	if a.clock == nil {
		a.clock = new(clock.Clock)
	}
	if a.regions == nil {
		memory, err := store.Open("")
		if err == nil {
			a.regions, err = store.OpenBucket[string](memory, RegionsBucket)
		}
		if err != nil {
			panic(err) // nothing in memory can fail
		}
	}
	return a
}

// RegionsBucket is the name under which Config.Regions is opened.
const RegionsBucket = "s3/regions"

// Sender sends a request to a backend. Its errors are refusals of the call.
type Sender func(req *http.Request) (*http.Response, error)

// Send sends a call to a third-party backend and returns its answer as AWS would give it. The
// request's path, host and headers of the hop are in order already; its body is closed. The errors
// are refusals: an *aws.Error, or what send returned.
func (a *Adapter) Send(ctx context.Context, call *aws.Call, req *http.Request, backend *images.Backend, send Sender) (*http.Response, error) {
	x := &exchange{call: call, backend: backend, image: backend.Image, names: namesOf(call, backend.Image)}
	var ok bool
	if x.spoken, ok = wire.Choose(call, x.image.Protocols); !ok {
		return nil, aws.NotImplemented(call.Service, fmt.Sprintf("The backend %s speaks none of the protocols of %s.", backend.Name, call.Service.Name))
	}
	resp, err := a.exchange(ctx, x, req, send)
	var problem *sign.Problem
	if errors.As(err, &problem) {
		return nil, problem.AWS(call.Service, call.Protocol)
	}
	return resp, err
}

// exchange is one call on its way to a backend and back.
type exchange struct {
	call    *aws.Call
	backend *images.Backend
	image   *images.Image
	names   names
	spoken  aws.Protocol // in which the backend gets the call
	body    *bodyWatch   // nil for a body that is sent as it came
}

func (a *Adapter) exchange(ctx context.Context, x *exchange, req *http.Request, send Sender) (*http.Response, error) {
	out, err := x.request(req)
	if err != nil {
		return nil, err
	}
	var place *bucketRegion
	if x.call.Service != nil && x.call.Service.Name == "s3" && x.image.Region != "" {
		if place, err = a.forwardBucket(x, out); err != nil {
			return nil, err
		}
	}
	if err := a.credentials(ctx, x, out); err != nil {
		return nil, err
	}
	if x.body != nil {
		watched, cancel := context.WithCancelCause(out.Context())
		x.body.cancel, out = cancel, out.WithContext(watched)
	}
	resp, err := send(out)
	if err != nil {
		if x.body != nil && ctx.Err() == nil && context.Cause(out.Context()) != nil {
			return nil, context.Cause(out.Context())
		}
		return nil, err
	}
	if resp, err = x.answer(req, resp); err != nil {
		return nil, err
	}
	if place != nil {
		return a.returnBucket(x, place, req, resp)
	}
	return resp, nil
}

// translated reports whether the call reaches the backend in another protocol than it came in.
func (x *exchange) translated() bool { return x.spoken != x.call.Protocol && x.call.Operation != nil }

// streams reports whether the body of a message is passed on as it comes, unseen.
func streams(shape *aws.Shape) bool {
	if shape == nil {
		return false
	}
	for i := range shape.Members {
		m := &shape.Members[i]
		if m.Shape.EventStream {
			return true
		}
		if i == shape.Payload && m.Shape.Kind == aws.Blob {
			return true
		}
	}
	return false
}
