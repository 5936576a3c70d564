package adapt

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/sign"
)

// bodyWatch is a body that is made anew while it is sent. Where that fails, it ends the exchange with
// the backend, which may wait for the rest, and keeps the reason.
type bodyWatch struct {
	read   func(p []byte) (int, error)
	closer io.Closer
	cancel context.CancelCauseFunc // of the exchange
}

func (b *bodyWatch) Read(p []byte) (int, error) {
	n, err := b.read(p)
	if err != nil && err != io.EOF {
		b.cancel(err)
	}
	return n, err
}

func (b *bodyWatch) Close() error { return b.closer.Close() }

// unchunk replaces a body in aws-chunked framing by what it frames. A checksum in the trailer is
// checked here, since it comes too late for a header.
func (x *exchange) unchunk(r *http.Request) error {
	chunks, length, err := chunksOf(r)
	if err != nil {
		return err
	}
	announced := r.Header.Get("X-Amz-Trailer")
	x.body = &bodyWatch{read: chunks.Read, closer: r.Body}
	if name, algorithm := checksumOf(announced); algorithm != nil {
		sum := algorithm()
		x.body.read = func(p []byte) (int, error) {
			n, err := chunks.Read(p)
			sum.Write(p[:n])
			if err == io.EOF && chunks.Trailer().Get(name) != encodedSum(sum) {
				return n, badDigest(name)
			}
			return n, err
		}
	}
	r.Body, r.ContentLength = x.body, length
	plainHeaders(r.Header)
	r.Header.Del("X-Amz-Decoded-Content-Length")
	r.Header.Del("X-Amz-Trailer")
	return nil
}

// rechunk replaces the chunks of a body, which may be signed or tiny, by others without signatures and
// with the same trailer.
func (x *exchange) rechunk(r *http.Request) error {
	chunks, _, err := chunksOf(r)
	if err != nil {
		return err
	}
	var names []string
	for name := range strings.SplitSeq(r.Header.Get("X-Amz-Trailer"), ",") {
		names = append(names, strings.TrimSpace(name))
	}
	var framed bytes.Buffer
	writer := sign.NewChunkWriter(&framed, &sign.Signature{PayloadHash: sign.StreamingUnsignedTrailer}, "")
	part := make([]byte, 64<<10)
	ended := false
	x.body = &bodyWatch{closer: r.Body, read: func(p []byte) (int, error) {
		for framed.Len() == 0 {
			if ended {
				return 0, io.EOF
			}
			n, err := io.ReadFull(chunks, part)
			if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
				return 0, err
			}
			ended = err != nil
			if _, err := writer.Write(part[:n]); err != nil {
				return 0, err
			}
			if ended {
				for _, name := range names {
					if chunks.Trailer().Get(name) == "" {
						return 0, errTrailer
					}
				}
				if err := writer.Close(names, chunks.Trailer()); err != nil {
					return 0, err
				}
			}
		}
		return framed.Read(p)
	}}
	r.Body, r.ContentLength = x.body, -1
	plainHeaders(r.Header)
	return nil
}

var errTrailer = &aws.Error{
	Code: "MalformedTrailerError", Status: 400,
	Message: "The request contained trailing data that was not well-formed or did not conform to our published schema.",
}

// chunksOf is the content of a framed body, and its length, -1 where it is not announced.
func chunksOf(r *http.Request) (*sign.ChunkReader, int64, error) {
	text := r.Header.Get("X-Amz-Decoded-Content-Length")
	if text == "" {
		return sign.NewChunkReader(r.Body, -1), -1, nil
	}
	length, err := strconv.ParseInt(text, 10, 64)
	if err != nil || length < 0 {
		return nil, 0, &aws.Error{Code: "InvalidArgument", Message: "x-amz-decoded-content-length is no length.", Status: 400}
	}
	return sign.NewChunkReader(r.Body, length), length, nil
}

// plainHeaders takes what tells of the framing out of a request's headers.
func plainHeaders(h http.Header) {
	h.Del("Content-Length")
	var encodings []string
	for _, value := range h.Values("Content-Encoding") {
		for encoding := range strings.SplitSeq(value, ",") {
			if encoding = strings.TrimSpace(encoding); encoding != "" && !strings.EqualFold(encoding, "aws-chunked") {
				encodings = append(encodings, encoding)
			}
		}
	}
	h.Del("Content-Encoding")
	if len(encodings) > 0 {
		h.Set("Content-Encoding", strings.Join(encodings, ","))
	}
}

func badDigest(name string) error {
	algorithm := strings.ToUpper(strings.TrimPrefix(strings.ToLower(name), "x-amz-checksum-"))
	return &aws.Error{Code: "BadDigest", Message: "The " + algorithm + " you specified did not match the calculated checksum.", Status: 400}
}
