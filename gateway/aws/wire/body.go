package wire

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"localcloud/gateway/aws"
)

// buffer is a body in memory. Buffers come from a pool and go back to it when the body is closed.
type buffer struct{ b []byte }

// maxPooled is the largest buffer that is kept for reuse.
const maxPooled = 1 << 20

var buffers = sync.Pool{New: func() any { return &buffer{b: make([]byte, 0, 2048)} }}

func newBuffer() *buffer { return buffers.Get().(*buffer) }

func (b *buffer) release() {
	if b != nil && cap(b.b) <= maxPooled {
		b.b = b.b[:0]
		buffers.Put(b)
	}
}

// readBody reads the body of a request that is held in memory as a whole, at most limit bytes of it.
func readBody(header http.Header, body io.Reader, length, limit int64) (*buffer, error) {
	buf := newBuffer()
	if body == nil || body == http.NoBody {
		return buf, nil
	}
	if length > limit {
		buf.release()
		return nil, errTooLarge
	}
	var err error
	if buf.b, err = readAll(buf.b, body, length, limit); err != nil {
		buf.release()
		return nil, err
	}
	if encoding := header.Get("Content-Encoding"); encoding != "" && isGzip(encoding) {
		return inflate(buf, limit)
	}
	return buf, nil
}

// isGzip reports whether the outermost encoding is gzip.
func isGzip(encoding string) bool {
	last := encoding[strings.LastIndexByte(encoding, ',')+1:]
	return strings.EqualFold(strings.TrimSpace(last), "gzip")
}

// inflate replaces a gzip body by what it holds.
func inflate(packed *buffer, limit int64) (*buffer, error) {
	defer packed.release()
	unzip, err := gzip.NewReader(bytes.NewReader(packed.b))
	if err != nil {
		return nil, errNotGzip
	}
	buf := newBuffer()
	if buf.b, err = readAll(buf.b, unzip, -1, limit); err != nil {
		buf.release()
		var refusal *aws.Error
		if errors.As(err, &refusal) {
			return nil, err
		}
		return nil, errNotGzip
	}
	return buf, nil
}

// readAll appends what r holds to b; length is its announced length, -1 for none.
func readAll(b []byte, r io.Reader, length, limit int64) ([]byte, error) {
	if length > int64(cap(b)) {
		b = make([]byte, 0, length)
	}
	for {
		if length >= 0 && int64(len(b)) == length {
			return b, nil
		}
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		switch {
		case int64(len(b)) > limit:
			return b, errTooLarge
		case err == io.EOF && length > int64(len(b)):
			return b, errTruncated
		case err == io.EOF:
			return b, nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return b, errTruncated
		case err != nil:
			return b, err
		}
	}
}

// bufferBody is an answer's body that lies in a buffer, which Close gives back.
type bufferBody struct {
	buf *buffer
	off int
}

func (b *bufferBody) Read(p []byte) (int, error) {
	if b.buf == nil || b.off == len(b.buf.b) {
		return 0, io.EOF
	}
	n := copy(p, b.buf.b[b.off:])
	b.off += n
	return n, nil
}

func (b *bufferBody) WriteTo(w io.Writer) (int64, error) {
	if b.buf == nil || b.off == len(b.buf.b) {
		return 0, nil
	}
	n, err := w.Write(b.buf.b[b.off:])
	b.off += n
	return int64(n), err
}

func (b *bufferBody) Close() error {
	b.buf.release()
	b.buf = nil
	return nil
}

// streamBody is an answer's body that is passed on as it comes.
type streamBody struct{ io.Reader }

// Unwrap is the reader itself, so that a file behind it can be sent by the kernel.
func (b streamBody) Unwrap() io.Reader { return b.Reader }

func (b streamBody) Close() error {
	if c, ok := b.Reader.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
