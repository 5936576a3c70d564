package s3

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"localcloud/images/s3/store"
)

func TestParseRange(t *testing.T) {
	for _, test := range []struct {
		header         string
		size           int64
		offset, length int64
		ok             bool
	}{
		{"bytes=0-0", 10, 0, 1, true},
		{"bytes=9-", 10, 9, 1, true},
		{"bytes=-3", 10, 7, 3, true},
		{"bytes=-30", 10, 0, 10, true},
		{"bytes=5-100", 10, 5, 5, true},
		{"bytes=10-", 10, 10, 0, true},
		{"bytes=-0", 10, 10, 0, true},
		{"bytes=0-", 0, 0, 0, true},
		{"bytes=5-4", 10, 0, 0, false},
		{"bytes=-", 10, 0, 0, false},
		{"bytes=0-1,3-4", 10, 0, 0, false},
		{"bytes=+1-2", 10, 0, 0, false},
		{"chars=0-1", 10, 0, 0, false},
		{"", 10, 0, 0, false},
	} {
		offset, length, ok := parseRange(test.header, test.size)
		if offset != test.offset || length != test.length || ok != test.ok {
			t.Errorf("%q of %d: %d, %d, %v", test.header, test.size, offset, length, ok)
		}
	}
}

func TestReadConditions(t *testing.T) {
	v := &store.Version{Modified: time.Date(2026, 1, 1, 12, 0, 0, 500_000_000, time.UTC).UnixMilli()}
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	same, before, after, future := "Thu, 01 Jan 2026 12:00:00 GMT", "Thu, 01 Jan 2026 11:00:00 GMT", "Thu, 01 Jan 2026 13:00:00 GMT", "Fri, 01 Jan 2027 00:00:00 GMT"
	etag := quote(v.ETag())
	for _, test := range []struct {
		conditions readConditions
		failed     string
		unmodified bool
	}{
		{readConditions{}, "", false},
		{readConditions{match: etag}, "", false},
		{readConditions{match: `"x", ` + etag}, "", false},
		{readConditions{match: `"x"`}, "If-Match", false},
		{readConditions{match: etag, unmodifiedSince: before}, "", false},
		{readConditions{unmodifiedSince: before}, "If-Unmodified-Since", false},
		{readConditions{unmodifiedSince: same}, "", false},
		{readConditions{noneMatch: "*"}, "If-None-Match", true},
		{readConditions{noneMatch: `W/` + etag}, "If-None-Match", true},
		{readConditions{noneMatch: `"x"`, modifiedSince: after}, "", false},
		{readConditions{modifiedSince: same}, "If-Modified-Since", true},
		{readConditions{modifiedSince: before}, "", false},
		{readConditions{modifiedSince: future}, "", false},
		{readConditions{match: etag, noneMatch: etag}, "If-None-Match", true},
	} {
		failed, unmodified := test.conditions.failed(v, now)
		if failed != test.failed || unmodified != test.unmodified {
			t.Errorf("%+v: %q, %v", test.conditions, failed, unmodified)
		}
	}
}

func TestPolicies(t *testing.T) {
	for _, test := range []struct{ name, document, want string }{
		{"good", `{"expiration":"2030-01-01T00:00:00Z","conditions":[{"key":"a"},{"bucket":"b"},["starts-with","$x-amz-meta-m",""]]}`, ""},
		{"names in capitals", `{"EXPIRATION":"2030-01-01T00:00:00Z","conditions":[]}`, "missing expiration"},
		{"without the bucket", `{"expiration":"2030-01-01T00:00:00Z","conditions":[{"key":"a"},["starts-with","$x-amz-meta-m",""]]}`, "Extra input fields: bucket"},
		{"no JSON", `{`, "Invalid JSON"},
		{"no expiration", `{"conditions":[]}`, "missing expiration"},
		{"no conditions", `{"expiration":"2030-01-01T00:00:00Z"}`, "missing conditions"},
		{"expiration that is no date", `{"expiration":"tomorrow","conditions":[]}`, "Invalid 'expiration'"},
		{"expired", `{"expiration":"2001-01-01T00:00:00Z","conditions":[{"key":"a"}]}`, "Policy expired"},
		{"two properties", `{"expiration":"2030-01-01T00:00:00Z","conditions":[{"key":"a","b":"c"}]}`, "exactly one property"},
		{"two elements", `{"expiration":"2030-01-01T00:00:00Z","conditions":[["eq","$key"]]}`, "wrong number of arguments"},
		{"other operator", `{"expiration":"2030-01-01T00:00:00Z","conditions":[["like","$key","a"]]}`, "unknown operation"},
		{"without a dollar", `{"expiration":"2030-01-01T00:00:00Z","conditions":[["eq","key","a"]]}`, "Policy Condition failed"},
		{"other value", `{"expiration":"2030-01-01T00:00:00Z","conditions":[["eq","$key","b"]]}`, `["eq", "$key", "b"]`},
		{"field that is not covered", `{"expiration":"2030-01-01T00:00:00Z","conditions":[["eq","$key","a"],{"bucket":"b"}]}`, "Extra input fields: x-amz-meta-m"},
		{"length that is none", `{"expiration":"2030-01-01T00:00:00Z","conditions":[["content-length-range","a",5]]}`, "Policy Condition failed"},
	} {
		fields := map[string]string{"key": "a", "x-amz-meta-m": "v", "policy": "p", "x-ignore-this": "i", "bucket": "b"}
		p, err := parsePolicy(base64.StdEncoding.EncodeToString([]byte(test.document)))
		if err == nil {
			err = p.check(fields, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		}
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

func TestBucketNames(t *testing.T) {
	for name, valid := range map[string]bool{
		"abc": true, "a.b-c": true, "123": true, strings.Repeat("a", 63): true, "my.bucket.name": true,
		"ab": false, strings.Repeat("a", 64): false, "Abc": false, "a_b": false, "-ab": false, "ab-": false, "a..b": false,
		"192.168.0.1": false, "xn--abc": false, "abc-s3alias": false, "abc--ol-s3": false, "a b": false, "": false,
	} {
		if got := validBucketName(name); got != valid {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func TestTextOfHeaders(t *testing.T) {
	for _, test := range []struct{ in, word, latin string }{
		{"plain =_?", "plain =_?", "plain =_?"},
		{"ÄMÄZÕÑ S3", "=?UTF-8?Q?=C3=84M=C3=84Z=C3=95=C3=91_S3?=", "\xc4M\xc4Z\xd5\xd1 S3"},
		{"a—b", "=?UTF-8?Q?a=E2=80=94b?=", "a b"},
		{"\xe9", "=?UTF-8?B?w6k=?=", "\xe9"},
		{"\x00\x01\x02\x03", "=?UTF-8?B?AAECAw==?=", "    "},
	} {
		if got := encodedWord(test.in); got != test.word {
			t.Errorf("encoded word of %q: %q, want %q", test.in, got, test.word)
		}
		if got := latin1(test.in); got != test.latin {
			t.Errorf("%q in ISO-8859-1: %q, want %q", test.in, got, test.latin)
		}
	}
}
