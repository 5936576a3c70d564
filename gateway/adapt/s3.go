package adapt

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/wire"
)

// A backend of S3 that knows one region only gets all calls in that region. Where a bucket is said to
// be is kept here, and put into the answers.

// bucketRegion is what a call has to do with the region of a bucket.
type bucketRegion struct {
	bucket  string
	created string // the region of a bucket that is being made; "" for other calls
}

// forwardBucket takes the region out of a request.
func (a *Adapter) forwardBucket(x *exchange, req *http.Request) (*bucketRegion, error) {
	bucket, _, _ := strings.Cut(strings.TrimPrefix(x.call.Path, "/"), "/")
	place := &bucketRegion{bucket: bucket}
	if x.call.Operation == nil || x.call.Operation.Name != "CreateBucket" {
		return place, a.elsewhere(x, place, req)
	}
	body, err := readWhole(req.Body)
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	doc := make(map[string]any)
	if err := wire.DecodeRequest(x.call, req, &doc, wire.Options{}); err != nil {
		return nil, err
	}
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	configuration, _ := doc["CreateBucketConfiguration"].(map[string]any)
	constraint, _ := configuration["LocationConstraint"].(string)
	if place.created, err = regionOf(constraint, x.call.Region); err != nil {
		return nil, err
	}
	if constraint == "" {
		return place, nil
	}
	delete(configuration, "LocationConstraint")
	if len(configuration) == 0 {
		req.Body, req.ContentLength = http.NoBody, 0
		for _, name := range [...]string{"Content-Length", "Content-Md5", "Content-Type", "X-Amz-Content-Sha256", "X-Amz-Trailer", "X-Amz-Decoded-Content-Length", "Content-Encoding"} {
			req.Header.Del(name)
		}
		for name := range req.Header {
			if strings.HasPrefix(name, "X-Amz-Checksum-") || name == "X-Amz-Sdk-Checksum-Algorithm" {
				req.Header.Del(name)
			}
		}
	}
	return place, nil
}

var isRegion = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]$`)

// regionOf is where a bucket is made with a constraint by a call to a region.
func regionOf(constraint, region string) (string, error) {
	switch {
	case constraint == "EU":
		constraint = "eu-west-1"
	case constraint == "" && region == "us-east-1":
		return region, nil
	case constraint == "us-east-1", constraint != "" && !isRegion.MatchString(constraint):
		return "", &aws.Error{Code: "InvalidLocationConstraint", Message: "The specified location-constraint is not valid", Status: 400,
			Detail: map[string]any{"LocationConstraint": constraint}}
	}
	if constraint == region || constraint != "" && region == "us-east-1" {
		return constraint, nil
	}
	shown := constraint
	if shown == "" {
		shown = "unspecified"
	}
	return "", &aws.Error{Code: "IllegalLocationConstraintException", Status: 400,
		Message: fmt.Sprintf("The %s location constraint is incompatible for the region specific endpoint this request was sent to.", shown)}
}

// elsewhere refuses a call that is signed for another region than its bucket's.
func (a *Adapter) elsewhere(x *exchange, place *bucketRegion, req *http.Request) error {
	signed := strings.HasPrefix(req.Header.Get("Authorization"), "AWS4-") || strings.Contains(req.URL.RawQuery, "X-Amz-Credential=")
	region, known := a.regions.Get("", "", place.bucket)
	if !known || region == x.call.Region || !signed || x.call.Operation == nil || x.call.Operation.Name == "GetBucketLocation" {
		return nil
	}
	return &aws.Error{
		Code: "PermanentRedirect", Status: http.StatusMovedPermanently,
		Message: "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
		Detail:  map[string]any{"Bucket": place.bucket, "Endpoint": place.bucket + ".s3." + region + ".amazonaws.com"},
		Header:  map[string]string{"X-Amz-Bucket-Region": region},
	}
}

// returnBucket puts the region into an answer, and keeps that of a new bucket.
func (a *Adapter) returnBucket(x *exchange, place *bucketRegion, req *http.Request, resp *http.Response) (*http.Response, error) {
	name := ""
	if x.call.Operation != nil {
		name = x.call.Operation.Name
	}
	success := resp.StatusCode/100 == 2
	switch {
	case name == "ListBuckets" && success:
		return a.listedBuckets(x, req, resp)
	case place.bucket == "":
		return resp, nil
	case name == "CreateBucket" && success:
		if err := a.regions.Put("", "", place.bucket, place.created); err != nil {
			return nil, fmt.Errorf("keep the region of bucket %s: %w", place.bucket, err)
		}
	case name == "DeleteBucket" && success:
		if err := a.regions.Delete("", "", place.bucket); err != nil {
			return nil, fmt.Errorf("forget the region of bucket %s: %w", place.bucket, err)
		}
		return resp, nil
	case name == "GetBucketLocation" && success:
		return a.located(x, place, req, resp)
	}
	if resp.Header["X-Amz-Bucket-Region"] != nil {
		resp.Header.Set("X-Amz-Bucket-Region", a.region(x, place.bucket))
	}
	return resp, nil
}

// region is where a bucket is.
func (a *Adapter) region(x *exchange, bucket string) string {
	if region, ok := a.regions.Get("", "", bucket); ok {
		return region
	}
	return x.image.Region
}

// located answers GetBucketLocation.
func (a *Adapter) located(x *exchange, place *bucketRegion, req *http.Request, resp *http.Response) (*http.Response, error) {
	if err := resp.Body.Close(); err != nil {
		return nil, err
	}
	out := map[string]any{}
	if region := a.region(x, place.bucket); region != aws.DefaultRegion {
		out["LocationConstraint"] = region
	}
	return wire.EncodeResponse(x.call, req, out)
}

// listedBuckets puts the regions into a list of buckets.
func (a *Adapter) listedBuckets(x *exchange, req *http.Request, resp *http.Response) (*http.Response, error) {
	doc := make(map[string]any)
	if err := wire.DecodeResponse(x.call.Operation, x.spoken, resp, &doc); err != nil {
		return nil, x.unreadable(err)
	}
	buckets, _ := doc["Buckets"].([]any)
	for _, b := range buckets {
		bucket, _ := b.(map[string]any)
		name, _ := bucket["Name"].(string)
		if name != "" && bucket["BucketRegion"] != nil {
			bucket["BucketRegion"] = a.region(x, name)
		}
	}
	return wire.EncodeResponse(x.call, req, doc)
}
