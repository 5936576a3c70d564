// Package writebehind is a writer that collects what is written and passes it on a moment later, in
// large pieces: a line of the log costs a copy instead of a system call.
package writebehind

import (
	"errors"
	"io"
	"sync"
	"time"
)

// Delay is how long New lets what was written wait.
const Delay = 100 * time.Millisecond

// full is the number of bytes from which on a writer writes at once, and its caller waits for it.
const full = 256 << 10

// ErrClosed is the error of a Write after Close.
var ErrClosed = errors.New("writebehind: closed")

// Writer passes on what is written at the latest after its delay, on Flush and on Close. Safe for
// concurrent use; each Write stays in one piece.
type Writer struct {
	out   io.Writer
	delay time.Duration

	writing sync.Mutex // held while out is written to; taken before mu

	mu     sync.Mutex
	buffer []byte
	spare  []byte
	timer  *time.Timer // armed while the buffer holds something
	err    error       // the first of out, told to the next caller
	closed bool
}

// New returns a writer in front of out, which is written to by one goroutine at a time and is not
// closed. delay 0 stands for Delay.
func New(out io.Writer, delay time.Duration) *Writer {
	if delay == 0 {
		delay = Delay
	}
	return &Writer{out: out, delay: delay}
}

// Write keeps a copy of p. An error of the underlying writer is returned by a later Write, once.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return 0, ErrClosed
	}
	if err := w.err; err != nil {
		w.err = nil
		w.mu.Unlock()
		return 0, err
	}
	if len(w.buffer) == 0 {
		w.arm()
	}
	w.buffer = append(w.buffer, p...)
	much := len(w.buffer) >= full
	w.mu.Unlock()
	if much {
		return len(p), w.Flush()
	}
	return len(p), nil
}

// arm sees to it that the buffer is passed on after the delay; mu is held.
func (w *Writer) arm() {
	if w.timer == nil {
		w.timer = time.AfterFunc(w.delay, w.flushLater)
		return
	}
	w.timer.Reset(w.delay)
}

func (w *Writer) flushLater() {
	if err := w.Flush(); err != nil {
		w.mu.Lock()
		w.err = err
		w.mu.Unlock()
	}
}

// Flush passes on what was written before and returns when that is done.
func (w *Writer) Flush() error {
	w.writing.Lock()
	defer w.writing.Unlock()
	w.mu.Lock()
	batch := w.buffer
	w.buffer, w.spare = w.spare[:0], nil
	w.mu.Unlock()
	var err error
	if len(batch) > 0 {
		_, err = w.out.Write(batch)
	}
	w.mu.Lock()
	if cap(batch) <= 2*full {
		w.spare = batch
	}
	w.mu.Unlock()
	return err
}

// Close passes on what was written; later writes fail.
func (w *Writer) Close() error {
	w.mu.Lock()
	was := w.closed
	w.closed = true
	if w.timer != nil {
		w.timer.Stop()
	}
	w.mu.Unlock()
	if was {
		return nil
	}
	return w.Flush()
}
