// Package native turns plain Go functions into a backend that speaks AWS: every protocol that its
// service has, validation by the model, AWS errors. An operation of the model that has no function is
// refused with 501.
//
// A backend is a table of operations and a server of it:
//
//	server := native.NewServer(aws.Lookup("sqs"), []native.Operation{
//		native.Op("SendMessage", b.sendMessage),
//	}, native.Log(env.Log))
package native

import (
	"context"
	"net/http"
	"reflect"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/wire"
)

// Operation is one operation of a native backend, made by Op.
type Operation struct {
	name    string
	in, out reflect.Type
	perform func(ctx context.Context, call *aws.Call, req *http.Request, options wire.Options) (any, error)
}

// Op makes the function that performs an operation into an entry of a backend's table. In and Out
// are the generated structures of the operation's input and output. The call (account, region,
// request id) is in the context: aws.CallFrom. The function's input is its own; a streaming member of
// it can be read until the function returns, or until the answer's body is closed where the output
// streams. A nil output is an empty one.
func Op[In, Out any](name string, f func(ctx context.Context, in *In) (*Out, error)) Operation {
	return Operation{
		name: name, in: reflect.TypeFor[In](), out: reflect.TypeFor[Out](),
		perform: func(ctx context.Context, call *aws.Call, req *http.Request, options wire.Options) (any, error) {
			in := new(In)
			if err := wire.DecodeRequest(call, req, in, options); err != nil {
				return nil, err
			}
			out, err := f(ctx, in)
			if err != nil {
				return nil, err
			}
			return out, nil
		},
	}
}
