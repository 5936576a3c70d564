package sign

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Bounds of aws-chunked bodies.
const (
	maxChunkLine = 4 << 10 // a chunk's header, or one trailer line
	maxTrailers  = 32
)

// IsChunked reports whether the body of a request comes in aws-chunked framing.
func IsChunked(h http.Header) bool {
	if strings.HasPrefix(h.Get("X-Amz-Content-Sha256"), streamingPrefix) {
		return true
	}
	for _, value := range h.Values("Content-Encoding") {
		for coding := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(coding), "aws-chunked") {
				return true
			}
		}
	}
	return false
}

// ChunkReader reads the content out of a body in aws-chunked framing, of all forms: with and without
// chunk signatures, with and without trailers. The framing is described in "Signature calculations
// for the authorization header: transferring payload in multiple chunks" of the S3 API reference.
// Its errors are *Problem, or those of the body.
type ChunkReader struct {
	body    *bufio.Reader
	decoded int64 // announced length of the content, -1 if unknown
	read    int64
	left    int64 // of the chunk being read
	chunk   string
	begun   bool
	trailer http.Header
	err     error // sticky

	chain *chunkChain // nil where signatures are not checked
	sum   hash.Hash   // of the chunk being read, with chain
}

// NewChunkReader returns a reader of body. decoded is the value of x-amz-decoded-content-length, -1
// where there is none.
func NewChunkReader(body io.Reader, decoded int64) *ChunkReader {
	return &ChunkReader{body: bufio.NewReaderSize(body, 32<<10), decoded: decoded, trailer: http.Header{}}
}

// CheckSignatures makes the reader check the signature of each chunk and of the trailer, which
// follow on s, the request's own signature.
func (c *ChunkReader) CheckSignatures(s *Signature, secret string) {
	if !s.SignsChunks() {
		return
	}
	c.chain, c.sum = newChunkChain(s, secret), sha256.New()
}

// SignsChunks reports whether the chunks of the body are signed one by one.
func (s *Signature) SignsChunks() bool {
	return strings.HasPrefix(s.PayloadHash, streamingPrefix) && !strings.Contains(s.PayloadHash, UnsignedPayload)
}

// Trailer is the trailing headers, in canonical form, once Read has returned io.EOF.
func (c *ChunkReader) Trailer() http.Header { return c.trailer }

// Read reads content.
func (c *ChunkReader) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	if c.left == 0 {
		if c.err = c.next(); c.err != nil {
			return 0, c.err
		}
	}
	n, err := c.body.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	c.read += int64(n)
	if c.sum != nil {
		c.sum.Write(p[:n])
	}
	if err != nil {
		c.err = c.cut(err)
	}
	return n, c.err
}

// next ends the current chunk and begins another; io.EOF after the last one and its trailer.
func (c *ChunkReader) next() error {
	if c.begun {
		if err := c.endChunk(); err != nil {
			return err
		}
	}
	c.begun = true
	line, err := c.line()
	if err != nil {
		return err
	}
	size, extensions, _ := strings.Cut(line, ";")
	length, err := strconv.ParseInt(strings.TrimSpace(size), 16, 63)
	if err != nil || length < 0 {
		return problem(BadChunk, "The chunk size '%s' is not a hexadecimal number", clip(size))
	}
	if c.decoded >= 0 && c.read+length > c.decoded {
		return incomplete()
	}
	c.left, c.chunk = length, ""
	for extension := range strings.SplitSeq(extensions, ";") {
		if name, value, _ := strings.Cut(extension, "="); name == "chunk-signature" {
			c.chunk = value
		}
	}
	if length > 0 {
		return nil
	}
	return c.end()
}

// endChunk checks a chunk that was read and takes the line end behind it.
func (c *ChunkReader) endChunk() error {
	if err := c.checkChunk(); err != nil {
		return err
	}
	line, err := c.line()
	if err == nil && line != "" {
		return problem(BadChunk, "A chunk is longer than its announced size")
	}
	return err
}

func (c *ChunkReader) checkChunk() error {
	if c.chain == nil {
		return nil
	}
	sum := hex.EncodeToString(c.sum.Sum(nil))
	c.sum.Reset()
	if !c.chain.chunk(sum, c.chunk) {
		return mismatch()
	}
	return nil
}

// end checks the last, empty chunk and reads the trailer behind it.
func (c *ChunkReader) end() error {
	if err := c.checkChunk(); err != nil {
		return err
	}
	if err := c.readTrailer(); err != nil {
		return err
	}
	if c.decoded >= 0 && c.read != c.decoded {
		return incomplete()
	}
	return io.EOF
}

// readTrailer reads "name:value" lines up to an empty one or the end of the body. Some clients put an
// empty line before the trailer's signature, which therefore may follow on the first empty one.
func (c *ChunkReader) readTrailer() error {
	var signed strings.Builder
	mayFollow := false
	for range maxTrailers {
		line, err := c.line()
		var p *Problem
		if errors.As(err, &p) && p.Kind == Incomplete {
			line = "" // some clients leave the last line end out
		} else if err != nil {
			return err
		}
		if line == "" {
			if mayFollow {
				mayFollow = false
				continue
			}
			return c.checkTrailer(signed.String())
		}
		name, value, found := strings.Cut(line, ":")
		if !found {
			return problem(BadChunk, "The trailing header '%s' cannot be read", clip(line))
		}
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		c.trailer.Add(name, value)
		if !strings.EqualFold(name, "x-amz-trailer-signature") {
			signed.WriteString(strings.ToLower(name) + ":" + value + "\n")
		}
		mayFollow = c.trailer.Get("X-Amz-Trailer-Signature") == ""
	}
	return problem(BadChunk, "More than %d trailing headers", maxTrailers)
}

func (c *ChunkReader) checkTrailer(signed string) error {
	signature := c.trailer.Get("X-Amz-Trailer-Signature")
	c.trailer.Del("X-Amz-Trailer-Signature")
	if c.chain == nil || !c.chain.trailing {
		return nil
	}
	if !c.chain.trailer(hexHash(signed), signature) {
		return mismatch()
	}
	return nil
}

// line reads up to a line end, without it.
func (c *ChunkReader) line() (string, error) {
	var line []byte
	for {
		part, err := c.body.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxChunkLine:
			return "", problem(BadChunk, "A line of the chunk framing is longer than %d bytes", maxChunkLine)
		case err == nil:
			return strings.TrimRight(string(line), "\r\n"), nil
		case errors.Is(err, io.EOF) && len(line) > 0:
			return strings.TrimRight(string(line), "\r\n"), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return "", c.cut(err)
		}
	}
}

// cut is the error of a body that ended, or failed, inside the framing.
func (c *ChunkReader) cut(err error) error {
	if errors.Is(err, io.EOF) {
		return incomplete()
	}
	return err
}

func incomplete() error {
	return problem(Incomplete, "You did not provide the number of bytes specified by the Content-Length HTTP header")
}
