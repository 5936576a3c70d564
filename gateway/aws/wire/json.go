package wire

import (
	"encoding/json"
	"sort"
	"time"

	"localcloud/gateway/aws"
)

// jsonReader reads JSON. Members that are null count as absent.
type jsonReader struct {
	Scanner
	inner    bool   // the next value is an element of a list or map, not a member
	javaName string // package of the service's structures in AWS's messages, "" where it is not known
}

func (r *jsonReader) null() bool { return r.Null() }

func (r *jsonReader) structure(p *plan) {
	if r.Peek() != '{' {
		r.unexpected("class " + r.javaName + p.shape.Name)
	}
	r.Object()
}

// unexpected fails with what AWS says of a value where a structure, list or map was expected.
func (r *jsonReader) unexpected(class string) {
	switch c := r.Peek(); {
	case c == '[' && r.javaName != "":
		r.Fail(serialization("Unrecognized collection type " + class))
	case r.inner && c != '[' && c != '{' && c != 0:
		r.Fail(serialization("Unexpected value type in payload"))
	}
}

func (r *jsonReader) next(p *plan) *field {
	r.inner = false
	for r.Key() {
		if f := p.lookup(r.Name()); f == nil || f.stream {
			r.Skip()
		} else if !r.Null() {
			return f
		}
	}
	return nil
}

func (r *jsonReader) list(*plan) bool {
	r.Array()
	return false
}

func (r *jsonReader) element() bool {
	r.inner = true
	return r.Next()
}

func (r *jsonReader) mapping(p *plan) bool {
	if r.Peek() == '[' {
		r.unexpected("java.util.Map<java.lang.String, " + r.javaElement(p.elem.shape) + ">")
	}
	r.Object()
	return false
}

func (r *jsonReader) entry() (string, bool) {
	if !r.Key() {
		return "", false
	}
	r.inner = true
	return string(r.Name()), true
}

// javaElement is the class of a map's values.
func (r *jsonReader) javaElement(s *aws.Shape) string {
	if s.Kind == aws.String {
		return "java.lang.String"
	}
	return r.javaName + s.Name
}

func (r *jsonReader) text() string           { return r.String() }
func (r *jsonReader) integer(bits int) int64 { return r.Integer(bits) }
func (r *jsonReader) float(bits int) float64 { return r.Float(bits) }
func (r *jsonReader) boolean() bool          { return r.Bool() }
func (r *jsonReader) blob() []byte           { return r.Blob() }
func (r *jsonReader) any() any               { return r.Any() }
func (r *jsonReader) fail(err error)         { r.Fail(err) }
func (r *jsonReader) err() error             { return r.Err() }

func (r *jsonReader) timestamp(format aws.TimestampFormat) time.Time {
	if r.Peek() != '"' {
		return fromEpoch(r.Float(64))
	}
	t, ok := parseTimestamp(view(r.Bytes()), format)
	if !ok {
		r.Fail(serialization("STRING_VALUE cannot be converted to Date"))
	}
	return t
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// appendOtherJSON appends a value of a type that only Go code makes: json.Number, a slice of maps.
func appendOtherJSON(b []byte, v any, fail func(error)) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		fail(err)
		return append(b, "null"...)
	}
	return append(b, text...)
}
