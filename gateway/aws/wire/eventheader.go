package wire

import (
	"time"

	"localcloud/gateway/aws"
)

// frameReader reads the value of an event's header.
type frameReader struct {
	headerReader
	value any
}

func (r *frameReader) text() string {
	s, ok := r.value.(string)
	return r.check(s, ok)
}

func (r *frameReader) check(s string, ok bool) string {
	if !ok {
		r.fail(errFrame)
	}
	return s
}

func (r *frameReader) integer(int) int64 {
	n, ok := r.value.(int64)
	r.check("", ok)
	return n
}

func (r *frameReader) boolean() bool {
	b, ok := r.value.(bool)
	r.check("", ok)
	return b
}

func (r *frameReader) blob() []byte {
	b, ok := r.value.([]byte)
	r.check("", ok)
	return b
}

func (r *frameReader) timestamp(aws.TimestampFormat) time.Time {
	t, ok := r.value.(time.Time)
	r.check("", ok)
	return t
}

// frameWriter writes the value of an event's header.
type frameWriter struct {
	headerWriter
	value any
}

func (w *frameWriter) text(s string)                                { w.value = s }
func (w *frameWriter) integer(n int64)                              { w.value = n }
func (w *frameWriter) boolean(b bool)                               { w.value = b }
func (w *frameWriter) blob(b []byte)                                { w.value = b }
func (w *frameWriter) timestamp(t time.Time, _ aws.TimestampFormat) { w.value = t }
