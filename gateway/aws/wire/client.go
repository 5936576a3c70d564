package wire

import (
	"net/http"

	"localcloud/gateway/aws"
)

// outgoing is a request that a client encodes.
type outgoing struct {
	operation *aws.Operation
	protocol  aws.Protocol
	http      *http.Request
	body      []byte
}

// incoming is an answer that a client decodes.
type incoming struct {
	operation *aws.Operation
	protocol  aws.Protocol
	http      *http.Response
	body      []byte
	limits    *Limits
	decoder   decoder
	json      jsonReader
}
