package sign

import (
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

// canonicalRequest is the text whose hash is signed.
func canonicalRequest(r *http.Request, uri string, s *Signature, payload string) string {
	var b strings.Builder
	b.WriteString(r.Method)
	b.WriteByte('\n')
	b.WriteString(uri)
	b.WriteByte('\n')
	b.WriteString(canonicalQuery(r.URL.RawQuery))
	b.WriteByte('\n')
	for _, name := range s.SignedHeaders {
		b.WriteString(name)
		b.WriteByte(':')
		b.WriteString(headerValue(r, name))
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	b.WriteString(strings.Join(s.SignedHeaders, ";"))
	b.WriteByte('\n')
	b.WriteString(payload)
	return b.String()
}

// canonicalURIs is the forms that the canonical path may have: S3 signs the path encoded once, which some
// clients do not do in full; other
// services sign it encoded twice, most clients after they have normalised it.
func canonicalURIs(r *http.Request, service string) []string {
	raw := RawPath(r)
	if isS3(service) {
		return dedupe(encodeOnce(raw), encodePath(unescape(raw)), raw)
	}
	return dedupe(encodePath(normalise(raw)), encodePath(raw), encodePath(unescape(raw)))
}

// isS3 reports whether a signing name has S3's rules for paths and payloads.
func isS3(service string) bool {
	return service == "s3" || service == "s3express" || service == "s3-outposts" || service == "s3-object-lambda"
}

// RawPath is the path of a request as it stands on the wire, "/" where it is empty.
func RawPath(r *http.Request) string {
	raw := r.URL.Opaque
	if raw == "" {
		raw = r.URL.EscapedPath()
	} else if strings.HasPrefix(raw, "//") { // host and path
		_, rest, _ := strings.Cut(raw[2:], "/")
		raw = "/" + rest
	}
	if raw == "" {
		return "/"
	}
	return raw
}

// normalise removes empty and dot segments and keeps a slash at the end.
func normalise(raw string) string {
	clean := path.Clean("/" + raw)
	if strings.HasSuffix(raw, "/") && clean != "/" {
		clean += "/"
	}
	return clean
}

func dedupe(forms ...string) []string {
	slices.Sort(forms)
	return slices.Compact(forms)
}

// canonicalQuery sorts the parameters by their encoded names and values, without the signature.
func canonicalQuery(raw string) string {
	if raw == "" {
		return ""
	}
	var parameters []string
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name = encode(unescapeQuery(name))
		if name == "X-Amz-Signature" {
			continue
		}
		parameters = append(parameters, name+"="+encode(unescapeQuery(value)))
	}
	slices.SortFunc(parameters, func(a, b string) int {
		an, av, _ := strings.Cut(a, "=")
		bn, bv, _ := strings.Cut(b, "=")
		if c := strings.Compare(an, bn); c != 0 {
			return c
		}
		return strings.Compare(av, bv)
	})
	return strings.Join(parameters, "&")
}

// headerValue is the canonical value of a signed header: trimmed, inner runs of blanks folded,
// several values joined by commas.
func headerValue(r *http.Request, name string) string {
	switch name {
	case "host":
		if r.Host != "" {
			return r.Host
		}
		return r.URL.Host
	case "content-length":
		if r.Header.Get("Content-Length") == "" && r.ContentLength >= 0 {
			return strconv.FormatInt(r.ContentLength, 10)
		}
	case "transfer-encoding":
		return strings.Join(r.TransferEncoding, ",")
	}
	values := r.Header[http.CanonicalHeaderKey(name)]
	folded := make([]string, len(values))
	for i, value := range values {
		folded[i] = fold(value)
	}
	return strings.Join(folded, ",")
}

func fold(value string) string {
	value = strings.Trim(value, " \t")
	if !strings.Contains(value, "  ") {
		return value
	}
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] == ' ' && i > 0 && value[i-1] == ' ' {
			continue
		}
		b.WriteByte(value[i])
	}
	return b.String()
}

const upperHex = "0123456789ABCDEF"

// encode is AWS's UriEncode: all but the unreserved characters of RFC 3986.
func encode(s string) string { return encodeWith(s, false) }

// encodePath is UriEncode that leaves slashes.
func encodePath(s string) string { return encodeWith(s, true) }

// encodeOnce gives every segment of a raw path its canonical escapes; an escaped slash stays one.
func encodeOnce(raw string) string {
	segments := strings.Split(raw, "/")
	for i, segment := range segments {
		segments[i] = encode(unescape(segment))
	}
	return strings.Join(segments, "/")
}

func encodeWith(s string, slashes bool) string {
	escaped := 0
	for i := 0; i < len(s); i++ {
		if !unreserved(s[i]) && !(slashes && s[i] == '/') {
			escaped++
		}
	}
	if escaped == 0 {
		return s
	}
	b := make([]byte, 0, len(s)+2*escaped)
	for i := 0; i < len(s); i++ {
		c := s[i]
		if unreserved(c) || slashes && c == '/' {
			b = append(b, c)
			continue
		}
		b = append(b, '%', upperHex[c>>4], upperHex[c&15])
	}
	return string(b)
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}

// unescape decodes percent escapes; what is no escape stays as it is.
func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if v, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b = append(b, byte(v))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

// unescapeQuery is unescape for queries, where a plus is a space.
func unescapeQuery(s string) string { return unescape(strings.ReplaceAll(s, "+", " ")) }
