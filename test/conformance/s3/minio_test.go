package s3_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/tags"
)

// TestMinioClient uses minio-go, which has its own signatures and signs every chunk of a stream.
func TestMinioClient(t *testing.T) {
	endpoint := strings.TrimPrefix(start(t), "http://")
	for name, signature := range map[string]*credentials.Credentials{
		"v4": credentials.NewStaticV4("test", "test", ""), "v2": credentials.NewStaticV2("test", "test", ""),
	} {
		t.Run(name, func(t *testing.T) {
			c, err := minio.New(endpoint, &minio.Options{Creds: signature, Region: "us-east-1"})
			if err != nil {
				t.Fatal(err)
			}
			minioLifeCycle(t, c, "minio-"+name)
		})
	}
}

func minioLifeCycle(t *testing.T, c *minio.Client, bucket string) {
	ctx := t.Context()
	if err := c.MakeBucket(ctx, bucket, minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	if found, err := c.BucketExists(ctx, bucket); err != nil || !found {
		t.Fatal(found, err)
	}
	for key, size := range map[string]int{"small": 10, "a/../b c": 200_000, "large": 17 << 20} {
		content := random(t, size)
		options := minio.PutObjectOptions{ContentType: "text/x-test", UserMetadata: map[string]string{"who": "me"}, PartSize: 5 << 20}
		info, err := c.PutObject(ctx, bucket, key, bytes.NewReader(content), int64(size), options)
		if err != nil || info.Size != int64(size) {
			t.Fatal(key, info, err)
		}
		object, err := c.GetObject(ctx, bucket, key, minio.GetObjectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(object)
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: %d bytes, %v", key, len(got), err)
		}
		stat, err := object.Stat()
		if err != nil || stat.ContentType != "text/x-test" || stat.UserMetadata["Who"] != "me" {
			t.Errorf("%s: %+v %v", key, stat, err)
		}
		object.Close()
	}
	unknown := minio.PutObjectOptions{PartSize: 5 << 20, SendContentMd5: true}
	if _, err := c.PutObject(ctx, bucket, "stream", io.LimitReader(strings.NewReader(strings.Repeat("s", 6<<20)), 6<<20), -1, unknown); err != nil {
		t.Error("a stream of unknown length:", err)
	}
	if _, err := c.CopyObject(ctx, minio.CopyDestOptions{Bucket: bucket, Object: "copy"}, minio.CopySrcOptions{Bucket: bucket, Object: "a/../b c"}); err != nil {
		t.Error("copy:", err)
	}
	if _, err := c.ComposeObject(ctx, minio.CopyDestOptions{Bucket: bucket, Object: "composed"},
		minio.CopySrcOptions{Bucket: bucket, Object: "large"}, minio.CopySrcOptions{Bucket: bucket, Object: "small"}); err != nil {
		t.Error("compose:", err)
	}
	tagging, err := tags.NewTags(map[string]string{"a": "b"}, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.PutObjectTagging(ctx, bucket, "small", tagging, minio.PutObjectTaggingOptions{}); err != nil {
		t.Error(err)
	}
	objects := make(chan minio.ObjectInfo)
	go func() {
		defer close(objects)
		for o := range c.ListObjects(ctx, bucket, minio.ListObjectsOptions{Recursive: true, MaxKeys: 2}) {
			if o.Err != nil {
				t.Error(o.Err)
			}
			objects <- o
		}
	}()
	for e := range c.RemoveObjects(ctx, bucket, objects, minio.RemoveObjectsOptions{}) {
		t.Error(e)
	}
	if err := c.RemoveBucket(ctx, bucket); err != nil {
		t.Error(err)
	}
}
