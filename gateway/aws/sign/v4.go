package sign

import (
	"crypto/hmac"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Check tests the time limits of a signature: the skew of a signed request, the validity of a
// presigned one. It needs no secret.
func (s *Signature) Check(now time.Time) error {
	if s.Presigned {
		switch {
		case now.After(s.ExpiresAt):
			p := expired(s.ExpiresAt, now)
			if s.Scheme != V2 {
				p.Detail["X-Amz-Expires"] = int64(s.Expires / time.Second)
			}
			return p
		case s.Scheme != V2 && s.Time.After(now.Add(MaxSkew)):
			return problem(NotYetValid, "Request is not yet valid")
		}
		return nil
	}
	if skew := now.Sub(s.Time); skew > MaxSkew || skew < -MaxSkew {
		p := problem(Skewed, "The difference between the request time and the current time is too large.")
		p.Detail = map[string]any{
			"RequestTime": s.Time.UTC().Format(timeFormat), "ServerTime": now.UTC().Format("2006-01-02T15:04:05Z"),
			"MaxAllowedSkewMilliseconds": int64(MaxSkew / time.Millisecond),
		}
		return p
	}
	return nil
}

// Verify tests that the request was signed with secret. bodyHash is the SHA-256 of the body in
// hexadecimal and is asked for only where the signature covers a body whose hash no header gives; nil
// stands for an empty body. It returns nil or a *Problem.
func (s *Signature) Verify(r *http.Request, secret string, bodyHash func() (string, error)) error {
	switch s.Scheme {
	case V2:
		return s.verifyV2(r, secret)
	case V4, V4A:
	default:
		return problem(Malformed, "The request is not signed.")
	}
	if !slices.Contains(s.SignedHeaders, "host") {
		return problem(MissingHeader, "There were headers present in the request which were not signed")
	}
	if s.Scheme == V4 && !s.Time.IsZero() && s.Time.UTC().Format(dateFormat) != s.Date {
		return problem(Mismatch, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.", s.Date, s.Time.UTC().Format(dateFormat), s.Time.UTC().Format(timeFormat))
	}
	payload, err := s.payload(bodyHash)
	if err != nil {
		return err
	}
	for _, uri := range canonicalURIs(r, s.Service) {
		if s.matches(s.stringToSign(canonicalRequest(r, uri, s, payload)), secret) {
			return nil
		}
	}
	return mismatch()
}

// payload is the last line of the canonical request.
func (s *Signature) payload(bodyHash func() (string, error)) (string, error) {
	switch {
	case s.PayloadHash != "":
		return s.PayloadHash, nil
	case s.Presigned && isS3(s.Service):
		return UnsignedPayload, nil
	case bodyHash == nil:
		return EmptyPayload, nil
	}
	return bodyHash()
}

func (s *Signature) stringToSign(canonical string) string {
	algorithm := algorithmV4
	if s.Scheme == V4A {
		algorithm = algorithmV4A
	}
	return algorithm + "\n" + s.Time.UTC().Format(timeFormat) + "\n" + s.scope() + "\n" + hexHash(canonical)
}

// matches compares the signature of a text with the one that was sent, in constant time.
func (s *Signature) matches(text, secret string) bool {
	if s.Scheme == V4A {
		return verifyECDSA(s.AccessKey, secret, text, s.Value)
	}
	sum := mac(signingKey(secret, s.Date, s.Region, s.Service), text)
	return hmac.Equal([]byte(hex.EncodeToString(sum)), []byte(s.Value))
}

// Sign signs a request with Version 4 in its headers, replacing any earlier signature. payload is the
// SHA-256 of the body in hexadecimal, UnsignedPayload or a STREAMING- form; for S3 it is also sent as
// x-amz-content-sha256.
func Sign(r *http.Request, c Credentials, service, region string, at time.Time, payload string) *Signature {
	r.Header.Del("Authorization")
	r.Header.Set("X-Amz-Date", at.UTC().Format(timeFormat))
	if isS3(service) || strings.HasPrefix(payload, streamingPrefix) || payload == UnsignedPayload {
		r.Header.Set("X-Amz-Content-Sha256", payload)
	}
	if c.SessionToken != "" {
		r.Header.Set("X-Amz-Security-Token", c.SessionToken)
	} else {
		r.Header.Del("X-Amz-Security-Token")
	}
	s := &Signature{
		Scheme: V4, AccessKey: c.AccessKey, Time: at, Date: at.UTC().Format(dateFormat), Region: region,
		Service: service, PayloadHash: payload, Token: c.SessionToken, SignedHeaders: headersToSign(r),
	}
	s.sign(r, c.SecretKey, payload)
	r.Header.Set("Authorization", algorithmV4+" Credential="+c.AccessKey+"/"+s.scope()+
		", SignedHeaders="+strings.Join(s.SignedHeaders, ";")+", Signature="+s.Value)
	return s
}

// Presign signs a request with Version 4 in its query, valid for a time of at most MaxExpires. All
// headers that the request has by then must be sent with it.
func Presign(r *http.Request, c Credentials, service, region string, at time.Time, valid time.Duration) *Signature {
	s := &Signature{
		Scheme: V4, Presigned: true, AccessKey: c.AccessKey, Time: at, Expires: valid, ExpiresAt: at.Add(valid),
		Date: at.UTC().Format(dateFormat), Region: region, Service: service, SignedHeaders: headersToSign(r),
	}
	payload := EmptyPayload
	if isS3(service) {
		payload = UnsignedPayload
	}
	query := [][2]string{
		{"X-Amz-Algorithm", algorithmV4}, {"X-Amz-Credential", c.AccessKey + "/" + s.scope()},
		{"X-Amz-Date", at.UTC().Format(timeFormat)}, {"X-Amz-Expires", seconds(valid)},
		{"X-Amz-SignedHeaders", strings.Join(s.SignedHeaders, ";")},
	}
	if c.SessionToken != "" {
		query = append(query, [2]string{"X-Amz-Security-Token", c.SessionToken})
	}
	for _, parameter := range query {
		if r.URL.RawQuery != "" {
			r.URL.RawQuery += "&"
		}
		r.URL.RawQuery += parameter[0] + "=" + encode(parameter[1])
	}
	s.sign(r, c.SecretKey, payload)
	r.URL.RawQuery += "&X-Amz-Signature=" + s.Value
	return s
}

func (s *Signature) sign(r *http.Request, secret, payload string) {
	uri := encodePath(RawPath(r))
	if isS3(s.Service) {
		uri = encodeOnce(RawPath(r))
	}
	text := s.stringToSign(canonicalRequest(r, uri, s, payload))
	s.Value = hex.EncodeToString(mac(signingKey(secret, s.Date, s.Region, s.Service), text))
}

// headersToSign is the headers that Sign covers: host, content type and length aside, all x-amz-.
func headersToSign(r *http.Request) []string {
	names := []string{"host"}
	for name := range r.Header {
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, "x-amz-") || lower == "content-type" || lower == "content-md5" || lower == "range" {
			names = append(names, lower)
		}
	}
	slices.Sort(names)
	return names
}
