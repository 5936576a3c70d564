package wire

import (
	"math"
	"time"
	"unicode/utf8"

	"localcloud/gateway/aws"
)

// The major types of CBOR (RFC 8949), and the simple values that AWS uses.
const (
	cborUint = iota << 5
	cborNegative
	cborBytes
	cborText
	cborArray
	cborMap
	cborTag
	cborSimple

	cborFalse, cborTrue, cborNull, cborUndefined = 0xf4, 0xf5, 0xf6, 0xf7
	cborHalf, cborFloat, cborDouble              = 0xf9, 0xfa, 0xfb
	cborIndefinite, cborBreak                    = 31, 0xff
)

// cborReader reads CBOR. Null and undefined count as absent.
type cborReader struct {
	data    []byte
	pos     int
	max     int     // of depth
	left    []int64 // what is left of each open list and map, -1 where a break ends it
	millis  bool    // timestamps are milliseconds (application/x-amz-cbor-1.1)
	first   byte    // of the head that was read last
	failure error
}

func (r *cborReader) reset(data []byte, maxDepth int, millis bool) {
	*r = cborReader{data: data, max: maxDepth, millis: millis, left: r.left[:0]}
}

func (r *cborReader) fail(err error) {
	if r.failure == nil {
		r.failure = err
	}
	r.pos = len(r.data)
}

func (r *cborReader) err() error { return r.failure }

func (r *cborReader) malformed() { r.fail(serialization("")) }

// peek is the first byte of the next value, a break at the end of the data.
func (r *cborReader) peek() byte {
	if r.pos >= len(r.data) {
		return cborBreak
	}
	return r.data[r.pos]
}

// head reads the head of the next value; tags are passed over.
func (r *cborReader) head() (major byte, n uint64, indefinite bool) {
	for tags := 0; r.pos < len(r.data); tags++ {
		c := r.data[r.pos]
		r.pos++
		r.first, major = c, c&0xe0
		switch info := c & 31; {
		case info < 24:
			n = uint64(info)
		case info <= 27:
			size := 1 << (info - 24)
			if len(r.data)-r.pos < size {
				r.malformed()
				return 0, 0, false
			}
			n = 0
			for range size {
				n = n<<8 | uint64(r.data[r.pos])
				r.pos++
			}
		case info == cborIndefinite && major >= cborBytes && major <= cborMap:
			indefinite = true
		default:
			r.malformed()
			return 0, 0, false
		}
		if major != cborTag {
			return major, n, indefinite
		}
		if tags > 8 {
			break
		}
	}
	r.malformed()
	return 0, 0, false
}

func (r *cborReader) null() bool {
	if c := r.peek(); c == cborNull || c == cborUndefined {
		r.pos++
		return true
	}
	return false
}

// enter opens a list or map.
func (r *cborReader) enter(want byte) {
	major, n, indefinite := r.head()
	switch {
	case r.failure != nil:
		return
	case major != want:
		r.fail(serialization("Unexpected field type"))
		return
	case len(r.left) >= r.max:
		r.fail(errTooDeep)
		return
	case indefinite:
		r.left = append(r.left, -1)
		return
	case n > uint64(len(r.data)-r.pos): // every element has at least a byte
		r.malformed()
		return
	}
	r.left = append(r.left, int64(n))
}

// more reports whether the list or map that was opened last goes on; if not it is closed.
func (r *cborReader) more() bool {
	if r.failure != nil || len(r.left) == 0 {
		return false
	}
	switch left := &r.left[len(r.left)-1]; {
	case *left > 0:
		*left--
		return true
	case *left < 0:
		if r.pos >= len(r.data) {
			r.malformed()
			return false
		}
		if r.data[r.pos] != cborBreak {
			return true
		}
		r.pos++
	}
	r.left = r.left[:len(r.left)-1]
	return false
}

func (r *cborReader) structure(*plan) { r.enter(cborMap) }

func (r *cborReader) next(p *plan) *field {
	for r.more() {
		name := r.bytes(cborText)
		if f := p.lookup(name); f == nil || f.stream {
			r.skip()
		} else if !r.null() {
			return f
		}
	}
	return nil
}

func (r *cborReader) list(*plan) bool {
	r.enter(cborArray)
	return false
}

func (r *cborReader) element() bool { return r.more() }

func (r *cborReader) mapping(*plan) bool {
	r.enter(cborMap)
	return false
}

func (r *cborReader) entry() (string, bool) {
	if !r.more() {
		return "", false
	}
	return string(r.bytes(cborText)), r.failure == nil
}

// bytes reads a byte or text string; it lies in the data itself unless it comes in pieces.
func (r *cborReader) bytes(want byte) []byte {
	major, n, indefinite := r.head()
	if r.failure != nil {
		return nil
	}
	if major != want {
		r.fail(serialization("Unexpected field type"))
		return nil
	}
	var text []byte
	if indefinite {
		for r.peek() != cborBreak {
			if r.peek()&0xe0 != want || r.peek()&31 == cborIndefinite {
				r.malformed()
				return nil
			}
			text = append(text, r.bytes(want)...)
		}
		if r.pos >= len(r.data) {
			r.malformed()
			return nil
		}
		r.pos++
	} else {
		if n > uint64(len(r.data)-r.pos) {
			r.malformed()
			return nil
		}
		text = r.data[r.pos : r.pos+int(n)]
		r.pos += int(n)
	}
	if want == cborText && !utf8.Valid(text) {
		r.malformed()
		return nil
	}
	return text
}

func (r *cborReader) text() string { return string(r.bytes(cborText)) }
func (r *cborReader) blob() []byte { return append([]byte{}, r.bytes(cborBytes)...) }

func (r *cborReader) integer(bits int) int64 {
	f, n, whole := r.number()
	if !whole {
		if math.Abs(f) >= 1<<63 || f != f {
			r.fail(serialization("DECIMAL_VALUE cannot be converted to Long"))
			return 0
		}
		n = int64(f)
	}
	if bits == 32 && (n > math.MaxInt32 || n < math.MinInt32) {
		r.fail(serialization("NUMBER_VALUE cannot be converted to Integer"))
	}
	return n
}

func (r *cborReader) float(int) float64 {
	f, n, whole := r.number()
	if whole {
		return float64(n)
	}
	return f
}

// number reads a number: n where it is whole, else f.
func (r *cborReader) number() (f float64, n int64, whole bool) {
	major, u, _ := r.head()
	switch {
	case r.failure != nil:
	case major == cborUint && u <= math.MaxInt64:
		return 0, int64(u), true
	case major == cborUint:
		return float64(u), 0, false
	case major == cborNegative && u <= math.MaxInt64:
		return 0, -1 - int64(u), true
	case major == cborNegative:
		return -1 - float64(u), 0, false
	case major == cborSimple:
		return r.simpleFloat(u), 0, false
	default:
		r.fail(serialization("Unexpected field type"))
	}
	return 0, 0, true
}

func (r *cborReader) simpleFloat(bits uint64) float64 {
	switch r.first {
	case cborHalf:
		return halfFloat(uint16(bits))
	case cborFloat:
		return float64(math.Float32frombits(uint32(bits)))
	case cborDouble:
		return math.Float64frombits(bits)
	}
	r.fail(serialization("Unexpected field type"))
	return 0
}

func halfFloat(h uint16) float64 {
	exponent, mantissa := int(h>>10&31), float64(h&1023)
	var f float64
	switch exponent {
	case 0:
		f = math.Ldexp(mantissa, -24)
	case 31:
		f = math.Inf(1)
		if mantissa != 0 {
			f = math.NaN()
		}
	default:
		f = math.Ldexp(mantissa+1024, exponent-25)
	}
	if h>>15 != 0 {
		return -f
	}
	return f
}

func (r *cborReader) boolean() bool {
	c := r.peek()
	if c != cborTrue && c != cborFalse {
		r.fail(serialization("Unexpected field type"))
		return false
	}
	r.pos++
	return c == cborTrue
}

func (r *cborReader) timestamp(aws.TimestampFormat) time.Time {
	for r.peek()&0xe0 == cborTag { // epoch time is tag 1
		tag := r.pos
		if r.pos++; r.data[tag]&31 > 23 {
			r.pos += 1 << (r.data[tag]&31 - 24)
		}
	}
	if r.pos > len(r.data) {
		r.malformed()
		return time.Time{}
	}
	f, n, whole := r.number()
	switch {
	case r.millis && whole:
		return time.UnixMilli(n).UTC()
	case r.millis:
		return fromEpoch(f / 1000)
	case whole:
		return time.Unix(n, 0).UTC()
	case f != f || math.Abs(f) > 1e15:
		r.malformed()
		return time.Time{}
	}
	return fromEpoch(f)
}

// skip reads and drops one value.
func (r *cborReader) skip() {
	switch r.peek() & 0xe0 {
	case cborArray:
		for r.enter(cborArray); r.more(); {
			r.skip()
		}
	case cborMap:
		for r.enter(cborMap); r.more(); {
			r.skip()
			r.skip()
		}
	case cborBytes:
		r.bytes(cborBytes)
	case cborText:
		r.bytes(cborText)
	case cborTag:
		tag := r.data[r.pos]
		if r.pos++; tag&31 >= 24 && tag&31 <= 27 {
			r.pos += 1 << (tag&31 - 24)
		}
		if len(r.left) >= r.max {
			r.fail(errTooDeep)
			return
		}
		r.left = append(r.left, 0) // tags of tags are depth, too
		r.skip()
		if len(r.left) > 0 {
			r.left = r.left[:len(r.left)-1]
		}
	default:
		if r.peek() == cborBreak {
			r.malformed()
			return
		}
		r.head()
	}
}

func (r *cborReader) any() any {
	switch c := r.peek(); c & 0xe0 {
	case cborArray:
		list := []any{}
		for r.enter(cborArray); r.more(); {
			list = append(list, r.any())
		}
		return list
	case cborMap:
		m := make(map[string]any)
		for key, ok := r.enterAny(); ok; key, ok = r.entry() {
			m[key] = r.any()
		}
		return m
	case cborBytes:
		return r.blob()
	case cborText:
		return r.text()
	case cborSimple:
		switch {
		case r.null():
			return nil
		case c == cborTrue || c == cborFalse:
			return r.boolean()
		}
	case cborTag:
		return r.timestamp(0)
	}
	f, n, whole := r.number()
	if whole {
		return n
	}
	return f
}

func (r *cborReader) enterAny() (string, bool) {
	r.enter(cborMap)
	return r.entry()
}
