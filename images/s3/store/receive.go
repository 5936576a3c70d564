package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// Small is the length up to which bodies share segments.
const Small = 64 << 10

const chunk = 256 << 10

var (
	smallBuffers = sync.Pool{New: func() any { return new([Small]byte) }}
	chunkBuffers = sync.Pool{New: func() any { return new([chunk]byte) }}
)

// Receive stores what r delivers until its end; sum sees every byte on the way and may be nil. size
// is the expected length, or -1. The caller owns one reference of the bodies, of which there is none
// for an empty content and else one. After an error nothing is left.
func (s *Store) Receive(r io.Reader, size int64, sum io.Writer) ([]*Body, error) {
	if size > Small {
		return s.receiveFile(r, nil, sum)
	}
	buffer := smallBuffers.Get().(*[Small]byte)
	defer smallBuffers.Put(buffer)
	n, err := fill(r, buffer[:], size)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if sum != nil {
		if _, err := sum.Write(buffer[:n]); err != nil {
			return nil, err
		}
	}
	if err == nil { // more than fits
		return s.receiveFile(r, buffer[:n], sum)
	}
	if n == 0 {
		return nil, nil
	}
	return s.keep(buffer[:n])
}

// fill reads until the end of r (io.EOF) or until the buffer is full and more would come (nil).
func fill(r io.Reader, buffer []byte, size int64) (int, error) {
	n := 0
	for n < len(buffer) {
		m, err := r.Read(buffer[n:])
		n += m
		if err != nil {
			return n, err
		}
		if size == int64(n) { // the end is due: one more read sees it, and trailers after it
			var extra [1]byte
			m, err := r.Read(extra[:])
			if m > 0 {
				return n, fmt.Errorf("receive: more than %d bytes", size)
			}
			if err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// keep puts a small content into a segment.
func (s *Store) keep(content []byte) ([]*Body, error) {
	seg, offset, err := s.segments.append(content)
	if err != nil {
		return nil, fmt.Errorf("store body: %w", err)
	}
	b := &Body{id: s.next(), size: int64(len(content)), segment: seg, offset: offset}
	b.refs.Store(1)
	seg.link(b)
	seg.settled()
	return []*Body{b}, nil
}

// receiveFile stores head, which sum has seen, and what r still delivers in a file of its own.
func (s *Store) receiveFile(r io.Reader, head []byte, sum io.Writer) (bodies []*Body, err error) {
	b := &Body{id: s.next()}
	path := s.bodyPath(b.id)
	file, err := create(path)
	if err != nil {
		return nil, fmt.Errorf("store body: %w", err)
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			bodies, err = nil, errors.Join(err, os.Remove(path))
		}
	}()
	if _, err := file.Write(head); err != nil {
		return nil, fmt.Errorf("store body: %w", err)
	}
	b.size = int64(len(head))
	buffer := chunkBuffers.Get().(*[chunk]byte)
	defer chunkBuffers.Put(buffer)
	for {
		n, rerr := readChunk(r, buffer[:])
		if n > 0 && sum != nil {
			if _, err := sum.Write(buffer[:n]); err != nil {
				return nil, err
			}
		}
		if n > 0 {
			if _, err := file.Write(buffer[:n]); err != nil {
				return nil, fmt.Errorf("store body: %w", err)
			}
		}
		b.size += int64(n)
		if rerr == io.EOF {
			break
		}
		if rerr != nil {
			return nil, rerr
		}
	}
	b.refs.Store(1)
	return []*Body{b}, nil
}

// readChunk fills the buffer as far as r delivers, so that writes are large; unlike io.ReadFull it
// keeps errors as they are.
func readChunk(r io.Reader, buffer []byte) (int, error) {
	n := 0
	for n < len(buffer) {
		m, err := r.Read(buffer[n:])
		n += m
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func create(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
		file, err = os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	}
	return file, err
}
