package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/sign"
)

// maxHashed bounds the body that is read to check a signature which covers it without naming its
// hash, as services other than S3 allow. AWS takes at most 16 MiB in those.
const maxHashed = 16 << 20

// anySecret knows every access key, with the secret that local set-ups use.
func anySecret(context.Context, string) (secret, principal string, known bool) {
	return "test", "", true
}

// authenticate tells who calls and refuses presigned URLs that have expired and, where signatures
// are verified, whatever is not rightly signed.
func (g *Gateway) authenticate(ctx context.Context, call *Call) error {
	if call.AccessKey != "" && call.Principal == "" {
		call.Principal = g.root(call)
	}
	verify := g.config.Signatures == VerifySignatures
	if query := call.Request.URL.RawQuery; !verify && !strings.Contains(query, "Signature=") && !strings.Contains(query, "X-Amz-") {
		return nil
	}
	signature, err := sign.Parse(call.Request)
	if err == nil && signature != nil && (verify || signature.Presigned) {
		err = signature.Check(g.config.Clock.Now())
	}
	if err == nil && signature != nil && verify {
		err = g.verify(ctx, call, signature)
	}
	var problem *sign.Problem
	if errors.As(err, &problem) {
		return problem.AWS(call.Service, call.Protocol)
	}
	return err
}

// root is the principal of an account's root user in the partition of the call's region. The last one
// is remembered, since most calls are of one account.
func (g *Gateway) root(call *Call) string {
	last := g.lastRoot.Load()
	if last == nil || last.account != call.Account || last.region != call.Region {
		last = &rootUser{call.Account, call.Region, "arn:" + call.Partition() + ":iam::" + call.Account + ":root"}
		g.lastRoot.Store(last)
	}
	return last.arn
}

type rootUser struct{ account, region, arn string }

// verify tests the signature of a call with the secret of its key.
func (g *Gateway) verify(ctx context.Context, call *Call, s *sign.Signature) error {
	secret, principal, known := g.config.Secrets(ctx, s.AccessKey)
	if !known {
		return unknownKey(call)
	}
	if principal != "" {
		call.Principal = principal
	}
	if err := s.Verify(call.Request, secret, func() (string, error) { return bodyHash(call) }); err != nil {
		return err
	}
	if s.SignsChunks() {
		call.Request.Body = sign.NewChunkVerifier(call.Request.Body, decodedLength(call.Request), s, secret)
	}
	return nil
}

// decodedLength is the length of the content of an aws-chunked body, -1 where the request does not tell.
func decodedLength(r *http.Request) int64 {
	length, err := strconv.ParseInt(r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64)
	if err != nil {
		return -1
	}
	return length
}

// bodyHash is the SHA-256 of the request's body, which it leaves to be read again.
func bodyHash(call *Call) (string, error) {
	r := call.Request
	body, err := io.ReadAll(io.LimitReader(r.Body, maxHashed+1))
	if err != nil {
		return "", &aws.Error{Code: "IncompleteSignature", Message: "The request's body could not be read: " + err.Error(), Status: 400}
	}
	if len(body) > maxHashed {
		return "", &aws.Error{Code: "RequestEntityTooLarge", Message: "A body this long must be signed by x-amz-content-sha256.", Status: 413}
	}
	if err := r.Body.Close(); err != nil {
		return "", err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), nil
}

// unknownKey is the answer to an access key that nobody has, in the words of the service.
func unknownKey(call *Call) *aws.Error {
	switch {
	case call.Service != nil && call.Service.SigningName == "s3":
		return &aws.Error{
			Code: "InvalidAccessKeyId", Message: "The AWS Access Key Id you provided does not exist in our records.",
			Status: 403, Detail: map[string]any{"AWSAccessKeyId": call.AccessKey},
		}
	case call.Protocol == aws.JSON10 || call.Protocol == aws.JSON11 || call.Protocol == aws.RestJSON || call.Protocol == aws.RPCv2CBOR:
		return &aws.Error{Code: "UnrecognizedClientException", Message: "The security token included in the request is invalid.", Status: 400}
	}
	return &aws.Error{Code: "InvalidClientTokenId", Message: "The security token included in the request is invalid.", Status: 403}
}
