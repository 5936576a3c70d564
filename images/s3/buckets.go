package s3

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"regexp"
	"strconv"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/images/s3/store"
)

// ownerID is the canonical user id of an account.
func ownerID(account string) string {
	sum := sha256.Sum256([]byte("canonical user of " + account))
	return hex.EncodeToString(sum[:])
}

func ownerOf(bucket *store.Bucket) *Owner { return &Owner{ID: ptr(ownerID(bucket.Owner))} }

// initiatorOf is who began an upload, as AWS names whoever lists it in the same account.
func initiatorOf(call *aws.Call) *Initiator {
	if call.Principal == "" {
		return &Initiator{ID: ptr(ownerID(call.Account)), DisplayName: ptr("anonymous")}
	}
	return &Initiator{ID: ptr(call.Principal), DisplayName: ptr(call.Principal[strings.LastIndexAny(call.Principal, "/:")+1:])}
}

func itoa[T ~int | ~int32 | ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }

var bucketForm = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// validBucketName follows "General purpose bucket naming rules" of the S3 user guide.
func validBucketName(name string) bool {
	if !bucketForm.MatchString(name) || strings.Contains(name, "..") || net.ParseIP(name) != nil {
		return false
	}
	for _, prefix := range []string{"xn--", "sthree-", "amzn-s3-demo-"} {
		if strings.HasPrefix(name, prefix) {
			return false
		}
	}
	for _, suffix := range []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"} {
		if strings.HasSuffix(name, suffix) {
			return false
		}
	}
	return true
}

// createBucket performs CreateBucket.
func (b *Backend) createBucket(ctx context.Context, in *CreateBucketInput) (*CreateBucketOutput, error) {
	call := aws.CallFrom(ctx)
	if !validBucketName(in.Bucket) {
		return nil, fail(400, "InvalidBucketName", "The specified bucket is not valid.", "BucketName", in.Bucket)
	}
	region, err := locationOf(in.CreateBucketConfiguration, call.Region)
	if err != nil {
		return nil, err
	}
	settings, err := newSettings(in)
	if err != nil {
		return nil, err
	}
	if _, err = b.store.Create(in.Bucket, call.Account, region, settings); errors.Is(err, store.ErrBucketExists) {
		err = b.createAgain(call, in)
	}
	if err != nil {
		return nil, err
	}
	return &CreateBucketOutput{Location: ptr(bucketLocation(call, in.Bucket)), BucketArn: ptr(bucketARN(call, in.Bucket))}, nil
}

func bucketARN(call *aws.Call, name string) string {
	return "arn:" + call.Partition() + ":s3:::" + name
}

// bucketLocation is the Location of a new bucket: a path in us-east-1, an address elsewhere.
func bucketLocation(call *aws.Call, name string) string {
	if call.Region == aws.DefaultRegion {
		return "/" + name
	}
	host := strings.TrimPrefix(call.Host, name+".")
	return call.Scheme + "://" + name + "." + host + "/"
}

// createAgain answers the creation of a bucket that exists. Its owner may repeat it in us-east-1, as
// long as nothing more than the name is asked for.
func (b *Backend) createAgain(call *aws.Call, in *CreateBucketInput) error {
	bucket := b.store.Bucket(in.Bucket)
	switch {
	case bucket == nil: // removed meanwhile
		return fail(409, "OperationAborted", "A conflicting conditional operation is currently in progress against this resource. Please try again.")
	case bucket.Owner != call.Account:
		return fail(409, "BucketAlreadyExists", "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.", "BucketName", in.Bucket)
	case bucket.Region == aws.DefaultRegion && call.Region == aws.DefaultRegion && !hasTags(in):
		return nil
	}
	return fail(409, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.", "BucketName", in.Bucket)
}

func hasTags(in *CreateBucketInput) bool {
	return in.CreateBucketConfiguration != nil && len(in.CreateBucketConfiguration.Tags) > 0
}

// locationOf is the region of a new bucket: the endpoint's, which the constraint must name outside of
// us-east-1.
func locationOf(c *CreateBucketConfiguration, region string) (string, error) {
	constraint := ""
	if c != nil {
		if c.Location != nil || c.Bucket != nil {
			return "", notPerformed("Creating directory buckets")
		}
		constraint = deref(c.LocationConstraint)
	}
	switch {
	case region == aws.DefaultRegion && constraint == "":
		return region, nil
	case region == aws.DefaultRegion && constraint == "EU":
		return "eu-west-1", nil
	case region == aws.DefaultRegion && (constraint == region || !isRegion(constraint)):
		return "", fail(400, "InvalidLocationConstraint", "The specified location-constraint is not valid", "LocationConstraint", constraint)
	case region == aws.DefaultRegion:
		return constraint, nil
	case constraint == region, constraint == "EU" && region == "eu-west-1":
		return region, nil
	case constraint == "":
		constraint = "unspecified"
	}
	return "", fail(400, "IllegalLocationConstraintException", "The "+constraint+" location constraint is incompatible for the region specific endpoint this request was sent to.")
}

// newSettings is what is set of a bucket from its creation on.
func newSettings(in *CreateBucketInput) (*store.Settings, error) {
	settings := new(store.Settings)
	if c := in.CreateBucketConfiguration; c != nil && deref(c.LocationConstraint) == "EU" {
		settings = settings.With(settingLocation, "EU")
	}
	if in.ObjectOwnership != nil {
		if !validOwnership(*in.ObjectOwnership) {
			return nil, fail(400, "InvalidArgument", "Invalid x-amz-object-ownership header: "+*in.ObjectOwnership, "ArgumentName", "x-amz-object-ownership")
		}
		settings = settings.With(settingOwnership, *in.ObjectOwnership)
	}
	if !hasTags(in) {
		return settings, nil
	}
	tags := in.CreateBucketConfiguration.Tags
	for _, t := range tags {
		if strings.HasPrefix(t.Key, "aws:") {
			return nil, fail(400, "InvalidTag", `User-defined tag keys can't start with "aws:". This prefix is reserved for system tags. Remove "aws:" from your tag keys and try again.`)
		}
	}
	if err := checkBucketTags(storedTags(tags)); err != nil {
		return nil, err
	}
	value, err := encodeSetting(tags)
	if err != nil {
		return nil, err
	}
	return settings.With(settingTags, value), nil
}

// deleteBucket performs DeleteBucket.
func (b *Backend) deleteBucket(_ context.Context, in *DeleteBucketInput) (*DeleteBucketOutput, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	err = bucket.Remove()
	if errors.Is(err, store.ErrBucketNotEmpty) {
		message := "The bucket you tried to delete is not empty"
		if bucket.Settings().Versioning != store.Unversioned {
			message += ". You must delete all versions in the bucket."
		}
		err = fail(409, "BucketNotEmpty", message, "BucketName", in.Bucket)
	}
	if err != nil {
		return nil, gone(err, bucket)
	}
	return &DeleteBucketOutput{}, nil
}

// headBucket performs HeadBucket.
func (b *Backend) headBucket(ctx context.Context, in *HeadBucketInput) (*HeadBucketOutput, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	return &HeadBucketOutput{
		BucketArn: ptr(bucketARN(aws.CallFrom(ctx), in.Bucket)), BucketRegion: &bucket.Region, AccessPointAlias: ptr(false),
	}, nil
}

// getBucketLocation performs GetBucketLocation.
func (b *Backend) getBucketLocation(_ context.Context, in *GetBucketLocationInput) (*GetBucketLocationOutput, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	if bucket.Region == aws.DefaultRegion {
		return &GetBucketLocationOutput{LocationConstraint: ptr("")}, nil
	}
	if old := bucket.Settings().Values[settingLocation]; old != "" {
		return &GetBucketLocationOutput{LocationConstraint: &old}, nil
	}
	return &GetBucketLocationOutput{LocationConstraint: &bucket.Region}, nil
}

const maxBuckets = 10000

// listBuckets performs ListBuckets.
func (b *Backend) listBuckets(ctx context.Context, in *ListBucketsInput) (*ListBucketsOutput, error) {
	call := aws.CallFrom(ctx)
	if region := deref(in.BucketRegion); region != "" && !isRegion(region) || region == "eu-east-1" {
		return nil, fail(400, "InvalidArgument", "Argument value "+region+" is not a valid AWS Region", "ArgumentName", "bucket-region")
	}
	max := maxBuckets
	if in.MaxBuckets != nil {
		if max = int(*in.MaxBuckets); max < 1 || max > maxBuckets {
			return nil, invalidArgument("max-buckets", itoa(max), "Argument max-buckets must be an integer between 1 and 10000")
		}
	}
	from := ""
	if token := deref(in.ContinuationToken); token != "" {
		var err error
		if from, err = parseToken(token); err != nil {
			return nil, err
		}
	}
	out := &ListBucketsOutput{Owner: &Owner{ID: ptr(ownerID(call.Account))}, Prefix: in.Prefix, Buckets: []Bucket{}}
	for _, bucket := range b.store.Buckets() {
		if bucket.Owner != call.Account || bucket.Name < from || !strings.HasPrefix(bucket.Name, deref(in.Prefix)) ||
			deref(in.BucketRegion) != "" && bucket.Region != *in.BucketRegion {
			continue
		}
		if len(out.Buckets) == max {
			out.ContinuationToken = ptr(makeToken(bucket.Name))
			break
		}
		out.Buckets = append(out.Buckets, shownBucket(call, bucket, in))
	}
	return out, nil
}

// shownBucket is a bucket in a listing; its region and ARN are told to those who page or filter.
func shownBucket(call *aws.Call, bucket *store.Bucket, in *ListBucketsInput) Bucket {
	shown := Bucket{Name: &bucket.Name, CreationDate: &bucket.Created}
	if in.MaxBuckets != nil || in.ContinuationToken != nil || in.Prefix != nil || in.BucketRegion != nil {
		shown.BucketRegion, shown.BucketArn = &bucket.Region, ptr(bucketARN(call, bucket.Name))
	}
	return shown
}
