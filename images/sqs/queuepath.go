package sqs

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/wire"
)

// maxForm is more than any form of SQS has: a batch of 1 MiB, each byte written as three.
const maxForm = 8 << 20

// RoundTrip answers one call. One of the query protocol that is sent to a queue's URL is about that
// queue, unless it names another.
func (b *Backend) RoundTrip(req *http.Request) (*http.Response, error) {
	call := aws.CallFrom(req.Context())
	if call != nil && call.Protocol == aws.Query && call.Operation != nil && len(req.URL.Path) > 1 {
		named, err := withQueueURL(call, req)
		if err != nil {
			return wire.EncodeError(call, req, err), nil
		}
		req = named
	}
	return b.Server.RoundTrip(withHeaders(req))
}

// withQueueURL returns the request with a parameter QueueUrl where it has none and its path is that
// of a queue.
func withQueueURL(call *aws.Call, req *http.Request) (*http.Request, *aws.Error) {
	address := "http://" + call.Host + req.URL.EscapedPath()
	if _, _, ok := parseURL(call, address); !ok || names(req.URL.RawQuery) {
		return req, nil
	}
	out, target := *req, *req.URL
	out.URL = &target
	if req.Body != nil && req.Body != http.NoBody {
		form, err := io.ReadAll(io.LimitReader(req.Body, maxForm+1))
		if err = errors.Join(err, req.Body.Close()); err != nil || len(form) > maxForm {
			return nil, aws.Errorf("InvalidParameterValue", "The body of the request cannot be read.")
		}
		out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(form)), int64(len(form))
		if names(string(form)) {
			return &out, nil
		}
	}
	target.RawQuery = strings.TrimPrefix(target.RawQuery+"&", "&") + "QueueUrl=" + url.QueryEscape(address)
	return &out, nil
}

// names reports whether a form has the parameter QueueUrl.
func names(form string) bool {
	return strings.HasPrefix(form, "QueueUrl=") || strings.Contains(form, "&QueueUrl=")
}
