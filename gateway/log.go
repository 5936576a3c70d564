package gateway

import (
	"context"
	"log/slog"
	"time"
)

// logCall writes the line of a call. The record goes to the handler directly: the place in our
// source, which Logger would look up, is always this one.
func (g *Gateway) logCall(ctx context.Context, call *Call, status int) {
	level := slog.LevelInfo
	switch {
	case call.Service == nil && call.cause == nil:
		level = slog.LevelDebug // pages of our own, health checks
	case call.cause != nil:
		level = slog.LevelWarn
	}
	handler := g.log.Handler()
	if !handler.Enabled(ctx, level) {
		return
	}
	now := time.Now()
	record := slog.NewRecord(now, level, "call", 0)
	attrs := [...]slog.Attr{
		slog.String("request", call.RequestID),
		slog.String("service", call.serviceName()),
		slog.String("operation", call.operationName()),
		slog.String("backend", call.backend),
		slog.String("account", call.Account),
		slog.String("region", call.Region),
		slog.Int("status", status),
		slog.Duration("took", now.Sub(call.started)),
		{},
	}
	n := len(attrs) - 1
	if call.cause != nil {
		attrs[n] = slog.String("error", call.cause.Error())
		n++
	}
	record.AddAttrs(attrs[:n]...)
	// A line that cannot be written has nowhere to be reported.
	_ = handler.Handle(ctx, record)
}

func (c *Call) serviceName() string {
	if c.Service == nil {
		return ""
	}
	return c.Service.Name
}

func (c *Call) operationName() string {
	if c.Operation == nil {
		return ""
	}
	return c.Operation.Name
}
