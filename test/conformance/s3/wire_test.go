package s3_test

import (
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"
)

func digest(body string) string {
	sum := md5.Sum([]byte(body))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// TestAnswers sends requests as they stand and looks at status and error code, one after the other on
// one bucket that has the object "ten" with ten digits.
func TestAnswers(t *testing.T) {
	url := start(t)
	send(t, "PUT", url+"/answers", "").want(t, 200, "")
	send(t, "PUT", url+"/answers/ten", "0123456789").want(t, 200, "")
	etag := send(t, "HEAD", url+"/answers/ten", "").header.Get("Etag")
	old, future := "Mon, 01 Jan 2001 00:00:00 GMT", "Mon, 01 Jan 2035 00:00:00 GMT"
	sum := "x-amz-checksum-crc32"
	for _, test := range []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		text                     string
	}{
		{"range", "GET", "/answers/ten", "", []string{"Range", "bytes=2-4"}, 206, "234"},
		{"range to the end", "GET", "/answers/ten", "", []string{"Range", "bytes=7-"}, 206, "789"},
		{"last bytes", "GET", "/answers/ten", "", []string{"Range", "bytes=-2"}, 206, "89"},
		{"more last bytes than there are", "GET", "/answers/ten", "", []string{"Range", "bytes=-20"}, 206, "0123456789"},
		{"beyond the end", "GET", "/answers/ten", "", []string{"Range", "bytes=8-100"}, 206, "89"},
		{"behind the end", "GET", "/answers/ten", "", []string{"Range", "bytes=10-"}, 416, "<ActualObjectSize>10</ActualObjectSize>"},
		{"no last bytes", "GET", "/answers/ten", "", []string{"Range", "bytes=-0"}, 416, "InvalidRange"},
		{"range backwards", "GET", "/answers/ten", "", []string{"Range", "bytes=4-2"}, 200, "0123456789"},
		{"several ranges", "GET", "/answers/ten", "", []string{"Range", "bytes=0-1,3-4"}, 200, "0123456789"},
		{"other unit", "GET", "/answers/ten", "", []string{"Range", "lines=0-1"}, 200, "0123456789"},
		{"range that overflows", "GET", "/answers/ten", "", []string{"Range", "bytes=0-99999999999999999999"}, 200, "0123456789"},
		{"range of what was changed", "GET", "/answers/ten", "", []string{"Range", "bytes=0-1", "If-Range", `"x"`}, 200, "0123456789"},
		{"range of what was not", "GET", "/answers/ten", "", []string{"Range", "bytes=0-1", "If-Range", etag}, 206, "01"},
		{"large upload that is refused", "PUT", "/answers/ten", strings.Repeat("x", 3<<20), []string{"If-None-Match", "*"}, 412, "If-None-Match"},
		{"part 1 of an object without parts", "GET", "/answers/ten?partNumber=1", "", nil, 206, "0123456789"},
		{"part 2 of an object without parts", "GET", "/answers/ten?partNumber=2", "", nil, 416, "InvalidPartNumber"},
		{"part and range", "GET", "/answers/ten?partNumber=1", "", []string{"Range", "bytes=0-1"}, 400, "InvalidRequest"},
		{"part number 0", "GET", "/answers/ten?partNumber=0", "", nil, 400, "InvalidArgument"},

		{"If-Match", "GET", "/answers/ten", "", []string{"If-Match", etag}, 200, ""},
		{"If-Match without quotes", "GET", "/answers/ten", "", []string{"If-Match", strings.Trim(etag, `"`)}, 200, ""},
		{"If-Match of another", "GET", "/answers/ten", "", []string{"If-Match", `"x"`}, 412, "<Condition>If-Match</Condition>"},
		{"If-None-Match", "GET", "/answers/ten", "", []string{"If-None-Match", etag}, 304, ""},
		{"If-Modified-Since future", "GET", "/answers/ten", "", []string{"If-Modified-Since", future}, 200, ""},
		{"If-Modified-Since past", "GET", "/answers/ten", "", []string{"If-Modified-Since", old}, 200, ""},
		{"If-Unmodified-Since past", "GET", "/answers/ten", "", []string{"If-Unmodified-Since", old}, 412, "If-Unmodified-Since"},
		{"If-Match goes before If-Unmodified-Since", "GET", "/answers/ten", "", []string{"If-Match", etag, "If-Unmodified-Since", old}, 200, ""},
		{"date that is none", "GET", "/answers/ten", "", []string{"If-Modified-Since", "yesterday"}, 200, ""},
		{"write if there is none", "PUT", "/answers/ten", "x", []string{"If-None-Match", "*"}, 412, "If-None-Match"},
		{"write if it is another", "PUT", "/answers/ten", "x", []string{"If-Match", `"x"`}, 412, "If-Match"},
		{"write if it is that, and there is none", "PUT", "/answers/none", "x", []string{"If-Match", etag}, 404, "NoSuchKey"},
		{"write if it is anything", "PUT", "/answers/ten", "x", []string{"If-Match", "*"}, 501, "NotImplemented"},

		{"wrong MD5", "PUT", "/answers/bad", "x", []string{"Content-Md5", digest("y")}, 400, "BadDigest"},
		{"MD5 that is none", "PUT", "/answers/bad", "x", []string{"Content-Md5", "abc"}, 400, "InvalidDigest"},
		{"wrong checksum", "PUT", "/answers/bad", "x", []string{sum, "AAAAAA=="}, 400, "The CRC32 you specified did not match"},
		{"checksum that is none", "PUT", "/answers/bad", "x", []string{sum, "abc"}, 400, "Value for x-amz-checksum-crc32 header is invalid."},
		{"two checksums", "PUT", "/answers/bad", "x", []string{sum, "AAAAAA==", "x-amz-checksum-crc32c", "AAAAAA=="}, 400, "Expecting a single x-amz-checksum- header"},
		{"wrong payload hash", "PUT", "/answers/bad", "x", []string{"x-amz-content-sha256", strings.Repeat("0", 64)}, 400, "XAmzContentSHA256Mismatch"},
		{"nothing of these was stored", "GET", "/answers/bad", "", nil, 404, "<Key>bad</Key>"},
		{"presigned with a checksum", "PUT", "/answers/pre?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0&X-Amz-Credential=test%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=" +
			time.Now().UTC().Format("20060102T150405Z") + "&X-Amz-Expires=900&X-Amz-SignedHeaders=host&x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-meta-a=b", "x", []string{"Authorization", ""}, 200, ""},
		{"too much metadata", "PUT", "/answers/bad", "x", []string{"x-amz-meta-a", strings.Repeat("m", 2048)}, 400, "MetadataTooLarge"},
		{"storage class that is none", "PUT", "/answers/bad", "x", []string{"x-amz-storage-class", "FAST"}, 400, "InvalidStorageClass"},
		{"tags that are none", "PUT", "/answers/bad", "x", []string{"x-amz-tagging", "a=1&a=2"}, 400, "InvalidArgument"},
		{"access for all", "PUT", "/answers/bad", "x", []string{"x-amz-acl", "public-read"}, 501, "NotImplemented"},
		{"access that is none", "PUT", "/answers/bad", "x", []string{"x-amz-acl", "everybody"}, 400, "InvalidArgument"},
		{"owner that is none", "GET", "/answers/ten", "", []string{"x-amz-expected-bucket-owner", "me"}, 400, "InvalidBucketOwnerAWSAccountID"},
		{"owner that is another", "GET", "/answers/ten", "", []string{"x-amz-expected-bucket-owner", "111111111111"}, 403, "AccessDenied"},
		{"version that is none", "GET", "/answers/ten?versionId=x", "", nil, 400, "Invalid version id specified"},
		{"null version", "GET", "/answers/ten?versionId=null", "", nil, 200, "0123456789"},

		{"copy of nothing", "PUT", "/answers/c", "", []string{"x-amz-copy-source", "/answers/none"}, 404, "NoSuchKey"},
		{"copy without a key", "PUT", "/answers/c", "", []string{"x-amz-copy-source", "answers"}, 400, "Invalid copy source object key"},
		{"copy onto itself", "PUT", "/answers/ten", "", []string{"x-amz-copy-source", "/answers/ten"}, 400, "InvalidRequest"},
		{"copy with a condition", "PUT", "/answers/c", "", []string{"x-amz-copy-source", "/answers/ten", "x-amz-copy-source-if-match", `"x"`}, 412, "x-amz-copy-source-If-Match"},
		{"copy", "PUT", "/answers/c", "", []string{"x-amz-copy-source", "/answers/ten"}, 200, "<CopyObjectResult"},
		{"copy of a source with an escaped slash", "PUT", "/answers/c", "", []string{"x-amz-copy-source", "answers%2Ften"}, 200, "<CopyObjectResult"},
		{"bucket of no XML", "PUT", "/other", "<CreateBucketConfiguration>", nil, 400, "MalformedXML"},
		{"directive that is none", "PUT", "/answers/c", "", []string{"x-amz-copy-source", "/answers/ten", "x-amz-metadata-directive", "KEEP"}, 400, "Unknown metadata directive."},

		{"part of no upload", "PUT", "/answers/m?uploadId=x&partNumber=1", "x", nil, 404, "NoSuchUpload"},
		{"part number that is too large", "PUT", "/answers/m?uploadId=x&partNumber=10001", "x", nil, 400, "Part number must be an integer"},
		{"part number that is none", "PUT", "/answers/m?uploadId=x&partNumber=a", "x", nil, 400, "Part number must be an integer"},

		{"bucket that is not there", "GET", "/nowhere/ten", "", nil, 404, "<BucketName>nowhere</BucketName>"},
		{"name with capitals", "PUT", "/Answers", "", nil, 400, "InvalidBucketName"},
		{"name that is too short", "PUT", "/ab", "", nil, 400, "InvalidBucketName"},
		{"name that is an address", "PUT", "/10.0.0.1", "", nil, 400, "InvalidBucketName"},
		{"the same again", "PUT", "/answers", "", nil, 200, ""},
		{"constraint that is none", "PUT", "/other", `<CreateBucketConfiguration><LocationConstraint>mars</LocationConstraint></CreateBucketConfiguration>`, nil, 400, "InvalidLocationConstraint"},
		{"bucket that is not empty", "DELETE", "/answers", "", nil, 409, "BucketNotEmpty"},

		{"page of nothing", "GET", "/answers?list-type=2&max-keys=0", "", nil, 200, "<IsTruncated>false</IsTruncated>"},
		{"page size that is none", "GET", "/answers?list-type=2&max-keys=-1", "", nil, 400, "InvalidArgument"},
		{"page size that is a word", "GET", "/answers?list-type=2&max-keys=all", "", nil, 400, "InvalidArgument"},
		{"page size that is empty", "GET", "/answers?list-type=2&max-keys=&prefix=t", "", nil, 200, "<MaxKeys>1000</MaxKeys>"},
		{"namespace", "GET", "/answers?list-type=2", "", nil, 200, `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`},
		{"bucket with a slash behind", "GET", "/answers/?list-type=2", "", nil, 200, "<Name>answers</Name>"},
		{"token that is none", "GET", "/answers?list-type=2&continuation-token=x", "", nil, 400, "The continuation token provided is incorrect"},
		{"encoding that is none", "GET", "/answers?list-type=2&encoding-type=base64", "", nil, 400, "Invalid Encoding Method"},

		{"deletion without a digest", "POST", "/answers?delete", `<Delete><Object><Key>x</Key></Object></Delete>`, nil, 400, "Missing required header for this request: Content-MD5"},
		{"deletion with a wrong digest", "POST", "/answers?delete", `<Delete><Object><Key>x</Key></Object></Delete>`, []string{"Content-Md5", digest("y")}, 400, "BadDigest"},
		{"deletion of nothing", "POST", "/answers?delete", `<Delete></Delete>`, []string{"Content-Md5", digest(`<Delete></Delete>`)}, 400, "MalformedXML"},
		{"deletion in no XML", "POST", "/answers?delete", `<Delete`, []string{"Content-Md5", digest(`<Delete`)}, 400, "MalformedXML"},
		{"versioning that is none", "PUT", "/answers?versioning", `<VersioningConfiguration><Status>Off</Status></VersioningConfiguration>`,
			[]string{"Content-Md5", digest(`<VersioningConfiguration><Status>Off</Status></VersioningConfiguration>`)}, 400, "MalformedXML"},
		{"policy", "PUT", "/answers?policy", `{}`, []string{"Content-Md5", digest(`{}`)}, 501, "NotImplemented"},
		{"policy that was never set", "GET", "/answers?policy", "", nil, 404, "NoSuchBucketPolicy"},

		{"preflight without an origin", "OPTIONS", "/answers/ten", "", nil, 400, "BadRequest"},
		{"preflight", "OPTIONS", "/answers/ten", "", []string{"Origin", "http://x.test", "Access-Control-Request-Method", "PUT"}, 403, "CORS is not enabled for this bucket."},
	} {
		t.Run(test.name, func(t *testing.T) {
			send(t, test.method, url+test.path, test.body, test.headers...).want(t, test.status, test.text)
		})
	}
	t.Run("the object is as it was", func(t *testing.T) {
		send(t, "GET", url+"/answers/ten", "").want(t, 200, "0123456789")
	})
}

// TestChunkedBodies uploads in aws-chunked framing.
func TestChunkedBodies(t *testing.T) {
	url := start(t)
	send(t, "PUT", url+"/chunked", "").want(t, 200, "")
	const signed = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	for _, test := range []struct {
		name, payload, body, decoded string
		headers                      []string
		status                       int
		text                         string
	}{
		{"unsigned with a trailer", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", "5", []string{"x-amz-trailer", "x-amz-checksum-crc32"}, 200, ""},
		{"in several chunks", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "2\r\nhe\r\n3\r\nllo\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", "5", []string{"x-amz-trailer", "x-amz-checksum-crc32"}, 200, ""},
		{"wrong trailer", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "5", []string{"x-amz-trailer", "x-amz-checksum-crc32"}, 400, "BadDigest"},
		{"trailer that is not there", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "5\r\nhello\r\n0\r\n\r\n", "5", []string{"x-amz-trailer", "x-amz-checksum-crc32"}, 400, "MalformedTrailerError"},
		{"signed", signed, "5;chunk-signature=" + strings.Repeat("0", 64) + "\r\nhello\r\n0;chunk-signature=" + strings.Repeat("0", 64) + "\r\n\r\n", "5", nil, 200, ""},
		{"shorter than announced", signed, "5;chunk-signature=0\r\nhello\r\n0;chunk-signature=0\r\n\r\n", "6", nil, 400, "IncompleteBody"},
		{"cut off", signed, "5;chunk-signature=0\r\nhel", "5", nil, 400, "IncompleteBody"},
		{"no length", signed, "5;chunk-signature=0\r\nhello\r\n0;chunk-signature=0\r\n\r\n", "", nil, 411, "MissingContentLength"},
	} {
		t.Run(test.name, func(t *testing.T) {
			headers := append([]string{"x-amz-content-sha256", test.payload, "Content-Encoding", "aws-chunked,gzip", "x-amz-decoded-content-length", test.decoded}, test.headers...)
			key := "/chunked/" + strings.ReplaceAll(test.name, " ", "-")
			send(t, "PUT", url+key, test.body, headers...).want(t, test.status, test.text)
			r := send(t, "GET", url+key, "", "Accept-Encoding", "identity")
			if test.status != 200 {
				r.want(t, 404, "NoSuchKey")
				return
			}
			if r.want(t, 200, "hello"); r.header.Get("Content-Encoding") != "gzip" {
				t.Errorf("content encoding %q", r.header.Get("Content-Encoding"))
			}
		})
	}
}

// TestRegions creates buckets elsewhere and asks for them in the wrong place.
func TestRegions(t *testing.T) {
	url := start(t)
	at := func(region string) []string {
		return []string{"Authorization", strings.Replace(authorization, "us-east-1", region, 1)}
	}
	constraint := func(region string) string {
		return fmt.Sprintf("<CreateBucketConfiguration><LocationConstraint>%s</LocationConstraint></CreateBucketConfiguration>", region)
	}
	send(t, "PUT", url+"/regions-eu", constraint("eu-west-1"), at("eu-west-1")...).want(t, 200, "")
	send(t, "PUT", url+"/regions-far", constraint("ap-south-2")).want(t, 200, "")
	send(t, "PUT", url+"/regions-bad", "", at("eu-west-1")...).want(t, 400, "The unspecified location constraint is incompatible")
	send(t, "PUT", url+"/regions-bad", constraint("eu-west-2"), at("eu-west-1")...).want(t, 400, "IllegalLocationConstraintException")
	send(t, "PUT", url+"/regions-eu", constraint("eu-west-1"), at("eu-west-1")...).want(t, 409, "BucketAlreadyOwnedByYou")
	send(t, "PUT", url+"/regions-eu", "").want(t, 409, "BucketAlreadyOwnedByYou")
	other := strings.Replace(authorization, "000000000000", "111111111111", 1)
	send(t, "PUT", url+"/regions-eu", "", "Authorization", other).want(t, 409, "BucketAlreadyExists")

	r := send(t, "GET", url+"/regions-eu?list-type=2", "").want(t, 301, "PermanentRedirect")
	if r.header.Get("X-Amz-Bucket-Region") != "eu-west-1" {
		t.Errorf("headers %v", r.header)
	}
	if r := send(t, "HEAD", url+"/regions-eu", ""); r.status != 301 || r.header.Get("X-Amz-Bucket-Region") != "eu-west-1" {
		t.Errorf("HEAD: %d %v", r.status, r.header)
	}
	r = send(t, "GET", url+"/k?x=y", "", "Host", "regions-eu.s3.localhost.localstack.cloud:4566").want(t, 307, "TemporaryRedirect")
	if to := r.header.Get("Location"); to != "http://regions-eu.s3.eu-west-1.localhost.localstack.cloud:4566/k?x=y" {
		t.Errorf("redirected to %s", to)
	}
	send(t, "GET", url+"/regions-eu?location", "").want(t, 200, ">eu-west-1</LocationConstraint>")
	send(t, "GET", url+"/regions-far?list-type=2", "", at("ap-south-2")...).want(t, 200, "ListBucketResult")
	send(t, "GET", url+"/regions-eu?list-type=2", "", "Authorization", "").want(t, 200, "ListBucketResult")
}

// TestVirtualHosts puts the bucket into the host name.
func TestVirtualHosts(t *testing.T) {
	url := start(t)
	send(t, "PUT", url+"/virtual", "").want(t, 200, "")
	for _, host := range []string{"virtual.s3.localhost.localstack.cloud:4566", "virtual.s3.us-east-1.localhost.localstack.cloud:4566", "virtual.localhost:4566", "virtual.s3.amazonaws.com"} {
		key := "/a//../" + strings.ReplaceAll(host, ":", "%3A")
		send(t, "PUT", url+key, "at "+host, "Host", host).want(t, 200, "")
		send(t, "GET", url+"/virtual"+key, "").want(t, 200, "at "+host)
		send(t, "GET", url+"/?list-type=2&prefix=a/", "", "Host", host).want(t, 200, "<Name>virtual</Name>")
	}
}
