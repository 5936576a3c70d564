package wire

import (
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"localcloud/gateway/aws"
)

// jsonWriter writes JSON at the end of b. A comma is due wherever the last byte is not an opening one.
type jsonWriter struct {
	b       []byte
	failure error
	// epoch: timestamps are numbers whatever the model says (JSON answers of query services).
	epoch bool
}

func (w *jsonWriter) structure(*plan) { w.b = append(w.b, '{') }

func (w *jsonWriter) field(f *field) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(w.b, f.jsonKey...)
}

func (w *jsonWriter) endStructure() { w.b = append(w.b, '}') }

func (w *jsonWriter) list(*plan, int) { w.b = append(w.b, '[') }

func (w *jsonWriter) element() {
	if w.b[len(w.b)-1] != '[' {
		w.b = append(w.b, ',')
	}
}

func (w *jsonWriter) endList() { w.b = append(w.b, ']') }

func (w *jsonWriter) mapping(*plan, int) { w.b = append(w.b, '{') }

func (w *jsonWriter) entry(key string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(appendJSONString(w.b, key), ':')
}

func (w *jsonWriter) endEntry()   {}
func (w *jsonWriter) endMapping() { w.b = append(w.b, '}') }

func (w *jsonWriter) null()                     { w.b = append(w.b, "null"...) }
func (w *jsonWriter) text(s string)             { w.b = appendJSONString(w.b, s) }
func (w *jsonWriter) integer(n int64)           { w.b = strconv.AppendInt(w.b, n, 10) }
func (w *jsonWriter) float(f float64, bits int) { w.b = appendJSONFloat(w.b, f, bits) }
func (w *jsonWriter) boolean(v bool)            { w.b = strconv.AppendBool(w.b, v) }
func (w *jsonWriter) any(v any)                 { w.b = appendJSON(w.b, v, w.fail) }

func (w *jsonWriter) blob(v []byte) {
	w.b = append(appendBase64(append(w.b, '"'), v), '"')
}

func (w *jsonWriter) timestamp(t time.Time, format aws.TimestampFormat) {
	if format == aws.DefaultTimestamp || format == aws.UnixTimestamp || w.epoch {
		w.b = appendEpoch(w.b, t)
		return
	}
	w.b = append(appendTimestamp(append(w.b, '"'), t, format), '"')
}

func (w *jsonWriter) fail(err error) {
	if w.failure == nil {
		w.failure = err
	}
}

const hexDigits = "0123456789abcdef"

// appendJSONString appends s in quotes. Only what JSON demands is escaped.
func appendJSONString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(append(b, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

func appendJSONFloat(b []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(appendFloat(append(b, '"'), f, bits), '"')
	}
	return appendFloat(b, f, bits)
}

// appendFloat appends f as every protocol but CBOR writes it.
func appendFloat(b []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, "NaN"...)
	case math.IsInf(f, 1):
		return append(b, "Infinity"...)
	case math.IsInf(f, -1):
		return append(b, "-Infinity"...)
	case f != 0 && (math.Abs(f) < 1e-6 || math.Abs(f) >= 1e21):
		return strconv.AppendFloat(b, f, 'e', -1, bits)
	}
	b = strconv.AppendFloat(b, f, 'f', -1, bits)
	if f == math.Trunc(f) {
		b = append(b, ".0"...)
	}
	return b
}

// appendJSON appends a JSON value as Scanner.Any reads it; fail is called for anything else.
func appendJSON(b []byte, v any, fail func(error)) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case string:
		return appendJSONString(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return strconv.AppendInt(b, int64(v), 10)
		}
		return appendJSONFloat(b, v, 64)
	case []any:
		b = append(b, '[')
		for i, e := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, e, fail)
		}
		return append(b, ']')
	case map[string]any:
		b = append(b, '{')
		for i, key := range sortedKeys(v) {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(append(appendJSONString(b, key), ':'), v[key], fail)
		}
		return append(b, '}')
	}
	if n, ok := toInteger(v); ok {
		return strconv.AppendInt(b, n, 10)
	}
	return appendOtherJSON(b, v, fail)
}
