// Package gateway is the way of a call: it accepts a request, identifies service, operation,
// account and region, runs interceptors around the backend of the call, and returns the answer or a
// refusal in the caller's protocol. File names follow that way: accept, identify, authenticate,
// intercept, proxy, return, refuse. Below accept, connections are looked after (connections, conn) and
// plain requests are read and answered without net/http (plain), which has all others.
package gateway

import (
	"context"
	"net/http"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images"
)

// Call is one AWS API request on its way through the gateway.
type Call struct {
	aws.Call
	// Request is what is sent to the backend. Its URL keeps the path and query byte for byte as they
	// came (URL.Opaque or RawPath are set where net/http would alter them).
	Request *http.Request

	started time.Time
	upload  *stallLimit // the body as it comes from the caller; nil for short ones
	backend string      // its name, once it is found
	cause   error       // what went wrong, for the log
}

// Interceptor adds behaviour around the backend of a call. Safe for concurrent use.
type Interceptor interface {
	// ForwardRequest runs before the backend. It may change call.Request; who replaces its body closes
	// the old one. A non-nil response answers the call: the backend and later interceptors are skipped.
	// An error refuses it: an *aws.Error as it is, any other as the service's internal error.
	ForwardRequest(ctx context.Context, call *Call) (*http.Response, error)
	// ReturnResponse runs after the backend, or after an answer or refusal, for each interceptor that
	// saw the call, last first. It may change resp; who replaces its body closes the old one and sets
	// ContentLength. An error replaces the answer by a refusal, which the interceptors before it see.
	ReturnResponse(ctx context.Context, call *Call, resp *http.Response) error
}

// Backends finds the backend of a call and starts it at its first call, once. An *aws.Error is
// answered as it is (501 where there is no backend, 503 while one cannot take calls).
type Backends func(ctx context.Context, service *aws.Service, operation, account, region string) (*images.Backend, error)
