package gateway

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
)

// write sends an answer to the caller and closes its body. What can be handed over without a copy in
// this process (a file) is; what comes in pieces is passed on in pieces. An error means that the
// answer was cut short.
func (g *Gateway) write(w http.ResponseWriter, call *Call, resp *http.Response) error {
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return g.upgrade(w, call, resp)
	}
	header := w.Header()
	if resp.Header["Connection"] != nil {
		removeHopHeaders(resp.Header)
	}
	for name, values := range resp.Header {
		if isHopHeader(name) {
			continue
		}
		if strings.HasPrefix(name, userMetadata) {
			name = strings.ToLower(name)
		}
		header[name] = values
	}
	if _, ok := header["Content-Type"]; !ok {
		header["Content-Type"] = nil // net/http would guess one
	}
	if needsLength(call.Request.Method, resp) && header["Content-Length"] == nil {
		header["Content-Length"] = []string{strconv.FormatInt(resp.ContentLength, 10)}
	}
	for name := range resp.Trailer {
		header.Add("Trailer", name)
	}
	w.WriteHeader(resp.StatusCode)
	err := copyBody(w, call.Request.Method, resp)
	if closed := resp.Body.Close(); err == nil && closed != nil {
		call.cause = fmt.Errorf("close the answer: %w", closed)
	}
	for name, values := range resp.Trailer {
		if _, announced := header[name]; announced || len(header["Trailer"]) == 0 {
			name = http.TrailerPrefix + name
		}
		header[name] = values
	}
	return err
}

// userMetadata begins the headers of an object's own metadata as net/http spells them. S3 writes them in
// lower case, and clients show them as they come.
const userMetadata = "X-Amz-Meta-"

// counted is the length up to which net/http finds out by itself how long a body is that is written
// at once.
const counted = 2048

// needsLength reports whether the length of an answer's body must be told: for HEAD only where it is
// that of the body which GET would have.
func needsLength(method string, resp *http.Response) bool {
	switch {
	case resp.ContentLength < 0, resp.StatusCode == http.StatusNoContent, resp.StatusCode == http.StatusNotModified:
		return false
	case method == http.MethodHead:
		return resp.ContentLength > 0
	case resp.ContentLength <= counted:
		_, memory := resp.Body.(io.WriterTo)
		return !memory
	}
	return true
}

// copyBody sends the body of an answer.
func copyBody(w http.ResponseWriter, method string, resp *http.Response) error {
	if method == http.MethodHead || resp.Body == http.NoBody {
		return nil
	}
	var err error
	body := inner(resp.Body)
	if memory, ok := body.(io.WriterTo); ok && !isFile(body) {
		_, err = memory.WriteTo(w)
	} else {
		err = stream(w, body, resp.ContentLength)
	}
	if err != nil {
		return fmt.Errorf("send the answer: %w", err)
	}
	return nil
}

// inner is what a body reads from, where that is worth handing over as it is: the answer of a
// backend in the process may wrap a file with a method of that name.
func inner(body io.ReadCloser) io.Reader {
	if wrapped, ok := body.(interface{ Unwrap() io.Reader }); ok {
		return wrapped.Unwrap()
	}
	return body
}

// fromFile is the length from which on a file is handed to the kernel; below, a read and a write are
// quicker.
const fromFile = 64 << 10

var buffers = sync.Pool{New: func() any { return new([64 << 10]byte) }}

// stream copies a body piece by piece: what has come is flushed before more is waited for. length is
// the body's, -1 where it is not known.
func stream(w http.ResponseWriter, body io.Reader, length int64) error {
	if isFile(body) && (length < 0 || length >= fromFile) {
		if to, ok := w.(io.ReaderFrom); ok {
			_, err := to.ReadFrom(body)
			return err
		}
	}
	buffer := buffers.Get().(*[64 << 10]byte)
	defer buffers.Put(buffer)
	flusher, _ := w.(http.Flusher)
	for left := length; ; {
		n, err := body.Read(buffer[:])
		if n > 0 {
			if _, err := w.Write(buffer[:n]); err != nil {
				return err
			}
			left -= int64(n)
		}
		switch {
		case err == io.EOF:
			if length >= 0 && left > 0 {
				return io.ErrUnexpectedEOF
			}
			return nil
		case err != nil:
			return err
		case left == 0 && length > 0: // net/http sends the rest
		case flusher != nil && n > 0:
			flusher.Flush()
		}
	}
}

func isFile(body io.Reader) bool {
	if limited, ok := body.(*io.LimitedReader); ok {
		body = limited.R
	}
	_, ok := body.(*os.File)
	return ok
}
