package s3events

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"localcloud/gateway"
)

// change is what a call on its way is about to change.
type change struct {
	kind          *kind
	bucket, key   string
	size          int64 // of the body that is sent
	configuration configuration
	deletion      *deletion // of DeleteObjects
}

// kind is an operation that changes objects: what the events are called, and how they are read from
// the answer.
type kind struct {
	event string
	read  func(ctx context.Context, g *Glue, call *gateway.Call, c *change, resp *http.Response) ([]occurrence, error)
}

// occurrence is one thing that has happened to one object.
type occurrence struct {
	event              string // "ObjectCreated:Put"
	key, etag, version string
	size               int64
	sized              bool
}

// changes is the operations that destinations are told of.
var changes = map[string]*kind{
	"PutObject":               {"ObjectCreated:Put", readPut},
	"PostObject":              {"ObjectCreated:Post", readPost},
	"CopyObject":              {"ObjectCreated:Copy", readHead},
	"CompleteMultipartUpload": {"ObjectCreated:CompleteMultipartUpload", readComplete},
	"DeleteObject":            {"ObjectRemoved:Delete", readDelete},
	"DeleteObjects":           {"ObjectRemoved:Delete", readDeleteObjects},
	"PutObjectTagging":        {"ObjectTagging:Put", readHead},
	"DeleteObjectTagging":     {"ObjectTagging:Delete", readHead},
}

const deleteMarkerCreated = "ObjectRemoved:DeleteMarkerCreated"

// note remembers what only the request tells.
func note(call *gateway.Call, k *kind, of configuration, bucket, key string) *change {
	c := &change{kind: k, bucket: bucket, key: key, size: call.Request.ContentLength, configuration: of}
	if decoded := call.Request.Header.Get("X-Amz-Decoded-Content-Length"); decoded != "" {
		size, err := strconv.ParseInt(decoded, 10, 64)
		if err != nil {
			size = -1
		}
		c.size = size
	}
	return c
}

func etagOf(resp *http.Response) string { return strings.Trim(resp.Header.Get("Etag"), `"`) }

func readPut(ctx context.Context, g *Glue, call *gateway.Call, c *change, resp *http.Response) ([]occurrence, error) {
	if c.size < 0 {
		return readHead(ctx, g, call, c, resp)
	}
	return []occurrence{{
		event: c.kind.event, key: c.key, etag: etagOf(resp), version: resp.Header.Get("X-Amz-Version-Id"), size: c.size, sized: true,
	}}, nil
}

// readPost finds the key, which the form names, in the location of the answer.
func readPost(ctx context.Context, g *Glue, call *gateway.Call, c *change, resp *http.Response) ([]occurrence, error) {
	location := resp.Header.Get("Location")
	if u, err := url.Parse(location); err == nil && location != "" {
		if key := u.Query().Get("key"); resp.StatusCode == http.StatusSeeOther && key != "" {
			c.key = key
		} else {
			path := strings.TrimPrefix(u.Path, "/")
			c.key = strings.TrimPrefix(path, c.bucket+"/")
		}
	}
	if c.key == "" {
		return nil, fmt.Errorf("the answer to a form does not tell the key of its object")
	}
	return readHead(ctx, g, call, c, resp)
}

// headOutput is what HeadObject tells of an object.
type headOutput struct {
	ContentLength   *int64
	ETag, VersionId *string
}

// readHead asks for size and ETag of the object.
func readHead(ctx context.Context, g *Glue, call *gateway.Call, c *change, resp *http.Response) ([]occurrence, error) {
	return g.head(ctx, call, c, resp.Header.Get("X-Amz-Version-Id"))
}

func (g *Glue) head(ctx context.Context, call *gateway.Call, c *change, version string) ([]occurrence, error) {
	in := map[string]any{"Bucket": c.bucket, "Key": c.key}
	if version != "" {
		in["VersionId"] = version
	}
	var out headOutput
	if err := g.options.Call(ctx, "s3", "HeadObject", call.Account, call.Region, in, &out); err != nil {
		return nil, fmt.Errorf("head %s/%s: %w", c.bucket, c.key, err)
	}
	o := occurrence{event: c.kind.event, key: c.key, version: version, sized: !strings.HasPrefix(c.kind.event, "ObjectTagging")}
	if out.ETag != nil {
		o.etag = strings.Trim(*out.ETag, `"`)
	}
	if out.ContentLength != nil {
		o.size = *out.ContentLength
	}
	return []occurrence{o}, nil
}

// readComplete reads an answer of 200 that may still be an error: the body tells.
func readComplete(ctx context.Context, g *Glue, call *gateway.Call, c *change, resp *http.Response) ([]occurrence, error) {
	body, err := hold(resp)
	if err != nil || bytes.Contains(body, []byte("<Error>")) {
		return nil, err
	}
	return readHead(ctx, g, call, c, resp)
}

func readDelete(_ context.Context, _ *Glue, call *gateway.Call, c *change, resp *http.Response) ([]occurrence, error) {
	o := occurrence{event: c.kind.event, key: c.key, version: resp.Header.Get("X-Amz-Version-Id")}
	if resp.Header.Get("X-Amz-Delete-Marker") == "true" && !strings.Contains(call.Request.URL.RawQuery, "versionId=") {
		o.event, o.etag = deleteMarkerCreated, emptyETag
	}
	return []occurrence{o}, nil
}

const emptyETag = "d41d8cd98f00b204e9800998ecf8427e"

// deleteResult is the answer to DeleteObjects; a quiet one names errors alone.
type deleteResult struct {
	Error   []struct{ Key, VersionId string }
	Deleted []struct {
		Key, VersionId, DeleteMarkerVersionId string
		DeleteMarker                          bool
	}
}

func readDeleteObjects(ctx context.Context, g *Glue, call *gateway.Call, c *change, resp *http.Response) ([]occurrence, error) {
	body, err := hold(resp)
	if err != nil {
		return nil, err
	}
	var result deleteResult
	if err := xml.Unmarshal(body, &result); err != nil {
		return nil, fmt.Errorf("read the answer to DeleteObjects: %w", err)
	}
	if c.deletion.Quiet {
		return c.deletion.occurred(ctx, g, call, c, &result)
	}
	occurrences := make([]occurrence, 0, len(result.Deleted))
	for _, d := range result.Deleted {
		o := occurrence{event: c.kind.event, key: d.Key, version: d.VersionId}
		if d.DeleteMarker && d.VersionId == "" {
			o.event, o.etag, o.version = deleteMarkerCreated, emptyETag, d.DeleteMarkerVersionId
		}
		occurrences = append(occurrences, o)
	}
	return occurrences, nil
}

const maxHeld = 16 << 20 // of an answer that is read: that of a thousand long keys

// hold reads the body of an answer and puts it back.
func hold(resp *http.Response) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxHeld))
	if closing := resp.Body.Close(); err == nil {
		err = closing
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return body, err
}
