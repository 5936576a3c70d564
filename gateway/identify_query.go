package gateway

import (
	"bytes"
	"io"
	"net/http"
	"strings"
)

// pairs is a query string or form, read without copying it.
type pairs struct{ raw string }

// next cuts the first name and value off what is left.
func (p *pairs) next() (name, value string, ok bool) {
	for p.raw != "" {
		var pair string
		pair, p.raw, _ = strings.Cut(p.raw, "&")
		if pair != "" {
			name, value, _ = strings.Cut(pair, "=")
			if strings.ContainsAny(name, "%+") {
				name = unescape(name)
			}
			return name, value, true
		}
	}
	return "", "", false
}

// value finds the first value of a name, still escaped.
func (p pairs) value(want string) (value string, ok bool) {
	for {
		name, value, ok := p.next()
		if !ok || name == want {
			return value, ok
		}
	}
}

// How much of a form is read in search of its Action: a first step that nearly always holds it, and
// a bound past which there is none.
const (
	peekStep  = 4 << 10
	peekLimit = 4 << 20
)

// form is what was read ahead of a form's body.
type form struct {
	body     *peeked // nil before the first look
	length   int64   // of the whole body, -1 if it is not known
	whole    int     // how much of what was read holds no pair that may be cut in two
	complete bool    // no more is read ahead
}

// peeked is a body of which a part was read ahead: it gives that part again.
type peeked struct {
	ahead []byte // read and not yet given again
	body  io.ReadCloser
	err   error // that ended the reading ahead
}

func (p *peeked) Read(b []byte) (int, error) {
	if len(p.ahead) > 0 {
		n := copy(b, p.ahead)
		p.ahead = p.ahead[n:]
		return n, nil
	}
	if p.err != nil {
		return 0, p.err
	}
	return p.body.Read(b)
}

func (p *peeked) Close() error { return p.body.Close() }

// peek reads of a form until it holds a name, or ends, or is too long. What is read is given again by
// the request's body. It waits for no more than it needs and looks at no byte twice.
func (f *form) peek(r *http.Request, name string) (value string, ok bool) {
	if f.body == nil {
		if r.Body == nil || r.Body == http.NoBody {
			return "", false
		}
		f.body, f.length = &peeked{body: r.Body}, r.ContentLength
		r.Body = f.body
	}
	for seen := 0; ; f.more() {
		p := pairs{string(f.body.ahead[seen:f.whole])}
		if value, ok = p.value(name); ok || f.complete {
			return value, ok
		}
		seen = f.whole
	}
}

// more reads the next part of a form, as much as is there.
func (f *form) more() {
	p := f.body
	n := len(p.ahead)
	if n == cap(p.ahead) {
		size := int64(peekStep)
		if f.length >= 0 {
			size = min(size, f.length+1)
		}
		p.ahead = append(make([]byte, 0, max(2*n, int(size))), p.ahead...)
	}
	read, err := p.body.Read(p.ahead[n:cap(p.ahead)])
	p.ahead, p.err = p.ahead[:n+read], err
	f.complete = err != nil || int64(len(p.ahead)) == f.length || len(p.ahead) >= peekLimit
	if f.complete {
		f.whole = len(p.ahead)
	} else if last := bytes.LastIndexByte(p.ahead[n:], '&'); last >= 0 {
		f.whole = n + last + 1
	}
}

// formOf returns the reader of the body where it is a posted form, nil elsewhere: no other body is
// looked at.
func (i *Identifier) formOf(q *inquiry) *form {
	if q.method != http.MethodPost || !q.isForm() {
		return nil
	}
	return &q.form
}

func (q *inquiry) isForm() bool {
	const mime = "application/x-www-form-urlencoded"
	contentType := first(q.header, "Content-Type")
	return len(contentType) >= len(mime) && strings.EqualFold(contentType[:len(mime)], mime)
}

// parameter finds a parameter of a query call, in the query string or the form (nil for none).
func (q *inquiry) parameter(f *form, name string) string {
	value, ok := q.query.value(name)
	if !ok && f != nil {
		value, _ = f.peek(q.call.Request, name)
	}
	return unescape(value)
}

func (q *inquiry) action(f *form) string { return q.parameter(f, "Action") }
