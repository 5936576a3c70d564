package project

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"localcloud/internal/writebehind"
)

// Bounds of the log.
const (
	logSize     = 16 << 20 // of one file; one older is kept
	logFollower = 1024     // writes that a slow follower may lag behind before it misses some
)

// Log is the project's log: lines reach the file a moment later, the file is rotated by its size, and
// followers see every line at once. Each Write is one whole line or several. Safe for concurrent use.
type Log struct {
	file   *rotated
	behind *writebehind.Writer // in front of file

	mu        sync.Mutex
	followers map[chan []byte]struct{}
	closed    bool
}

// OpenLog opens the log at path for appending. Lines also go to echo, where it is not nil.
func OpenLog(path string, echo io.Writer) (*Log, error) {
	file := &rotated{path: path}
	if err := file.open(); err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	var out io.Writer = file
	if echo != nil {
		out = io.MultiWriter(file, echo)
	}
	return &Log{file: file, behind: writebehind.New(out, 0), followers: make(map[chan []byte]struct{})}, nil
}

// Write takes lines.
func (l *Log) Write(lines []byte) (int, error) {
	l.mu.Lock()
	for follower := range l.followers {
		select {
		case follower <- bytes.Clone(lines):
		default: // it lags behind: the file has the line
		}
	}
	l.mu.Unlock()
	return l.behind.Write(lines)
}

// Close writes what is still to be written and ends the followers.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	for follower := range l.followers {
		close(follower)
	}
	l.followers = nil
	return errors.Join(l.behind.Close(), l.file.close())
}

// rotated is a file that is begun anew when it has become large; the one before it is kept.
type rotated struct {
	path string

	mu   sync.Mutex
	file *os.File
	size int64
}

// open opens the file for appending; mu is held, or nobody else knows it yet.
func (r *rotated) open() error {
	file, err := os.OpenFile(r.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	r.file, r.size = file, info.Size()
	return nil
}

// Write appends lines. A full disk loses lines, never a call.
func (r *rotated) Write(lines []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n, _ := r.file.Write(lines)
	if r.size += int64(n); r.size >= logSize && os.Rename(r.path, r.path+".1") == nil {
		old := r.file
		if r.open() == nil {
			old.Close()
		}
	}
	return len(lines), nil
}

func (r *rotated) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.file.Close()
}

// past opens what the files hold now, also what others wrote to them (a crash of this process).
func (r *rotated) past() past {
	r.mu.Lock()
	defer r.mu.Unlock()
	size := r.size
	if info, err := r.file.Stat(); err == nil {
		size = info.Size()
	}
	return openLogs(r.path, size)
}

// Copy writes the last tail lines that keep accepts (all for tail 0 or less), and then, with follow,
// what comes, until ctx or the log ends.
func (l *Log) Copy(ctx context.Context, w io.Writer, tail int, follow bool, keep func(line []byte) bool) error {
	lines := make(chan []byte, logFollower)
	l.mu.Lock()
	if err := l.behind.Flush(); err != nil {
		l.mu.Unlock()
		return err
	}
	past := l.file.past()
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
