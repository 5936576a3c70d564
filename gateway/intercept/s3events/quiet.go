package s3events

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"strconv"

	"localcloud/gateway"
	"localcloud/gateway/aws/sign"
)

// deletion is what a DeleteObjects asks for. Its answer names what was deleted, unless it is quiet:
// then only the request tells.
type deletion struct {
	Quiet   bool
	Objects []struct{ Key, VersionId string } `xml:"Object"`
}

// noteDeletion reads the request of a DeleteObjects and puts its body back. What cannot be read is
// left for the backend to refuse.
func noteDeletion(call *gateway.Call) (*deletion, error) {
	body, err := io.ReadAll(io.LimitReader(call.Request.Body, maxHeld))
	if err != nil {
		return nil, err
	}
	// What is longer than any DeleteObjects can be goes on unread.
	call.Request.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), call.Request.Body), call.Request.Body}
	var content io.Reader = bytes.NewReader(body)
	if sign.IsChunked(call.Request.Header) {
		decoded, err := strconv.ParseInt(call.Request.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64)
		if err != nil {
			decoded = -1
		}
		content = sign.NewChunkReader(content, decoded)
	}
	d := new(deletion)
	if xml.NewDecoder(content).Decode(d) != nil {
		return new(deletion), nil
	}
	return d, nil
}

// occurred is what a quiet DeleteObjects has done: everything that its answer does not name as failed.
func (d *deletion) occurred(ctx context.Context, g *Glue, call *gateway.Call, c *change, result *deleteResult) ([]occurrence, error) {
	versioning := struct{ Status *string }{}
	err := g.options.Call(ctx, "s3", "GetBucketVersioning", call.Account, call.Region, map[string]any{"Bucket": c.bucket}, &versioning)
	if err != nil {
		return nil, err
	}
	failed := make(map[[2]string]bool, len(result.Error))
	for _, e := range result.Error {
		failed[[2]string{e.Key, e.VersionId}] = true
	}
	var occurrences []occurrence
	for _, o := range d.Objects {
		if failed[[2]string{o.Key, o.VersionId}] {
			continue
		}
		one := occurrence{event: c.kind.event, key: o.Key, version: o.VersionId}
		if o.VersionId == "" && versioning.Status != nil && *versioning.Status != "" {
			one.event, one.etag = deleteMarkerCreated, emptyETag
		}
		occurrences = append(occurrences, one)
	}
	return occurrences, nil
}
