package gateway

import (
	"bytes"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
)

// headReader reads the heads of plain requests: what SDKs send for all small calls. Whatever is
// unusual, or may be wrong, it leaves to net/http. The strings of a head are those of the last one on
// the same connection where they are the same, as most are.
type headReader struct {
	first  headLine // the request line; its name is the method, its value the target
	target *url.URL
	lines  []headLine
}

// headLine is a line of a head. raw is the line as it came, without its end.
type headLine struct{ raw, name, value string }

// maxPlainBody is the length up to which the body of a plain request may be.
const maxPlainBody = 32 << 10

// read makes a request of a head (up to and with the empty line), without body and context. ok is
// false for a head that is not plain.
func (h *headReader) read(head []byte) (r *http.Request, ok bool) {
	line, rest, _ := bytes.Cut(head, crlf)
	if (h.target == nil || string(line) != h.first.raw) && !h.readFirst(line) {
		return nil, false
	}
	n := bytes.Count(rest, crlf) - 1
	header, values := make(http.Header, n), make([]string, n)
	u := *h.target
	r = &http.Request{
		Method: h.first.name, URL: &u, RequestURI: h.first.value, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: http.NoBody,
	}
	for i := range n {
		line, rest, _ = bytes.Cut(rest, crlf)
		if i == len(h.lines) {
			h.lines = append(h.lines, headLine{})
		}
		l := &h.lines[i]
		if string(line) != l.raw && !l.readField(line) {
			*l = headLine{}
			return nil, false
		}
		if old, twice := header[l.name]; twice {
			if l.name == "Content-Length" || l.name == "Host" {
				return nil, false
			}
			header[l.name] = append(old, l.value)
			continue
		}
		values[i] = l.value
		header[l.name] = values[i : i+1 : i+1]
	}
	return r, h.complete(r)
}

// complete takes from the header what has fields of its own, and says whether the request is plain.
func (h *headReader) complete(r *http.Request) bool {
	host := r.Header["Host"]
	if len(host) != 1 || !isPlainHost(host[0]) {
		return false
	}
	r.Host = host[0]
	delete(r.Header, "Host")
	if length := r.Header["Content-Length"]; length != nil {
		n, err := strconv.ParseUint(length[0], 10, 31)
		if err != nil || n > maxPlainBody {
			return false
		}
		r.ContentLength = int64(n)
	}
	return true
}

// readFirst reads the request line.
func (h *headReader) readFirst(line []byte) bool {
	text := string(line)
	h.first, h.target = headLine{}, nil
	method, rest, ok := strings.Cut(text, " ")
	target, proto, found := strings.Cut(rest, " ")
	if !ok || !found || proto != "HTTP/1.1" || !strings.HasPrefix(target, "/") || !isText(target) {
		return false
	}
	switch method {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodHead, http.MethodPatch:
	default:
		return false
	}
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return false
	}
	h.first, h.target = headLine{text, method, target}, u
	return true
}

// readField reads a header line.
func (l *headLine) readField(line []byte) bool {
	text := string(line)
	name, value, ok := strings.Cut(text, ":")
	if !ok || !isToken(name) || !isText(value) {
		return false
	}
	value = strings.Trim(value, " \t")
	name = textproto.CanonicalMIMEHeaderKey(name)
	switch name {
	case "Transfer-Encoding", "Trailer", "Te", "Expect", "Upgrade", "Http2-Settings", "Pragma", "Proxy-Connection", "Keep-Alive":
		return false
	case "Connection":
		if !strings.EqualFold(value, "keep-alive") {
			return false
		}
	}
	*l = headLine{text, name, value}
	return true
}

var crlf = []byte("\r\n")

// isText reports whether a target or value has no control characters but tabs.
func isText(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// isToken reports whether a header's name is of the usual characters.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			continue
		}
		return false
	}
	return s != ""
}

func isPlainHost(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= ':' || c == '-' || c == '_' || c == '.' || c == '[' || c == ']' {
			continue
		}
		return false
	}
	return s != ""
}
