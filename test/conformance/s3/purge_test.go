package s3_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// fixed are the buckets of the tests, by region, that an earlier run may have left at an endpoint.
var fixed = map[string][]string{
	"us-east-1": {
		"keys", "sums", "managed", "versions", "presigned", "forms", "answers", "other", "chunked", "virtual",
		"minio-v4", "minio-v2", "boto-transfer", "cli-sync",
	},
	"eu-west-1": {"regions-eu"}, "ap-south-2": {"regions-far"}, "us-west-2": {"boto-west"},
}

// purge removes what an earlier run has left.
func purge(t testing.TB, url string) {
	t.Helper()
	for region, buckets := range fixed {
		options := client(url).Options()
		options.Region = region
		c := s3.New(options)
		for _, bucket := range buckets {
			empty(t, c, bucket)
			_, _ = c.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: &bucket}) // mostly there is none
		}
	}
}

// empty deletes every version in a bucket, if there is such a bucket.
func empty(t testing.TB, c *s3.Client, bucket string) {
	t.Helper()
	pages := s3.NewListObjectVersionsPaginator(c, &s3.ListObjectVersionsInput{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			return
		}
		var ids []types.ObjectIdentifier
		for _, v := range page.Versions {
			ids = append(ids, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			ids = append(ids, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		if len(ids) == 0 {
			continue
		}
		if _, err := c.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: &bucket, Delete: &types.Delete{Objects: ids}}); err != nil {
			t.Fatal(err)
		}
	}
}
