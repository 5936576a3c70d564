package s3

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"localcloud/images/s3/store"
)

// Bounds of tags.
const (
	maxObjectTags = 10
	maxBucketTags = 50
	maxTagKey     = 128 // characters
	maxTagValue   = 256
)

// checkTags finds what S3 refuses in a set of tags.
func checkTags(tags []store.Tag) error {
	for i, t := range tags {
		if n := utf8.RuneCountInString(t.Key); n == 0 || n > maxTagKey || !validTagText(t.Key) {
			return fail(400, "InvalidTag", "The TagKey you have provided is invalid", "TagKey", t.Key)
		}
		if utf8.RuneCountInString(t.Value) > maxTagValue || !validTagText(t.Value) {
			return fail(400, "InvalidTag", "The TagValue you have provided is invalid", "TagKey", t.Key, "TagValue", t.Value)
		}
		if slices.ContainsFunc(tags[:i], func(before store.Tag) bool { return before.Key == t.Key }) {
			return fail(400, "InvalidTag", "Cannot provide multiple Tags with the same key", "TagKey", t.Key)
		}
	}
	return nil
}

// validTagText reports whether s has only letters, digits, spaces and + - = . _ : / @.
func validTagText(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsSpace(c) && !strings.ContainsRune("+-=._:/@", c)
	}) < 0
}

func checkObjectTags(tags []store.Tag) error {
	if len(tags) > maxObjectTags {
		return fail(400, "BadRequest", "Object tags cannot be greater than 10")
	}
	for _, t := range tags {
		if strings.HasPrefix(t.Key, "aws:") {
			return fail(400, "InvalidTag", "Your TagKey cannot be prefixed with aws:", "TagKey", t.Key)
		}
	}
	return checkTags(tags)
}

func checkBucketTags(tags []store.Tag) error {
	if len(tags) > maxBucketTags {
		return fail(400, "BadRequest", "Bucket tag count cannot be greater than 50")
	}
	for _, t := range tags {
		if strings.HasPrefix(t.Key, "aws:") {
			return fail(400, "InvalidTag", "System tags cannot be added/updated by requester", "TagKey", t.Key)
		}
	}
	return checkTags(tags)
}

func storedTags(tags []Tag) []store.Tag {
	stored := make([]store.Tag, len(tags))
	for i, t := range tags {
		stored[i] = store.Tag{Key: t.Key, Value: t.Value}
	}
	return stored
}

func shownTags(tags []store.Tag) []Tag {
	shown := make([]Tag, len(tags))
	for i, t := range tags {
		shown[i] = Tag{Key: t.Key, Value: t.Value}
	}
	return shown
}

// tagged finds the version whose tags an operation reads or changes.
func (b *Backend) tagged(ctx context.Context, bucketName, key string, id *string) (*store.Bucket, *store.Version, error) {
	bucket, err := b.bucket(bucketName)
	if err != nil {
		return nil, nil, err
	}
	if id != nil && !store.ValidVersionID(*id) {
		return nil, nil, invalidArgument("versionId", *id, "Invalid version id specified")
	}
	v := bucket.Current(key)
	if id != nil {
		v = bucket.Find(key, *id)
	}
	switch {
	case v == nil && id != nil:
		return nil, nil, noSuchVersion(key, *id)
	case v == nil:
		return nil, nil, noSuchKey(key)
	case v.Marker:
		return nil, nil, markerNotAllowed(requestFrom(ctx).req.Method)
	}
	return bucket, v, nil
}

// getObjectTagging performs GetObjectTagging.
func (b *Backend) getObjectTagging(ctx context.Context, in *GetObjectTaggingInput) (*GetObjectTaggingOutput, error) {
	bucket, v, err := b.tagged(ctx, in.Bucket, in.Key, in.VersionId)
	if err != nil {
		return nil, err
	}
	return &GetObjectTaggingOutput{TagSet: shownTags(v.Info.Tags), VersionId: shownID(bucket, v)}, nil
}

// putObjectTagging performs PutObjectTagging.
func (b *Backend) putObjectTagging(ctx context.Context, in *PutObjectTaggingInput) (*PutObjectTaggingOutput, error) {
	if in.Tagging == nil {
		return nil, malformedXML()
	}
	tags := storedTags(in.Tagging.TagSet)
	bucket, v, err := b.retag(ctx, in.Bucket, in.Key, in.VersionId, tags)
	if err != nil {
		return nil, err
	}
	return &PutObjectTaggingOutput{VersionId: shownID(bucket, v)}, nil
}

// deleteObjectTagging performs DeleteObjectTagging.
func (b *Backend) deleteObjectTagging(ctx context.Context, in *DeleteObjectTaggingInput) (*DeleteObjectTaggingOutput, error) {
	bucket, v, err := b.retag(ctx, in.Bucket, in.Key, in.VersionId, nil)
	if err != nil {
		return nil, err
	}
	return &DeleteObjectTaggingOutput{VersionId: shownID(bucket, v)}, nil
}

// retag gives a version other tags.
func (b *Backend) retag(ctx context.Context, bucketName, key string, id *string, tags []store.Tag) (*store.Bucket, *store.Version, error) {
	for {
		bucket, v, err := b.tagged(ctx, bucketName, key, id)
		if err != nil {
			return nil, nil, err
		}
		if err := checkObjectTags(tags); err != nil {
			return nil, nil, err
		}
		done, err := bucket.Replace(v, v.WithTags(tags))
		if err != nil || done { // else it was overwritten meanwhile
			return bucket, v, gone(err, bucket)
		}
	}
}

// settingTags is the name under which a bucket's tags are kept, as JSON.
const settingTags = "tagging"

// getBucketTagging performs GetBucketTagging.
func (b *Backend) getBucketTagging(_ context.Context, in *GetBucketTaggingInput) (*GetBucketTaggingOutput, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	out := new(GetBucketTaggingOutput)
	found, err := load(bucket, settingTags, &out.TagSet)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fail(404, "NoSuchTagSet", "The TagSet does not exist", "BucketName", in.Bucket)
	}
	return out, nil
}

// putBucketTagging performs PutBucketTagging.
func (b *Backend) putBucketTagging(_ context.Context, in *PutBucketTaggingInput) (*PutBucketTaggingOutput, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	if in.Tagging == nil {
		return nil, malformedXML()
	}
	if err := checkBucketTags(storedTags(in.Tagging.TagSet)); err != nil {
		return nil, err
	}
	if len(in.Tagging.TagSet) == 0 {
		return &PutBucketTaggingOutput{}, unset(bucket, settingTags)
	}
	return &PutBucketTaggingOutput{}, save(bucket, settingTags, in.Tagging.TagSet)
}

// deleteBucketTagging performs DeleteBucketTagging.
func (b *Backend) deleteBucketTagging(_ context.Context, in *DeleteBucketTaggingInput) (*DeleteBucketTaggingOutput, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	return &DeleteBucketTaggingOutput{}, unset(bucket, settingTags)
}

// load reads a configuration of a bucket and reports whether it was ever set.
func load(bucket *store.Bucket, name string, into any) (bool, error) {
	value, found := bucket.Settings().Values[name]
	if !found {
		return false, nil
	}
	return true, json.Unmarshal([]byte(value), into)
}

// save keeps a configuration of a bucket.
func save(bucket *store.Bucket, name string, from any) error {
	value, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return gone(bucket.Change(func(now *store.Settings) (*store.Settings, error) {
		return now.With(name, string(value)), nil
	}), bucket)
}

// unset removes a configuration of a bucket.
func unset(bucket *store.Bucket, name string) error {
	return gone(bucket.Change(func(now *store.Settings) (*store.Settings, error) {
		return now.With(name, ""), nil
	}), bucket)
}
