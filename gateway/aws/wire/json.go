package wire

import (
	"encoding/json"
	"sort"
	"time"

	"localcloud/gateway/aws"
)

// jsonReader reads JSON. Members that are null count as absent.
type jsonReader struct{ Scanner }

func (r *jsonReader) null() bool { return r.Null() }

func (r *jsonReader) structure(*plan) { r.Object() }

func (r *jsonReader) next(p *plan) *field {
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

func (r *jsonReader) element() bool { return r.Next() }

func (r *jsonReader) mapping(*plan) bool {
	r.Object()
	return false
}

func (r *jsonReader) entry() (string, bool) {
	if !r.Key() {
		return "", false
	}
	return string(r.Name()), true
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
