package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"localcloud/orchestrator"
)

// maxLog is the size past which a log loses its older half. It is looked at as often as trimPace, and
// at each start.
const (
	maxLog   = 16 << 20
	trimPace = 10 * time.Second
)

// tend keeps the log of a running program from growing without end.
func tend(path string, done <-chan struct{}, log *slog.Logger) {
	ticker := time.NewTicker(trimPace)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
		}
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		if err == nil {
			err = errors.Join(trim(file), file.Close())
		}
		if err != nil {
			log.Warn("a log could not be trimmed", "path", path, "error", err)
		}
	}
}

// trim keeps the last part of a log that has grown too large.
func trim(log *os.File) error {
	info, err := log.Stat()
	if err != nil || info.Size() < maxLog {
		return err
	}
	old, err := os.Open(log.Name())
	if err != nil {
		return err
	}
	defer old.Close()
	rest, err := io.ReadAll(io.NewSectionReader(old, info.Size()-maxLog/2, maxLog/2))
	if err != nil {
		return err
	}
	if _, after, ok := bytes.Cut(rest, []byte{'\n'}); ok {
		rest = after
	}
	if err := log.Truncate(0); err != nil {
		return err
	}
	_, err = log.Write(rest)
	return err
}

// logReader reads a log file, and goes on as it grows where asked to.
type logReader struct {
	file   *os.File
	follow <-chan struct{} // closed when there is no more to come; nil without Follow
	ticker *time.Ticker
	cancel <-chan struct{} // ends the reading
	once   sync.Once
}

// followPace is how often a log is looked at for more.
const followPace = 100 * time.Millisecond

func readLog(ctx context.Context, path string, options orchestrator.LogOptions, done <-chan struct{}) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	if options.Tail > 0 {
		if err := seekTail(file, options.Tail); err != nil {
			return nil, errors.Join(fmt.Errorf("read the log: %w", err), file.Close())
		}
	}
	if !options.Follow {
		return file, nil
	}
	return &logReader{file: file, follow: done, ticker: time.NewTicker(followPace), cancel: ctx.Done()}, nil
}

// seekTail moves to the beginning of the last lines.
func seekTail(file *os.File, lines int) error {
	end, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	buffer := make([]byte, 32<<10)
	position, newlines := end, 0
	for position > 0 {
		n := min(position, int64(len(buffer)))
		position -= n
		if _, err := file.ReadAt(buffer[:n], position); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		for i := n - 1; i >= 0; i-- {
			if buffer[i] != '\n' || position+i == end-1 {
				continue
			}
			if newlines++; newlines == lines {
				_, err := file.Seek(position+i+1, io.SeekStart)
				return err
			}
		}
	}
	_, err = file.Seek(0, io.SeekStart)
	return err
}

func (l *logReader) Read(p []byte) (int, error) {
	ended := false
	for {
		n, err := l.file.Read(p)
		if n > 0 || err != nil && !errors.Is(err, io.EOF) {
			return n, err
		}
		if ended {
			return 0, io.EOF
		}
		if err := l.rewind(); err != nil {
			return 0, err
		}
		select {
		case <-l.ticker.C:
		case <-l.follow:
			ended = true // once more, for what came last
		case <-l.cancel:
			ended = true
		}
	}
}

// rewind goes back to the beginning of a log that was trimmed meanwhile.
func (l *logReader) rewind() error {
	position, err := l.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	info, err := l.file.Stat()
	if err == nil && info.Size() < position {
		_, err = l.file.Seek(0, io.SeekStart)
	}
	return err
}

func (l *logReader) Close() error {
	var err error
	l.once.Do(func() {
		l.ticker.Stop()
		err = l.file.Close()
	})
	return err
}
