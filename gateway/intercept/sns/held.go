package sns

import (
	"bytes"
	"io"

	"localcloud/gateway"
	"localcloud/gateway/aws"
)

// maxHeld is the length of a request that is held to be looked at: more than a batch can have.
const maxHeld = 4 << 20

// held is the body of a request that was read, to be sent on.
type held []byte

// peek decodes the input of a call that may still go to the backend.
func peek(call *gateway.Call, in any) (held, error) {
	if call.Request.Body == nil {
		return nil, read(call, in)
	}
	content, err := io.ReadAll(io.LimitReader(call.Request.Body, maxHeld+1))
	if err != nil {
		return nil, err
	}
	if len(content) > maxHeld {
		return nil, &aws.Error{Code: "RequestEntityTooLarge", Message: "The request is longer than this operation's input can be.", Status: 413}
	}
	body := held(content)
	body.rewind(call)
	return body, read(call, in)
}

// rewind makes the body the request's again.
func (h held) rewind(call *gateway.Call) {
	if h != nil {
		call.Request.Body = io.NopCloser(bytes.NewReader(h))
	}
}
