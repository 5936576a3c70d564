// Package native turns plain Go functions into a backend that speaks AWS: every protocol that its
// service has, validation by the model, AWS errors. An operation of the model that has no function is
// refused with 501.
package native

import "context"

// Operation is one operation of a native backend, made by Op.
type Operation struct {
	name string
}

// Op makes the function that performs an operation into an entry of a backend's table. In and Out
// are the generated structures of the operation's input and output. The call (account, region,
// request id) is in the context: aws.CallFrom.
func Op[In, Out any](name string, f func(ctx context.Context, in *In) (*Out, error)) Operation {
	return Operation{name: name}
}
