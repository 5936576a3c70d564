package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"
)

// Event streams are sequences of frames: lengths, headers, a payload, and CRCs over the lengths and
// over all (application/vnd.amazon.eventstream).

const (
	framePrelude = 12
	frameTrailer = 4
	maxFrame     = 24 << 20
	maxHeaders   = 128 << 10
)

// The types of header values.
const (
	headerTrue = iota
	headerFalse
	headerByte
	headerShort
	headerInt
	headerLong
	headerBytes
	headerString
	headerTimestamp
	headerUUID
)

// frame is one message of an event stream.
type frame struct {
	headers []frameHeader
	payload []byte
}

// frameHeader is a header of a frame; its value is a bool, int64, []byte, string or time.Time.
type frameHeader struct {
	name  string
	value any
}

func (f *frame) header(name string) any {
	for i := range f.headers {
		if f.headers[i].name == name {
			return f.headers[i].value
		}
	}
	return nil
}

func (f *frame) text(name string) string {
	s, _ := f.header(name).(string)
	return s
}

func (f *frame) set(name string, value any) {
	f.headers = append(f.headers, frameHeader{name, value})
}

// append appends the frame in its binary form.
func (f *frame) append(b []byte) ([]byte, error) {
	start := len(b)
	b = append(b, make([]byte, framePrelude)...)
	for _, h := range f.headers {
		var err error
		if b, err = h.append(b); err != nil {
			return b[:start], err
		}
	}
	headers := len(b) - start - framePrelude
	b = append(b, f.payload...)
	total := len(b) - start + frameTrailer
	if headers > maxHeaders || total > maxFrame {
		return b[:start], errors.New("wire: an event is too long")
	}
	binary.BigEndian.PutUint32(b[start:], uint32(total))
	binary.BigEndian.PutUint32(b[start+4:], uint32(headers))
	binary.BigEndian.PutUint32(b[start+8:], crc32.ChecksumIEEE(b[start:start+8]))
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[start:])), nil
}

func (h frameHeader) append(b []byte) ([]byte, error) {
	if len(h.name) == 0 || len(h.name) > 255 {
		return b, fmt.Errorf("wire: name of an event's header: %q", h.name)
	}
	b = append(append(b, byte(len(h.name))), h.name...)
	switch v := h.value.(type) {
	case bool:
		if v {
			return append(b, headerTrue), nil
		}
		return append(b, headerFalse), nil
	case int64:
		if v == int64(int32(v)) {
			return binary.BigEndian.AppendUint32(append(b, headerInt), uint32(v)), nil
		}
		return binary.BigEndian.AppendUint64(append(b, headerLong), uint64(v)), nil
	case time.Time:
		return binary.BigEndian.AppendUint64(append(b, headerTimestamp), uint64(v.UnixMilli())), nil
	case []byte:
		return appendShort(append(b, headerBytes), v)
	case string:
		return appendShort(append(b, headerString), []byte(v))
	}
	return b, fmt.Errorf("wire: an event's header is a %T", h.value)
}

func appendShort(b, v []byte) ([]byte, error) {
	if len(v) > 1<<15-1 {
		return b, errors.New("wire: an event's header is too long")
	}
	return append(binary.BigEndian.AppendUint16(b, uint16(len(v))), v...), nil
}

var errFrame = errors.New("wire: an event stream is damaged")

// readFrame reads the next frame; the error at the end of a stream is io.EOF.
func readFrame(r io.Reader) (*frame, error) {
	var prelude [framePrelude]byte
	if _, err := io.ReadFull(r, prelude[:]); err != nil {
		if err == io.ErrUnexpectedEOF {
			return nil, errFrame
		}
		return nil, err
	}
	total, headers := binary.BigEndian.Uint32(prelude[:]), binary.BigEndian.Uint32(prelude[4:])
	switch {
	case crc32.ChecksumIEEE(prelude[:8]) != binary.BigEndian.Uint32(prelude[8:]),
		total > maxFrame, headers > maxHeaders, uint64(total) < uint64(headers)+framePrelude+frameTrailer:
		return nil, errFrame
	}
	rest := make([]byte, total-framePrelude)
	if _, err := io.ReadFull(r, rest); err != nil {
		return nil, errFrame
	}
	sum := crc32.ChecksumIEEE(prelude[:])
	body := rest[:len(rest)-frameTrailer]
	if crc32.Update(sum, crc32.IEEETable, body) != binary.BigEndian.Uint32(rest[len(body):]) {
		return nil, errFrame
	}
	f := &frame{payload: body[headers:]}
	return f, f.readHeaders(body[:headers])
}

func (f *frame) readHeaders(b []byte) error {
	for len(b) > 0 {
		n := int(b[0])
		if len(b) < n+2 || n == 0 {
			return errFrame
		}
		h := frameHeader{name: string(b[1 : 1+n])}
		var size int
		if h.value, size = headerValue(b[1+n], b[2+n:]); size < 0 {
			return errFrame
		}
		f.headers = append(f.headers, h)
		b = b[2+n+size:]
	}
	return nil
}

// headerValue reads a value and returns how many bytes it has, -1 where it is none.
func headerValue(kind byte, b []byte) (any, int) {
	need := [...]int{headerByte: 1, headerShort: 2, headerInt: 4, headerLong: 8, headerBytes: 2, headerString: 2, headerTimestamp: 8, headerUUID: 16}
	if int(kind) >= len(need) || len(b) < need[kind] {
		return nil, -1
	}
	switch kind {
	case headerTrue, headerFalse:
		return kind == headerTrue, 0
	case headerByte:
		return int64(int8(b[0])), 1
	case headerShort:
		return int64(int16(binary.BigEndian.Uint16(b))), 2
	case headerInt:
		return int64(int32(binary.BigEndian.Uint32(b))), 4
	case headerLong:
		return int64(binary.BigEndian.Uint64(b)), 8
	case headerTimestamp:
		return time.UnixMilli(int64(binary.BigEndian.Uint64(b))).UTC(), 8
	case headerUUID:
		return append([]byte{}, b[:16]...), 16
	}
	n := int(binary.BigEndian.Uint16(b))
	if len(b) < 2+n {
		return nil, -1
	}
	if kind == headerString {
		return string(b[2 : 2+n]), 2 + n
	}
	return append([]byte{}, b[2:2+n]...), 2 + n
}
