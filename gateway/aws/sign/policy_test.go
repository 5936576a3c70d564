package sign_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"localcloud/gateway/aws/sign"
)

func TestPoliciesSignedByMinio(t *testing.T) {
	for _, provider := range []*credentials.Credentials{
		credentials.NewStaticV4(accessKey, secretKey, ""), credentials.NewStaticV2(accessKey, secretKey, ""),
	} {
		client, err := minio.New("localhost:4566", &minio.Options{Creds: provider, Region: "eu-west-1"})
		if err != nil {
			t.Fatal(err)
		}
		policy := minio.NewPostPolicy()
		policy.SetBucket("bucket")
		policy.SetKey("key")
		policy.SetExpires(time.Now().Add(time.Hour))
		var fields map[string]string
		var target *url.URL
		if target, fields, err = client.PresignedPostPolicy(t.Context(), policy); err != nil || target == nil {
			t.Fatal(err)
		}
		lower := map[string]string{"awsaccesskeyid": fields["AWSAccessKeyId"]}
		for name, value := range fields {
			lower[name] = value
		}
		s, err := sign.ParsePolicy(func(name string) string { return lower[name] })
		if err != nil || s == nil {
			t.Fatalf("ParsePolicy: %v, %v", s, err)
		}
		if err := s.VerifyPolicy(fields["policy"], secretKey); err != nil {
			t.Errorf("scheme %d: %v", s.Scheme, err)
		}
		if err := s.VerifyPolicy(fields["policy"]+"x", secretKey); err == nil {
			t.Errorf("scheme %d: a changed policy verifies", s.Scheme)
		}
	}
}

func TestBadPolicies(t *testing.T) {
	for name, fields := range map[string]map[string]string{
		"another algorithm":  {"x-amz-credential": "AK/20261123/us-east-1/s3/aws4_request", "x-amz-algorithm": "X"},
		"a short credential": {"x-amz-credential": "AK", "x-amz-algorithm": "AWS4-HMAC-SHA256"},
		"no date":            {"x-amz-credential": "AK/20261123/us-east-1/s3/aws4_request", "x-amz-algorithm": "AWS4-HMAC-SHA256"},
	} {
		if _, err := sign.ParsePolicy(func(name string) string { return fields[name] }); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if s, err := sign.ParsePolicy(func(string) string { return "" }); s != nil || err != nil {
		t.Errorf("an unsigned form: got %v, %v", s, err)
	}
}
