package gateway

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// plainWriter writes the answers to plain requests on a connection, one after the other, as the
// ResponseWriter of net/http would: with the length where that is known or the body is short, else in
// chunks. It is used by one goroutine.
type plainWriter struct {
	conn   io.Writer
	header http.Header
	out    []byte // to be sent: the head, unless body is still held, and what follows it

	method  string
	status  int
	body    []byte // held while the head is not written, since its length is not known
	begun   bool   // the head is in out
	chunked bool
	length  int64 // announced; -1 for none
	written int64 // of the body
	close   bool  // the connection ends after this answer
	err     error // of the connection
}

var (
	_ http.ResponseWriter = (*plainWriter)(nil)
	_ http.Flusher        = (*plainWriter)(nil)
	_ io.ReaderFrom       = (*plainWriter)(nil)
)

const (
	heldBody  = 2048     // held to find out the length
	sentAtOne = 64 << 10 // sent when so much is buffered
)

// reset makes the writer ready for the answer to a request.
func (w *plainWriter) reset(method string) {
	clear(w.header)
	if cap(w.out) > 2*sentAtOne {
		w.out = nil
	}
	*w = plainWriter{conn: w.conn, header: w.header, out: w.out[:0], body: w.body[:0], method: method, length: -1}
}

// Header is the header that is sent with the first bytes of the body.
func (w *plainWriter) Header() http.Header { return w.header }

// WriteHeader sets the status.
func (w *plainWriter) WriteHeader(status int) {
	if w.status != 0 || status < 200 {
		return
	}
	w.status = status
	if values := w.header["Content-Length"]; len(values) > 0 {
		if n, err := strconv.ParseInt(values[0], 10, 64); err == nil && n >= 0 {
			w.length = n
		}
		delete(w.header, "Content-Length")
	}
}

// hasBody reports whether the answer may have a body.
func (w *plainWriter) hasBody() bool {
	return w.method != http.MethodHead && w.status != http.StatusNoContent && w.status != http.StatusNotModified
}

// Write takes a piece of the body.
func (w *plainWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	switch {
	case w.err != nil:
		return 0, w.err
	case !w.hasBody():
		return len(p), nil
	case w.length >= 0 && w.written+int64(len(p)) > w.length:
		return 0, http.ErrContentLength
	}
	w.written += int64(len(p))
	if !w.begun && w.length < 0 && len(w.body)+len(p) <= heldBody && w.header["Trailer"] == nil {
		w.body = append(w.body, p...)
		return len(p), nil
	}
	w.begin()
	w.append(p)
	return len(p), w.err
}

// begin writes the head, and what of the body is held.
func (w *plainWriter) begin() {
	if w.begun {
		return
	}
	w.begun = true
	w.chunked = w.length < 0 && w.hasBody()
	w.head()
	if len(w.body) > 0 {
		held := w.body
		w.body = w.body[:0]
		w.append(held)
	}
}

// append puts a piece of the body behind the head, and sends when there is much.
func (w *plainWriter) append(p []byte) {
	if len(p) == 0 {
		return
	}
	if w.chunked {
		w.out = strconv.AppendInt(w.out, int64(len(p)), 16)
		w.out = append(w.out, "\r\n"...)
	}
	if len(w.out)+len(p) > sentAtOne {
		w.send()
		w.write(p)
	} else {
		w.out = append(w.out, p...)
	}
	if w.chunked {
		w.out = append(w.out, "\r\n"...)
	}
}

// send writes what is buffered to the connection.
func (w *plainWriter) send() {
	if len(w.out) > 0 {
		w.write(w.out)
		w.out = w.out[:0]
	}
}

func (w *plainWriter) write(p []byte) {
	if w.err == nil {
		_, w.err = w.conn.Write(p)
	}
}

// Flush sends what was written.
func (w *plainWriter) Flush() {
	w.WriteHeader(http.StatusOK)
	w.begin()
	w.send()
}

// ReadFrom sends what r holds; a file is sent by the kernel where its length was announced.
func (w *plainWriter) ReadFrom(r io.Reader) (int64, error) {
	w.WriteHeader(http.StatusOK)
	to, ok := w.conn.(io.ReaderFrom)
	if !ok || w.length < 0 || !w.hasBody() {
		return io.Copy(struct{ io.Writer }{w}, r)
	}
	w.begin()
	w.send()
	if w.err != nil {
		return 0, w.err
	}
	n, err := to.ReadFrom(limited(r, w.length-w.written))
	w.written += n
	w.err = err
	return n, err
}

// limited is r with at most n bytes; one limit is all that the kernel's way of sending files allows.
func limited(r io.Reader, n int64) io.Reader {
	if l, ok := r.(*io.LimitedReader); ok {
		l.N = min(l.N, n)
		return l
	}
	return io.LimitReader(r, n)
}

// finish sends the rest of the answer and says whether the connection can carry another.
func (w *plainWriter) finish() bool {
	w.WriteHeader(http.StatusOK)
	if !w.begun && w.length < 0 && w.hasBody() && w.header["Trailer"] == nil {
		w.length = int64(len(w.body))
	}
	w.begin()
	if w.chunked {
		w.out = append(w.out, "0\r\n"...)
		w.trailers()
		w.out = append(w.out, "\r\n"...)
	}
	w.send()
	if w.hasBody() && w.length >= 0 && w.written != w.length {
		w.err = errors.Join(w.err, io.ErrUnexpectedEOF)
	}
	return w.err == nil && !w.close
}

// head writes status line and header.
func (w *plainWriter) head() {
	w.out = append(w.out, "HTTP/1.1 "...)
	w.out = strconv.AppendInt(w.out, int64(w.status), 10)
	w.out = append(append(append(w.out, ' '), http.StatusText(w.status)...), "\r\n"...)
	announced := w.header["Trailer"]
	for name, values := range w.header {
		if !strings.HasPrefix(name, http.TrailerPrefix) && !slices.Contains(announced, name) {
			w.fields(name, values)
		}
	}
	if w.header["Date"] == nil {
		w.fields("Date", []string{httpDate()})
	}
	switch {
	case w.chunked:
		w.out = append(w.out, "Transfer-Encoding: chunked\r\n"...)
	case w.length >= 0 && w.status != http.StatusNoContent && w.status != http.StatusNotModified:
		w.out = append(w.out, "Content-Length: "...)
		w.out = strconv.AppendInt(w.out, w.length, 10)
		w.out = append(w.out, "\r\n"...)
	}
	if w.close {
		w.out = append(w.out, "Connection: close\r\n"...)
	}
	w.out = append(w.out, "\r\n"...)
}

// fields writes the lines of one header. What would break the head is left out or becomes a space.
func (w *plainWriter) fields(name string, values []string) {
	if !isToken(name) {
		return
	}
	for _, value := range values {
		w.out = append(append(w.out, name...), ": "...)
		start := len(w.out)
		w.out = append(w.out, value...)
		for i := start; i < len(w.out); i++ {
			if w.out[i] == '\r' || w.out[i] == '\n' {
				w.out[i] = ' '
			}
		}
		w.out = append(w.out, "\r\n"...)
	}
}

// trailers writes the trailers that were announced and those with net/http's prefix.
func (w *plainWriter) trailers() {
	for _, name := range w.header["Trailer"] {
		w.fields(name, w.header[name])
	}
	for name, values := range w.header {
		if trailer, ok := strings.CutPrefix(name, http.TrailerPrefix); ok {
			w.fields(trailer, values)
		}
	}
}

// dated is the text of one second.
type dated struct {
	second int64
	text   string
}

var lastDate atomic.Pointer[dated]

// httpDate is the present time as headers have it.
func httpDate() string {
	now := time.Now()
	last := lastDate.Load()
	if last == nil || last.second != now.Unix() {
		last = &dated{now.Unix(), now.UTC().Format(http.TimeFormat)}
		lastDate.Store(last)
	}
	return last.text
}
