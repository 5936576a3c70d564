package sign

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Parse reads the signature that a request carries, in its Authorization header or its query. It
// returns nil and no error for a request without one, and a *Problem for one that cannot be read.
func Parse(r *http.Request) (*Signature, error) {
	if authorization := r.Header.Get("Authorization"); authorization != "" {
		return parseHeader(r, authorization)
	}
	query := r.URL.RawQuery
	switch {
	case strings.Contains(query, "X-Amz-Algorithm=") || strings.Contains(query, "X-Amz-Signature=") || strings.Contains(query, "X-Amz-Credential="):
		return parseQueryV4(r)
	case strings.Contains(query, "AWSAccessKeyId=") && strings.Contains(query, "Signature="):
		return parseQueryV2(r)
	}
	return nil, nil
}

func parseHeader(r *http.Request, authorization string) (*Signature, error) {
	scheme, rest, _ := strings.Cut(authorization, " ")
	s := &Signature{PayloadHash: r.Header.Get("X-Amz-Content-Sha256"), Token: r.Header.Get("X-Amz-Security-Token")}
	switch scheme {
	case algorithmV4:
		s.Scheme = V4
	case algorithmV4A:
		s.Scheme, s.RegionSet = V4A, r.Header.Get("X-Amz-Region-Set")
	case "AWS":
		return parseHeaderV2(r, s, rest)
	default:
		return nil, problem(Malformed, "The authorization header is malformed; the authorization mechanism '%s' is not supported.", clip(scheme))
	}
	if err := s.readParameters(rest); err != nil {
		return nil, err
	}
	date := r.Header.Get("X-Amz-Date")
	if date == "" {
		date = r.Header.Get("Date")
	}
	signed, err := parseDate(date)
	if err != nil {
		return nil, problem(Malformed, "AWS authentication requires a valid Date or x-amz-date header")
	}
	s.Time = signed
	return s, nil
}

// readParameters reads "Credential=..., SignedHeaders=..., Signature=...".
func (s *Signature) readParameters(list string) error {
	for part := range strings.SplitSeq(list, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Credential":
			if !s.readCredential(value) {
				return problem(Malformed, "The authorization header is malformed; the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")
			}
		case "SignedHeaders":
			s.SignedHeaders = strings.Split(value, ";")
		case "Signature":
			s.Value = value
		}
	}
	for _, need := range [...]struct{ name, value string }{
		{"Credential", s.AccessKey}, {"SignedHeaders", strings.Join(s.SignedHeaders, ";")}, {"Signature", s.Value},
	} {
		if need.value == "" {
			return problem(Malformed, "The authorization header is malformed; Authorization header requires '%s' parameter.", need.name)
		}
	}
	return nil
}

// readCredential reads access key and scope. The access key may hold slashes, the scope may not.
func (s *Signature) readCredential(value string) bool {
	parts := strings.Split(value, "/")
	fields := 5
	if s.Scheme == V4A {
		fields = 4
	}
	if len(parts) < fields || parts[len(parts)-1] != "aws4_request" {
		return false
	}
	scope := parts[len(parts)-fields+1:]
	s.AccessKey = strings.Join(parts[:len(parts)-fields+1], "/")
	s.Date = scope[0]
	if s.Scheme != V4A {
		s.Region = scope[1]
	}
	s.Service = scope[len(scope)-2]
	return s.AccessKey != "" && len(s.Date) == len(dateFormat) && s.Service != ""
}

func parseQueryV4(r *http.Request) (*Signature, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, problem(MalformedQuery, "The query string cannot be read: %v", err)
	}
	s := &Signature{Presigned: true, Token: query.Get("X-Amz-Security-Token"), RegionSet: query.Get("X-Amz-Region-Set")}
	for _, name := range [...]string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires"} {
		if query.Get(name) == "" {
			return nil, problem(MalformedQuery, "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")
		}
	}
	switch query.Get("X-Amz-Algorithm") {
	case algorithmV4:
		s.Scheme = V4
	case algorithmV4A:
		s.Scheme = V4A
	default:
		return nil, problem(MalformedQuery, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"")
	}
	if !s.readCredential(query.Get("X-Amz-Credential")) {
		return nil, problem(MalformedQuery, "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")
	}
	if s.Time, err = parseDate(query.Get("X-Amz-Date")); err != nil {
		return nil, problem(MalformedQuery, "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
	}
	if err := s.readExpires(query.Get("X-Amz-Expires")); err != nil {
		return nil, err
	}
	s.SignedHeaders = strings.Split(query.Get("X-Amz-SignedHeaders"), ";")
	s.Value = query.Get("X-Amz-Signature")
	s.PayloadHash = query.Get("X-Amz-Content-Sha256")
	if s.PayloadHash == "" {
		s.PayloadHash = r.Header.Get("X-Amz-Content-Sha256")
	}
	return s, nil
}

func (s *Signature) readExpires(value string) error {
	seconds, err := strconv.ParseInt(value, 10, 64)
	switch {
	case err != nil:
		return problem(MalformedQuery, "X-Amz-Expires should be a number")
	case seconds < 0:
		return problem(MalformedQuery, "X-Amz-Expires must be non-negative")
	case seconds > int64(MaxExpires/time.Second):
		return problem(MalformedQuery, "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds")
	}
	s.Expires = time.Duration(seconds) * time.Second
	s.ExpiresAt = s.Time.Add(s.Expires)
	return nil
}

// parseDate accepts the forms in which signed requests carry their time.
func parseDate(value string) (time.Time, error) {
	if t, err := time.Parse(timeFormat, value); err == nil {
		return t, nil
	}
	return http.ParseTime(value)
}

// clip bounds what an error message repeats of a request.
func clip(s string) string {
	if len(s) > 64 {
		return s[:64]
	}
	return s
}
