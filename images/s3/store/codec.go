package store

import (
	"encoding/binary"
	"errors"
	"sync"
	"time"
)

var errRecord = errors.New("store: malformed record")

// encoder writes the fields of a record: numbers as varints, strings with their length in front.
type encoder struct{ b []byte }

var encoders = sync.Pool{New: func() any { return new(encoder) }}

func newEncoder() *encoder {
	e := encoders.Get().(*encoder)
	e.b = e.b[:0]
	return e
}

func (e *encoder) free() {
	if cap(e.b) <= 1<<20 {
		encoders.Put(e)
	}
}

func (e *encoder) uint(x uint64)    { e.b = binary.AppendUvarint(e.b, x) }
func (e *encoder) int(x int64)      { e.b = binary.AppendVarint(e.b, x) }
func (e *encoder) time(t time.Time) { e.int(t.UnixMilli()) }

func (e *encoder) str(s string) {
	e.uint(uint64(len(s)))
	e.b = append(e.b, s...)
}

func (e *encoder) flag(f bool) {
	var x byte
	if f {
		x = 1
	}
	e.b = append(e.b, x)
}

// decoder is the inverse of encoder. After the first error it returns zero values.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) uint() uint64 {
	x, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return x
}

func (d *decoder) int() int64 {
	x, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return x
}

func (d *decoder) time() time.Time { return time.UnixMilli(d.int()).UTC() }

// count reads the length of a list whose elements take at least one byte each.
func (d *decoder) count() int {
	n := d.uint()
	if n > uint64(len(d.b)) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) take(n int) []byte {
	if n > len(d.b) {
		d.fail()
		return make([]byte, n)
	}
	taken := d.b[:n]
	d.b = d.b[n:]
	return taken
}

func (d *decoder) str() string { return string(d.take(d.count())) }
func (d *decoder) flag() bool  { return d.take(1)[0] != 0 }

func (d *decoder) fail() { d.b, d.bad = nil, true }
