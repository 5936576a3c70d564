package s3

import (
	"context"

	"localcloud/images/s3/store"
)

// deleteObject performs DeleteObject.
func (b *Backend) deleteObject(_ context.Context, in *DeleteObjectInput) (*DeleteObjectOutput, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	switch {
	case in.IfMatchLastModifiedTime != nil:
		return nil, unsupportedHeader("x-amz-if-match-last-modified-time", "")
	case in.IfMatchSize != nil:
		return nil, unsupportedHeader("x-amz-if-match-size", "")
	}
	id := deref(in.VersionId)
	if in.VersionId != nil && !store.ValidVersionID(id) {
		return nil, invalidArgument("versionId", id, "Invalid version id specified")
	}
	deletions := []store.Deletion{{Key: in.Key, ID: id, Check: deleteCondition(in.IfMatch, in.Key)}}
	if err := bucket.Delete(deletions); err != nil {
		return nil, gone(err, bucket)
	}
	if err := deletions[0].Err; err != nil {
		return nil, err
	}
	return deleted(&deletions[0]), nil
}

func deleted(d *store.Deletion) *DeleteObjectOutput {
	out := new(DeleteObjectOutput)
	switch {
	case d.Marker != nil:
		out.DeleteMarker, out.VersionId = ptr(true), ptr(d.Marker.ID())
	case d.ID != "":
		out.VersionId = ptr(d.ID)
		if d.Removed != nil && d.Removed.Marker {
			out.DeleteMarker = ptr(true)
		}
	}
	return out
}

// deleteCondition is the check of If-Match on a deletion, nil for none.
func deleteCondition(match *string, key string) store.Check {
	if match == nil {
		return nil
	}
	return func(target *store.Version) error {
		switch {
		case target == nil || target.Marker:
			return noSuchKey(key)
		case !matchesETag(*match, target):
			return preconditionFailed("If-Match")
		}
		return nil
	}
}

const maxDeletions = 1000

// deleteObjects performs DeleteObjects.
func (b *Backend) deleteObjects(_ context.Context, in *DeleteObjectsInput) (*DeleteObjectsOutput, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	if in.Delete == nil || len(in.Delete.Objects) == 0 || len(in.Delete.Objects) > maxDeletions {
		return nil, malformedXML()
	}
	objects := in.Delete.Objects
	deletions := make([]store.Deletion, len(objects))
	for i := range objects {
		deletions[i] = deletionOf(bucket, &objects[i])
	}
	if err := bucket.Delete(deletions); err != nil {
		return nil, gone(err, bucket)
	}
	out := new(DeleteObjectsOutput)
	for i := range deletions {
		out.add(&objects[i], &deletions[i], deref(in.Delete.Quiet))
	}
	return out, nil
}

// deletionOf is one object of DeleteObjects as the store takes it.
func deletionOf(bucket *store.Bucket, o *ObjectIdentifier) store.Deletion {
	d := store.Deletion{Key: o.Key, ID: deref(o.VersionId), Check: deleteCondition(o.ETag, o.Key)}
	refuse := func(err error) { d.Check = func(*store.Version) error { return err } }
	switch {
	case o.Key == "":
		refuse(fail(400, "UserKeyMustBeSpecified", "The key must be specified"))
	case len(o.Key) > maxKey:
		refuse(fail(400, "KeyTooLongError", "Your key is too long"))
	case o.LastModifiedTime != nil || o.Size != nil:
		refuse(unsupportedHeader("x-amz-if-match", ""))
	case d.ID != "" && !store.ValidVersionID(d.ID):
		refuse(noSuchVersion(o.Key, d.ID))
	case d.ID != "" && d.ID != store.NullID && bucket.Find(d.Key, d.ID) == nil && bucket.Settings().Versioning == store.Unversioned:
		refuse(noSuchVersion(o.Key, d.ID))
	}
	return d
}

// add tells what became of one object.
func (out *DeleteObjectsOutput) add(o *ObjectIdentifier, d *store.Deletion, quiet bool) {
	if d.Err != nil {
		e, _ := asAWS(d.Err)
		out.Errors = append(out.Errors, Error{Key: &o.Key, VersionId: o.VersionId, Code: &e.Code, Message: &e.Message})
		return
	}
	if quiet {
		return
	}
	entry := DeletedObject{Key: &o.Key}
	switch {
	case d.Marker != nil:
		entry.DeleteMarker, entry.DeleteMarkerVersionId = ptr(true), ptr(d.Marker.ID())
	case d.ID != "":
		entry.VersionId = ptr(d.ID)
		if d.Removed != nil && d.Removed.Marker {
			entry.DeleteMarker, entry.DeleteMarkerVersionId = ptr(true), ptr(d.ID)
		}
	}
	out.Deleted = append(out.Deleted, entry)
}
