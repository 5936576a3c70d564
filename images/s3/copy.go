package s3

import (
	"context"
	"crypto/md5"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"

	"localcloud/images/s3/store"
)

const maxCopy = 5 << 30 // bytes

// copyObject performs CopyObject. The copy shares the content of its source on disk.
func (b *Backend) copyObject(ctx context.Context, in *CopyObjectInput) (*CopyObjectOutput, error) {
	r := requestFrom(ctx)
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	check, err := writeConditions(deref(in.IfMatch), deref(in.IfNoneMatch), in.Key)
	if err != nil {
		return nil, err
	}
	source, err := b.copySource(r, in.CopySource)
	if err != nil {
		return nil, err
	}
	defer source.held.Release()
	if source.held.Size > maxCopy {
		return nil, invalidRequest("The specified copy source is larger than the maximum allowable size for a copy source: %d", maxCopy)
	}
	if check != nil {
		if err := check(bucket.Current(in.Key)); err != nil {
			return nil, err
		}
	}
	info, err := copiedInfo(r, in, source)
	if err != nil {
		return nil, err
	}
	a, err := copyAlgorithm(in, source.held.Version)
	if err != nil {
		return nil, err
	}
	v := &store.Version{Key: strings.Clone(in.Key), Size: source.held.Size, Info: info}
	if v.Hash, info.Checksum, err = source.sums(a); err != nil {
		return nil, err
	}
	if err := bucket.Put(v, source.held.Take(), check); err != nil {
		return nil, gone(err, bucket)
	}
	out := &CopyObjectOutput{VersionId: shownID(bucket, v), ServerSideEncryption: ptr("AES256")}
	out.CopySourceVersionId = shownID(source.bucket, source.held.Version)
	result := &CopyObjectResult{ETag: ptr(quote(v.ETag())), LastModified: ptr(v.ModifiedTime()), ChecksumType: &info.Checksum.Type}
	setSum(info.Checksum.Algorithm, info.Checksum.Value, &result.ChecksumCRC32, &result.ChecksumCRC32C, &result.ChecksumCRC64NVME, &result.ChecksumSHA1, &result.ChecksumSHA256)
	out.CopyObjectResult = result
	return out, nil
}

// source is the object that a copy reads.
type source struct {
	bucket *store.Bucket
	held   *store.Held
	id     string // of the version, as the client named it; "" for the newest
}

// copySource finds the source of a copy, "bucket/key?versionId=id" in the escapes of URLs, and checks
// its conditions. The source is held.
func (b *Backend) copySource(r *request, header string) (*source, error) {
	escaped, id, _ := strings.Cut(header, "?versionId=")
	path, err := url.PathUnescape(escaped)
	bucketName, key, found := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if strings.HasPrefix(bucketName, "arn:") {
		return nil, notPerformed("Copying from an access point")
	}
	if !found || err != nil || key == "" {
		return nil, invalidArgument("x-amz-copy-source", "x-amz-copy-source", "Invalid copy source object key")
	}
	bucket, err := b.bucket(bucketName)
	if err != nil {
		return nil, err
	}
	if owner := r.header.Get("X-Amz-Source-Expected-Bucket-Owner"); owner != "" && owner != bucket.Owner {
		return nil, accessDenied()
	}
	if id != "" && !store.ValidVersionID(id) {
		return nil, invalidArgument("x-amz-copy-source", header, "Invalid version id specified")
	}
	s := &source{bucket: bucket, held: bucket.Hold(key, id), id: id}
	if err := s.check(b, r, key); err != nil {
		s.held.Release()
		return nil, err
	}
	return s, nil
}

func (s *source) check(b *Backend, r *request, key string) error {
	switch {
	case s.held == nil && s.id != "":
		return noSuchVersion(key, s.id)
	case s.held == nil:
		return noSuchKey(key)
	case s.held.Marker && s.id != "":
		return invalidRequest("The source of a copy request may not specifically refer to a delete marker by version id.")
	case s.held.Marker:
		return noSuchKey(key)
	case archived(s.held.Info.StorageClass):
		return fail(403, "InvalidObjectState", "Operation is not valid for the source object's storage class", "StorageClass", s.held.Info.StorageClass)
	}
	const prefix = "X-Amz-Copy-Source-"
	conditions := readConditions{
		match: r.header.Get(prefix + "If-Match"), noneMatch: r.header.Get(prefix + "If-None-Match"),
		modifiedSince: r.header.Get(prefix + "If-Modified-Since"), unmodifiedSince: r.header.Get(prefix + "If-Unmodified-Since"),
	}
	if condition, _ := conditions.failed(s.held.Version, b.now()); condition != "" {
		return preconditionFailed("x-amz-copy-source-" + condition)
	}
	return nil
}

// copiedInfo is what the copy has besides its content: that of the source, or that of the request
// where the directives say so.
func copiedInfo(r *request, in *CopyObjectInput, s *source) (*store.Info, error) {
	replaceHeaders, err := replaces("x-amz-metadata-directive", "metadata", deref(in.MetadataDirective))
	if err != nil {
		return nil, err
	}
	replaceTags, err := replaces("x-amz-tagging-directive", "tagging", deref(in.TaggingDirective))
	if err != nil {
		return nil, err
	}
	info, err := r.newInfo()
	if err != nil {
		return nil, err
	}
	changed := replaceHeaders || in.StorageClass != nil || in.WebsiteRedirectLocation != nil || in.ServerSideEncryption != nil
	same := s.bucket.Name == in.Bucket && s.held.Key == in.Key
	if same && !changed && s.bucket.Current(in.Key) == s.held.Version {
		return nil, invalidRequest("This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.")
	}
	if !replaceHeaders {
		redirect := deref(in.WebsiteRedirectLocation)
		info.Headers = withRedirect(s.held.Info.Headers, redirect)
	}
	if !replaceTags {
		info.Tags = s.held.Info.Tags
	}
	return info, nil
}

func replaces(header, what, directive string) (bool, error) {
	switch directive {
	case "", "COPY":
		return false, nil
	case "REPLACE":
		return true, nil
	}
	return false, invalidArgument(header, directive, "Unknown "+what+" directive.")
}

// withRedirect copies headers but for the redirection of websites, which each object has for itself.
func withRedirect(headers []store.Header, redirect string) []store.Header {
	const name = "X-Amz-Website-Redirect-Location"
	var copied []store.Header
	for _, h := range headers {
		if h.Name != name {
			copied = append(copied, h)
		}
	}
	if redirect != "" {
		copied = append(copied, store.Header{Name: name, Value: redirect})
	}
	return copied
}

// copyAlgorithm is the algorithm of the copy's checksum: as asked for, else the source's.
func copyAlgorithm(in *CopyObjectInput, v *store.Version) (*algorithm, error) {
	name := deref(in.ChecksumAlgorithm)
	if name == "" {
		name = v.Info.Checksum.Algorithm
	} else if findAlgorithm(name) == nil {
		return nil, invalidRequest("Checksum algorithm provided is unsupported. Please try again with any of the valid types: %s", algorithmNames)
	}
	if a := findAlgorithm(name); a != nil {
		return a, nil
	}
	return findAlgorithm(defaultAlgorithm), nil
}

// sums are the MD5 and the checksum of the source's whole content, which is read only where they are
// not known.
func (s *source) sums(a *algorithm) (md [16]byte, sum store.Checksum, err error) {
	v := s.held.Version
	sum = v.Info.Checksum
	if v.PartSum == 0 && sum.Algorithm == a.name && sum.Type == fullObject {
		return v.Hash, sum, nil
	}
	again := s.bucket.Hold(v.Key, v.ID())
	if again == nil || again.Version.Seq != v.Seq {
		again.Release()
		return md, sum, noSuchKey(v.Key)
	}
	content := again.Open(0, v.Size)
	md5Hash, sumHash := md5.New(), a.new()
	_, err = io.Copy(io.MultiWriter(md5Hash, sumHash), content)
	if err = errors.Join(err, content.Close()); err != nil {
		return md, sum, err
	}
	md5Hash.Sum(md[:0])
	return md, store.Checksum{Algorithm: a.name, Type: fullObject, Value: encodeSum(sumHash.Sum(nil))}, nil
}

// uploadPartCopy performs UploadPartCopy.
func (b *Backend) uploadPartCopy(ctx context.Context, in *UploadPartCopyInput) (*UploadPartCopyOutput, error) {
	r := requestFrom(ctx)
	number, err := partNumber(strconv.Itoa(int(in.PartNumber)))
	if err != nil {
		return nil, err
	}
	bucket, u, err := b.findUpload(in.Bucket, in.Key, in.UploadId)
	if err != nil {
		return nil, err
	}
	s, err := b.copySource(r, in.CopySource)
	if err != nil {
		return nil, err
	}
	defer s.held.Release()
	p, bodies, err := b.copyPart(s, deref(in.CopySourceRange), partAlgorithm(u))
	if err != nil {
		return nil, err
	}
	p.Number = number
	if err := bucket.PutPart(u, p, bodies); err != nil {
		return nil, uploadGone(err, bucket, in.UploadId)
	}
	result := &CopyPartResult{ETag: ptr(quote(p.ETag())), LastModified: ptr(p.ModifiedTime())}
	if u.Info.Checksum.Algorithm != "" {
		setSum(p.Checksum.Algorithm, p.Checksum.Value, &result.ChecksumCRC32, &result.ChecksumCRC32C, &result.ChecksumCRC64NVME, &result.ChecksumSHA1, &result.ChecksumSHA256)
	}
	return &UploadPartCopyOutput{
		CopySourceVersionId: shownID(s.bucket, s.held.Version), CopyPartResult: result, ServerSideEncryption: ptr("AES256"),
	}, nil
}

// copyPart makes a part of the source or a range of it. The whole is shared, a range is copied, so
// that it does not keep the rest on disk.
func (b *Backend) copyPart(s *source, rangeHeader string, a *algorithm) (*store.Part, []*store.Body, error) {
	if rangeHeader == "" {
		if s.held.Size > maxCopy {
			return nil, nil, invalidRequest("The specified copy source is larger than the maximum allowable size for a copy source: %d", maxCopy)
		}
		md, sum, err := s.sums(a)
		if err != nil {
			return nil, nil, err
		}
		return &store.Part{Size: s.held.Size, Hash: md, Checksum: sum}, s.held.Take(), nil
	}
	offset, length, err := copyRange(rangeHeader, s.held.Size)
	if err != nil {
		return nil, nil, err
	}
	u := &upload{length: length, max: maxCopy}
	u.hashes(a)
	content := s.held.Open(offset, length)
	u.body = content
	got, err := u.store(b.store)
	if err = errors.Join(err, content.Close()); err != nil {
		return nil, nil, err
	}
	return &store.Part{Size: got.size, Hash: got.md5, Checksum: got.kept}, got.bodies, nil
}

// copyRange reads the range of a copied part: both ends must be given and lie inside.
func copyRange(header string, size int64) (offset, length int64, err error) {
	spec, found := strings.CutPrefix(header, "bytes=")
	first, last, dash := strings.Cut(spec, "-")
	start, startErr := strconv.ParseUint(first, 10, 63)
	end, endErr := strconv.ParseUint(last, 10, 63)
	from, to := int64(start), int64(end)
	if !found || !dash || startErr != nil || endErr != nil || to < from {
		return 0, 0, invalidArgument("x-amz-copy-source-range", header, "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy")
	}
	if from >= size {
		return 0, 0, invalidRequest("The specified copy range is invalid for the source object size")
	}
	if to >= size {
		return 0, 0, invalidArgument("x-amz-copy-source-range", header, "Range specified is not valid for source object of size: "+strconv.FormatInt(size, 10))
	}
	return from, to - from + 1, nil
}
