package s3

import (
	"context"

	"localcloud/images/s3/store"
)

type requestKey struct{}

// withRequest lets the functions over structures read the headers of their call.
func withRequest(ctx context.Context, r *request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

func requestFrom(ctx context.Context) *request {
	r, _ := ctx.Value(requestKey{}).(*request)
	return r
}

// bucket returns the bucket of that name, or NoSuchBucket.
func (b *Backend) bucket(name string) (*store.Bucket, error) {
	if bucket := b.store.Bucket(name); bucket != nil {
		return bucket, nil
	}
	return nil, noSuchBucket(name)
}

func ptr[T any](v T) *T { return &v }

// optional is nil for the zero value.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// deref is the zero value for nil.
func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// shownID is the version's id where the bucket has ever had versioning.
func shownID(bucket *store.Bucket, v *store.Version) *string {
	if bucket.Settings().Versioning == store.Unversioned {
		return nil
	}
	return ptr(v.ID())
}

// setSum sets the member that holds a checksum of that algorithm.
func setSum(algorithm, value string, crc32, crc32c, crc64nvme, sha1, sha256 **string) {
	if value == "" {
		return
	}
	switch algorithm {
	case "CRC32":
		*crc32 = &value
	case "CRC32C":
		*crc32c = &value
	case "CRC64NVME":
		*crc64nvme = &value
	case "SHA1":
		*sha1 = &value
	case "SHA256":
		*sha256 = &value
	}
}
