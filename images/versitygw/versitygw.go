// Package versitygw describes the Versity S3 Gateway, which keeps objects as files. It knows one
// region and users instead of accounts: each account becomes a user of it, so that buckets have
// owners, and the gateway keeps what is to be known of regions.
package versitygw

import (
	"time"

	"localcloud/images"
)

// The root user, who makes the others. Nobody else can reach the backend.
var root = images.Signing{AccessKey: "localcloud", SecretKey: "localcloud", Region: region}

const region = "us-east-1"

// Image returns the entry.
func Image() *images.Image {
	return &images.Image{
		Name:        "versitygw",
		Services:    []string{"s3"},
		Alternative: true,
		Reference:   "versity/versitygw:v1.8.0",
		Command: []string{
			"versitygw", "--port", "127.0.0.1:{port}", "--quiet", "--keep-alive", "--health", "/_health",
			"--iam-dir", "{dir}/iam", "posix", "--versioning-dir", "{dir}/versions", "{dir}/buckets",
		},
		Install: "go install github.com/versity/versitygw/cmd/versitygw@v1.8.0",
		Folders: []string{"iam", "versions", "buckets"},
		// The image's entry script runs what VGW_BINARY names.
		Args: []string{"-c", "mkdir -p {dir}/iam {dir}/versions {dir}/buckets && exec /usr/local/bin/versitygw" +
			" --port :{port} --quiet --keep-alive --health /_health --iam-dir {dir}/iam" +
			" posix --versioning-dir {dir}/versions {dir}/buckets"},
		Port:  7070,
		Probe: images.Probe{Path: "/_health", Timeout: 30 * time.Second},
		Env: map[string]string{
			"VGW_BINARY":             "/bin/sh",
			"ROOT_ACCESS_KEY_ID":     root.AccessKey,
			"ROOT_SECRET_ACCESS_KEY": root.SecretKey,
			"VGW_REGION":             region,
		},
		Volume:  "/data",
		User:    "0:0", // the volume is root's
		Memory:  512 << 20,
		Account: images.AccountMode{Admit: admit},
		Region:  region,
		Sign:    root,
		Chunked: true,
		Missing: missing,
	}
}

// missing are the operations that version 1.8.0 answers with NotImplemented, and those it takes for
// something else.
var missing = []string{
	"s3:*BucketAnalyticsConfiguration*", "s3:*BucketIntelligentTieringConfiguration*",
	"s3:*BucketInventoryConfiguration*", "s3:*BucketMetricsConfiguration*", "s3:*BucketEncryption",
	"s3:*BucketLifecycle*", "s3:*BucketReplication", "s3:*PublicAccessBlock", "s3:*BucketAccelerateConfiguration",
	"s3:*BucketLogging", "s3:*BucketNotification*", "s3:*BucketRequestPayment", "s3:*BucketMetadata*",
	"s3:*BucketAbac", "s3:CreateSession", "s3:GetObjectTorrent", "s3:ListDirectoryBuckets", "s3:RenameObject",
	"s3:UpdateObjectEncryption", "s3:WriteGetObjectResponse",
}
