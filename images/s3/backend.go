// Package s3 is the native backend of S3: buckets and objects as people use them, whole and fast.
//
// Objects in bulk (PutObject, GetObject, HeadObject, UploadPart, browser forms) are handled on the
// HTTP request itself, so that bodies stream and headers are read once; every other operation is a
// function over the generated structures of api.go. What both share is checked before either, in
// guard.go. State is kept by package store.
//
// One more operation is a function in the file of its subject and a line in operations.go; the table
// in docs/s3.md names each.
package s3

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images"
	"localcloud/images/native"
	"localcloud/images/s3/store"
	"localcloud/internal/clock"
)

// Backend answers the calls of S3. Safe for concurrent use.
type Backend struct {
	store  *store.Store
	server http.RoundTripper
	log    *slog.Logger
	clock  *clock.Clock
}

// New starts the backend with its state in env.Dir. It has no settings.
func New(env images.Env) (*Backend, error) {
	for key := range env.Settings {
		return nil, fmt.Errorf("s3: unknown setting %q", key)
	}
	b := &Backend{log: env.Log, clock: env.Clock}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	if b.clock == nil {
		b.clock = new(clock.Clock)
	}
	var err error
	b.store, err = store.Open(env.Dir, store.Options{Persist: env.Persist, Log: b.log, Now: b.clock.Now})
	if err != nil {
		return nil, fmt.Errorf("s3: %w", err)
	}
	b.server = native.NewServer(aws.Lookup("s3"), b.operations(), native.Log(b.log))
	return b, nil
}

// Close ends background work and closes the state's files.
func (b *Backend) Close() error { return b.store.Close() }

// Reset removes every bucket.
func (b *Backend) Reset() error { return b.store.Reset() }

// now is the time with the precision that S3 has.
func (b *Backend) now() time.Time { return b.clock.Now().UTC() }

// RoundTrip answers one call, whose aws.Call is in the request's context.
func (b *Backend) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	call := aws.CallFrom(req.Context())
	if call == nil {
		return nil, errors.New("s3: a request without its call")
	}
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			b.log.Error("s3 panicked", "request", call.RequestID, "panic", p, "stack", string(debug.Stack()))
			resp, err = b.refuse(req, call, errPanic), nil
		} else if p != nil {
			panic(p)
		}
	}()
	r, err := b.read(req, call)
	if err != nil {
		return b.refuse(req, call, err), nil
	}
	if err := b.guard(r); err != nil {
		return b.refuse(req, call, err), nil
	}
	if resp, err = b.perform(r); err != nil {
		return b.refuse(req, call, err), nil
	}
	return resp, nil
}

var errPanic = fail(500, "InternalError", "We encountered an internal error. Please try again.")

// perform lets the operation's function answer.
func (b *Backend) perform(r *request) (*http.Response, error) {
	if direct := b.direct(r); direct != nil {
		return direct(r)
	}
	if err := r.checkIntegers(); err != nil {
		return nil, err
	}
	if err := r.buffer(); err != nil {
		return nil, err
	}
	ctx := withRequest(r.ctx, r)
	if r.key == "" && r.bucket != "" && strings.HasSuffix(r.call.Path, "/") { // no part of the name
		call := *r.call
		call.Path = strings.TrimRight(call.Path, "/")
		ctx = aws.WithCall(ctx, &call)
	}
	resp, err := b.server.RoundTrip(r.req.WithContext(ctx))
	if r.failed == nil || err != nil {
		if err == nil && r.is("PutBucketTagging") { // the model says 200
			resp.StatusCode, resp.Status = http.StatusNoContent, "204 No Content"
		}
		return resp, err
	}
	return nil, errors.Join(r.failed, resp.Body.Close())
}

// direct is the function of an operation that works on the request itself, nil for all others.
func (b *Backend) direct(r *request) func(*request) (*http.Response, error) {
	if r.call.Operation == nil {
		switch {
		case r.req.Method == http.MethodPost && r.bucket != "" && r.key == "":
			return b.postForm
		case r.req.Method == http.MethodOptions:
			return b.preflight
		}
		return nil
	}
	switch r.call.Operation.Name {
	case "GetObject":
		return b.getObject
	case "HeadObject":
		return b.headObject
	case "PutObject":
		return b.putObject
	case "UploadPart":
		return b.uploadPart
	}
	return nil
}

// drained is how much of a refused upload is read, so that the client gets to see the refusal on a
// connection that stays open.
const drained = 8 << 20

// drain reads what is left of a refused request's body. A client that waits to be told to send it is
// not told.
func drain(req *http.Request) {
	if req.Body != nil && req.Body != http.NoBody && req.Header.Get("Expect") == "" {
		_, _ = io.CopyN(io.Discard, req.Body, drained)
	}
}
