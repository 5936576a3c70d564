package s3

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"

	"localcloud/gateway/aws/sign"
	"localcloud/images/s3/store"
)

const maxUpload = 5 << 30 // bytes in one request

// upload is a request's content and what the client says of it.
type upload struct {
	body    io.Reader
	length  int64 // announced, -1 where it is not known
	min     int64 // bounds of its length
	max     int64
	chunked *sign.ChunkReader

	md5     []byte     // of Content-MD5, nil for none
	payload string     // of x-amz-content-sha256, "" where it is no hash
	sum     *algorithm // to verify, and to answer
	keep    *algorithm // to keep; the same as sum but for parts
	wanted  string     // the checksum that the client announced, "" for none or one in the trailer
	trailer bool       // the checksum comes behind the body

	md5Hash     hash.Hash
	sumHash     hash.Hash
	keepHash    hash.Hash // nil where sum is kept
	payloadHash hash.Hash // nil where there is no payload hash
	received    int64
}

// received is an upload that was stored and found right.
type received struct {
	bodies   []*store.Body
	size     int64
	md5      [16]byte
	checksum store.Checksum // that the client announced, or the kept one; FULL_OBJECT
	kept     store.Checksum
}

// openUpload reads the headers of an upload. Where keep is nil, the checksum that the client names is
// kept, or the default one.
func (r *request) openUpload(keep *algorithm) (*upload, error) {
	u := &upload{body: r.req.Body, length: r.req.ContentLength, max: maxUpload}
	if u.body == nil {
		u.body = http.NoBody
	}
	if err := u.readLength(r); err != nil {
		return nil, err
	}
	if u.length > maxUpload {
		return nil, tooLarge(u.length, maxUpload)
	}
	if err := u.readMD5(r.header); err != nil {
		return nil, err
	}
	if err := u.readChecksum(r.header); err != nil {
		return nil, err
	}
	u.readPayloadHash(r.header)
	u.hashes(keep)
	return u, nil
}

func (u *upload) hashes(keep *algorithm) {
	if u.sum == nil {
		u.sum = keep
	}
	if u.sum == nil {
		u.sum = findAlgorithm(defaultAlgorithm)
	}
	if u.keep = keep; keep == nil {
		u.keep = u.sum
	}
	u.md5Hash, u.sumHash = md5.New(), u.sum.new()
	if u.keep != u.sum {
		u.keepHash = u.keep.new()
	}
}

// readLength finds out how long the content is and takes its aws-chunked framing off.
func (u *upload) readLength(r *request) error {
	if !sign.IsChunked(r.header) {
		if u.length < 0 {
			return fail(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
		}
		return nil
	}
	decoded := r.header.Get("X-Amz-Decoded-Content-Length")
	length, err := strconv.ParseInt(decoded, 10, 64)
	if err != nil || length < 0 {
		return fail(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
	}
	u.length = length
	u.chunked = sign.NewChunkReader(u.body, length)
	u.body = u.chunked
	return nil
}

func (u *upload) readMD5(h http.Header) error {
	values, found := h["Content-Md5"]
	if !found || len(values) == 0 {
		return nil
	}
	raw, err := base64.StdEncoding.DecodeString(values[0])
	if err != nil || len(raw) != md5.Size {
		return fail(400, "InvalidDigest", "The Content-MD5 you specified was invalid.", "Content-MD5", values[0])
	}
	u.md5 = raw
	return nil
}

// readChecksum finds the checksum that the client announces, in a header or in the trailer.
func (u *upload) readChecksum(h http.Header) error {
	var named *algorithm
	for _, a := range algorithms {
		value := h.Get(a.header)
		if value == "" {
			continue
		}
		if named != nil {
			return invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
		}
		if !a.valid(value) {
			return invalidRequest("Value for x-amz-checksum-%s header is invalid.", a.lower())
		}
		named, u.wanted = a, value
	}
	for name := range strings.SplitSeq(h.Get("X-Amz-Trailer"), ",") {
		a := algorithmOfHeader(strings.TrimSpace(name))
		if a == nil {
			if strings.HasPrefix(strings.ToLower(strings.TrimSpace(name)), "x-amz-checksum-") {
				return notPerformed("The checksum of " + strings.TrimSpace(name))
			}
			continue
		}
		if named != nil || u.chunked == nil {
			return invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
		}
		named, u.trailer = a, true
	}
	if named == nil {
		return otherChecksum(h)
	}
	u.sum = named
	return nil
}

// unverified are the headers of checksums that are not verified here, and their algorithms.
var unverified = map[string]string{
	"X-Amz-Checksum-Sha512": "SHA512", "X-Amz-Checksum-Md5": "MD5", "X-Amz-Checksum-Xxhash64": "XXHASH64",
	"X-Amz-Checksum-Xxhash3": "XXHASH3", "X-Amz-Checksum-Xxhash128": "XXHASH128",
}

// otherChecksum refuses those.
func otherChecksum(h http.Header) error {
	for header, name := range unverified {
		if _, found := h[header]; found {
			return notPerformed("The checksum algorithm " + name)
		}
	}
	if name := h.Get("X-Amz-Sdk-Checksum-Algorithm"); name != "" && findAlgorithm(name) == nil {
		return invalidRequest("Checksum algorithm provided is unsupported. Please try again with any of the valid types: %s", algorithmNames)
	}
	return nil
}

func algorithmOfHeader(name string) *algorithm {
	for _, a := range algorithms {
		if strings.EqualFold(a.header, name) {
			return a
		}
	}
	return nil
}

// readPayloadHash takes the hash of the payload that was signed, if it is one.
func (u *upload) readPayloadHash(h http.Header) {
	value := h.Get("X-Amz-Content-Sha256")
	if len(value) != 2*sha256.Size || u.chunked != nil {
		return
	}
	if _, err := hex.DecodeString(value); err != nil {
		return
	}
	u.payload, u.payloadHash = value, sha256.New()
}

func tooLarge(size, max int64) error {
	return fail(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", "ProposedSize", itoa(size), "MaxSizeAllowed", itoa(max))
}

// Write sees the content on its way to the store.
func (u *upload) Write(p []byte) (int, error) {
	u.received += int64(len(p))
	if u.received > u.max {
		return 0, tooLarge(u.received, u.max)
	}
	u.md5Hash.Write(p)
	u.sumHash.Write(p)
	if u.keepHash != nil {
		u.keepHash.Write(p)
	}
	if u.payloadHash != nil {
		u.payloadHash.Write(p)
	}
	return len(p), nil
}

// store keeps the content and compares it with what the client said of it; where that differs nothing
// is kept.
func (u *upload) store(s *store.Store) (*received, error) {
	bodies, err := s.Receive(u.body, u.length, u)
	if err != nil {
		return nil, err
	}
	got := &received{bodies: bodies, size: u.received}
	if err := u.verify(got); err != nil {
		s.Release(bodies...)
		return nil, err
	}
	return got, nil
}

func (u *upload) verify(got *received) error {
	if u.length >= 0 && got.size != u.length {
		return fail(400, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header")
	}
	if got.size < u.min {
		return fail(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", "ProposedSize", itoa(got.size), "MinSizeAllowed", itoa(u.min))
	}
	u.md5Hash.Sum(got.md5[:0])
	if u.md5 != nil && [16]byte(u.md5) != got.md5 {
		return fail(400, "BadDigest", "The Content-MD5 you specified did not match what we received.",
			"CalculatedDigest", encodeSum(got.md5[:]), "ExpectedDigest", hex.EncodeToString(u.md5))
	}
	if u.payloadHash != nil {
		if sum := hex.EncodeToString(u.payloadHash.Sum(nil)); !strings.EqualFold(sum, u.payload) {
			return fail(400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.",
				"ClientComputedContentSHA256", u.payload, "S3ComputedContentSHA256", sum)
		}
	}
	got.checksum = store.Checksum{Algorithm: u.sum.name, Type: fullObject, Value: encodeSum(u.sumHash.Sum(nil))}
	got.kept = got.checksum
	if u.keepHash != nil {
		got.kept = store.Checksum{Algorithm: u.keep.name, Type: fullObject, Value: encodeSum(u.keepHash.Sum(nil))}
	}
	return u.verifyChecksum(got.checksum.Value)
}

func (u *upload) verifyChecksum(sum string) error {
	if u.trailer {
		u.wanted = u.chunked.Trailer().Get(u.sum.header)
		if u.wanted == "" {
			return fail(400, "MalformedTrailerError", "The request contained trailing data that was not well-formed or did not conform to our published schema.")
		}
		if !u.sum.valid(u.wanted) {
			return invalidRequest("Value for x-amz-checksum-%s trailing header is invalid.", u.sum.lower())
		}
	}
	if u.wanted != "" && u.wanted != sum {
		return fail(400, "BadDigest", "The "+u.sum.name+" you specified did not match the calculated checksum.")
	}
	return nil
}
