package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

const bodyFolder = "bodies"

// Body is a run of bytes on disk, shared by the versions and parts that have it as content. The last
// reference that is given back frees its space.
type Body struct {
	id   uint64
	size int64
	refs atomic.Int32

	mu      sync.Mutex // guards segment and offset, which change when the segment is compacted
	segment *segment   // nil for a file of its own
	offset  int64

	before, after *Body // in the segment's list; guarded by the segment's mu
}

// Size is its length in bytes.
func (b *Body) Size() int64 { return b.size }

// acquire adds a reference unless the last one is already gone.
func (b *Body) acquire() bool {
	for {
		n := b.refs.Load()
		if n <= 0 {
			return false
		}
		if b.refs.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// where is the segment that holds the body, nil for a file of its own.
func (b *Body) where() (*segment, int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.segment, b.offset
}

// move gives a body that lies in a segment another place.
func (b *Body) move(to *segment, offset int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	err := b.segment.unlink(b)
	b.segment, b.offset = to, offset
	to.link(b)
	return err
}

func (s *Store) bodyPath(id uint64) string {
	name := fmt.Sprintf("%016x", id)
	return filepath.Join(s.dir, bodyFolder, name[14:], name)
}

// Release gives back one reference of each body.
func (s *Store) Release(bodies ...*Body) {
	for _, b := range bodies {
		if b.refs.Add(-1) != 0 {
			continue
		}
		if seg, _ := b.where(); seg != nil {
			if err := seg.unlink(b); err != nil {
				s.log.Error("remove segment", "error", err)
			}
		} else if err := os.Remove(s.bodyPath(b.id)); err != nil && !errors.Is(err, os.ErrNotExist) {
			s.log.Error("remove body", "error", err)
		}
	}
}

// readSmall reads all of a body that lies in a segment.
func (b *Body) readSmall() ([]byte, error) {
	content := make([]byte, b.size)
	for {
		seg, offset := b.where()
		_, err := seg.file.ReadAt(content, offset)
		if errors.Is(err, os.ErrClosed) { // compacted meanwhile: it has moved
			if now, _ := b.where(); now != seg {
				continue
			}
		}
		if err != nil {
			return nil, fmt.Errorf("read body: %w", err)
		}
		return content, nil
	}
}

// Content is an open body or a range of several, one after the other. It must be closed. WriteTo
// hands files to the writer as they are, so that a socket can send them without copying.
type Content struct {
	store  *Store
	held   []*Body // references to give back
	rest   []*Body // not begun yet
	skip   int64   // of the first of rest
	left   int64   // bytes still to deliver
	file   *os.File
	reader io.Reader
}

// Open returns length bytes of the version's content from offset on. The version must be held.
func (h *Held) Open(offset, length int64) *Content {
	c := &Content{store: h.store, held: h.bodies, rest: h.bodies, left: length}
	h.bodies = nil // given back by Close
	for len(c.rest) > 0 && offset >= c.rest[0].size {
		offset -= c.rest[0].size
		c.rest = c.rest[1:]
	}
	c.skip = offset
	return c
}

// advance opens the next body.
func (c *Content) advance() error {
	if err := c.shut(); err != nil {
		return err
	}
	if c.left <= 0 {
		return io.EOF
	}
	if len(c.rest) == 0 {
		return io.ErrUnexpectedEOF
	}
	body, skip := c.rest[0], c.skip
	c.rest, c.skip = c.rest[1:], 0
	n := min(body.size-skip, c.left)
	c.left -= n
	if seg, _ := body.where(); seg != nil {
		content, err := body.readSmall()
		if err != nil {
			return err
		}
		c.reader = &small{content: content[skip : skip+n]}
		return nil
	}
	file, err := os.Open(c.store.bodyPath(body.id))
	if err != nil {
		return fmt.Errorf("open body: %w", err)
	}
	c.file = file
	if skip > 0 {
		if _, err := file.Seek(skip, io.SeekStart); err != nil {
			return fmt.Errorf("open body: %w", err)
		}
	}
	c.reader = &io.LimitedReader{R: file, N: n}
	return nil
}

func (c *Content) shut() error {
	c.reader = nil
	if c.file == nil {
		return nil
	}
	err := c.file.Close()
	c.file = nil
	return err
}

// Read implements io.Reader.
func (c *Content) Read(p []byte) (int, error) {
	for {
		if c.reader == nil {
			if err := c.advance(); err != nil {
				return 0, err
			}
		}
		n, err := c.reader.Read(p)
		if err == io.EOF {
			c.reader = nil
			if n == 0 {
				continue
			}
			err = nil
		}
		return n, err
	}
}

// WriteTo implements io.WriterTo.
func (c *Content) WriteTo(w io.Writer) (int64, error) {
	var written int64
	for {
		if c.reader == nil {
			if err := c.advance(); err == io.EOF {
				return written, nil
			} else if err != nil {
				return written, err
			}
		}
		n, err := io.Copy(w, c.reader)
		written += n
		if err != nil {
			return written, err
		}
		c.reader = nil
	}
}

// Close gives the content back.
func (c *Content) Close() error {
	err := c.shut()
	c.store.Release(c.held...)
	c.held, c.rest, c.left = nil, nil, 0
	return err
}

// small reads from memory and writes itself at once.
type small struct{ content []byte }

func (s *small) Read(p []byte) (int, error) {
	if len(s.content) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.content)
	s.content = s.content[n:]
	return n, nil
}

func (s *small) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(s.content)
	s.content = s.content[n:]
	return int64(n), err
}
