package s3

import (
	"context"
	"encoding/base64"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/images/s3/store"
)

const maxPage = 1000

// pageSize is how many entries a page may have.
func pageSize(name string, max *int32) (int, error) {
	switch {
	case max == nil:
		return maxPage, nil
	case *max < 0:
		return 0, invalidArgument(name, itoa(*max), "Argument "+name+" must be an integer between 0 and 2147483647")
	}
	return min(int(*max), maxPage), nil
}

// encoding checks the encoding of keys in the answer and returns what encodes them.
func encoding(kind *string) (func(string) *string, error) {
	switch {
	case kind == nil:
		return func(s string) *string { return &s }, nil
	case *kind == "url":
		return func(s string) *string { return ptr(encodeKey(s)) }, nil
	}
	return nil, invalidArgument("encoding-type", *kind, "Invalid Encoding Method specified in Request")
}

// encodeKey writes a key as encoding-type url has it: spaces as "+", slashes as they are.
func encodeKey(key string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(key) {
		switch c := key[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("/-_.*", c) >= 0:
			b.WriteByte(c)
		case c == ' ':
			b.WriteByte('+')
		default:
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

// listObjectsV2 performs ListObjectsV2.
func (b *Backend) listObjectsV2(_ context.Context, in *ListObjectsV2Input) (*ListObjectsV2Output, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	encode, err := encoding(in.EncodingType)
	if err != nil {
		return nil, err
	}
	max, err := pageSize("max-keys", in.MaxKeys)
	if err != nil {
		return nil, err
	}
	q := store.Query{Prefix: deref(in.Prefix), Delimiter: deref(in.Delimiter), Max: max, After: deref(in.StartAfter)}
	if in.ContinuationToken != nil {
		if q.From, err = parseToken(*in.ContinuationToken); err != nil {
			return nil, err
		}
		q.After = ""
	}
	page := bucket.List(q)
	out := &ListObjectsV2Output{
		IsTruncated: &page.More, Name: &in.Bucket, Prefix: encode(deref(in.Prefix)), MaxKeys: ptr(int32(max)),
		EncodingType: in.EncodingType, KeyCount: ptr(int32(len(page.Versions) + len(page.Prefixes))),
		ContinuationToken: in.ContinuationToken, CommonPrefixes: commonPrefixes(page.Prefixes, encode),
	}
	if q.Delimiter != "" {
		out.Delimiter = encode(q.Delimiter)
	}
	if in.StartAfter != nil && in.ContinuationToken == nil {
		out.StartAfter = encode(*in.StartAfter)
	}
	if page.More {
		out.NextContinuationToken = ptr(makeToken(page.Next))
	}
	var owner *Owner
	if deref(in.FetchOwner) {
		owner = ownerOf(bucket)
	}
	out.Contents = objects(page.Versions, owner, encode)
	return out, nil
}

// Continuation tokens hold the first key of the next page, in an alphabet that needs no escapes.
const tokenPrefix = "1"

func makeToken(next string) string {
	return tokenPrefix + base64.RawURLEncoding.EncodeToString([]byte(next))
}

func parseToken(token string) (string, error) {
	encoded, ok := strings.CutPrefix(token, tokenPrefix)
	next, err := base64.RawURLEncoding.DecodeString(encoded)
	if !ok || err != nil || len(next) == 0 {
		return "", fail(400, "InvalidArgument", "The continuation token provided is incorrect", "ArgumentName", "continuation-token")
	}
	return string(next), nil
}

func commonPrefixes(prefixes []string, encode func(string) *string) []CommonPrefix {
	shown := make([]CommonPrefix, len(prefixes))
	for i, p := range prefixes {
		shown[i].Prefix = encode(p)
	}
	return shown
}

func objects(versions []*store.Version, owner *Owner, encode func(string) *string) []Object {
	shown := make([]Object, len(versions))
	for i, v := range versions {
		o := &shown[i]
		o.Key, o.ETag, o.Size, o.Owner = encode(v.Key), ptr(quote(v.ETag())), &v.Size, owner
		o.LastModified, o.StorageClass = ptr(v.ModifiedTime()), ptr(shownClass(v.Info.StorageClass))
		if sum := v.Info.Checksum; sum.Algorithm != "" {
			o.ChecksumAlgorithm, o.ChecksumType = []string{sum.Algorithm}, ptr(sum.Type)
		}
	}
	return shown
}

func shownClass(class string) string {
	if class == "" {
		return "STANDARD"
	}
	return class
}

// listObjects performs ListObjects.
func (b *Backend) listObjects(_ context.Context, in *ListObjectsInput) (*ListObjectsOutput, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	encode, err := encoding(in.EncodingType)
	if err != nil {
		return nil, err
	}
	max, err := pageSize("max-keys", in.MaxKeys)
	if err != nil {
		return nil, err
	}
	q := store.Query{Prefix: deref(in.Prefix), Delimiter: deref(in.Delimiter), Max: max, After: deref(in.Marker), SkipPrefix: true}
	page := bucket.List(q)
	out := &ListObjectsOutput{
		IsTruncated: &page.More, Name: &in.Bucket, Prefix: encode(q.Prefix), Marker: encode(q.After), MaxKeys: ptr(int32(max)),
		EncodingType: in.EncodingType, CommonPrefixes: commonPrefixes(page.Prefixes, encode),
		Contents: objects(page.Versions, ownerOf(bucket), encode),
	}
	if q.Delimiter != "" {
		out.Delimiter = encode(q.Delimiter)
		if page.More {
			out.NextMarker = encode(page.Last)
		}
	}
	return out, nil
}

// listObjectVersions performs ListObjectVersions.
func (b *Backend) listObjectVersions(_ context.Context, in *ListObjectVersionsInput) (*ListObjectVersionsOutput, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	encode, err := encoding(in.EncodingType)
	if err != nil {
		return nil, err
	}
	max, err := pageSize("max-keys", in.MaxKeys)
	if err != nil {
		return nil, err
	}
	q := store.Query{Prefix: deref(in.Prefix), Delimiter: deref(in.Delimiter), Max: max, After: deref(in.KeyMarker), AfterID: deref(in.VersionIdMarker), SkipPrefix: true}
	if q.AfterID != "" {
		if q.After == "" {
			return nil, invalidArgument("version-id-marker", q.AfterID, "A version-id marker cannot be specified without a key marker.")
		}
		if !store.ValidVersionID(q.AfterID) {
			return nil, invalidArgument("version-id-marker", q.AfterID, "Invalid version id specified")
		}
	}
	page := bucket.Versions(q)
	out := &ListObjectVersionsOutput{
		IsTruncated: &page.More, Name: &in.Bucket, Prefix: encode(q.Prefix), KeyMarker: encode(q.After),
		VersionIdMarker: &q.AfterID, MaxKeys: ptr(int32(max)), EncodingType: in.EncodingType,
		CommonPrefixes: commonPrefixes(page.Prefixes, encode),
	}
	if q.Delimiter != "" {
		out.Delimiter = encode(q.Delimiter)
	}
	if page.More {
		out.NextKeyMarker, out.NextVersionIdMarker = encode(page.Last), optional(page.LastID)
	}
	out.addVersions(page.Items, ownerOf(bucket), encode)
	return out, nil
}

func (out *ListObjectVersionsOutput) addVersions(items []store.ListedVersion, owner *Owner, encode func(string) *string) {
	for _, v := range items {
		latest, id, modified := v.Latest, v.ID(), v.ModifiedTime()
		if v.Marker {
			out.DeleteMarkers = append(out.DeleteMarkers, DeleteMarkerEntry{
				Owner: owner, Key: encode(v.Key), VersionId: &id, IsLatest: &latest, LastModified: &modified,
			})
			continue
		}
		shown := ObjectVersion{
			ETag: ptr(quote(v.ETag())), Size: &v.Size, StorageClass: ptr(shownClass(v.Info.StorageClass)), Key: encode(v.Key),
			VersionId: &id, IsLatest: &latest, LastModified: &modified, Owner: owner,
		}
		if sum := v.Info.Checksum; sum.Algorithm != "" {
			shown.ChecksumAlgorithm, shown.ChecksumType = []string{sum.Algorithm}, ptr(sum.Type)
		}
		out.Versions = append(out.Versions, shown)
	}
}

// listMultipartUploads performs ListMultipartUploads.
func (b *Backend) listMultipartUploads(ctx context.Context, in *ListMultipartUploadsInput) (*ListMultipartUploadsOutput, error) {
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	encode, err := encoding(in.EncodingType)
	if err != nil {
		return nil, err
	}
	max, err := pageSize("max-uploads", in.MaxUploads)
	if err != nil {
		return nil, err
	}
	q := store.Query{Prefix: deref(in.Prefix), Delimiter: deref(in.Delimiter), Max: max, After: deref(in.KeyMarker), SkipPrefix: true}
	if q.After != "" {
		q.AfterID = deref(in.UploadIdMarker)
	}
	if q.AfterID != "" && !bucket.MayMark(q.After, q.AfterID) {
		return nil, invalidArgument("upload-id-marker", q.AfterID, "Invalid uploadId marker")
	}
	page := bucket.Uploads(q)
	out := &ListMultipartUploadsOutput{
		Bucket: &in.Bucket, KeyMarker: encode(q.After), UploadIdMarker: &q.AfterID, MaxUploads: ptr(int32(max)),
		IsTruncated: &page.More, EncodingType: in.EncodingType, CommonPrefixes: commonPrefixes(page.Prefixes, encode),
		NextKeyMarker: ptr(""), NextUploadIdMarker: &page.LastID,
	}
	if page.LastID != "" { // behind a common prefix AWS names no marker
		out.NextKeyMarker = encode(page.Last)
	}
	if q.Prefix != "" {
		out.Prefix = encode(q.Prefix)
	}
	if q.Delimiter != "" {
		out.Delimiter = encode(q.Delimiter)
	}
	owner, initiator := ownerOf(bucket), initiatorOf(aws.CallFrom(ctx))
	for _, u := range page.Uploads {
		out.Uploads = append(out.Uploads, MultipartUpload{
			UploadId: ptr(u.ID()), Key: encode(u.Key), Initiated: &u.Initiated, StorageClass: ptr(shownClass(u.Info.StorageClass)),
			Owner: owner, Initiator: initiator,
			ChecksumAlgorithm: optional(u.Info.Checksum.Algorithm), ChecksumType: optional(u.Info.Checksum.Type),
		})
	}
	return out, nil
}

// listParts performs ListParts.
func (b *Backend) listParts(ctx context.Context, in *ListPartsInput) (*ListPartsOutput, error) {
	bucket, u, err := b.findUpload(in.Bucket, in.Key, in.UploadId)
	if err != nil {
		return nil, err
	}
	max, err := pageSize("max-parts", in.MaxParts)
	if err != nil {
		return nil, err
	}
	after := deref(in.PartNumberMarker)
	parts, more := bucket.Parts(u, int(after), max)
	out := &ListPartsOutput{
		Bucket: &in.Bucket, Key: &in.Key, UploadId: &in.UploadId, PartNumberMarker: &after, NextPartNumberMarker: new(int32),
		MaxParts: ptr(int32(max)), IsTruncated: &more, Owner: ownerOf(bucket), Initiator: initiatorOf(aws.CallFrom(ctx)),
		StorageClass:      ptr(shownClass(u.Info.StorageClass)),
		ChecksumAlgorithm: optional(u.Info.Checksum.Algorithm), ChecksumType: optional(u.Info.Checksum.Type),
	}
	for _, p := range parts {
		shown := Part{PartNumber: ptr(int32(p.Number)), LastModified: ptr(p.ModifiedTime()), ETag: ptr(quote(p.ETag())), Size: &p.Size}
		if u.Info.Checksum.Algorithm != "" {
			setSum(p.Checksum.Algorithm, p.Checksum.Value, &shown.ChecksumCRC32, &shown.ChecksumCRC32C, &shown.ChecksumCRC64NVME, &shown.ChecksumSHA1, &shown.ChecksumSHA256)
		}
		out.Parts = append(out.Parts, shown)
		out.NextPartNumberMarker = shown.PartNumber
	}
	return out, nil
}
