package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/wire"
)

// MaxHops is how often glue may pass a call on before it counts as a loop.
const MaxHops = 32

// ErrLoop is returned for calls that have been passed on too often.
var ErrLoop = errors.New("the call was passed on too often: a loop")

// Caller is the client by which glue calls any operation of any service through the gateway, the
// same way as any other call. Safe for concurrent use.
type Caller struct {
	// Gateway answers calls that are identified already; *Gateway does.
	Gateway interface {
		Do(ctx context.Context, call *Call) (*http.Response, error)
	}
	// Host is host:port as addresses in answers should name it; "" for localhost:4566.
	Host string
}

// Target says what is called, for whom and by whom.
type Target struct {
	Service, Operation string // "sqs", "SendMessage"
	Account, Region    string // "" for the defaults
	Principal          string // who calls: a service ("sns.amazonaws.com") or an ARN; "" for the account's root
	Hops               int    // how often what causes this call was passed on before; see On
}

// On is a target in the account and region of a call which caused it, one hop further.
func On(cause *aws.Call, service, operation string) Target {
	return Target{Service: service, Operation: operation, Account: cause.Account, Region: cause.Region, Hops: cause.Hops + 1}
}

// Call performs an operation. in and out are pointers to generated structures of the operation's
// input and output, or documents (map[string]any for in, *map[string]any for out); in may be nil for
// an empty input, out nil to drop the answer. A streaming member of out is an io.ReadCloser that must
// be closed. What the service refuses is an *aws.Error.
func (c *Caller) Call(ctx context.Context, target Target, in, out any) error {
	call, err := c.call(ctx, target, in)
	if err != nil {
		return fmt.Errorf("call %s:%s: %w", target.Service, target.Operation, err)
	}
	resp, err := c.Gateway.Do(ctx, call)
	if err != nil {
		return fmt.Errorf("call %s:%s: %w", target.Service, target.Operation, err)
	}
	return wire.DecodeResponse(call.Operation, call.Protocol, resp, out)
}

// call makes the call in the protocol that the service's model names first.
func (c *Caller) call(ctx context.Context, target Target, in any) (*Call, error) {
	service := aws.Lookup(target.Service)
	if service == nil {
		return nil, errors.New("no such service")
	}
	operation := service.Operation(target.Operation)
	if operation == nil {
		return nil, errors.New("no such operation")
	}
	if target.Hops > MaxHops {
		return nil, ErrLoop
	}
	host := c.Host
	if host == "" {
		host = "localhost:4566"
	}
	protocol := service.Protocols[0]
	req, err := wire.EncodeRequest(operation, protocol, host, in)
	if err != nil {
		return nil, err
	}
	call := &Call{Call: aws.Call{
		Service: service, Operation: operation, Protocol: protocol,
		Account: target.Account, Region: target.Region, Principal: target.Principal, Hops: target.Hops,
		Scheme: "http", Host: req.Host, Path: req.URL.EscapedPath(),
	}}
	if call.Account == "" {
		call.Account = aws.DefaultAccount
	}
	if call.Region == "" {
		call.Region = aws.DefaultRegion
	}
	if call.Principal == "" {
		call.Principal = "arn:" + call.Partition() + ":iam::" + call.Account + ":root"
	}
	call.AccessKey = call.Account
	call.Request = req.WithContext(ctx)
	return call, nil
}
