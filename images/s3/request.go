package s3

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"localcloud/gateway/aws"
)

const maxKey = 1024 // bytes

// request is a call as the direct operations and the guard see it.
type request struct {
	ctx    context.Context
	req    *http.Request
	call   *aws.Call
	header http.Header
	query  url.Values // nil where there is none
	bucket string     // "" for calls of the service itself
	key    string     // "" for calls of the bucket

	failed *aws.Error // what a function over structures has returned
}

// read takes the call's path and query apart.
func (b *Backend) read(req *http.Request, call *aws.Call) (*request, error) {
	r := &request{ctx: req.Context(), req: req, call: call, header: req.Header}
	rawBucket, rawKey, _ := strings.Cut(strings.TrimPrefix(call.Path, "/"), "/")
	var err error
	if r.bucket, err = decodePath(rawBucket); err != nil {
		return nil, err
	}
	if r.key, err = decodePath(rawKey); err != nil {
		return nil, err
	}
	if len(r.key) > maxKey {
		return nil, fail(400, "KeyTooLongError", "Your key is too long", "Size", itoa(len(r.key)), "MaxSizeAllowed", itoa(maxKey))
	}
	if req.URL.RawQuery != "" {
		r.query, err = url.ParseQuery(req.URL.RawQuery)
		if err != nil {
			return nil, invalidURI()
		}
		r.unfold()
	}
	return r, nil
}

func decodePath(raw string) (string, error) {
	name := raw
	if strings.IndexByte(raw, '%') >= 0 {
		var err error
		if name, err = url.PathUnescape(raw); err != nil {
			return "", invalidURI()
		}
	}
	if !utf8.ValidString(name) {
		return "", invalidURI()
	}
	return name, nil
}

func invalidURI() error {
	return &aws.Error{Code: "InvalidURI", Message: "Couldn't parse the specified URI.", Status: 400}
}

// signingParameters are query parameters of presigned URLs that are no headers.
var signingParameters = map[string]bool{
	"x-amz-algorithm": true, "x-amz-credential": true, "x-amz-date": true, "x-amz-expires": true,
	"x-amz-signedheaders": true, "x-amz-signature": true, "x-amz-security-token": true,
}

// unfold makes the headers that a presigned URL carries as query parameters into headers. Checksums
// are none of them: S3 ignores those, which SDKs compute of the empty body that they sign.
func (r *request) unfold() {
	if r.query.Get("X-Amz-Signature") == "" && r.query.Get("Signature") == "" {
		return
	}
	cloned := false
	for name, values := range r.query {
		lower := strings.ToLower(name)
		if !strings.HasPrefix(lower, "x-amz-") || signingParameters[lower] || strings.Contains(lower, "-checksum-") || r.header.Get(name) != "" {
			continue
		}
		if !cloned {
			cloned = true
			r.req = r.req.Clone(r.ctx)
			r.header = r.req.Header
		}
		r.header[http.CanonicalHeaderKey(name)] = values
	}
}

// param is a query parameter and whether it is there.
func (r *request) param(name string) (string, bool) {
	values, found := r.query[name]
	if !found || len(values) == 0 {
		return "", false
	}
	return values[0], true
}

// integers are the query parameters that must be numbers of 32 bits.
var integers = []string{"max-keys", "max-uploads", "max-parts", "max-buckets", "part-number-marker"}

// checkIntegers refuses what is no number as S3 does.
func (r *request) checkIntegers() error {
	for _, name := range integers {
		value, found := r.param(name)
		if !found {
			continue
		}
		if value == "" {
			r.forget(name)
			continue
		}
		if _, err := strconv.ParseInt(value, 10, 32); err != nil {
			return invalidArgument(name, value, "Provided "+name+" not an integer or within integer range")
		}
	}
	return nil
}

// forget takes a query parameter out of the request.
func (r *request) forget(name string) {
	delete(r.query, name)
	r.req = r.req.Clone(r.ctx)
	r.req.URL.RawQuery = r.query.Encode()
	r.header = r.req.Header
}

// userMetadata is the prefix of the headers that hold user metadata.
const userMetadata = "X-Amz-Meta-"
