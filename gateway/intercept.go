package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
)

// Early is an Interceptor that also sees requests which are refused before the others are asked:
// those whose service could not be told (call.Service is nil) and those whose signature does not
// hold. What it answers comes before the refusal.
type Early interface {
	Interceptor
	// Early only marks.
	Early()
}

// lead takes a call through the interceptors to its backend and back. refusal is why the call must
// not reach a backend, nil for none. The answer is never nil and its body must be closed.
func (g *Gateway) lead(ctx context.Context, call *Call, refusal error) *http.Response {
	chain := g.all
	if refusal != nil {
		chain = g.early
	}
	resp, seen := g.forward(ctx, call, chain, refusal)
	for i := seen - 1; i >= 0; i-- {
		if err := g.returned(ctx, call, chain[i], resp); err != nil {
			resp.Body.Close()
			resp = g.refuse(call, err)
		}
	}
	return resp
}

// forward asks the interceptors in order and then the backend. seen is how many interceptors saw the
// call. What panics or fails becomes a refusal.
func (g *Gateway) forward(ctx context.Context, call *Call, chain []Interceptor, refusal error) (resp *http.Response, seen int) {
	defer func() {
		if v := recover(); v != nil {
			resp = g.refuse(call, g.panicked(call, v))
		}
	}()
	for _, i := range chain {
		seen++
		resp, err := i.ForwardRequest(ctx, call)
		if err != nil {
			if resp != nil {
				closeBody(resp)
			}
			return g.refuse(call, err), seen
		}
		if resp != nil {
			return whole(call, resp), seen
		}
	}
	if refusal != nil {
		return g.refuse(call, refusal), seen
	}
	resp, err := g.proxy(ctx, call)
	if err != nil {
		return g.refuse(call, err), seen
	}
	return whole(call, resp), seen
}

// returned lets one interceptor see the answer.
func (g *Gateway) returned(ctx context.Context, call *Call, i Interceptor, resp *http.Response) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = g.panicked(call, v)
		}
	}()
	before := resp.Body
	err = i.ReturnResponse(ctx, call, resp)
	if resp.Body == nil {
		resp.Body = http.NoBody
		if err == nil && before != nil {
			err = errors.Join(before.Close())
		}
	}
	return err
}

// panicked logs a panic and is the error that the caller gets for it.
func (g *Gateway) panicked(call *Call, v any) error {
	err := fmt.Errorf("panic: %v", v)
	g.log.Error("panic", "request", call.RequestID, "error", v, "stack", string(debug.Stack()))
	return err
}

// whole fills in what the makers of answers may leave out.
func whole(call *Call, resp *http.Response) *http.Response {
	if resp.Header == nil {
		resp.Header = make(http.Header)
	}
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	if resp.Request == nil {
		resp.Request = call.Request
	}
	return resp
}

func closeBody(resp *http.Response) {
	if resp.Body != nil {
		resp.Body.Close()
	}
}
