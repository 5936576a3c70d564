// Package sign makes and checks the signatures of AWS requests: Signature Version 4 in headers, in
// presigned URLs and over chunked bodies with and without trailers, and, for checking only,
// Version 4A and Version 2. The documents it follows are "AWS Signature Version 4 for API requests"
// of the IAM user guide and "Authenticating Requests (AWS Signature Version 4)" of the Amazon S3 API
// reference.
//
// Parse reads what a request claims (no secret is needed for that), Signature.Check tests its time
// limits, Signature.Verify its bytes. Paths and queries are taken as they stand on the wire.
package sign

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Scheme is a signature version.
type Scheme uint8

// The schemes; None for a request without any signature.
const (
	None Scheme = iota
	V2
	V4
	V4A
)

// Names of the algorithms and of payload hashes that are no hash.
const (
	algorithmV4  = "AWS4-HMAC-SHA256"
	algorithmV4A = "AWS4-ECDSA-P256-SHA256"

	// UnsignedPayload stands for the hash of a body that is not signed.
	UnsignedPayload = "UNSIGNED-PAYLOAD"
	// EmptyPayload is the SHA-256 of nothing, in hexadecimal.
	EmptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

	streamingPrefix = "STREAMING-"
	timeFormat      = "20060102T150405Z"
	dateFormat      = "20060102"
)

// MaxSkew is by how much the time of a signed request may differ from ours.
const MaxSkew = 15 * time.Minute

// MaxExpires is how long a presigned URL may be valid.
const MaxExpires = 7 * 24 * time.Hour

// Credentials is a key pair, with the token of a session where it belongs to one.
type Credentials struct{ AccessKey, SecretKey, SessionToken string }

// Signature is what a request says of its own signature.
type Signature struct {
	Scheme    Scheme
	Presigned bool // in the query instead of in headers
	AccessKey string
	Time      time.Time     // when it was signed; zero for Version 2 in the query
	Expires   time.Duration // presigned Version 4: how long it is valid
	ExpiresAt time.Time     // presigned: the end of its validity
	// Date, Region and Service are the credential scope. Version 4A has no region there but
	// RegionSet; Version 2 has no scope at all.
	Date, Region, Service string
	RegionSet             string
	SignedHeaders         []string // lower case, as sent
	Value                 string   // hexadecimal; base64 for Version 2
	// PayloadHash is x-amz-content-sha256: a hash, UnsignedPayload, a STREAMING- form, or "" where
	// there is none.
	PayloadHash string
	Token       string // x-amz-security-token
}

// scope is the credential scope behind the access key.
func (s *Signature) scope() string {
	if s.Scheme == V4A {
		return s.Date + "/" + s.Service + "/aws4_request"
	}
	return s.Date + "/" + s.Region + "/" + s.Service + "/aws4_request"
}

// signingKey derives the key of one day, region and service from a secret.
func signingKey(secret, date, region, service string) []byte {
	key := mac([]byte("AWS4"+secret), date)
	key = mac(key, region)
	key = mac(key, service)
	return mac(key, "aws4_request")
}

func mac(key []byte, data string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(data))
	return h.Sum(nil)
}

func hexHash(data string) string {
	sum := sha256.Sum256([]byte(data))
	return hex.EncodeToString(sum[:])
}
