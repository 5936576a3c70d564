package native

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/wire"
)

// Server performs the calls of one service. It is made by NewServer and safe for concurrent use.
type Server struct {
	service    *aws.Service
	operations map[string]*Operation
	pages      map[string]http.Handler
	log        *slog.Logger
	wire       wire.Options
}

// Option changes a server that is being made.
type Option func(*Server)

// Log sets the logger of internal errors; without it they go to slog's default.
func Log(log *slog.Logger) Option {
	return func(s *Server) {
		if log != nil {
			s.log = log
		}
	}
}

// Page adds a page beside the AWS API, at a path and all below it ("/_aws/sqs/messages"). The call in
// the request's context has no operation.
func Page(path string, handler http.Handler) Option {
	return func(s *Server) { s.pages[path] = handler }
}

// Limits bounds the requests that are held in memory; without it wire.DefaultLimits do.
func Limits(limits wire.Limits) Option {
	return func(s *Server) { s.wire.Limits = &limits }
}

// NewServer makes a server of the operations of a service. It panics where the table does not fit the
// model, which the first test of a backend shows: an operation that the service does not have or that
// is listed twice, a structure that does not fit its shape.
func NewServer(service *aws.Service, operations []Operation, options ...Option) *Server {
	s := &Server{
		service: service, operations: make(map[string]*Operation, len(operations)),
		pages: make(map[string]http.Handler), log: slog.Default(), wire: wire.Options{Validate: true},
	}
	messages := make([]wire.Message, 0, len(operations))
	for i := range operations {
		op := &operations[i]
		model := service.Operation(op.name)
		if model == nil || s.operations[op.name] != nil {
			panic(fmt.Sprintf("native: %s has no operation %s, or it is listed twice", service.Name, op.name))
		}
		s.operations[op.name] = op
		messages = append(messages, wire.Message{Operation: model, In: op.in, Out: op.out})
	}
	if err := wire.Check(messages); err != nil {
		panic(fmt.Sprintf("native: %s: %v", service.Name, err))
	}
	for _, option := range options {
		option(s)
	}
	return s
}

// RoundTrip answers one call, which is in the request's context. It never returns an error: what
// fails is answered in the caller's protocol.
func (s *Server) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	call := aws.CallFrom(ctx)
	if call == nil {
		return wire.EncodeError(&aws.Call{Service: s.service}, req, errNoCall), nil
	}
	resp, err := s.perform(ctx, call, req)
	if err != nil {
		return wire.EncodeError(call, req, s.refusal(call, err)), nil
	}
	return resp, nil
}

func (s *Server) perform(ctx context.Context, call *aws.Call, req *http.Request) (resp *http.Response, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = s.panicked(call, v)
		}
	}()
	if call.Operation == nil {
		return s.page(req)
	}
	op := s.operations[call.Operation.Name]
	if op == nil || call.Operation.Service != s.service {
		return nil, aws.NotImplemented(s.service, fmt.Sprintf(
			"The native %s backend does not support the operation %s.", s.service.Name, call.Operation.Name))
	}
	out, err := op.perform(ctx, call, req, s.wire)
	if err != nil {
		return nil, err
	}
	return wire.EncodeResponse(call, req, out)
}

// refusal is what the caller is told of an error; what is no *aws.Error is the service's own fault,
// and only the log has the cause.
func (s *Server) refusal(call *aws.Call, err error) *aws.Error {
	var refusal *aws.Error
	if errors.As(err, &refusal) {
		return refusal
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return aws.Unavailable("The request was cancelled.")
	}
	s.log.Error("operation failed", "request", call.RequestID, "service", s.service.Name,
		"operation", operationName(call), "error", err)
	return internal(s.service)
}

// panicked logs a panic and is the error that the caller gets for it.
func (s *Server) panicked(call *aws.Call, v any) error {
	s.log.Error("operation panicked", "request", call.RequestID, "service", s.service.Name,
		"operation", operationName(call), "panic", v, "stack", string(debug.Stack()))
	return internal(s.service)
}

// page answers a request that is no AWS call.
func (s *Server) page(req *http.Request) (*http.Response, error) {
	path := req.URL.Path
	for prefix, handler := range s.pages {
		if path == prefix || strings.HasPrefix(path, prefix+"/") {
			return serve(handler, req), nil
		}
	}
	return nil, &aws.Error{
		Code: "UnknownOperationException", Message: "The operation of the request is not known.", Status: http.StatusNotFound}
}

func operationName(call *aws.Call) string {
	if call.Operation == nil {
		return ""
	}
	return call.Operation.Name
}

var errNoCall = &aws.Error{Code: "InternalFailure", Message: "The request did not come through the gateway.", Fault: true, Status: 500}

// internal is the internal error of a service, by its own name.
func internal(service *aws.Service) *aws.Error {
	e := &aws.Error{Code: "InternalFailure", Message: "The request processing has failed because of an unknown error, exception or failure.", Fault: true, Status: 500}
	switch service.Name {
	case "s3":
		e.Code, e.Message = "InternalError", "We encountered an internal error. Please try again."
	case "dynamodb", "dynamodbstreams":
		e.Code, e.Message = "InternalServerError", "The request processing has failed because of an unknown error, exception or failure."
	}
	return e
}
