package s3_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// client is the AWS SDK's client as users make it, in path style.
func client(url string) *s3.Client {
	return s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: &url, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("000000000000", "test", ""),
	})
}

func random(t testing.TB, n int) []byte {
	t.Helper()
	content := make([]byte, n)
	if _, err := rand.Read(content); err != nil {
		t.Fatal(err)
	}
	return content
}

func newBucket(t testing.TB, c *s3.Client, name string) string {
	t.Helper()
	if _, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
	return name
}

func putBytes(t testing.TB, c *s3.Client, bucket, key string, content []byte) *s3.PutObjectOutput {
	t.Helper()
	out, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(content)})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func getBytes(t testing.TB, c *s3.Client, in *s3.GetObjectInput) []byte {
	t.Helper()
	in.ChecksumMode = types.ChecksumModeEnabled
	out, err := c.GetObject(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	content, err := io.ReadAll(out.Body)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestKeys stores and reads every kind of key that S3 allows.
func TestKeys(t *testing.T) {
	c := client(start(t))
	bucket := newBucket(t, c, "keys")
	keys := []string{
		"a", "a/b", "a/", "/", "//", "/lead", "a//b", "..", "../up", "./x", "a/../b", "space here", "plus+plus", "per%cent", "%2F", "a%2Fb",
		"ü/ñ/漢字/😀", "quo\"te's", "<xml>&amp;", "a?b=c#d", "tab\tnew\nline", "back\\slash", "~tilde", ";semi:colon@at=eq,comma!$*()[]{}|^`",
		strings.Repeat("k", 1024), strings.Repeat("漢", 341), "trailing///", "\u0085", "a\u0301",
	}
	for _, key := range keys {
		content := []byte("content of " + key)
		putBytes(t, c, bucket, key, content)
		if got := getBytes(t, c, &s3.GetObjectInput{Bucket: &bucket, Key: &key}); !bytes.Equal(got, content) {
			t.Errorf("%q: got %q", key, got)
		}
	}
	var listed []string
	pages := s3.NewListObjectsV2Paginator(c, &s3.ListObjectsV2Input{Bucket: &bucket, MaxKeys: awssdk.Int32(3)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Contents {
			listed = append(listed, *o.Key)
		}
	}
	slices.Sort(keys)
	if !slices.Equal(listed, keys) {
		t.Errorf("listed %q, want %q", listed, keys)
	}
	long := strings.Repeat("k", 1025)
	if _, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &long}); err == nil || !strings.Contains(err.Error(), "KeyTooLongError") {
		t.Errorf("a key of 1,025 bytes: %v", err)
	}
	for chunk := range slices.Chunk(keys, 7) {
		var ids []types.ObjectIdentifier
		for i := range chunk {
			ids = append(ids, types.ObjectIdentifier{Key: &chunk[i]})
		}
		out, err := c.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: &bucket, Delete: &types.Delete{Objects: ids}})
		if err != nil || len(out.Errors) > 0 || len(out.Deleted) != len(chunk) {
			t.Errorf("delete: %v, %+v", err, out)
		}
	}
	if _, err := c.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: &bucket}); err != nil {
		t.Error(err)
	}
}

// TestChecksums uploads with every algorithm, by header and by trailer, and lets the SDK verify.
func TestChecksums(t *testing.T) {
	c := client(start(t))
	bucket := newBucket(t, c, "sums")
	content := random(t, 300_000)
	for _, algorithm := range []types.ChecksumAlgorithm{"CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"} {
		for _, size := range []int{0, 10, 300_000} {
			key := fmt.Sprint(algorithm, size)
			in := &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(content[:size]), ChecksumAlgorithm: algorithm}
			if _, err := c.PutObject(t.Context(), in); err != nil {
				t.Fatal(err)
			}
			if got := getBytes(t, c, &s3.GetObjectInput{Bucket: &bucket, Key: &key}); !bytes.Equal(got, content[:size]) {
				t.Errorf("%s: content differs", key)
			}
			attributes, err := c.GetObjectAttributes(t.Context(), &s3.GetObjectAttributesInput{
				Bucket: &bucket, Key: &key, ObjectAttributes: []types.ObjectAttributes{"Checksum", "ObjectSize", "ETag", "StorageClass"},
			})
			if err != nil || attributes.Checksum == nil || attributes.Checksum.ChecksumType != "FULL_OBJECT" || *attributes.ObjectSize != int64(size) {
				t.Errorf("%s: %v %+v", key, err, attributes)
			}
		}
	}
}

// TestUploadManager uploads in parts with the SDK's manager, by each algorithm, and downloads again.
func TestUploadManager(t *testing.T) {
	c := client(start(t))
	bucket := newBucket(t, c, "managed")
	content := random(t, 17<<20)
	for _, algorithm := range []types.ChecksumAlgorithm{"", "CRC32C", "CRC64NVME", "SHA256"} {
		key := "big" + string(algorithm)
		uploader := manager.NewUploader(c, func(u *manager.Uploader) { u.PartSize = 5 << 20 })
		_, err := uploader.Upload(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(content), ChecksumAlgorithm: algorithm})
		if err != nil {
			t.Fatal(algorithm, err)
		}
		buffer := manager.NewWriteAtBuffer(nil)
		if _, err := manager.NewDownloader(c).Download(t.Context(), buffer, &s3.GetObjectInput{Bucket: &bucket, Key: &key}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(buffer.Bytes(), content) {
			t.Errorf("%s: content differs", key)
		}
		if got := getBytes(t, c, &s3.GetObjectInput{Bucket: &bucket, Key: &key}); !bytes.Equal(got, content) {
			t.Errorf("%s: content differs", key)
		}
		part := getBytes(t, c, &s3.GetObjectInput{Bucket: &bucket, Key: &key, PartNumber: awssdk.Int32(2)})
		if !bytes.Equal(part, content[5<<20:10<<20]) {
			t.Errorf("%s: part 2 differs", key)
		}
		copied := "copy of " + key
		source := bucket + "/" + strings.ReplaceAll(key, " ", "%20")
		out, err := c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: &bucket, Key: &copied, CopySource: &source})
		if err != nil {
			t.Fatal(err)
		}
		if etag := *out.CopyObjectResult.ETag; strings.Contains(etag, "-") {
			t.Errorf("entity tag of a copy: %s", etag)
		}
		if got := getBytes(t, c, &s3.GetObjectInput{Bucket: &bucket, Key: &copied}); !bytes.Equal(got, content) {
			t.Errorf("%s: copy differs", key)
		}
	}
}

// TestVersions goes through the life of a versioned object.
func TestVersions(t *testing.T) {
	c := client(start(t))
	bucket := newBucket(t, c, "versions")
	status := func(s types.BucketVersioningStatus) {
		t.Helper()
		_, err := c.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: &bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: s}})
		if err != nil {
			t.Fatal(err)
		}
	}
	key := "k"
	putBytes(t, c, bucket, key, []byte("null"))
	status("Enabled")
	v1 := putBytes(t, c, bucket, key, []byte("one")).VersionId
	marker, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: &key})
	if err != nil || !awssdk.ToBool(marker.DeleteMarker) {
		t.Fatal(err, marker)
	}
	if _, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key}); err == nil || !strings.Contains(err.Error(), "NoSuchKey") {
		t.Errorf("get behind a delete marker: %v", err)
	}
	if got := getBytes(t, c, &s3.GetObjectInput{Bucket: &bucket, Key: &key, VersionId: v1}); string(got) != "one" {
		t.Errorf("version one: %q", got)
	}
	if got := getBytes(t, c, &s3.GetObjectInput{Bucket: &bucket, Key: &key, VersionId: awssdk.String("null")}); string(got) != "null" {
		t.Errorf("null version: %q", got)
	}
	status("Suspended")
	if got := putBytes(t, c, bucket, key, []byte("null again")).VersionId; got != nil {
		t.Errorf("version id while suspended: %s", *got)
	}
	listed, err := c.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: &bucket})
	if err != nil || len(listed.Versions) != 2 || len(listed.DeleteMarkers) != 1 || !*listed.Versions[0].IsLatest {
		t.Errorf("%v %+v", err, listed)
	}
	if _, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: &key, VersionId: v1}); err != nil {
		t.Error(err)
	}
	if _, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key, VersionId: v1}); err == nil || !strings.Contains(err.Error(), "NoSuchVersion") {
		t.Errorf("a version that was deleted: %v", err)
	}
}

// TestPresigned uses presigned URLs without any other credentials.
func TestPresigned(t *testing.T) {
	c := client(start(t))
	bucket, key := newBucket(t, c, "presigned"), "a b/ü"
	p := s3.NewPresignClient(c)
	put, err := p.PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Metadata: map[string]string{"who": "me"}})
	if err != nil {
		t.Fatal(err)
	}
	do := func(method, url string, header http.Header, body string) *http.Response {
		t.Helper()
		req, err := http.NewRequestWithContext(context.Background(), method, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for name, values := range header {
			if name != "Host" && name != "Content-Length" {
				req.Header[name] = values
			}
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	}
	if resp := do("PUT", put.URL, put.SignedHeader, "presigned"); resp.StatusCode != 200 {
		t.Fatal(resp.Status)
	}
	get, err := p.PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key, ResponseContentType: awssdk.String("text/x-test")})
	if err != nil {
		t.Fatal(err)
	}
	resp := do("GET", get.URL, nil, "")
	content, err := io.ReadAll(resp.Body)
	if err != nil || string(content) != "presigned" || resp.Header.Get("Content-Type") != "text/x-test" || resp.Header.Get("X-Amz-Meta-Who") != "me" {
		t.Errorf("%q %v %v", content, resp.Header, err)
	}
}
