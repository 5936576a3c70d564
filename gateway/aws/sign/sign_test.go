package sign_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go/aws-http-auth/credentials"
	"github.com/aws/smithy-go/aws-http-auth/sigv4a"
	v4auth "github.com/aws/smithy-go/aws-http-auth/v4"
	"github.com/minio/minio-go/v7/pkg/signer"

	"localcloud/gateway/aws/sign"
)

const (
	accessKey = "AKIDEXAMPLE"
	secretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

var at = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// targets are requests whose paths and queries differ in what canonical forms must get right.
var targets = []struct{ name, service, method, url, body string }{
	{"a form post", "sqs", "POST", "http://localhost:4566/", "Action=ListQueues"},
	{"an S3 key with blanks and escapes", "s3", "PUT", "http://localhost:4566/bucket/a%20b/%C3%BC+c%2Fd", "x"},
	{"an S3 key with empty and dot segments", "s3", "GET", "http://localhost:4566/bucket//a/../b/", ""},
	{"a query with repeated and empty parameters", "s3", "GET", "http://b.localhost:4566/?list-type=2&prefix=a%2Fb&x&delimiter=%2F", ""},
	{"a path with an escaped ARN", "lambda", "GET", "http://localhost:4566/2015-03-31/functions/arn%3Aaws%3Alambda/x", ""},
	{"a query with a plus and a tilde", "iot", "GET", "http://localhost:4566/things?name=a%2Bb~c&z=1&a=%20", ""},
}

func request(t *testing.T, method, url, body string) (*http.Request, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/octet-stream")
	r.Header.Set("X-Amz-Meta-Text", "  two   words ")
	sum := sha256.Sum256([]byte(body))
	return r, hex.EncodeToString(sum[:])
}

// received is the request as a server sees it.
func received(t *testing.T, r *http.Request) *http.Request {
	t.Helper()
	var got *http.Request
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		got = r
	}))
	defer server.Close()
	sent := r.Clone(t.Context())
	sent.Host, sent.URL.Host = r.URL.Host, strings.TrimPrefix(server.URL, "http://")
	resp, err := http.DefaultClient.Do(sent)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return got
}

func verify(t *testing.T, r *http.Request, hash, secret string) error {
	t.Helper()
	s, err := sign.Parse(r)
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	if s == nil {
		t.Fatal("Parse found no signature")
	}
	if err := s.Check(at); err != nil {
		t.Fatalf("Check: %v", err)
	}
	return s.Verify(r, secret, func() (string, error) { return hash, nil })
}

func TestHeadersSignedByTheSDKVerify(t *testing.T) {
	for _, target := range targets {
		t.Run(target.name, func(t *testing.T) {
			r, hash := request(t, target.method, target.url, target.body)
			sdk := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = target.service == "s3" })
			if target.service == "s3" {
				r.Header.Set("X-Amz-Content-Sha256", hash)
			}
			err := sdk.SignHTTP(t.Context(), aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secretKey, SessionToken: "token"}, r, hash, target.service, "eu-west-1", at)
			if err != nil {
				t.Fatal(err)
			}
			got := received(t, r)
			if err := verify(t, got, hash, secretKey); err != nil {
				t.Errorf("right secret: %v", err)
			}
			if err := verify(t, got, hash, "wrong"); err == nil {
				t.Error("a wrong secret verifies")
			}
			got.Header.Set("X-Amz-Meta-Text", "changed")
			if err := verify(t, got, hash, secretKey); err == nil {
				t.Error("a changed header verifies")
			}
		})
	}
}

func TestURLsPresignedByTheSDKVerify(t *testing.T) {
	for _, target := range targets {
		if target.service != "s3" {
			continue
		}
		t.Run(target.name, func(t *testing.T) {
			r, _ := request(t, target.method, target.url, "")
			r.URL.RawQuery += "&X-Amz-Expires=900"
			sdk := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
			url, headers, err := sdk.PresignHTTP(t.Context(), aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secretKey}, r, sign.UnsignedPayload, "s3", "us-east-1", at)
			if err != nil {
				t.Fatal(err)
			}
			presigned, err := http.NewRequest(target.method, url, nil)
			if err != nil {
				t.Fatal(err)
			}
			presigned.Header = headers
			presigned.Header.Set("X-Amz-Meta-Text", "two words")
			if err := verify(t, received(t, presigned), "", secretKey); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOurSignaturesAreTheSDKs(t *testing.T) {
	for _, target := range targets {
		t.Run(target.name, func(t *testing.T) {
			target.url = strings.ReplaceAll(target.url, "+c", "%2Bc") // we encode it, the SDK takes it as it is
			r, hash := request(t, target.method, target.url, target.body)
			sign.Sign(r, sign.Credentials{AccessKey: accessKey, SecretKey: secretKey}, target.service, "eu-west-1", at, hash)
			ours := r.Header.Get("Authorization")
			s, err := sign.Parse(r)
			if err != nil {
				t.Fatal(err)
			}
			oracle, _ := request(t, target.method, target.url, target.body)
			for name := range oracle.Header {
				if !slices.Contains(s.SignedHeaders, strings.ToLower(name)) {
					oracle.Header.Del(name)
				}
			}
			oracle.ContentLength = 0 // the SDK signs it, we do not
			if target.service == "s3" {
				oracle.Header.Set("X-Amz-Content-Sha256", hash)
			}
			sdk := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = target.service == "s3" })
			if err := sdk.SignHTTP(t.Context(), aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secretKey}, oracle, hash, target.service, "eu-west-1", at); err != nil {
				t.Fatal(err)
			}
			if theirs := oracle.Header.Get("Authorization"); ours != theirs {
				t.Errorf("got  %s\nwant %s", ours, theirs)
			}
		})
	}
}

func TestPresignedByUsVerifies(t *testing.T) {
	r, _ := request(t, "GET", "http://localhost:4566/bucket/a%20b?versionId=1", "")
	r.Header = http.Header{}
	sign.Presign(r, sign.Credentials{AccessKey: accessKey, SecretKey: secretKey, SessionToken: "a/b"}, "s3", "us-east-1", at, time.Hour)
	if err := verify(t, received(t, r), "", secretKey); err != nil {
		t.Error(err)
	}
}

func TestVersion4A(t *testing.T) {
	r, hash := request(t, "PUT", "http://localhost:4566/bucket/a%20b", "body")
	r.Header.Set("X-Amz-Content-Sha256", hash)
	r.Header.Set("X-Amz-Meta-Text", "x") // this signer does not fold blanks
	sum := sha256.Sum256([]byte("body"))
	sdk := sigv4a.New(func(o *v4auth.SignerOptions) { o.DisableDoublePathEscape = true })
	err := sdk.SignRequest(&sigv4a.SignRequestInput{
		Request: r, PayloadHash: sum[:], Service: "s3", RegionSet: []string{"*"}, Time: at,
		Credentials: credentials.Credentials{AccessKeyID: accessKey, SecretAccessKey: secretKey},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := received(t, r)
	if err := verify(t, got, hash, secretKey); err != nil {
		t.Errorf("right secret: %v", err)
	}
	if err := verify(t, got, hash, "wrong"); err == nil {
		t.Error("a wrong secret verifies")
	}
}

// The requests and signatures of "Signing and authenticating REST requests (AWS signature version 2)".
func TestVersion2(t *testing.T) {
	for _, test := range []struct{ name, method, url, authorization, date string }{
		{"object get", "GET", "http://awsexamplebucket1.us-west-1.s3.amazonaws.com/photos/puppy.jpg", "AWS AKIAIOSFODNN7EXAMPLE:qgk2+6Sv9/oM7G3qLEjTH1a1l1g=", "Tue, 27 Mar 2007 19:36:42 +0000"},
		{"list", "GET", "http://awsexamplebucket1.us-west-1.s3.amazonaws.com/?prefix=photos&max-keys=50&marker=puppy", "AWS AKIAIOSFODNN7EXAMPLE:m0WP8eCtspQl5Ahe6L1SozdX9YA=", "Tue, 27 Mar 2007 19:42:41 +0000"},
		{"fetch", "GET", "http://awsexamplebucket1.us-west-1.s3.amazonaws.com/?acl", "AWS AKIAIOSFODNN7EXAMPLE:82ZHiFIjc+WbcwFKGUVEQspPn+0=", "Tue, 27 Mar 2007 19:44:46 +0000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(test.method, test.url, nil)
			r.Header.Set("Date", test.date)
			r.Header.Set("Authorization", test.authorization)
			s, err := sign.Parse(r)
			if err != nil {
				t.Fatal(err)
			}
			if s.Scheme != sign.V2 || s.AccessKey != "AKIAIOSFODNN7EXAMPLE" {
				t.Errorf("got scheme %d and key %q", s.Scheme, s.AccessKey)
			}
			if err := s.Verify(r, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", nil); err != nil {
				t.Error(err)
			}
			if err := s.Verify(r, "wrong", nil); err == nil {
				t.Error("a wrong secret verifies")
			}
		})
	}
}

func TestVersion2OrdersHeadersByTheirNames(t *testing.T) {
	r, err := http.NewRequest("PUT", "http://localhost:4566/bucket/key?partNumber=1&uploadId=u", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Copy-Source", "/bucket/source")
	r.Header.Set("X-Amz-Copy-Source-If-Match", "e")
	r = signer.SignV2(*r, accessKey, secretKey, false)
	s, err := sign.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(r, secretKey, nil); err != nil {
		t.Error(err)
	}
}

func TestBadSignatures(t *testing.T) {
	const good = "AWS4-HMAC-SHA256 Credential=AK/20261123/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00"
	for _, test := range []struct {
		name, authorization, query, date string
		want                             sign.Kind
	}{
		{"an unknown mechanism", "Bearer x", "", "", sign.Malformed},
		{"no credential", "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=00", "", "20261123T120000Z", sign.Malformed},
		{"a short scope", "AWS4-HMAC-SHA256 Credential=AK/20261123/s3, SignedHeaders=host, Signature=00", "", "20261123T120000Z", sign.Malformed},
		{"no date", good, "", "", sign.Malformed},
		{"a date that is none", good, "", "yesterday", sign.Malformed},
		{"an old date", good, "", "20261123T110000Z", sign.Skewed},
		{"a date in the future", good, "", "20261123T130000Z", sign.Skewed},
		{"a wrong signature", good, "", "20261123T120000Z", sign.Mismatch},
		{"no key in version 2", "AWS :x", "", "20261123T120000Z", sign.Malformed},
		{"a query without expiry", "", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK", "", sign.MalformedQuery},
		{"an expiry that is no number", "", presigned("x"), "", sign.MalformedQuery},
		{"an expiry below zero", "", presigned("-1"), "", sign.MalformedQuery},
		{"an expiry beyond a week", "", presigned("604801"), "", sign.MalformedQuery},
		{"an expired URL", "", strings.Replace(presigned("60"), "T120000Z", "T115800Z", 1), "", sign.Expired},
		{"a URL of tomorrow", "", strings.Replace(presigned("60"), "20261123T", "20261124T", 1), "", sign.NotYetValid},
		{"an expired URL of version 2", "", "AWSAccessKeyId=AK&Signature=x&Expires=1", "", sign.Expired},
		{"a version 2 URL with a broken time", "", "AWSAccessKeyId=AK&Signature=x&Expires=soon", "", sign.MissingHeader},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "http://localhost/b/k?"+test.query, nil)
			if test.authorization != "" {
				r.Header.Set("Authorization", test.authorization)
			}
			if test.date != "" {
				r.Header.Set("X-Amz-Date", test.date)
			}
			s, err := sign.Parse(r)
			if err == nil {
				if err = s.Check(at); err == nil {
					err = s.Verify(r, secretKey, nil)
				}
			}
			var p *sign.Problem
			if !errors.As(err, &p) || p.Kind != test.want {
				t.Errorf("got %v, want kind %d", err, test.want)
			}
		})
	}
}

func presigned(expires string) string {
	return "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F20261123%2Fus-east-1%2Fs3%2Faws4_request" +
		"&X-Amz-Date=20261123T120000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=00&X-Amz-Expires=" + expires
}

func TestUnsignedRequestsHaveNoSignature(t *testing.T) {
	s, err := sign.Parse(httptest.NewRequest("GET", "/?a=b", nil))
	if s != nil || err != nil {
		t.Errorf("got %v, %v", s, err)
	}
}
