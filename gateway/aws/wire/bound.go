package wire

import (
	"net/url"
	"strings"
	"sync"

	"localcloud/gateway/aws"
)

// bound is which members of a message stand outside the body in the REST protocols.
type bound struct {
	labels   map[string]*field
	query    map[string]*field
	queryMap *field // takes all parameters
	headers  []*field
	prefixes *field // a map of headers behind a prefix
	status   *field
}

func boundOf(p *plan) *bound {
	b := &bound{labels: make(map[string]*field), query: make(map[string]*field)}
	for i := range p.fields {
		f := &p.fields[i]
		switch f.member.Location {
		case aws.InPath:
			b.labels[f.wire] = f
		case aws.InQuery:
			if f.member.Shape.Kind == aws.Map {
				b.queryMap = f
			} else {
				b.query[f.wire] = f
			}
		case aws.InHeader:
			b.headers = append(b.headers, f)
		case aws.InPrefixHeaders:
			b.prefixes = f
		case aws.InStatus:
			b.status = f
		}
	}
	return b
}

// uri is a URI template: "/{Bucket}/{Key+}?uploads".
type uri struct {
	segments []segment
	query    []pair // constant parameters
}

// segment is a part of a path between slashes.
type segment struct {
	text   string // the literal, or the label's name
	label  bool
	greedy bool
}

// pair is one parameter of a query string or form. Bare is one without "=".
type pair struct {
	key, value string
	bare       bool
}

var uris sync.Map // template to *uri

func uriOf(op *aws.Operation) *uri {
	if u, ok := uris.Load(op.URI); ok {
		return u.(*uri)
	}
	path, query, _ := strings.Cut(op.URI, "?")
	u := &uri{}
	for _, part := range strings.Split(strings.TrimPrefix(path, "/"), "/") {
		s := segment{text: part}
		if strings.HasPrefix(part, "{") && strings.HasSuffix(part, "}") {
			s.label = true
			s.text, s.greedy = strings.CutSuffix(part[1:len(part)-1], "+")
		}
		u.segments = append(u.segments, s)
	}
	if query != "" {
		u.query, _ = parsePairs(query, 1000)
	}
	uris.Store(op.URI, u)
	return u
}

// match goes through an escaped path and calls label with the unescaped text of each label. It
// reports whether the path fits the template.
func (u *uri) match(path string, label func(name, text string)) bool {
	rest := strings.TrimPrefix(path, "/")
	for i, s := range u.segments {
		var part string
		switch {
		case s.greedy:
			part, rest = cutBehind(rest, len(u.segments)-i-1)
		case i == len(u.segments)-1:
			part, rest = rest, ""
		default:
			part, rest, _ = strings.Cut(rest, "/")
		}
		if !s.label {
			if text, err := url.PathUnescape(part); err != nil || text != s.text {
				return false
			}
			continue
		}
		text, err := url.PathUnescape(part)
		if err != nil {
			return false
		}
		label(s.text, text)
	}
	return rest == ""
}

// cutBehind splits off the last n segments.
func cutBehind(path string, n int) (front, back string) {
	i := len(path)
	for ; n > 0; n-- {
		if i = strings.LastIndexByte(path[:i], '/'); i < 0 {
			return "", path
		}
	}
	return path[:i], strings.TrimPrefix(path[i:], "/")
}

// parsePairs splits a query string or form into at most limit parameters.
func parsePairs(s string, limit int) ([]pair, error) {
	var pairs []pair
	for s != "" {
		var part string
		part, s, _ = strings.Cut(s, "&")
		if part == "" {
			continue
		}
		if len(pairs) == limit {
			return nil, errTooPairs
		}
		key, value, found := strings.Cut(part, "=")
		var err error
		if key, err = unescapeForm(key); err != nil {
			return nil, errBadEscape
		}
		if value, err = unescapeForm(value); err != nil {
			return nil, errBadEscape
		}
		pairs = append(pairs, pair{key, value, !found})
	}
	return pairs, nil
}

var errBadEscape = &aws.Error{Code: "MalformedQueryString", Message: "The query string contains a syntax error", Status: 400}

func unescapeForm(s string) (string, error) {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s, nil
	}
	return url.QueryUnescape(s)
}

// appendEscaped appends s percent-encoded; slashes stay in greedy labels.
func appendEscaped(b []byte, s string, slashes bool) []byte {
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.', c == '~', c == '/' && slashes:
			b = append(b, c)
		default:
			b = append(b, '%', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
		}
	}
	return b
}
