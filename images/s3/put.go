package s3

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"localcloud/images/s3/store"
)

// putObject performs PutObject.
func (b *Backend) putObject(r *request) (*http.Response, error) {
	bucket := b.store.Bucket(r.bucket)
	if bucket == nil {
		return nil, noSuchBucket(r.bucket)
	}
	info, err := r.newInfo()
	if err != nil {
		return nil, err
	}
	check, err := writeConditions(r.header.Get("If-Match"), r.header.Get("If-None-Match"), r.key)
	if err != nil {
		return nil, err
	}
	u, err := r.openUpload(nil)
	if err != nil {
		return nil, err
	}
	if check != nil { // refused at once where it is sure already
		if err := check(bucket.Current(r.key)); err != nil {
			return nil, err
		}
	}
	got, err := u.store(b.store)
	if err != nil {
		return nil, err
	}
	info.Checksum = got.kept
	v := &store.Version{Key: strings.Clone(r.key), Size: got.size, Hash: got.md5, Info: info}
	if err := bucket.Put(v, got.bodies, check); err != nil {
		return nil, gone(err, bucket)
	}
	header := make(http.Header, 6)
	header["Etag"] = []string{quote(v.ETag())}
	setChecksum(header, v.Info.Checksum, 0)
	setNewVersion(header, v)
	setEncryption(header)
	return empty(r.req, http.StatusOK, header), nil
}

// gone gives the error of a bucket that was removed meanwhile its name.
func gone(err error, bucket *store.Bucket) error {
	if err == store.ErrNoBucket {
		return noSuchBucket(bucket.Name)
	}
	return err
}

// newInfo reads from the headers what is kept with an object besides its content.
func (r *request) newInfo() (*store.Info, error) {
	headers, err := objectHeaders(r.header)
	if err != nil {
		return nil, err
	}
	info := &store.Info{Headers: headers}
	if info.StorageClass, err = storageClass(r.header.Get("X-Amz-Storage-Class")); err != nil {
		return nil, err
	}
	info.Tags, err = headerTags(r.header)
	return info, err
}

// systemHeaders are the headers of an upload that are answered when the object is read.
var systemHeaders = []string{
	"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type", "Expires",
	"X-Amz-Website-Redirect-Location",
}

const (
	contentType    = "Content-Type"
	defaultType    = "binary/octet-stream"
	maxMetadata    = 2 << 10 // bytes of names and values of user metadata
	awsChunkedName = "aws-chunked"

	lowerUserMetadata = "x-amz-meta-"
)

// objectHeaders are the headers to keep, system headers first, then user metadata in the order of its
// names, which are kept in lower case.
func objectHeaders(h http.Header) ([]store.Header, error) {
	headers := make([]store.Header, 0, 2)
	for _, name := range systemHeaders {
		value := strings.Join(h[name], ", ")
		switch name {
		case contentType:
			if value == "" {
				value = defaultType
			}
		case "Content-Encoding":
			value = withoutChunked(value)
		case "X-Amz-Website-Redirect-Location":
			if value != "" && !strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "http://") && !strings.HasPrefix(value, "https://") {
				return nil, fail(400, "InvalidRedirectLocation", "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.")
			}
		}
		if value != "" {
			headers = append(headers, store.Header{Name: name, Value: value})
		}
	}
	first, size := len(headers), 0
	for name, values := range h {
		if len(name) <= len(userMetadata) || !strings.HasPrefix(name, userMetadata) {
			continue
		}
		value := strings.Join(values, ",")
		size += len(name) - len(userMetadata) + len(value)
		headers = append(headers, store.Header{Name: strings.ToLower(name), Value: encodedWord(decodedWords(value))})
	}
	if size > maxMetadata {
		return nil, fail(400, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size",
			"Size", strconv.Itoa(size), "MaxSizeAllowed", strconv.Itoa(maxMetadata))
	}
	slices.SortFunc(headers[first:], func(a, b store.Header) int { return strings.Compare(a.Name, b.Name) })
	return headers, nil
}

// withoutChunked is a Content-Encoding without the framing that clients name there.
func withoutChunked(value string) string {
	if !strings.Contains(value, awsChunkedName) {
		return value
	}
	var codings []string
	for coding := range strings.SplitSeq(value, ",") {
		if coding = strings.TrimSpace(coding); coding != awsChunkedName && coding != "" {
			codings = append(codings, coding)
		}
	}
	return strings.Join(codings, ",")
}

var storageClasses = []string{
	"STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR",
}

// storageClass is the class as it is kept: "" for STANDARD.
func storageClass(name string) (string, error) {
	if name == "" || name == "STANDARD" {
		return "", nil
	}
	if !slices.Contains(storageClasses, name) {
		return "", fail(400, "InvalidStorageClass", "The storage class you specified is not valid", "StorageClassRequested", name)
	}
	return name, nil
}

// archived reports whether objects of that class must be restored before they can be read.
func archived(class string) bool { return class == "GLACIER" || class == "DEEP_ARCHIVE" }

// headerTags reads the tags that come as a header in the form of a query.
func headerTags(h http.Header) ([]store.Tag, error) {
	value := h.Get("X-Amz-Tagging")
	if value == "" {
		return nil, nil
	}
	parsed, err := url.ParseQuery(value)
	if err != nil {
		return nil, badTaggingHeader(value)
	}
	var tags []store.Tag
	for key, values := range parsed {
		if len(values) != 1 {
			return nil, badTaggingHeader(value)
		}
		tags = append(tags, store.Tag{Key: key, Value: values[0]})
	}
	slices.SortFunc(tags, func(a, b store.Tag) int { return strings.Compare(a.Key, b.Key) })
	if strings.Contains(value, ",") && !strings.Contains(value, "&") {
		return nil, badTaggingHeader(value)
	}
	return tags, checkObjectTags(tags)
}

func badTaggingHeader(value string) error {
	return invalidArgument("x-amz-tagging", value, "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
}

func quote(etag string) string { return `"` + etag + `"` }

// setChecksum sets the headers of a checksum. parts is the number of parts of a composite one.
func setChecksum(header http.Header, sum store.Checksum, parts int) {
	a := findAlgorithm(sum.Algorithm)
	if a == nil || sum.Value == "" {
		return
	}
	header[a.header] = []string{checksumValue(sum, parts)}
	header["X-Amz-Checksum-Type"] = []string{sum.Type}
}

// checksumValue is a checksum as clients see it.
func checksumValue(sum store.Checksum, parts int) string {
	if sum.Type == composite && parts > 0 {
		return sum.Value + "-" + strconv.Itoa(parts)
	}
	return sum.Value
}

// setVersion names the version where the bucket has ever had versioning.
func setVersion(header http.Header, bucket *store.Bucket, v *store.Version) {
	if bucket.Settings().Versioning != store.Unversioned {
		header["X-Amz-Version-Id"] = []string{v.ID()}
	}
}

// setNewVersion names a version that was just made; uploads to buckets whose versioning is suspended
// name none.
func setNewVersion(header http.Header, v *store.Version) {
	if !v.Null {
		header["X-Amz-Version-Id"] = []string{v.ID()}
	}
}

// setEncryption says what S3 says of every object that asks for nothing else.
func setEncryption(header http.Header) {
	header["X-Amz-Server-Side-Encryption"] = []string{"AES256"}
}
