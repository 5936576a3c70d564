package sqs

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// What headers of a request say beside its parameters: the trace that a message belongs to, as AWS
// reads it, and two numbers by which programs that know LocalStack go beyond AWS's limits.
const (
	traceHeaderName   = "X-Amzn-Trace-Id"
	countHeaderName   = "X-Localstack-Sqs-Override-Message-Count"
	waitingHeaderName = "X-Localstack-Sqs-Override-Wait-Time-Seconds"
)

// maxOverride bounds both numbers.
const maxOverride = 10_000

type headers struct {
	trace string
	count int           // 0 for none
	wait  time.Duration // 0 for none
}

type headersKey struct{}

// withHeaders puts what the headers say into the request's context, if they say anything.
func withHeaders(req *http.Request) *http.Request {
	h := headers{trace: req.Header.Get(traceHeaderName)}
	h.count = override(req.Header.Get(countHeaderName))
	h.wait = time.Duration(override(req.Header.Get(waitingHeaderName))) * time.Second
	if h == (headers{}) {
		return req
	}
	return req.WithContext(context.WithValue(req.Context(), headersKey{}, h))
}

func override(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > maxOverride {
		return 0
	}
	return n
}

func headersOf(ctx context.Context) headers {
	h, _ := ctx.Value(headersKey{}).(headers)
	return h
}
