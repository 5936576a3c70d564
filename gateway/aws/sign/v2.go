package sign

import (
	"crypto/hmac"
	"crypto/sha1" // Version 2 is defined with it
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// parseHeaderV2 reads "AWS key:signature", which only S3 knows.
func parseHeaderV2(r *http.Request, s *Signature, rest string) (*Signature, error) {
	s.Scheme = V2
	i := strings.LastIndexByte(rest, ':')
	if i <= 0 || i == len(rest)-1 {
		return nil, problem(Malformed, "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature")
	}
	s.AccessKey, s.Value, s.Service = rest[:i], rest[i+1:], "s3"
	date := r.Header.Get("X-Amz-Date")
	if date == "" {
		date = r.Header.Get("Date")
	}
	signed, err := parseDate(date)
	if err != nil {
		signed, err = time.Parse(time.RFC1123Z, date)
	}
	if err != nil {
		return nil, problem(MissingHeader, "AWS authentication requires a valid Date or x-amz-date header")
	}
	s.Time = signed
	return s, nil
}

// parseQueryV2 reads a presigned S3 URL of Version 2, whose Expires is a time in Unix seconds.
func parseQueryV2(r *http.Request) (*Signature, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, problem(MalformedQuery, "The query string cannot be read: %v", err)
	}
	s := &Signature{
		Scheme: V2, Presigned: true, Service: "s3", AccessKey: query.Get("AWSAccessKeyId"),
		Value: query.Get("Signature"), Token: query.Get("x-amz-security-token"),
	}
	if query.Get("Expires") == "" || s.AccessKey == "" || s.Value == "" {
		return nil, problem(MissingHeader, "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
	}
	at, err := strconv.ParseInt(query.Get("Expires"), 10, 64)
	if err != nil {
		return nil, problem(MissingHeader, "Invalid date (should be seconds since epoch): %s", clip(query.Get("Expires")))
	}
	s.ExpiresAt = time.Unix(at, 0)
	return s, nil
}

// verifyV2 follows "Signing and authenticating REST requests (AWS signature version 2)" of the S3
// user guide. The bucket of a virtual-host request is part of what is signed, so both readings are tried.
func (s *Signature) verifyV2(r *http.Request, secret string) error {
	date := r.Header.Get("Date")
	switch {
	case s.Presigned:
		date = strconv.FormatInt(s.ExpiresAt.Unix(), 10)
	case r.Header.Get("X-Amz-Date") != "":
		date = ""
	}
	head := r.Method + "\n" + r.Header.Get("Content-Md5") + "\n" + r.Header.Get("Content-Type") + "\n" + date + "\n" + amzHeadersV2(r)
	for _, resource := range resourcesV2(r) {
		h := hmac.New(sha1.New, []byte(secret))
		h.Write([]byte(head + resource))
		if hmac.Equal([]byte(base64.StdEncoding.EncodeToString(h.Sum(nil))), []byte(s.Value)) {
			return nil
		}
	}
	return mismatch()
}

// amzHeadersV2 is CanonicalizedAmzHeaders: those of the request and, presigned, of its query.
func amzHeadersV2(r *http.Request) string {
	var lines []string
	for name, values := range r.Header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-amz-") {
			folded := make([]string, len(values))
			for i, value := range values {
				folded[i] = strings.TrimSpace(value)
			}
			lines = append(lines, lower+":"+strings.Join(folded, ",")+"\n")
		}
	}
	for part := range strings.SplitSeq(r.URL.RawQuery, "&") {
		name, value, _ := strings.Cut(part, "=")
		if lower := strings.ToLower(unescapeQuery(name)); strings.HasPrefix(lower, "x-amz-") {
			lines = append(lines, lower+":"+unescapeQuery(value)+"\n")
		}
	}
	slices.SortFunc(lines, func(a, b string) int { // by name, of which one may begin with another
		an, _, _ := strings.Cut(a, ":")
		bn, _, _ := strings.Cut(b, ":")
		return strings.Compare(an, bn)
	})
	return strings.Join(lines, "")
}

// subresourcesV2 is the query parameters that are part of CanonicalizedResource.
var subresourcesV2 = []string{
	"accelerate", "acl", "analytics", "cors", "defaultObjectAcl", "delete", "encryption", "inventory", "legal-hold",
	"lifecycle", "location", "logging", "metrics", "notification", "object-lock", "ownershipControls", "partNumber",
	"policy", "policyStatus", "publicAccessBlock", "replication", "requestPayment", "response-cache-control",
	"response-content-disposition", "response-content-encoding", "response-content-language", "response-content-type",
	"response-expires", "restore", "retention", "select", "select-type", "tagging", "torrent", "uploadId", "uploads",
	"versionId", "versioning", "versions", "website",
}

func resourcesV2(r *http.Request) []string {
	var parameters []string
	for part := range strings.SplitSeq(r.URL.RawQuery, "&") {
		name, value, hasValue := strings.Cut(part, "=")
		name = unescapeQuery(name)
		if _, found := slices.BinarySearch(subresourcesV2, name); !found {
			continue
		}
		if hasValue && value != "" {
			name += "=" + unescapeQuery(value)
		}
		parameters = append(parameters, name)
	}
	slices.Sort(parameters)
	suffix := ""
	if len(parameters) > 0 {
		suffix = "?" + strings.Join(parameters, "&")
	}
	raw := RawPath(r)
	resources := []string{raw + suffix}
	host, _, _ := strings.Cut(r.Host, ":")
	for i := 0; i < len(host); i++ { // any leading labels may be the bucket
		if host[i] == '.' {
			resources = append(resources, "/"+host[:i]+raw+suffix)
		}
	}
	return append(resources, "/"+host+raw+suffix)
}
