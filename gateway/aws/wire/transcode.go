package wire

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"localcloud/gateway/aws"
)

// A backend may not speak the protocol of a call. Then the request is decoded and encoded again in a
// protocol that the backend speaks, and its answer, or its error, the other way.

// Choose returns the protocol in which a backend that speaks those of spoken gets a call: the call's
// own if it can, else the first of the call's service. ok is false where there is none.
func Choose(call *aws.Call, spoken []aws.Protocol) (p aws.Protocol, ok bool) {
	if len(spoken) == 0 {
		return call.Protocol, true
	}
	for _, q := range spoken {
		if q == call.Protocol {
			return q, true
		}
	}
	for _, q := range spoken {
		if call.Service != nil && call.Service.Speaks(q) {
			return q, true
		}
	}
	return aws.Unknown, false
}

// TranscodeRequest makes the request of a call in another protocol. The new request has the context,
// host and headers of the old one but for those that describe body and protocol; a signature no
// longer fits it.
func TranscodeRequest(call *aws.Call, req *http.Request, to aws.Protocol) (*http.Request, error) {
	if streams(call.Operation.Input(), call.Protocol) || streams(call.Operation.Output(), call.Protocol) {
		return nil, aws.NotImplemented(call.Service, fmt.Sprintf(
			"The backend of %s does not speak %v, and the stream of %s cannot be translated.", call.Service.Name, call.Protocol, call.Operation.Name))
	}
	in := make(map[string]any)
	if err := DecodeRequest(call, req, &in, Options{}); err != nil {
		return nil, err
	}
	out, err := EncodeRequest(call.Operation, to, req.Host, in)
	if err != nil {
		return nil, err
	}
	out.Host, out.URL.Host = req.Host, req.Host
	for name, values := range req.Header {
		if out.Header[name] == nil && !ofMessage(name) {
			out.Header[name] = values
		}
	}
	return out.WithContext(req.Context()), nil
}

// ofMessage reports whether a header describes the body or the protocol of its request.
func ofMessage(name string) bool {
	switch name {
	case "Accept", "X-Amz-Target", "Smithy-Protocol", "X-Amzn-Query-Mode", "Transfer-Encoding", "Expect", "Trailer", "X-Amz-Content-Sha256":
		return true
	}
	return strings.HasPrefix(name, "Content-")
}

// TranscodeResponse makes the answer to a call in the call's own protocol out of a backend's answer
// in another one, which is read and closed. req is the request as the caller sent it.
func TranscodeResponse(call *aws.Call, req *http.Request, resp *http.Response, from aws.Protocol) (*http.Response, error) {
	out := make(map[string]any)
	err := DecodeResponse(call.Operation, from, resp, &out)
	var refusal *aws.Error
	if errors.As(err, &refusal) {
		return EncodeError(call, req, refusal), nil
	}
	if err != nil {
		return nil, err
	}
	return EncodeResponse(call, req, out)
}
