// Package gateway is the way of a call: it accepts a request, identifies service, operation,
// account and region, runs interceptors around the backend of the call, and returns the answer or a
// refusal in the caller's protocol. File names follow that way: accept, identify, authenticate,
// intercept, proxy, return, refuse.
package gateway

import (
	"context"
	"net/http"

	"localcloud/gateway/aws"
	"localcloud/images"
)

// Call is one AWS API request on its way through the gateway.
type Call struct {
	aws.Call
	// Request is what is sent to the backend. Its URL keeps the path and query byte for byte as they
	// came (URL.Opaque or RawPath are set where net/http would alter them).
	Request *http.Request
}

// Interceptor adds behaviour around the backend of a call.
type Interceptor interface {
	// ForwardRequest runs before the backend. It may change call.Request. A non-nil response
	// answers the call: the backend and later interceptors are skipped.
	ForwardRequest(ctx context.Context, call *Call) (*http.Response, error)
	// ReturnResponse runs after the backend, or after an answer, last interceptor first. It may change resp.
	ReturnResponse(ctx context.Context, call *Call, resp *http.Response) error
}

// Backends finds the backend of a call and starts it at its first call, once. An *aws.Error is
// answered as it is (501 where there is no backend, 503 while one cannot take calls).
type Backends func(ctx context.Context, service *aws.Service, operation, account, region string) (*images.Backend, error)
