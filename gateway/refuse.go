package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/wire"
)

// statusCanceled is what the log says of a call whose caller has gone; nobody receives it.
const statusCanceled = 499

// refuse makes the answer to a call that fails: an AWS error in the caller's protocol. The log gets
// the cause, the caller only what an *aws.Error says.
func (g *Gateway) refuse(call *Call, err error) *http.Response {
	if call.cause == nil {
		call.cause = err
	}
	if errors.Is(err, context.Canceled) && call.Request.Context().Err() != nil {
		return answer(call, statusCanceled, "", "")
	}
	var e *aws.Error
	if !errors.As(err, &e) {
		e = internalError(call)
	}
	return wire.EncodeError(protocolKnown(call), call.Request, e)
}

// protocolKnown is the call with the protocol that its answer is written in. Where nothing tells it,
// callers that send or want JSON get JSON.
func protocolKnown(call *Call) *aws.Call {
	if call.Protocol != aws.Unknown || call.Service != nil {
		return &call.Call
	}
	header := call.Request.Header
	if strings.Contains(header.Get("Content-Type"), "json") || strings.Contains(header.Get("Accept"), "json") {
		known := call.Call
		known.Protocol = aws.JSON10
		return &known
	}
	return &call.Call
}

// internalError is the service's own name for what goes wrong inside.
func internalError(call *Call) *aws.Error {
	code := "InternalFailure"
	if call.Service != nil {
		switch call.Service.SigningName {
		case "s3":
			code = "InternalError"
		case "dynamodb":
			code = "InternalServerError"
		}
	}
	return &aws.Error{
		Code: code, Status: 500, Fault: true,
		Message: "localcloud failed to answer this call; its log has the cause under request " + call.RequestID + ".",
	}
}

// answer makes an answer with a body in memory.
func answer(call *Call, status int, contentType, body string) *http.Response {
	resp := &http.Response{
		StatusCode: status, Header: make(http.Header, 4), Request: call.Request,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
	if contentType != "" {
		resp.Header["Content-Type"] = []string{contentType}
	}
	return resp
}
