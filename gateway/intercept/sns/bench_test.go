package sns

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"localcloud/gateway"
	"localcloud/gateway/aws"
	"localcloud/gateway/store"
	"localcloud/internal/clock"
)

// BenchmarkPublish publishes to a topic without subscriptions.
func BenchmarkPublish(b *testing.B) {
	kept, err := store.Open("")
	if err != nil {
		b.Fatal(err)
	}
	g, err := New(Options{Call: newCloud().call, Store: kept, Dir: b.TempDir(), Log: slog.New(slog.DiscardHandler), Clock: new(clock.Clock)})
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close()
	service := aws.Lookup("sns")
	const form = "Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A000000000000%3Aorders&Message=hello+world"
	req := httptest.NewRequest(http.MethodPost, "/", nil)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.ContentLength = int64(len(form))
	call := &gateway.Call{Request: req, Call: aws.Call{
		Service: service, Operation: service.Operation("Publish"), Protocol: aws.Query, Account: aws.DefaultAccount,
		Region: aws.DefaultRegion, AccessKey: "test", Scheme: "http", Host: "localhost:4566", Path: "/", RequestID: "1",
	}}
	b.ReportAllocs()
	for b.Loop() {
		req.Body = io.NopCloser(strings.NewReader(form))
		resp, err := g.ForwardRequest(b.Context(), call)
		if err != nil {
			b.Fatal(err)
		}
		resp.Body.Close()
	}
}
