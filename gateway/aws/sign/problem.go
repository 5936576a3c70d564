package sign

import (
	"fmt"
	"time"

	"localcloud/gateway/aws"
)

// Kind tells what is wrong with a signature.
type Kind uint8

// The kinds of problems.
const (
	Malformed      Kind = iota + 1 // a header that cannot be read
	MalformedQuery                 // query parameters that are missing or cannot be read
	Skewed                         // signed too long ago, or in the future
	Expired                        // a presigned URL after its end
	NotYetValid                    // a presigned URL before its beginning
	Mismatch                       // the signature is not the one of this request and key
	BadChunk                       // an aws-chunked body that breaks its framing
	Incomplete                     // an aws-chunked body of another length than announced
	MissingHeader                  // a header that must be signed is not
)

// Problem is why a signature is refused.
type Problem struct {
	Kind    Kind
	Message string
	Detail  map[string]any // members that S3 adds to its error, nil for none
}

func (p *Problem) Error() string { return p.Message }

func problem(kind Kind, format string, args ...any) *Problem {
	return &Problem{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

func mismatch() *Problem {
	return problem(Mismatch, "The request signature we calculated does not match the signature you provided. Check your key and signing method.")
}

func expired(at, now time.Time) *Problem {
	return &Problem{Kind: Expired, Message: "Request has expired", Detail: map[string]any{
		"Expires": at.UTC().Format("2006-01-02T15:04:05Z"), "ServerTime": now.UTC().Format("2006-01-02T15:04:05Z"),
	}}
}

// answer is code and status of a kind in one family of services.
type answer struct {
	code   string
	status int
}

// The answers of S3, as its list of error codes gives them.
var s3Answers = map[Kind]answer{
	Malformed:      {"AuthorizationHeaderMalformed", 400},
	MalformedQuery: {"AuthorizationQueryParametersError", 400},
	Skewed:         {"RequestTimeTooSkewed", 403},
	Expired:        {"AccessDenied", 403},
	NotYetValid:    {"AccessDenied", 403},
	Mismatch:       {"SignatureDoesNotMatch", 403},
	BadChunk:       {"InvalidChunkSizeError", 403},
	Incomplete:     {"IncompleteBody", 400},
	MissingHeader:  {"AccessDenied", 403},
}

// The answers of the services that speak AWS JSON, then of all others ("Common Errors" of their
// API references).
var (
	jsonAnswers = map[Kind]answer{
		Malformed: {"IncompleteSignatureException", 400}, MalformedQuery: {"IncompleteSignatureException", 400},
		Skewed: {"InvalidSignatureException", 400}, Expired: {"InvalidSignatureException", 400},
		NotYetValid: {"InvalidSignatureException", 400}, Mismatch: {"InvalidSignatureException", 400},
		BadChunk: {"InvalidSignatureException", 400}, Incomplete: {"InvalidSignatureException", 400},
		MissingHeader: {"InvalidSignatureException", 400},
	}
	queryAnswers = map[Kind]answer{
		Malformed: {"IncompleteSignature", 400}, MalformedQuery: {"IncompleteSignature", 400},
		Skewed: {"SignatureDoesNotMatch", 403}, Expired: {"SignatureDoesNotMatch", 403},
		NotYetValid: {"SignatureDoesNotMatch", 403}, Mismatch: {"SignatureDoesNotMatch", 403},
		BadChunk: {"SignatureDoesNotMatch", 403}, Incomplete: {"SignatureDoesNotMatch", 403},
		MissingHeader: {"SignatureDoesNotMatch", 403},
	}
)

// AWS is the error that a service answers the problem with in the given protocol.
func (p *Problem) AWS(service *aws.Service, protocol aws.Protocol) *aws.Error {
	answers := queryAnswers
	switch {
	case service != nil && service.SigningName == "s3":
		answers = s3Answers
	case protocol == aws.JSON10 || protocol == aws.JSON11 || protocol == aws.RestJSON || protocol == aws.RPCv2CBOR:
		answers = jsonAnswers
	}
	a := answers[p.Kind]
	err := &aws.Error{Code: a.code, Message: p.Message, Status: a.status}
	if p.Detail != nil && service != nil && service.SigningName == "s3" {
		err.Detail = p.Detail
	}
	return err
}
