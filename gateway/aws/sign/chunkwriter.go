package sign

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Payload hashes of chunked bodies, for Sign and NewChunkWriter.
const (
	StreamingSigned          = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	StreamingSignedTrailer   = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	StreamingUnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
)

// ChunkWriter writes a body in aws-chunked framing. Each Write makes one chunk.
type ChunkWriter struct {
	w     io.Writer
	chain *chunkChain // nil for unsigned chunks
}

// NewChunkWriter returns a writer of the chunks that follow on s, the request's signature made with
// one of the Streaming payload hashes.
func NewChunkWriter(w io.Writer, s *Signature, secret string) *ChunkWriter {
	c := &ChunkWriter{w: w}
	if s.PayloadHash != StreamingUnsignedTrailer {
		c.chain = newChunkChain(s, secret)
	}
	return c
}

// Write writes p as one chunk; an empty p writes nothing.
func (c *ChunkWriter) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if err := c.head(p); err != nil {
		return 0, err
	}
	n, err := c.w.Write(p)
	if err == nil {
		_, err = io.WriteString(c.w, "\r\n")
	}
	return n, err
}

func (c *ChunkWriter) head(p []byte) error {
	if c.chain == nil {
		_, err := fmt.Fprintf(c.w, "%x\r\n", len(p))
		return err
	}
	signature := c.chain.next("-PAYLOAD", EmptyPayload+"\n"+hexHash(string(p)))
	_, err := fmt.Fprintf(c.w, "%x;chunk-signature=%s\r\n", len(p), signature)
	return err
}

// Close writes the last chunk and the trailer, whose names must be given in the order that the
// request's x-amz-trailer has them. It does not close the writer below.
func (c *ChunkWriter) Close(names []string, trailer http.Header) error {
	if err := c.head(nil); err != nil {
		return err
	}
	var b strings.Builder
	for _, name := range names {
		b.WriteString(strings.ToLower(name) + ":" + trailer.Get(name) + "\n")
	}
	text := strings.ReplaceAll(b.String(), "\n", "\r\n")
	if c.chain != nil && c.chain.trailing {
		text += "x-amz-trailer-signature:" + c.chain.next("-TRAILER", hexHash(b.String())) + "\r\n"
	}
	_, err := io.WriteString(c.w, text+"\r\n")
	return err
}
