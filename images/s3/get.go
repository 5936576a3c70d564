package s3

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images/s3/store"
)

// getObject performs GetObject.
func (b *Backend) getObject(r *request) (*http.Response, error) {
	bucket, held, err := b.hold(r)
	if err != nil {
		return nil, err
	}
	read, err := b.plan(r, bucket, held.Version)
	if err == nil && archived(held.Info.StorageClass) {
		err = fail(403, "InvalidObjectState", "The operation is not valid for the object's storage class", "StorageClass", held.Info.StorageClass)
	}
	if err != nil {
		held.Release()
		return nil, err
	}
	body := held.Open(read.offset, read.length)
	return answer(r.req, read.status, read.header, body, read.length), nil
}

// headObject performs HeadObject.
func (b *Backend) headObject(r *request) (*http.Response, error) {
	bucket, held, err := b.hold(r)
	if err != nil {
		return nil, err
	}
	defer held.Release()
	read, err := b.plan(r, bucket, held.Version)
	if err != nil {
		return nil, err
	}
	read.header["Content-Length"] = []string{strconv.FormatInt(read.length, 10)}
	return answer(r.req, read.status, read.header, http.NoBody, read.length), nil
}

// hold finds the version that a read names.
func (b *Backend) hold(r *request) (*store.Bucket, *store.Held, error) {
	bucket := b.store.Bucket(r.bucket)
	if bucket == nil {
		return nil, nil, noSuchBucket(r.bucket)
	}
	id, err := r.versionID()
	if err != nil {
		return nil, nil, err
	}
	held := bucket.Hold(r.key, id)
	if err := checkFound(bucket, held, r.key, id, r.req.Method); err != nil {
		held.Release()
		return nil, nil, err
	}
	return bucket, held, nil
}

// checkFound answers what AWS does where there is no such version, or where it is a delete marker.
func checkFound(bucket *store.Bucket, held *store.Held, key, id, method string) error {
	switch {
	case held == nil && id == "":
		return noSuchKey(key)
	case held == nil:
		return noSuchVersion(key, id)
	case !held.Marker:
		return nil
	}
	err := noSuchKey(key).(*aws.Error)
	if id != "" {
		err = markerNotAllowed(method)
	}
	err.Header = map[string]string{"X-Amz-Delete-Marker": "true"}
	if bucket.Settings().Versioning != store.Unversioned {
		err.Header["X-Amz-Version-Id"] = held.ID()
	}
	if id != "" {
		err.Header["Last-Modified"] = held.ModifiedTime().Format(http.TimeFormat)
		err.Header["Allow"] = "DELETE"
	}
	return err
}

// versionID is the version that the query names, "" for the newest.
func (r *request) versionID() (string, error) {
	id, found := r.param("versionId")
	if !found {
		return "", nil
	}
	if id == "" {
		return "", invalidArgument("versionId", "", "Version id cannot be the empty string")
	}
	if !store.ValidVersionID(id) {
		return "", invalidArgument("versionId", id, "Invalid version id specified")
	}
	return id, nil
}

// reading is what a read answers.
type reading struct {
	status         int
	header         http.Header
	offset, length int64
}

// plan works out what part of a version is read, and the headers of the answer.
func (b *Backend) plan(r *request, bucket *store.Bucket, v *store.Version) (*reading, error) {
	if condition, unmodified := readConditionsOf(r.header).failed(v, b.now()); unmodified {
		err := notModified()
		err.Header = map[string]string{"Etag": quote(v.ETag()), "Last-Modified": v.ModifiedTime().Format(http.TimeFormat)}
		return nil, err
	} else if condition != "" {
		return nil, preconditionFailed(condition)
	}
	read := &reading{status: http.StatusOK, length: v.Size}
	part, err := read.choose(r, v)
	if err != nil {
		return nil, err
	}
	read.header = make(http.Header, 12)
	read.describe(v)
	setVersion(read.header, bucket, v)
	if read.status == http.StatusPartialContent {
		read.header["Content-Range"] = []string{fmt.Sprintf("bytes %d-%d/%d", read.offset, read.offset+read.length-1, v.Size)}
	}
	if part > 0 && v.PartSum > 0 {
		read.header["X-Amz-Mp-Parts-Count"] = []string{strconv.Itoa(v.PartSum)}
	}
	if strings.EqualFold(r.header.Get("X-Amz-Checksum-Mode"), "ENABLED") {
		read.checksum(v, part)
	}
	return read, r.override(read.header)
}

// choose narrows the reading to a range or a part, whose number it returns, 0 for none.
func (read *reading) choose(r *request, v *store.Version) (int, error) {
	number, found := r.param("partNumber")
	rangeHeader := r.header.Get("Range")
	if !found {
		if since := r.header.Get("If-Range"); since != "" && !stillIs(since, v) {
			return 0, nil
		}
		return 0, read.chooseRange(rangeHeader, v)
	}
	if rangeHeader != "" {
		return 0, invalidRequest("Cannot specify both Range header and partNumber query parameter")
	}
	part, err := strconv.Atoi(number)
	if err != nil || part < 1 || part > maxParts {
		return 0, invalidArgument("partNumber", number, "Part number must be an integer between 1 and 10000, inclusive")
	}
	count := max(v.PartSum, 1)
	if part > count {
		return 0, fail(416, "InvalidPartNumber", "The requested partnumber is not satisfiable",
			"ActualPartCount", strconv.Itoa(count), "PartNumberRequested", number)
	}
	read.status = http.StatusPartialContent
	if v.PartSum > 0 {
		for _, p := range v.Info.Parts[:part-1] {
			read.offset += p.Size
		}
		read.length = v.Info.Parts[part-1].Size
	}
	if v.Size == 0 {
		read.status = http.StatusOK
	}
	return part, nil
}

// stillIs reports whether the condition of an If-Range holds: an entity tag or a date.
func stillIs(condition string, v *store.Version) bool {
	if at, ok := parseDate(condition); ok {
		return !v.ModifiedTime().Truncate(time.Second).After(at)
	}
	return unquote(condition) == v.ETag()
}

func (read *reading) chooseRange(header string, v *store.Version) error {
	offset, length, ok := parseRange(header, v.Size)
	if !ok {
		return nil
	}
	if length <= 0 {
		return invalidRange(header, v.Size)
	}
	read.status, read.offset, read.length = http.StatusPartialContent, offset, length
	return nil
}

// parseRange reads a Range header. What is no range, or several, counts not: ok is false. A range
// beyond the end has length 0.
func parseRange(header string, size int64) (offset, length int64, ok bool) {
	spec, found := strings.CutPrefix(header, "bytes=")
	if !found || strings.Contains(spec, ",") {
		return 0, 0, false
	}
	first, last, found := strings.Cut(strings.TrimSpace(spec), "-")
	if !found || first == "" && last == "" {
		return 0, 0, false
	}
	if first == "" { // the last bytes
		n, err := strconv.ParseUint(last, 10, 63)
		if err != nil {
			return 0, 0, false
		}
		n = min(n, uint64(size))
		return size - int64(n), int64(n), true
	}
	from, err := strconv.ParseUint(first, 10, 63) // without a sign
	if err != nil {
		return 0, 0, false
	}
	to := size - 1
	if last != "" {
		end, err := strconv.ParseUint(last, 10, 63)
		if err != nil || end < from {
			return 0, 0, false
		}
		to = min(to, int64(end))
	}
	return int64(from), max(to-int64(from)+1, 0), true
}

// describe sets the headers that tell of the version.
func (read *reading) describe(v *store.Version) {
	h := read.header
	for _, kept := range v.Info.Headers {
		setRaw(h, kept.Name, kept.Value)
	}
	h["Accept-Ranges"] = []string{"bytes"}
	h["Etag"] = []string{quote(v.ETag())}
	h["Last-Modified"] = []string{v.ModifiedTime().Format(http.TimeFormat)}
	setEncryption(h)
	if v.Info.StorageClass != "" {
		h["X-Amz-Storage-Class"] = []string{v.Info.StorageClass}
	}
	if n := len(v.Info.Tags); n > 0 {
		h["X-Amz-Tagging-Count"] = []string{strconv.Itoa(n)}
	}
}

// checksum sets the checksum of what is read, where it is known: of the whole, or of a part.
func (read *reading) checksum(v *store.Version, part int) {
	if sum := v.Info.Checksum; read.length == v.Size && (part == 0 || sum.Type != composite) {
		setChecksum(read.header, sum, v.PartSum)
	} else if part > 0 && part <= len(v.Info.Parts) {
		sum.Value = v.Info.Parts[part-1].Checksum
		setChecksum(read.header, sum, 0)
	}
}

// overrides are the query parameters that replace headers of the answer, of signed calls only.
var overrides = []struct{ parameter, header string }{
	{"response-cache-control", "Cache-Control"},
	{"response-content-disposition", "Content-Disposition"},
	{"response-content-encoding", "Content-Encoding"},
	{"response-content-language", "Content-Language"},
	{"response-content-type", "Content-Type"},
	{"response-expires", "Expires"},
}

func (r *request) override(header http.Header) error {
	if r.query == nil {
		return nil
	}
	for _, o := range overrides {
		value, found := r.param(o.parameter)
		if !found || value == "" {
			continue
		}
		if r.call.AccessKey == "" {
			return invalidRequest("Request specific response headers cannot be used for anonymous GET requests.")
		}
		if strings.IndexFunc(value, func(c rune) bool { return c > 0xff }) >= 0 {
			return invalidArgument(o.parameter, value, "Header value cannot be represented using ISO-8859-1.")
		}
		if strings.ContainsAny(value, "\r\n\x00") {
			return invalidArgument(o.parameter, value, "Header value is not valid.")
		}
		if o.header == "Expires" {
			if at, ok := parseDate(value); ok {
				value = at.UTC().Format(http.TimeFormat)
			}
		}
		header[o.header] = []string{value}
	}
	return nil
}
