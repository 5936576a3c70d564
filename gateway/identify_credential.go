package gateway

import (
	"net/url"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/sign"
)

// credential is what a signature says of who calls what, checked or not.
type credential struct {
	key     string // access key, "" for anonymous
	region  string // "" where the scope has none
	service string // signing name, "" where the scope has none
}

// readCredential reads the scope out of the Authorization header or the query: Signature Version 4,
// 4A (whose scope has no region) and 2 (which has no scope; S3 alone still takes it). It returns what
// is wrong with a scope that cannot be read. The access key may hold slashes, the scope may not.
func (q *inquiry) readCredential() *sign.Problem {
	authorization := first(q.header, "Authorization")
	if authorization == "" {
		return q.readQueryCredential()
	}
	scheme, rest, _ := strings.Cut(authorization, " ")
	switch {
	case strings.EqualFold(scheme, "AWS4-HMAC-SHA256"), strings.EqualFold(scheme, "AWS4-ECDSA-P256-SHA256"):
		if !q.readScope(parameter(rest, "Credential="), len(scheme) != len("AWS4-HMAC-SHA256")) {
			return &sign.Problem{Kind: sign.Malformed, Message: "The authorization header is malformed; the Credential is mal-formed; " +
				"expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."}
		}
	case scheme == "AWS":
		q.key, _, _ = strings.Cut(rest, ":")
		q.service = "s3"
	case strings.EqualFold(scheme, "Bearer"):
		q.bearer = true
	}
	return nil
}

func (q *inquiry) readQueryCredential() *sign.Problem {
	if values := q.header["X-Amz-Sso_bearer_token"]; len(values) > 0 {
		q.bearer = true
	}
	if q.query.raw == "" {
		return nil
	}
	if value, ok := q.query.value("X-Amz-Credential"); ok {
		algorithm, _ := q.query.value("X-Amz-Algorithm")
		if !q.readScope(unescape(value), algorithm == "AWS4-ECDSA-P256-SHA256") {
			return &sign.Problem{Kind: sign.MalformedQuery, Message: "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; " +
				"expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."}
		}
		return nil
	}
	if key, ok := q.query.value("AWSAccessKeyId"); ok {
		q.key = unescape(key)
		if _, query := q.query.value("Action"); !query {
			q.service = "s3"
		}
	}
	return nil
}

// parameter finds a value of the header's list "Credential=..., SignedHeaders=...".
func parameter(list, name string) string {
	start := strings.Index(list, name)
	if start < 0 {
		return ""
	}
	value := list[start+len(name):]
	if end := strings.IndexAny(value, ", "); end >= 0 {
		value = value[:end]
	}
	return value
}

// readScope reads KEY/DATE/REGION/SERVICE/aws4_request, from its end. Version 4A has no region there
// but a set of them in a header or parameter of its own.
func (q *inquiry) readScope(value string, v4a bool) bool {
	rest, end, ok := cutLast(value, "/")
	if !ok || end != "aws4_request" {
		return false
	}
	rest, service, ok := cutLast(rest, "/")
	if !ok || service == "" {
		return false
	}
	region := ""
	if v4a {
		region = q.regionSet()
	} else if rest, region, ok = cutLast(rest, "/"); !ok {
		return false
	}
	key, _, ok := cutLast(rest, "/")
	if !ok || key == "" {
		return false
	}
	q.key, q.region, q.service = key, region, strings.ToLower(service)
	return true
}

func (q *inquiry) regionSet() string {
	set := first(q.header, "X-Amz-Region-Set")
	if set == "" {
		value, _ := q.query.value("X-Amz-Region-Set")
		set = unescape(value)
	}
	region, _, _ := strings.Cut(set, ",")
	return strings.TrimSpace(region)
}

// regionOr is the region of the scope where it has the form of one, else of the host, else other.
// What looks like no region ("local", "aws-global", "*") is not one.
func (q *inquiry) regionOr(other string) string {
	if isRegion(q.region) {
		return q.region
	}
	if q.region == "" {
		if region := hostRegion(q.host); region != "" {
			return region
		}
	}
	return other
}

// isRegion reports whether s has the form of a region's name: "us-east-1", "us-gov-west-1".
func isRegion(s string) bool {
	if len(s) < 6 || len(s) > 32 || s[len(s)-1] < '0' || s[len(s)-1] > '9' {
		return false
	}
	dashes := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '-':
			dashes++
			if i == 0 || s[i-1] == '-' {
				return false
			}
		case c >= '0' && c <= '9':
			if dashes < 2 {
				return false
			}
		case c < 'a' || c > 'z':
			return false
		}
	}
	return dashes >= 2
}

// accountOf is the account that an access key stands for: the key itself where it has 12 digits, the
// one that is encoded in keys that begin with LSIA or LKIA (as LocalStack's do), else the default.
func accountOf(key string) string {
	switch {
	case isAccount(key):
		return key
	case len(key) >= 20 && (key[:4] == "LSIA" || key[:4] == "LKIA"):
		if account, ok := decodeAccount(key); ok {
			return account
		}
	}
	return aws.DefaultAccount
}

func isAccount(s string) bool {
	if len(s) != 12 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// decodeAccount reads the account out of an access key: characters 5 to 12 are a number in base 32,
// which is half the account plus an offset; the next character has the lowest bit.
func decodeAccount(key string) (string, bool) {
	const offset, most = 1 << 39, 1e12
	var n uint64
	for _, c := range []byte(key[4:13]) {
		digit := strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", c)
		if digit < 0 {
			return "", false
		}
		n = n<<5 | uint64(digit)
	}
	high, low := n>>5, n>>4&1
	account := 2*(high-offset) + low
	if high < offset || account >= most {
		return "", false
	}
	var digits [12]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = byte('0' + account%10)
		account /= 10
	}
	return string(digits[:]), true
}

// unescape decodes a value of a query; one that cannot be decoded stays as it is.
func unescape(value string) string {
	if !strings.ContainsAny(value, "%+") {
		return value
	}
	if decoded, err := url.QueryUnescape(value); err == nil {
		return decoded
	}
	return value
}
