package sign

import (
	"crypto/hmac"
	"crypto/sha1" // Version 2 is defined with it
	"encoding/base64"
	"encoding/hex"
)

// VerifyPolicy tests the signature of a POST policy, which is signed as it stands in the form, in
// base64 ("Authenticating requests: browser-based uploads using POST" of the S3 API reference). s holds
// what the form says: scheme, scope and signature.
func (s *Signature) VerifyPolicy(policy, secret string) error {
	var want string
	switch s.Scheme {
	case V4:
		want = hex.EncodeToString(mac(signingKey(secret, s.Date, s.Region, s.Service), policy))
	case V2:
		h := hmac.New(sha1.New, []byte(secret))
		h.Write([]byte(policy))
		want = base64.StdEncoding.EncodeToString(h.Sum(nil))
	default:
		return problem(Malformed, "The policy is not signed.")
	}
	if !hmac.Equal([]byte(want), []byte(s.Value)) {
		return mismatch()
	}
	return nil
}

// ParsePolicy reads the signature fields of a POST form; field returns the value of a field by its
// name in lower case. It returns nil and no error for a form without any.
func ParsePolicy(field func(name string) string) (*Signature, error) {
	if key := field("awsaccesskeyid"); key != "" {
		return &Signature{Scheme: V2, Service: "s3", AccessKey: key, Value: field("signature")}, nil
	}
	credential := field("x-amz-credential")
	if credential == "" {
		return nil, nil
	}
	s := &Signature{Scheme: V4, Value: field("x-amz-signature"), Token: field("x-amz-security-token")}
	if field("x-amz-algorithm") != algorithmV4 {
		return nil, problem(MalformedQuery, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"")
	}
	if !s.readCredential(credential) {
		return nil, problem(MalformedQuery, "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")
	}
	at, err := parseDate(field("x-amz-date"))
	if err != nil {
		return nil, problem(MalformedQuery, "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
	}
	s.Time = at
	return s, nil
}
