package transport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"sort"
	"strconv"
	"strings"
	"sync"
)

// buffers holds heads, and small bodies, while they are written.
var buffers = sync.Pool{New: func() any { return bytes.NewBuffer(make([]byte, 0, 4<<10)) }}

func putBuffer(b *bytes.Buffer) {
	if b.Cap() <= 2*smallBody {
		b.Reset()
		buffers.Put(b)
	}
}

// pieceSize is how much of a body is read and sent at a time.
const pieceSize = 64 << 10

var pieces = sync.Pool{New: func() any { return new([pieceSize]byte) }}

// framing is how a request's body is sent.
type framing struct {
	length int64 // -1 for chunked
	expect bool  // only after 100 Continue
}

// writeHead appends the request line and the header, and says how the body follows.
func writeHead(b *bytes.Buffer, req *http.Request, extra func(*http.Request) []Header) (framing, error) {
	method := req.Method
	if method == "" {
		method = http.MethodGet
	}
	target := Target(req)
	if strings.ContainsAny(target, " \r\n") || strings.ContainsAny(method, " \r\n") {
		return framing{}, fmt.Errorf("request line with a space or line break: %s %q", method, target)
	}
	b.WriteString(method)
	b.WriteByte(' ')
	b.WriteString(target)
	b.WriteString(" HTTP/1.1\r\n")
	host := req.Host
	if host == "" {
		host = req.URL.Host
	}
	writeField(b, "Host", host)
	var added []Header
	if extra != nil {
		added = extra(req)
	}
	writeFields(b, req, added)
	body := frame(req)
	switch {
	case body.length < 0:
		b.WriteString("Transfer-Encoding: chunked\r\n")
		if names := trailerNames(req.Trailer); names != "" {
			writeField(b, "Trailer", names)
		}
	case body.length > 0 || method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch:
		writeField(b, "Content-Length", strconv.FormatInt(body.length, 10))
	}
	b.WriteString("\r\n")
	return body, nil
}

// Target is the request target: the URL's path and query byte for byte.
func Target(req *http.Request) string {
	target := req.URL.Opaque
	if strings.HasPrefix(target, "//") { // a host and the path, as net/url has it
		_, path, _ := strings.Cut(target[2:], "/")
		target = "/" + path
	}
	if target == "" {
		target = req.URL.EscapedPath()
	}
	if target == "" {
		target = "/"
	}
	if req.URL.ForceQuery || req.URL.RawQuery != "" {
		target += "?" + req.URL.RawQuery
	}
	return target
}

// writeFields writes the header but for what belongs to the connection, and what is added.
func writeFields(b *bytes.Buffer, req *http.Request, added []Header) {
	upgrade := isUpgrade(req.Header)
	named := connectionNames(req.Header)
next:
	for name, values := range req.Header {
		switch name {
		case "Host", "Content-Length", "Transfer-Encoding", "Trailer", "Connection", "Proxy-Connection", "Keep-Alive":
			continue
		case "Te":
			if len(values) != 1 || values[0] != "trailers" {
				continue
			}
		case "Upgrade":
			if !upgrade {
				continue
			}
		}
		for _, n := range named {
			if n == name && name != "Upgrade" {
				continue next
			}
		}
		for i := range added {
			if canonical(added[i].Name) == name {
				continue next
			}
		}
		for _, value := range values {
			writeField(b, name, value)
		}
	}
	for _, h := range added {
		writeField(b, h.Name, h.Value)
	}
	if upgrade {
		b.WriteString("Connection: Upgrade\r\n")
	}
}

// breaks are what would end a header line early.
var breaks = strings.NewReplacer("\r", " ", "\n", " ")

func writeField(b *bytes.Buffer, name, value string) {
	if strings.ContainsAny(name, ": \r\n") || name == "" {
		return
	}
	if strings.ContainsAny(value, "\r\n") {
		value = breaks.Replace(value)
	}
	b.WriteString(name)
	b.WriteString(": ")
	b.WriteString(value)
	b.WriteString("\r\n")
}

// connectionNames lists the headers that the Connection header names, which end at this hop.
func connectionNames(h http.Header) []string {
	var names []string
	for _, value := range h["Connection"] {
		for name := range strings.SplitSeq(value, ",") {
			names = append(names, canonical(strings.TrimSpace(name)))
		}
	}
	return names
}

func isUpgrade(h http.Header) bool {
	if h.Get("Upgrade") == "" {
		return false
	}
	for _, name := range connectionNames(h) {
		if name == "Upgrade" {
			return true
		}
	}
	return false
}

// frame says how the body of a request is sent.
func frame(req *http.Request) framing {
	if req.Body == nil || req.Body == http.NoBody {
		return framing{}
	}
	length := req.ContentLength
	if length == 0 && req.Header.Get("Content-Length") == "0" {
		return framing{}
	}
	if length == 0 || len(req.Trailer) > 0 {
		length = -1
	}
	return framing{length: length, expect: strings.EqualFold(req.Header.Get("Expect"), "100-continue")}
}

// send sends the body, and the trailer of a chunked one.
func (f framing) send(w net.Conn, req *http.Request) error {
	if f.length >= 0 {
		buffer := pieces.Get().(*[pieceSize]byte)
		defer pieces.Put(buffer)
		n, err := io.CopyBuffer(struct{ io.Writer }{w}, io.LimitReader(req.Body, f.length), buffer[:])
		if err == nil && n < f.length {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	chunks := httputil.NewChunkedWriter(w)
	buffer := pieces.Get().(*[pieceSize]byte)
	defer pieces.Put(buffer)
	for {
		n, err := req.Body.Read(buffer[:])
		if n > 0 {
			if _, err := chunks.Write(buffer[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if err := chunks.Close(); err != nil {
		return err
	}
	var trailer bytes.Buffer
	for name, values := range req.Trailer {
		for _, value := range values {
			writeField(&trailer, name, value)
		}
	}
	trailer.WriteString("\r\n")
	_, err := w.Write(trailer.Bytes())
	return err
}

func trailerNames(trailer http.Header) string {
	names := make([]string, 0, len(trailer))
	for name := range trailer {
		names = append(names, name)
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}
