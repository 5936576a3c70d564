package project

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// Bounds of the log.
const (
	logSize     = 16 << 20 // of one file; one older is kept
	logBuffer   = 64 << 10
	logDelay    = 100 * time.Millisecond // after which a line is in the file at the latest
	logFollower = 1024                   // lines that a slow follower may lag behind before it misses some
)

// Log is the project's log: lines are gathered for a moment, the file is rotated by its size, and
// followers see every line. Each Write is one whole line or several. Safe for concurrent use.
type Log struct {
	path string
	echo io.Writer // nil for none

	mu        sync.Mutex
	file      *os.File
	size      int64
	buffer    []byte
	timer     *time.Timer // pending flush; nil for none
	followers map[chan []byte]struct{}
	closed    bool
}

// OpenLog opens the log at path for appending. Lines also go to echo at once, where it is not nil.
func OpenLog(path string, echo io.Writer) (*Log, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &Log{path: path, echo: echo, file: file, size: info.Size(), followers: make(map[chan []byte]struct{})}, nil
}

// Write takes lines. It fails only once the log is closed.
func (l *Log) Write(lines []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return 0, os.ErrClosed
	}
	if l.echo != nil {
		_, _ = l.echo.Write(lines)
	}
	for follower := range l.followers {
		select {
		case follower <- bytes.Clone(lines):
		default: // it lags behind: the file has the line
		}
	}
	l.buffer = append(l.buffer, lines...)
	if len(l.buffer) >= logBuffer {
		l.flush()
	} else if l.timer == nil {
		l.timer = time.AfterFunc(logDelay, l.Flush)
	}
	return len(lines), nil
}

// Flush writes what was gathered to the file.
func (l *Log) Flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flush()
}

// flush writes the buffer; mu is held. A disk that is full loses lines, never a call.
func (l *Log) flush() {
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	if l.file == nil || len(l.buffer) == 0 {
		return
	}
	n, _ := l.file.Write(l.buffer)
	l.size += int64(n)
	l.buffer = l.buffer[:0]
	if l.size >= logSize {
		l.rotate()
	}
}

// rotate begins a new file; mu is held.
func (l *Log) rotate() {
	if err := os.Rename(l.path, l.path+".1"); err != nil {
		return
	}
	file, err := os.OpenFile(l.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return
	}
	l.file.Close()
	l.file, l.size = file, 0
}

// Close writes what was gathered and ends the followers.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.flush()
	l.closed = true
	for follower := range l.followers {
		close(follower)
	}
	l.followers = nil
	return l.file.Close()
}

// Copy writes the last tail lines that keep accepts (all for tail 0 or less), and then, with follow,
// what comes, until ctx or the log ends.
func (l *Log) Copy(ctx context.Context, w io.Writer, tail int, follow bool, keep func(line []byte) bool) error {
	lines := make(chan []byte, logFollower)
	l.mu.Lock()
	l.flush()
	past := openLogs(l.path, l.size)
	if follow && !l.closed {
		l.followers[lines] = struct{}{}
		defer l.forget(lines)
	}
	l.mu.Unlock()
	if err := past.copy(w, tail, keep); err != nil || !follow {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case some, ok := <-lines:
			if !ok {
				return nil
			}
			for line := range bytes.Lines(some) {
				if !keep(line) {
					continue
				}
				if _, err := w.Write(line); err != nil {
					return err
				}
			}
		}
	}
}

func (l *Log) forget(lines chan []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.followers, lines)
}

// CopyLog is Copy for the log at path of a process that does not run.
func CopyLog(w io.Writer, path string, tail int, keep func(line []byte) bool) error {
	return openLogs(path, logSize*2).copy(w, tail, keep)
}

// past is what a log's files hold.
type past struct {
	io.Reader
	files []*os.File
}

// openLogs opens the older file and limit bytes of the newer one.
func openLogs(path string, limit int64) past {
	var p past
	var readers []io.Reader
	if older, err := os.Open(path + ".1"); err == nil {
		p.files, readers = append(p.files, older), append(readers, older)
	}
	if newer, err := os.Open(path); err == nil {
		p.files, readers = append(p.files, newer), append(readers, io.LimitReader(newer, limit))
	}
	p.Reader = io.MultiReader(readers...)
	return p
}

// copy writes the kept lines and closes the files.
func (p past) copy(w io.Writer, tail int, keep func(line []byte) bool) error {
	defer func() {
		for _, file := range p.files {
			file.Close()
		}
	}()
	reader := bufio.NewReader(p)
	var last [][]byte // the last kept ones, where only they are wanted
	for {
		line, err := reader.ReadBytes('\n')
		if len(line) > 0 && keep(line) {
			if tail > 0 {
				if last = append(last, line); len(last) > 2*tail {
					last = append(last[:0], last[len(last)-tail:]...)
				}
			} else if _, err := w.Write(line); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	_, err := w.Write(bytes.Join(last[max(0, len(last)-max(tail, 0)):], nil))
	return err
}
