// Package dynamodb is the native backend of Amazon DynamoDB and DynamoDB Streams: tables, items,
// expressions, transactions, PartiQL, streams, TTL and backups, by account and region, in memory with
// an append log where persistence is on.
//
// The package attr below has the attribute values, expr the expressions, engine the storage, partiql
// the statements. Here stands what makes them an API: dynamodb.go makes the backend, registry.go
// finds tables, table.go and schema.go know what a table is, item.go and condition.go what all
// operations on items share, capacity.go what they cost; each group of operations has its file. One
// more operation is a function in such a file and a line in operations.go.
package dynamodb

import (
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images"
	"localcloud/images/dynamodb/engine"
	"localcloud/images/native"
	"localcloud/internal/clock"
)

// Image is the catalog's entry.
func Image() *images.Image {
	return &images.Image{Name: "dynamodb", Services: []string{"dynamodb", "dynamodbstreams"}, New: New}
}

// Backend is a running DynamoDB. Safe for concurrent use.
type Backend struct {
	clock    *clock.Clock
	log      *slog.Logger
	settings settings
	dir      string // of the log, "" without persistence
	db       *engine.DB
	tables   registry
	tokens   tokens
	backups  backups
	expiry   expiry

	main, streams *native.Server
}

var (
	_ images.Native   = (*Backend)(nil)
	_ images.Resetter = (*Backend)(nil)
)

// New starts the backend. Its settings are those of settings.go.
func New(env images.Env) (images.Native, error) {
	b := &Backend{clock: env.Clock, log: env.Log}
	if b.clock == nil {
		b.clock = &clock.Clock{}
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if b.settings, err = parseSettings(env.Settings); err != nil {
		return nil, err
	}
	if env.Persist {
		b.dir = env.Dir
	}
	if err := b.open(); err != nil {
		return nil, err
	}
	service := aws.Lookup("dynamodb")
	b.main = native.NewServer(service, b.operations(), native.Log(b.log),
		native.Limits(limits), native.Page(expiredPage, http.HandlerFunc(b.deleteExpired)))
	b.streams = native.NewServer(aws.Lookup("dynamodbstreams"), b.streamOperations(), native.Log(b.log))
	b.expiry.start(b)
	return b, nil
}

// open makes an empty state and reads the log, where there is one.
func (b *Backend) open() error {
	b.tables.init()
	b.tokens.init()
	b.backups.init()
	b.db = engine.New(engine.Config{Clock: b.clock, Logger: b.log, OnMeta: b.restore})
	if b.dir == "" {
		return nil
	}
	return b.db.Load(b.dir)
}

// RoundTrip answers one call.
func (b *Backend) RoundTrip(req *http.Request) (*http.Response, error) {
	if call := aws.CallFrom(req.Context()); call != nil && call.Service != nil && call.Service.Name == "dynamodbstreams" {
		return b.streams.RoundTrip(req)
	}
	return b.main.RoundTrip(req)
}

// Close ends background work and closes the log.
func (b *Backend) Close() error {
	b.expiry.stop()
	return b.db.Close()
}

// Reset forgets everything. It must not run beside other calls.
func (b *Backend) Reset() error {
	b.expiry.stop()
	err := b.db.Close()
	if b.dir != "" {
		err = errors.Join(err, os.RemoveAll(filepath.Join(b.dir, "journal")))
	}
	if err = errors.Join(err, b.open()); err != nil {
		return err
	}
	b.expiry.start(b)
	return nil
}

func (b *Backend) now() time.Time { return b.clock.Now().UTC() }

// Compact replaces the log by a snapshot of the present state; it does nothing without persistence.
func (b *Backend) Compact() error {
	if b.dir == "" {
		return nil
	}
	return b.db.Compact()
}
