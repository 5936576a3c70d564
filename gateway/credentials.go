package gateway

import (
	"net/http"
	"strconv"
	"strings"

	"localcloud/gateway/aws/sign"
	"localcloud/images"
)

// credentials replaces the caller's signature, which covers its own host and key, by one that the
// backend of an image takes: made with its key pair where it checks, else only well formed, with the
// account as access key where it learns the account from there.
func (g *Gateway) credentials(call *Call, image *images.Image) error {
	if image.Sign.AccessKey != "" {
		return g.resign(call, image)
	}
	r := call.Request
	key := call.AccessKey
	if key == "" || (image.Account.Header == "" && image.Account.Fixed == "" && !image.Account.Instance) {
		key = call.Account
	}
	region := call.Region
	if image.Region != "" {
		region = image.Region
	}
	kept := key == call.AccessKey && region == call.Region && strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	if kept || call.Service == nil {
		return nil
	}
	removeQuerySignature(r)
	now := g.config.Clock.Now().UTC()
	r.Header.Set("X-Amz-Date", now.Format("20060102T150405Z"))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/"+now.Format("20060102")+"/"+region+"/"+
		call.Service.SigningName+"/aws4_request, SignedHeaders=host;x-amz-date, Signature="+strings.Repeat("0", 64))
	return nil
}

// resign signs a request with the key pair of the image. A body in aws-chunked framing, whose
// signatures would not hold any more, is sent as what it frames.
func (g *Gateway) resign(call *Call, image *images.Image) error {
	r := call.Request
	removeQuerySignature(r)
	payload := r.Header.Get("X-Amz-Content-Sha256")
	switch {
	case sign.IsChunked(r.Header):
		if err := unchunk(r); err != nil {
			return err
		}
		payload = sign.UnsignedPayload
	case payload != "":
	case call.Service.SigningName == "s3":
		payload = sign.UnsignedPayload
	default:
		var err error
		if payload, err = bodyHash(call); err != nil {
			return err
		}
	}
	region := image.Sign.Region
	if region == "" {
		region = call.Region
	}
	r.Header.Del("X-Amz-Security-Token")
	keys := sign.Credentials{AccessKey: image.Sign.AccessKey, SecretKey: image.Sign.SecretKey}
	sign.Sign(r, keys, call.Service.SigningName, region, g.config.Clock.Now(), payload)
	return nil
}

// unchunk replaces a body in aws-chunked framing by its content.
func unchunk(r *http.Request) error {
	length, err := strconv.ParseInt(r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64)
	if err != nil {
		length = -1
	}
	body := r.Body
	reader := sign.NewChunkReader(body, length)
	r.Body = &replacedBody{Reader: reader, Closer: body}
	r.ContentLength = length
	r.Header.Del("Content-Length")
	r.Header.Del("X-Amz-Decoded-Content-Length")
	r.Header.Del("X-Amz-Trailer")
	var encodings []string
	for encoding := range strings.SplitSeq(r.Header.Get("Content-Encoding"), ",") {
		if encoding = strings.TrimSpace(encoding); encoding != "" && encoding != "aws-chunked" {
			encodings = append(encodings, encoding)
		}
	}
	r.Header.Del("Content-Encoding")
	if len(encodings) > 0 {
		r.Header.Set("Content-Encoding", strings.Join(encodings, ","))
	}
	return nil
}

// removeQuerySignature removes the parameters of a presigned URL; the others stay as they stand.
func removeQuerySignature(r *http.Request) {
	if !strings.Contains(r.URL.RawQuery, "Signature=") {
		return
	}
	v2 := !strings.Contains(r.URL.RawQuery, "X-Amz-Signature=")
	kept := make([]string, 0, 4)
	for part := range strings.SplitSeq(r.URL.RawQuery, "&") {
		switch name, _, _ := strings.Cut(part, "="); {
		case v2 && (name == "AWSAccessKeyId" || name == "Signature" || name == "Expires"):
		case name == "X-Amz-Algorithm", name == "X-Amz-Credential", name == "X-Amz-Date", name == "X-Amz-Expires",
			name == "X-Amz-SignedHeaders", name == "X-Amz-Signature", name == "X-Amz-Security-Token":
		default:
			kept = append(kept, part)
		}
	}
	r.URL.RawQuery = strings.Join(kept, "&")
}
