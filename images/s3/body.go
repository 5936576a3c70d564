package s3

import (
	"bytes"
	"io"
	"net/http"

	"localcloud/gateway/aws/sign"
)

// maxDocument bounds the XML document of a request, which is held in memory.
const maxDocument = 8 << 20

// buffer reads the document of an operation over structures, takes its framing off and compares it
// with the digests that the client sent.
func (r *request) buffer() error {
	if r.req.Body == nil || r.req.Body == http.NoBody || r.req.ContentLength == 0 {
		return r.requireDigest()
	}
	if r.req.ContentLength > maxDocument {
		return fail(400, "MaxMessageLengthExceeded", "Your request was too big.", "MaxMessageLengthBytes", itoa(maxDocument))
	}
	if err := r.requireDigest(); err != nil {
		return err
	}
	whole := r.req
	if whole.ContentLength < 0 && !sign.IsChunked(r.header) { // its end tells the length
		content, err := io.ReadAll(io.LimitReader(whole.Body, maxDocument+1))
		if err != nil {
			return err
		}
		whole = whole.Clone(r.ctx)
		whole.Body, whole.ContentLength = io.NopCloser(bytes.NewReader(content)), int64(len(content))
	}
	from := *r
	from.req = whole
	if r.is("CompleteMultipartUpload") { // its checksum is that of the object
		from.header = whole.Header.Clone()
		for _, a := range algorithms {
			from.header.Del(a.header)
		}
	}
	u, err := from.openUpload(nil)
	if err != nil {
		return err
	}
	var content bytes.Buffer
	_, err = io.Copy(io.MultiWriter(&content, u), io.LimitReader(u.body, maxDocument+1))
	if err == nil && content.Len() > maxDocument {
		return fail(400, "MaxMessageLengthExceeded", "Your request was too big.", "MaxMessageLengthBytes", itoa(maxDocument))
	}
	if err == nil {
		err = u.verify(&received{size: int64(content.Len())})
	}
	if err != nil {
		return err
	}
	clone := r.req.Clone(r.ctx)
	clone.Body, clone.ContentLength = io.NopCloser(&content), int64(content.Len())
	r.req, r.header = clone, clone.Header
	return nil
}

// requireDigest refuses DeleteObjects without a digest, as S3 does. The models ask for one with other
// operations too; there S3 does without.
func (r *request) requireDigest() error {
	if !r.is("DeleteObjects") {
		return nil
	}
	for _, name := range []string{"Content-Md5", "X-Amz-Trailer"} {
		if r.header.Get(name) != "" {
			return nil
		}
	}
	for _, a := range algorithms {
		if r.header.Get(a.header) != "" {
			return nil
		}
	}
	if err := otherChecksum(r.header); err != nil {
		return err
	}
	return invalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
}
