package wire

import (
	"encoding/binary"
	"math"
	"time"
	"unicode/utf8"

	"localcloud/gateway/aws"
)

// cborWriter writes CBOR at the end of b. Structures have no length before them, as AWS writes them.
type cborWriter struct {
	b       []byte
	millis  bool
	failure error
}

func (w *cborWriter) head(major byte, n uint64) {
	switch {
	case n < 24:
		w.b = append(w.b, major|byte(n))
	case n <= math.MaxUint8:
		w.b = append(w.b, major|24, byte(n))
	case n <= math.MaxUint16:
		w.b = binary.BigEndian.AppendUint16(append(w.b, major|25), uint16(n))
	case n <= math.MaxUint32:
		w.b = binary.BigEndian.AppendUint32(append(w.b, major|26), uint32(n))
	default:
		w.b = binary.BigEndian.AppendUint64(append(w.b, major|27), n)
	}
}

func (w *cborWriter) structure(*plan) { w.b = append(w.b, cborMap|cborIndefinite) }
func (w *cborWriter) field(f *field)  { w.text(f.wire) }
func (w *cborWriter) endStructure()   { w.b = append(w.b, cborBreak) }

func (w *cborWriter) list(_ *plan, n int)    { w.head(cborArray, uint64(n)) }
func (w *cborWriter) element()               {}
func (w *cborWriter) endList()               {}
func (w *cborWriter) mapping(_ *plan, n int) { w.head(cborMap, uint64(n)) }
func (w *cborWriter) entry(key string)       { w.text(key) }
func (w *cborWriter) endEntry()              {}
func (w *cborWriter) endMapping()            {}

func (w *cborWriter) null() { w.b = append(w.b, cborNull) }

func (w *cborWriter) text(s string) {
	if !utf8.ValidString(s) {
		s = string([]rune(s))
	}
	w.head(cborText, uint64(len(s)))
	w.b = append(w.b, s...)
}

func (w *cborWriter) integer(n int64) {
	if n < 0 {
		w.head(cborNegative, uint64(-1-n))
		return
	}
	w.head(cborUint, uint64(n))
}

func (w *cborWriter) float(f float64, bits int) {
	if bits == 32 || float64(float32(f)) == f {
		w.b = binary.BigEndian.AppendUint32(append(w.b, cborFloat), math.Float32bits(float32(f)))
		return
	}
	w.b = binary.BigEndian.AppendUint64(append(w.b, cborDouble), math.Float64bits(f))
}

func (w *cborWriter) boolean(v bool) {
	if v {
		w.b = append(w.b, cborTrue)
		return
	}
	w.b = append(w.b, cborFalse)
}

func (w *cborWriter) blob(v []byte) {
	w.head(cborBytes, uint64(len(v)))
	w.b = append(w.b, v...)
}

func (w *cborWriter) timestamp(t time.Time, _ aws.TimestampFormat) {
	w.b = append(w.b, cborTag|1)
	ms := t.UnixMilli()
	switch {
	case w.millis:
		w.integer(ms)
	case ms%1000 == 0:
		w.integer(ms / 1000)
	default:
		w.b = binary.BigEndian.AppendUint64(append(w.b, cborDouble), math.Float64bits(float64(ms)/1000))
	}
}

func (w *cborWriter) any(v any) {
	switch v := v.(type) {
	case nil:
		w.null()
	case string:
		w.text(v)
	case bool:
		w.boolean(v)
	case []byte:
		w.blob(v)
	case time.Time:
		w.timestamp(v, 0)
	case []any:
		w.head(cborArray, uint64(len(v)))
		for _, e := range v {
			w.any(e)
		}
	case map[string]any:
		w.head(cborMap, uint64(len(v)))
		for _, key := range sortedKeys(v) {
			w.text(key)
			w.any(v[key])
		}
	case float64:
		w.float(v, 64)
	default:
		if n, ok := toInteger(v); ok {
			w.integer(n)
			return
		}
		w.fail(errSource)
		w.null()
	}
}

func (w *cborWriter) fail(err error) {
	if w.failure == nil {
		w.failure = err
	}
}
