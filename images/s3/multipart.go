package s3

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/images/s3/store"
)

// Bounds of uploads in parts.
const (
	maxParts = 10000
	minPart  = 5 << 20 // bytes of every part but the last
)

// createMultipartUpload performs CreateMultipartUpload.
func (b *Backend) createMultipartUpload(ctx context.Context, in *CreateMultipartUploadInput) (*CreateMultipartUploadOutput, error) {
	r := requestFrom(ctx)
	bucket, err := b.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	info, err := r.newInfo()
	if err != nil {
		return nil, err
	}
	if info.Checksum, err = uploadChecksum(deref(in.ChecksumAlgorithm), deref(in.ChecksumType)); err != nil {
		return nil, err
	}
	u, err := bucket.Begin(strings.Clone(in.Key), info)
	if err != nil {
		return nil, gone(err, bucket)
	}
	out := &CreateMultipartUploadOutput{Bucket: &in.Bucket, Key: &in.Key, UploadId: ptr(u.ID()), ServerSideEncryption: ptr("AES256")}
	out.ChecksumAlgorithm, out.ChecksumType = optional(info.Checksum.Algorithm), optional(info.Checksum.Type)
	return out, nil
}

// uploadChecksum is the checksum that an upload in parts is to have; empty where the client names none.
func uploadChecksum(name, kind string) (store.Checksum, error) {
	var none store.Checksum
	if name == "" {
		if kind != "" {
			return none, invalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
		}
		return none, nil
	}
	a := findAlgorithm(name)
	if a == nil {
		return none, invalidRequest("Checksum algorithm provided is unsupported. Please try again with any of the valid types: %s", algorithmNames)
	}
	if kind == "" {
		kind = a.defaultType()
	}
	if kind != fullObject && kind != composite {
		return none, invalidRequest("Value for x-amz-checksum-type header is invalid.")
	}
	if !a.supports(kind) {
		return none, invalidRequest("The %s checksum type cannot be used with the %s checksum algorithm.", kind, a.lower())
	}
	return store.Checksum{Algorithm: a.name, Type: kind}, nil
}

// partAlgorithm is the algorithm of the checksums of an upload's parts.
func partAlgorithm(u *store.Upload) *algorithm {
	if a := findAlgorithm(u.Info.Checksum.Algorithm); a != nil {
		return a
	}
	return findAlgorithm(defaultAlgorithm)
}

// findUpload returns bucket and upload of these names.
func (b *Backend) findUpload(bucketName, key, id string) (*store.Bucket, *store.Upload, error) {
	bucket, err := b.bucket(bucketName)
	if err != nil {
		return nil, nil, err
	}
	u := bucket.Upload(key, id)
	if u == nil {
		return nil, nil, noSuchUpload(id)
	}
	return bucket, u, nil
}

// uploadPart performs UploadPart.
func (b *Backend) uploadPart(r *request) (*http.Response, error) {
	number, _ := r.param("partNumber")
	part, err := partNumber(number)
	if err != nil {
		return nil, err
	}
	id, _ := r.param("uploadId")
	bucket, u, err := b.findUpload(r.bucket, r.key, id)
	if err != nil {
		return nil, err
	}
	keep := partAlgorithm(u)
	up, err := r.openUpload(keep)
	if err != nil {
		return nil, err
	}
	if explicit := u.Info.Checksum.Algorithm; explicit != "" && up.sum != keep {
		return nil, invalidRequest("Checksum Type mismatch occurred, expected checksum Type: %s, actual checksum Type: %s", keep.lower(), up.sum.lower())
	}
	announced := up.wanted != "" || up.trailer
	got, err := up.store(b.store)
	if err != nil {
		return nil, err
	}
	p := &store.Part{Number: part, Size: got.size, Hash: got.md5, Checksum: got.kept}
	if err := bucket.PutPart(u, p, got.bodies); err != nil {
		return nil, uploadGone(err, bucket, id)
	}
	header := make(http.Header, 4)
	header["Etag"] = []string{quote(p.ETag())}
	if announced || u.Info.Checksum.Algorithm != "" {
		header[up.sum.header] = []string{got.checksum.Value}
	}
	setEncryption(header)
	return empty(r.req, http.StatusOK, header), nil
}

func partNumber(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxParts {
		return 0, invalidArgument("partNumber", s, "Part number must be an integer between 1 and 10000, inclusive")
	}
	return n, nil
}

// uploadGone gives errors of uploads and buckets that ended meanwhile their names.
func uploadGone(err error, bucket *store.Bucket, id string) error {
	if err == store.ErrNoUpload {
		return noSuchUpload(id)
	}
	return gone(err, bucket)
}

// abortMultipartUpload performs AbortMultipartUpload.
func (b *Backend) abortMultipartUpload(_ context.Context, in *AbortMultipartUploadInput) (*AbortMultipartUploadOutput, error) {
	bucket, u, err := b.findUpload(in.Bucket, in.Key, in.UploadId)
	if err != nil {
		return nil, err
	}
	if at := in.IfMatchInitiatedTime; at != nil {
		return nil, notPerformed("The header x-amz-if-match-initiated-time, which only directory buckets have,")
	}
	if err := bucket.Abort(u); err != nil {
		return nil, uploadGone(err, bucket, in.UploadId)
	}
	return &AbortMultipartUploadOutput{}, nil
}

// completeMultipartUpload performs CompleteMultipartUpload.
func (b *Backend) completeMultipartUpload(ctx context.Context, in *CompleteMultipartUploadInput) (*CompleteMultipartUploadOutput, error) {
	bucket, u, err := b.findUpload(in.Bucket, in.Key, in.UploadId)
	if err != nil {
		return nil, err
	}
	check, err := completeConditions(deref(in.IfMatch), deref(in.IfNoneMatch), u)
	if err != nil {
		return nil, err
	}
	parts, err := chooseParts(bucket, u, in)
	if err != nil {
		return nil, err
	}
	v, err := assemble(u, parts, in)
	if err != nil {
		return nil, err
	}
	if err := bucket.Complete(u, parts, v, check); err != nil {
		return nil, uploadGone(err, bucket, in.UploadId)
	}
	out := &CompleteMultipartUploadOutput{
		Location: ptr(location(aws.CallFrom(ctx), in.Bucket, in.Key)), Bucket: &in.Bucket, Key: &in.Key,
		ETag: ptr(quote(v.ETag())), ServerSideEncryption: ptr("AES256"),
	}
	if !v.Null {
		out.VersionId = ptr(v.ID())
	}
	sum := v.Info.Checksum
	out.ChecksumType = optional(sum.Type)
	setSum(sum.Algorithm, checksumValue(sum, v.PartSum), &out.ChecksumCRC32, &out.ChecksumCRC32C, &out.ChecksumCRC64NVME, &out.ChecksumSHA1, &out.ChecksumSHA256)
	return out, nil
}

// completeConditions is writeConditions for an upload that may have been overtaken by other writes.
func completeConditions(match, noneMatch string, u *store.Upload) (store.Check, error) {
	check, err := writeConditions(match, noneMatch, u.Key)
	if check == nil {
		return nil, err
	}
	return func(current *store.Version) error {
		if err := check(current); err != nil {
			return err
		}
		switch {
		case match != "" && current.Seq > u.Seq:
			return overtaken("If-Match", u.Key)
		case noneMatch != "" && u.Existed:
			return overtaken("If-None-Match", u.Key)
		}
		return nil
	}, nil
}

func overtaken(condition, key string) error {
	return fail(409, "ConditionalRequestConflict", "The conditional request cannot succeed due to a conflicting operation against this resource.",
		"Condition", condition, "Key", key)
}

// chooseParts finds the parts that the client lists, in its order, which must be ascending.
func chooseParts(bucket *store.Bucket, u *store.Upload, in *CompleteMultipartUploadInput) ([]*store.Part, error) {
	if in.MultipartUpload == nil || len(in.MultipartUpload.Parts) == 0 {
		return nil, invalidRequest("You must specify at least one part")
	}
	listed := in.MultipartUpload.Parts
	if len(listed) > maxParts {
		return nil, malformedXML()
	}
	kept := make(map[int]*store.Part)
	all, _ := bucket.Parts(u, 0, maxParts)
	for _, p := range all {
		kept[p.Number] = p
	}
	if err := checkOrder(listed, in.UploadId); err != nil {
		return nil, err
	}
	parts := make([]*store.Part, 0, len(listed))
	for i := range listed {
		number := int(*listed[i].PartNumber)
		p := kept[number]
		if err := checkPart(u, p, &listed[i], in.UploadId); err != nil {
			return nil, err
		}
		if p.Size < minPart && i < len(listed)-1 {
			return nil, fail(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size",
				"ETag", p.ETag(), "MinSizeAllowed", strconv.Itoa(minPart), "PartNumber", strconv.Itoa(number), "ProposedSize", strconv.FormatInt(p.Size, 10))
		}
		parts = append(parts, p)
	}
	return parts, nil
}

func checkOrder(listed []CompletedPart, uploadID string) error {
	last := int32(0)
	for _, p := range listed {
		if p.PartNumber == nil {
			return malformedXML()
		}
		if *p.PartNumber <= last {
			return fail(400, "InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.", "UploadId", uploadID)
		}
		last = *p.PartNumber
	}
	return nil
}

// checkPart compares a part with what the client says of it.
func checkPart(u *store.Upload, p *store.Part, listed *CompletedPart, uploadID string) error {
	number := strconv.Itoa(int(*listed.PartNumber))
	etag := unquote(deref(listed.ETag))
	invalid := fail(400, "InvalidPart", "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
		"ETag", etag, "PartNumber", number, "UploadId", uploadID)
	if p == nil || etag != p.ETag() {
		return invalid
	}
	explicit := u.Info.Checksum
	for _, a := range algorithms {
		value := deref(*a.sumOf(listed))
		switch {
		case value == "":
			if a.name == explicit.Algorithm && explicit.Type == composite {
				return invalidRequest("The upload was created using a %s checksum. The complete request must include the checksum for each part. It was missing for part %s in the request.", a.lower(), number)
			}
		case explicit.Algorithm == "":
			return invalid
		case a.name != explicit.Algorithm:
			return fail(400, "BadDigest", "The "+a.lower()+" you specified for part "+number+" did not match what we received.")
		case value != p.Checksum.Value:
			return invalid
		}
	}
	return nil
}

// sumOf is the member of a listed part that holds its checksum by this algorithm.
func (a *algorithm) sumOf(p *CompletedPart) **string {
	switch a.name {
	case "CRC32":
		return &p.ChecksumCRC32
	case "CRC32C":
		return &p.ChecksumCRC32C
	case "CRC64NVME":
		return &p.ChecksumCRC64NVME
	case "SHA1":
		return &p.ChecksumSHA1
	}
	return &p.ChecksumSHA256
}

// assemble makes the version that the parts become, and compares it with what the client says of it.
func assemble(u *store.Upload, parts []*store.Part, in *CompleteMultipartUploadInput) (*store.Version, error) {
	explicit := u.Info.Checksum
	if kind := deref(in.ChecksumType); kind != "" && kind != explicit.Type {
		was := explicit.Type
		if was == "" {
			was = "null"
		}
		return nil, invalidRequest("The upload was created using the %s checksum mode. The complete request must use the same checksum mode.", was)
	}
	info := *u.Info
	v := &store.Version{Key: u.Key, PartSum: len(parts), Info: &info}
	etags := md5.New()
	for _, p := range parts {
		etags.Write(p.Hash[:])
		v.Size += p.Size
		info.Parts = append(info.Parts, store.PartInfo{Number: p.Number, Size: p.Size, Checksum: p.Checksum.Value})
	}
	etags.Sum(v.Hash[:0])
	if size := in.MpuObjectSize; size != nil && *size != v.Size {
		return nil, invalidRequest("The provided 'x-amz-mp-object-size' header value %d does not match what was computed: %d", *size, v.Size)
	}
	a, kind := partAlgorithm(u), explicit.Type
	if kind == "" {
		kind = fullObject
	}
	var err error
	if info.Checksum, err = a.combineParts(kind, info.Parts); err != nil {
		return nil, err
	}
	if kind != composite { // what the parts had is not shown
		for i := range info.Parts {
			info.Parts[i].Checksum = ""
		}
	}
	return v, checkWhole(a, info.Checksum, v.PartSum, in)
}

// checkWhole compares the checksum of the object with the one that the client announces.
func checkWhole(a *algorithm, sum store.Checksum, parts int, in *CompleteMultipartUploadInput) error {
	announced := map[string]*string{
		"CRC32": in.ChecksumCRC32, "CRC32C": in.ChecksumCRC32C, "CRC64NVME": in.ChecksumCRC64NVME,
		"SHA1": in.ChecksumSHA1, "SHA256": in.ChecksumSHA256,
	}
	for name, value := range announced {
		if deref(value) == "" {
			continue
		}
		plain, suffix, _ := strings.Cut(*value, "-")
		if raw, err := base64.StdEncoding.DecodeString(plain); err != nil || len(raw) != findAlgorithm(name).size {
			return invalidRequest("Value for x-amz-checksum-%s header is invalid.", strings.ToLower(name))
		}
		if name != a.name || plain != sum.Value || suffix != "" && suffix != strconv.Itoa(parts) {
			return fail(400, "BadDigest", "The "+a.lower()+" you specified did not match the calculated checksum.")
		}
	}
	return nil
}

// location is the address of an object as the answer of an upload in parts has it.
func location(call *aws.Call, bucket, key string) string {
	address := call.Scheme + "://" + call.Host + "/"
	if !strings.HasPrefix(call.Host, bucket+".") {
		address += bucket + "/"
	}
	return address + url.PathEscape(key)
}
