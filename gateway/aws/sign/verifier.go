package sign

import (
	"bytes"
	"errors"
	"io"
)

// ChunkVerifier passes an aws-chunked body on as it comes and checks the signatures in it on the way.
// What was read last is held back until all that follows it is checked, so that whoever reads it never
// sees the end of a body whose signatures do not hold: Read fails with a *Problem instead.
type ChunkVerifier struct {
	body    io.ReadCloser
	chunks  *ChunkReader
	raw     bytes.Buffer // read by chunks, not passed on yet
	scratch [heldBack / 2]byte
	checked bool
	err     error
}

// heldBack is more than chunks may have read ahead of what it has checked.
const heldBack = 64 << 10

// NewChunkVerifier returns a verifier of body. decoded is the value of x-amz-decoded-content-length, -1
// where there is none; s is the request's own signature, whose PayloadHash must be a signed form.
func NewChunkVerifier(body io.ReadCloser, decoded int64, s *Signature, secret string) *ChunkVerifier {
	v := &ChunkVerifier{body: body}
	v.chunks = NewChunkReader(io.TeeReader(body, &v.raw), decoded)
	v.chunks.CheckSignatures(s, secret)
	return v
}

// Read reads the body as it is framed.
func (v *ChunkVerifier) Read(p []byte) (int, error) {
	for !v.checked && v.err == nil && v.raw.Len() <= heldBack {
		_, err := v.chunks.Read(v.scratch[:])
		if errors.Is(err, io.EOF) {
			v.checked = true
		} else {
			v.err = err
		}
	}
	switch {
	case v.err != nil:
		return 0, v.err
	case !v.checked:
		return v.raw.Read(p[:min(len(p), v.raw.Len()-heldBack)])
	case v.raw.Len() > 0:
		return v.raw.Read(p)
	}
	return v.body.Read(p) // what follows the end of the framing
}

// Close closes the body.
func (v *ChunkVerifier) Close() error { return v.body.Close() }
