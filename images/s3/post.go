package s3

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"

	"localcloud/images/s3/store"
)

// Bounds of a form's fields before the file.
const (
	maxFields     = 1000
	maxFieldBytes = 20 << 10
)

// form is a browser form up to its file, which is not read yet.
type form struct {
	fields   map[string]string // by name in lower case
	file     io.Reader
	filename string
}

// postForm performs the upload by a browser form ("POST Object" of the S3 API reference), which the
// API models do not have.
func (b *Backend) postForm(r *request) (*http.Response, error) {
	bucket := b.store.Bucket(r.bucket)
	f, err := readForm(r)
	if err != nil {
		return nil, err
	}
	if bucket == nil {
		return nil, noSuchBucket(r.bucket)
	}
	p, err := b.checkForm(r, f)
	if err != nil {
		return nil, err
	}
	from, err := f.request(r)
	if err != nil {
		return nil, err
	}
	v, err := b.storeForm(from, bucket, f, p)
	if err != nil {
		return nil, err
	}
	return f.answer(r, v)
}

// readForm reads the fields in front of the file.
func readForm(r *request) (*form, error) {
	media, parameters, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	if err != nil || media != "multipart/form-data" || parameters["boundary"] == "" || r.req.Body == nil {
		return nil, preconditionFailed("Bucket POST must be of the enclosure-type multipart/form-data")
	}
	f := &form{fields: make(map[string]string)}
	reader := multipart.NewReader(r.req.Body, parameters["boundary"])
	left := int64(maxFieldBytes)
	for range maxFields {
		part, err := reader.NextPart()
		if err != nil {
			return nil, f.incomplete(err)
		}
		name := strings.ToLower(part.FormName())
		if name == "file" {
			f.file, f.filename = part, part.FileName()
			return f, nil
		}
		value, err := io.ReadAll(io.LimitReader(part, left+1))
		if err != nil {
			return nil, f.incomplete(err)
		}
		if left -= int64(len(name) + len(value)); left < 0 {
			break
		}
		f.fields[name] = string(value)
	}
	return nil, fail(400, "MaxPostPreDataLengthExceeded", "Your POST request fields preceding the upload file were too large.")
}

// incomplete is the error of a form that ends before its file.
func (f *form) incomplete(err error) error {
	if errors.Is(err, io.EOF) {
		return invalidArgument("file", "0", "POST requires exactly one file upload per request.")
	}
	return fail(400, "MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.")
}

// checkForm checks that the fields are there which make a form valid, and that they obey the policy.
func (b *Backend) checkForm(r *request, f *form) (*policy, error) {
	if f.fields["key"] == "" {
		return nil, missingField("key")
	}
	key := f.fields["key"]
	if f.filename != "" {
		key = strings.ReplaceAll(key, "${filename}", f.filename)
	}
	if len(key) > maxKey {
		return nil, fail(400, "KeyTooLongError", "Your key is too long", "Size", itoa(len(key)), "MaxSizeAllowed", itoa(maxKey))
	}
	f.fields["key"] = key
	if f.fields["policy"] == "" {
		return nil, accessDenied()
	}
	if err := f.checkSigned(); err != nil {
		return nil, err
	}
	p, err := parsePolicy(f.fields["policy"])
	if err != nil {
		return nil, err
	}
	f.fields["bucket"] = r.bucket
	return p, p.check(f.fields, b.now())
}

// checkSigned looks for the fields of a signature, of Version 4 or 2.
func (f *form) checkSigned() error {
	needed := []string{"AWSAccessKeyId", "Signature"}
	for name := range f.fields {
		if strings.HasPrefix(name, "x-amz-algorithm") || name == "x-amz-credential" || name == "x-amz-signature" || name == "x-amz-date" {
			needed = []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature"}
		}
	}
	found := 0
	for _, name := range needed {
		if _, ok := f.fields[strings.ToLower(name)]; ok {
			found++
		}
	}
	if found == 0 {
		return accessDenied()
	}
	for _, name := range needed {
		if _, ok := f.fields[strings.ToLower(name)]; !ok {
			return missingField(name)
		}
	}
	return nil
}

func missingField(name string) error {
	return invalidArgument(name, "", "Bucket POST must contain a field named '"+name+"'.  If it is specified, please check the order of the fields.")
}

// request makes the fields into the headers of an upload.
func (f *form) request(r *request) (*request, error) {
	header := make(http.Header)
	for name, value := range f.fields {
		switch name {
		case "acl":
			header.Set("X-Amz-Acl", value)
		case "cache-control", "content-type", "content-disposition", "content-encoding", "content-language", "content-md5", "expires":
			header.Set(name, latin1(value))
		default:
			if strings.HasPrefix(name, "x-amz-") && !signingParameters[name] {
				header[textproto.CanonicalMIMEHeaderKey(name)] = []string{undecoded(name, value)}
			}
		}
	}
	from := &request{ctx: r.ctx, req: r.req.Clone(r.ctx), call: r.call, header: header, bucket: r.bucket, key: f.fields["key"]}
	from.req.Header = header
	from.req.Body, from.req.ContentLength = io.NopCloser(f.file), 0
	return from, from.refuseHeaders()
}

// storeForm keeps the file.
func (b *Backend) storeForm(r *request, bucket *store.Bucket, f *form, p *policy) (*store.Version, error) {
	info, err := r.newInfo()
	if err != nil {
		return nil, err
	}
	if document := f.fields["tagging"]; document != "" {
		if info.Tags, err = documentTags(document); err != nil {
			return nil, err
		}
	}
	u, err := r.openUpload(nil)
	if err != nil {
		return nil, err
	}
	u.length, u.min = -1, p.min
	if p.max >= 0 {
		u.max = min(p.max, maxUpload)
	}
	got, err := u.store(b.store)
	if err != nil {
		return nil, err
	}
	info.Checksum = got.kept
	v := &store.Version{Key: r.key, Size: got.size, Hash: got.md5, Info: info}
	return v, gone(bucket.Put(v, got.bodies, nil), bucket)
}

// documentTags reads tags from an XML document. One that is about something else has none.
func documentTags(document string) ([]store.Tag, error) {
	var tagging struct {
		XMLName xml.Name
		Tags    []Tag `xml:"TagSet>Tag"`
	}
	if err := xml.Unmarshal([]byte(document), &tagging); err != nil {
		return nil, malformedXML()
	}
	if tagging.XMLName.Local != "Tagging" {
		return nil, nil
	}
	tags := storedTags(tagging.Tags)
	return tags, checkObjectTags(tags)
}

// answer tells the browser what it asked to be told: a redirection, or a status.
func (f *form) answer(r *request, v *store.Version) (*http.Response, error) {
	header := make(http.Header, 6)
	address := location(r.call, r.bucket, v.Key)
	header["Location"] = []string{address}
	header["Etag"] = []string{quote(v.ETag())}
	setChecksum(header, v.Info.Checksum, 0)
	setNewVersion(header, v)
	setEncryption(header)
	redirect := f.fields["success_action_redirect"]
	if redirect == "" {
		redirect = f.fields["redirect"]
	}
	if to, err := url.Parse(redirect); redirect != "" && err == nil && to.IsAbs() {
		q := to.Query()
		q.Set("bucket", r.bucket)
		q.Set("key", v.Key)
		q.Set("etag", quote(v.ETag()))
		to.RawQuery = q.Encode()
		header["Location"] = []string{to.String()}
		return empty(r.req, http.StatusSeeOther, header), nil
	}
	switch f.fields["success_action_status"] {
	case "200":
		return empty(r.req, http.StatusOK, header), nil
	case "201":
		var doc bytes.Buffer
		doc.WriteString(xml.Header + "<PostResponse>")
		element(&doc, "Location", address)
		element(&doc, "Bucket", r.bucket)
		element(&doc, "Key", v.Key)
		element(&doc, "ETag", quote(v.ETag()))
		doc.WriteString("</PostResponse>")
		return document(r.req, http.StatusCreated, header, doc.Bytes()), nil
	}
	return empty(r.req, http.StatusNoContent, header), nil
}
