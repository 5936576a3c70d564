package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/images"
)

// proxy sends a call to its backend, in the form that the backend's image asks for.
func (g *Gateway) proxy(ctx context.Context, call *Call) (*http.Response, error) {
	operation := ""
	if call.Operation != nil {
		operation = call.Operation.Name
	}
	backend, err := g.config.Backends(ctx, call.Service, operation, call.Account, call.Region)
	if err != nil {
		return nil, err
	}
	call.backend = backend.Name
	image := backend.Image
	if image == nil || image.New != nil {
		return g.roundTrip(ctx, call, call.Request, backend)
	}
	return g.foreign(ctx, call, backend)
}

// foreign sends a call to third-party software, in the form that its image asks for.
func (g *Gateway) foreign(ctx context.Context, call *Call, backend *images.Backend) (*http.Response, error) {
	r := call.Request
	removeHopHeaders(r.Header)
	if path := rawPath(r.RequestURI); r.RequestURI != "" && path != call.Path {
		toPathStyle(call)
	}
	return g.config.Adapter.Send(ctx, &call.Call, r, backend, func(req *http.Request) (*http.Response, error) {
		resp, err := g.roundTrip(ctx, call, req, backend)
		if err != nil {
			return nil, err
		}
		return whole(call, resp), nil
	})
}

// roundTrip asks the backend.
func (g *Gateway) roundTrip(ctx context.Context, call *Call, req *http.Request, backend *images.Backend) (*http.Response, error) {
	resp, err := backend.RoundTrip(req)
	if err == nil {
		return resp, nil
	}
	var e *aws.Error
	switch {
	case errors.As(err, &e):
		return nil, err
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case call.upload != nil && call.upload.failed != nil:
		return nil, cutShort(call)
	}
	call.cause = err
	return nil, aws.Unavailable(fmt.Sprintf("The backend %s did not answer: %v.", backend.Name, err))
}

// cutShort is the answer where the body of the request broke off or was none.
func cutShort(call *Call) *aws.Error {
	code := "IncompleteBody" // S3's, which has the long ones
	if call.upload.failed == errStalled {
		code = "RequestTimeout"
	}
	return &aws.Error{Code: code, Message: fmt.Sprintf("The request's body could not be read: %v.", call.upload.failed), Status: 400}
}

// toPathStyle moves a bucket from the request's host into its path, where every S3 looks for it.
func toPathStyle(call *Call) {
	r := call.Request
	bucket, _, _ := strings.Cut(strings.TrimPrefix(call.Path, "/"), "/")
	r.Host = strings.TrimPrefix(r.Host, bucket+".")
	query := r.URL.RawQuery
	force := r.URL.ForceQuery
	if u, err := r.URL.Parse(call.Path); err == nil {
		r.URL = u
	}
	r.URL.RawQuery, r.URL.ForceQuery = query, force
	r.URL.Opaque = ""
	if strings.HasPrefix(call.Path, "//") {
		r.URL.Opaque = "//" + r.Host + call.Path
	} else {
		r.URL.Opaque = call.Path
	}
}

// isHopHeader reports whether a header belongs to one connection and is not passed on (RFC 9110,
// 7.6.1). name is in canonical form.
func isHopHeader(name string) bool {
	switch name {
	case "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return true
	}
	return false
}

// removeHopHeaders removes what belongs to the connection a message came on. An upgrade stays, with
// the Connection that asks for it.
func removeHopHeaders(h http.Header) {
	upgrade := upgradeType(h)
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			if name = textproto.TrimString(name); name != "" {
				h.Del(name)
			}
		}
	}
	trailers := strings.EqualFold(h.Get("Te"), "trailers")
	for name := range h {
		if isHopHeader(name) {
			delete(h, name)
		}
	}
	if trailers {
		h.Set("Te", "trailers")
	}
	if upgrade != "" {
		h.Set("Connection", "Upgrade")
		h.Set("Upgrade", upgrade)
	}
}

// upgradeType is the protocol that a message's header upgrades to, "" for none.
func upgradeType(h http.Header) string {
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(textproto.TrimString(name), "upgrade") {
				return h.Get("Upgrade")
			}
		}
	}
	return ""
}
