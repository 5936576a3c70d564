package wire

import (
	"errors"

	"localcloud/gateway/aws"
)

// Limits bound what a message that is held in memory may be. What exceeds them is refused with an
// AWS error before it costs anything in proportion.
type Limits struct {
	Body  int64 // bytes, after decompression; streaming payloads are not counted
	Depth int   // of nested structures, lists and maps
	Items int   // elements of all lists and entries of all maps together
	Pairs int   // fields of a form, query string parameters
}

// DefaultLimits are larger than what any AWS service takes (Lambda: 70 MB of code, CloudWatch: 1,000
// metrics of 150 values).
var DefaultLimits = Limits{Body: 80 << 20, Depth: 200, Items: 1_000_000, Pairs: 400_000}

var (
	errTooLarge  = &aws.Error{Code: "RequestEntityTooLargeException", Message: "Request size exceeded the limit", Status: 413}
	errTooMany   = &aws.Error{Code: "SerializationException", Message: "The request has too many elements", Status: 400}
	errTooPairs  = &aws.Error{Code: "MalformedQueryString", Message: "The request has too many parameters", Status: 400}
	errTruncated = &aws.Error{Code: "IncompleteBody", Message: "The request body terminated unexpectedly", Status: 400}
	errNotGzip   = &aws.Error{Code: "SerializationException", Message: "The request body is not what its Content-Encoding says", Status: 400}

	errTarget = errors.New("wire: a message is read into a pointer to a structure or to a document")
	errSource = errors.New("wire: a message is written from a pointer to a structure or from a document")
)
