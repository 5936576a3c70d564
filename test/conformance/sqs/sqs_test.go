package sqs_test

import (
	"os"
	"testing"

	conformance "localcloud/test/conformance/sqs"
)

// TestNative runs the suite against the native backend behind a gateway.
func TestNative(t *testing.T) {
	url, clk := start(t, nil)
	conformance.Run(t, conformance.Endpoint{URL: url, Region: "us-east-1", Advance: clk.Advance})
}

// TestEndpoint runs the suite against a running endpoint.
func TestEndpoint(t *testing.T) {
	url := os.Getenv("CONFORMANCE_ENDPOINT")
	if url == "" {
		t.Skip("CONFORMANCE_ENDPOINT names no endpoint")
	}
	conformance.Run(t, conformance.Endpoint{URL: url, Region: "us-east-1"})
}
