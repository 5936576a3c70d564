// Package sqs holds what an SQS backend must do for its clients: a suite that speaks the JSON and the
// query protocol, runs against any endpoint, and compares errors with recorded ones of AWS.
//
// recorded.go is the table of errors, client.go speaks the protocols; one more behaviour is a
// function in behaviours.go and a line in Behaviours.
package sqs

import (
	"crypto/rand"
	"encoding/hex"
	"testing"
	"time"
)

// Endpoint is where the suite runs. It needs an account without queues whose names begin like those
// of the suite.
type Endpoint struct {
	URL    string
	Region string
	// Advance lets time pass; nil for waiting.
	Advance func(d time.Duration)
}

// pass lets d pass, with a little more for a backend that goes by the wall clock.
func (e Endpoint) pass(d time.Duration) {
	if e.Advance != nil {
		e.Advance(d)
		return
	}
	time.Sleep(d + 100*time.Millisecond)
}

// Run runs the whole suite in both protocols.
func Run(t *testing.T, e Endpoint) {
	for _, protocol := range []string{"json", "query"} {
		c := &Client{Endpoint: e, Query: protocol == "query"}
		t.Run(protocol, func(t *testing.T) {
			t.Run("errors", func(t *testing.T) { Errors(t, c) })
			for _, b := range Behaviours {
				t.Run(b.Name, func(t *testing.T) { b.Check(t, c) })
			}
		})
	}
}

// unique makes the names of queues different in every run.
func unique(name string) string {
	var raw [4]byte
	_, _ = rand.Read(raw[:]) // never fails
	return "suite-" + hex.EncodeToString(raw[:]) + "-" + name
}
