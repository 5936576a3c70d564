package gateway

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"localcloud/gateway/aws"
)

// callLog writes a line for each call. What the calls of one operation, account and region have in
// common is formatted once.
type callLog struct {
	handler slog.Handler
	size    atomic.Int32
	common  sync.Map // of logKey to slog.Handler
}

type logKey struct {
	service                  *aws.Service
	operation                *aws.Operation
	backend, account, region string
}

// maxCommon bounds what is remembered: accounts are the caller's choice.
const maxCommon = 10_000

// write writes the line of a call. The record goes to the handler directly: the place in our source,
// which a Logger would look up, is always this one.
func (l *callLog) write(ctx context.Context, call *Call, status int) {
	level := slog.LevelInfo
	switch {
	case status >= 500:
		level = slog.LevelWarn
	case call.Service == nil && call.cause == nil:
		level = slog.LevelDebug // pages of our own, health checks
	}
	if !l.handler.Enabled(ctx, level) {
		return
	}
	now := time.Now()
	record := slog.NewRecord(now, level, "call", 0)
	record.AddAttrs(slog.String("request", call.RequestID), slog.Int("status", status), slog.Duration("took", now.Sub(call.started)))
	if call.cause != nil {
		record.AddAttrs(slog.String("error", call.cause.Error()))
	}
	// A line that cannot be written has nowhere to be reported.
	_ = l.of(call).Handle(ctx, record)
}

// of is the handler with what a call has in common with others.
func (l *callLog) of(call *Call) slog.Handler {
	key := logKey{call.Service, call.Operation, call.backend, call.Account, call.Region}
	if known, ok := l.common.Load(key); ok {
		return known.(slog.Handler)
	}
	var service, operation string
	if call.Service != nil {
		service = call.Service.Name
	}
	if call.Operation != nil {
		operation = call.Operation.Name
	}
	handler := l.handler.WithAttrs([]slog.Attr{
		slog.String("service", service), slog.String("operation", operation), slog.String("backend", call.backend),
		slog.String("account", call.Account), slog.String("region", call.Region),
	})
	if l.size.Add(1) > maxCommon {
		l.common.Clear()
		l.size.Store(1)
	}
	l.common.Store(key, handler)
	return handler
}
