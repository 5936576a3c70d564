package wire

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"
	"time"

	"localcloud/gateway/aws"
)

// headerReader reads a member that stands in a header, a label or a query string.
type headerReader struct {
	textScalars
	where  location
	values []string // of a list
	params []pair   // of a map
	key    string   // of the entry that is read
	inMap  bool
}

func (r *headerReader) one(value string, where location) { r.set([]string{value}, where) }

func (r *headerReader) many(values []string, where location) { r.set(values, where) }

func (r *headerReader) set(values []string, where location) {
	r.where, r.values, r.s, r.inMap = where, values, values[0], false
}

// header reads the values of one header; a list is split at its commas.
func (r *headerReader) header(values []string, f *field) {
	joined := strings.Join(values, ",")
	r.one(joined, locationHeader)
	if f.plan.kind == aws.List {
		r.values = splitHeader(joined, f.plan.elem.kind == aws.Timestamp && f.plan.elemFormat != aws.UnixTimestamp && f.plan.elemFormat != aws.ISO8601)
	}
}

func (r *headerReader) jsonValue(value string) {
	text, ok := decodeJSONValue(value)
	r.one(text, locationHeader)
	if !ok {
		r.wrong("Blob")
	}
}

func (r *headerReader) pairs(params []pair) {
	r.where, r.params, r.inMap = locationQuery, params, true
}

// splitHeader splits a list in a header. Elements may be quoted; dates have a comma of their own.
func splitHeader(s string, dates bool) []string {
	var list []string
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		if s[0] == '"' {
			var element string
			element, s = unquote(s)
			list = append(list, element)
			_, s, _ = strings.Cut(s, ",")
			continue
		}
		end := strings.IndexByte(s, ',')
		if dates && end >= 0 {
			if next := strings.IndexByte(s[end+1:], ','); next >= 0 {
				end += 1 + next
			} else {
				end = -1
			}
		}
		if end < 0 {
			end = len(s)
		}
		list = append(list, strings.TrimSpace(s[:end]))
		s = s[min(end+1, len(s)):]
	}
	return list
}

func unquote(s string) (element, rest string) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:]
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}

func (r *headerReader) null() bool        { return false }
func (r *headerReader) structure(*plan)   {}
func (r *headerReader) next(*plan) *field { return nil }
func (r *headerReader) text() string      { return r.s }
func (r *headerReader) any() any          { return r.s }

func (r *headerReader) list(*plan) bool {
	if r.inMap {
		r.values = nil
		for _, p := range r.params {
			if p.key == r.key {
				r.values = append(r.values, p.value)
			}
		}
	}
	return false
}

func (r *headerReader) element() bool {
	if len(r.values) == 0 {
		return false
	}
	r.s, r.values = r.values[0], r.values[1:]
	return true
}

func (r *headerReader) mapping(*plan) bool { return false }

func (r *headerReader) entry() (string, bool) {
	if r.key != "" {
		rest := r.params[:0:0]
		for _, p := range r.params {
			if p.key != r.key {
				rest = append(rest, p)
			}
		}
		r.params = rest
	}
	if len(r.params) == 0 {
		r.key = ""
		return "", false
	}
	r.key, r.s = r.params[0].key, r.params[0].value
	if r.key == "" { // a header that is the prefix alone
		r.params = r.params[1:]
	}
	return r.key, true
}

func (r *headerReader) timestamp(format aws.TimestampFormat) time.Time {
	if format == aws.DefaultTimestamp && r.where == locationHeader {
		format = aws.RFC822
	}
	return r.textScalars.timestamp(format)
}

func (r *headerReader) fail(err error) {
	if r.failure == nil {
		r.failure = err
	}
}

func (r *headerReader) err() error { return r.failure }

// headerWriter writes a member to a header, a label or a query string.
type headerWriter struct {
	member *aws.Member
	where  location
	values []string
	isList bool
	key    string
	prefix func(key, value string) // takes the entries of a map

	failure error
}

func (w *headerWriter) begin(f *field) {
	w.member, w.where, w.values, w.isList, w.key = f.member, locationHeader, w.values[:0], false, ""
}

// header is what was written as the value of one header; ok is false for an empty list.
func (w *headerWriter) header() (value string, ok bool) {
	if !w.isList {
		return strings.Join(w.values, ""), len(w.values) > 0
	}
	for i, v := range w.values {
		if w.member.Shape.Elem.Shape.Kind == aws.String && strings.ContainsAny(v, "\",") {
			w.values[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
		}
	}
	return strings.Join(w.values, ", "), len(w.values) > 0
}

func (w *headerWriter) number() int {
	if len(w.values) == 0 {
		return -1
	}
	n, err := strconv.Atoi(w.values[0])
	if err != nil {
		return -1
	}
	return n
}

func (w *headerWriter) put(s string) {
	if w.prefix != nil && w.key != "" {
		w.prefix(w.key, s)
		return
	}
	w.values = append(w.values, s)
}

func (w *headerWriter) structure(*plan)    {}
func (w *headerWriter) field(*field)       {}
func (w *headerWriter) endStructure()      {}
func (w *headerWriter) list(*plan, int)    { w.isList = true }
func (w *headerWriter) element()           {}
func (w *headerWriter) endList()           {}
func (w *headerWriter) mapping(*plan, int) {}
func (w *headerWriter) entry(key string)   { w.key = key }
func (w *headerWriter) endEntry()          {}
func (w *headerWriter) endMapping()        {}
func (w *headerWriter) null()              {}

func (w *headerWriter) text(s string) {
	if w.member != nil && w.member.JSONValue {
		s = base64.StdEncoding.EncodeToString([]byte(s))
	}
	w.put(oneLine(s))
}

// oneLine makes line ends blanks, which a header cannot have.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\r\n\x00") {
		return s
	}
	return strings.NewReplacer("\r", " ", "\n", " ", "\x00", " ").Replace(s)
}

func (w *headerWriter) integer(n int64)           { w.put(strconv.FormatInt(n, 10)) }
func (w *headerWriter) float(f float64, bits int) { w.put(floatText(f, bits)) }
func (w *headerWriter) boolean(b bool)            { w.put(strconv.FormatBool(b)) }
func (w *headerWriter) blob(b []byte)             { w.put(base64.StdEncoding.EncodeToString(b)) }

func floatText(f float64, bits int) string {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return strconv.FormatFloat(f, 'f', 1, bits)
	}
	return string(appendFloat(nil, f, bits))
}

func (w *headerWriter) timestamp(t time.Time, format aws.TimestampFormat) {
	if format == aws.DefaultTimestamp && w.where == locationHeader {
		format = aws.RFC822
	}
	w.put(string(appendTimestamp(nil, t, format)))
}

func (w *headerWriter) any(v any) {
	text := string(appendJSON(nil, v, w.fail))
	if w.member != nil && w.member.JSONValue {
		text = base64.StdEncoding.EncodeToString([]byte(text))
	}
	w.put(text)
}

func (w *headerWriter) fail(err error) {
	if w.failure == nil {
		w.failure = err
	}
}

// plainReader reads a payload that is the text or the bytes themselves.
type plainReader struct {
	headerReader
	body []byte
}

func (r *plainReader) text() string { return string(r.body) }
func (r *plainReader) blob() []byte { return append([]byte{}, r.body...) }

// plainWriter writes a payload that is the text or the bytes themselves.
type plainWriter struct {
	headerWriter
	b []byte
}

func (w *plainWriter) text(s string) { w.b = append(w.b, s...) }
func (w *plainWriter) blob(b []byte) { w.b = append(w.b, b...) }
