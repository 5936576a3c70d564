package delivery

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// spill is the part of a queue that lies on disk, in a file that goes when it is empty.
type spill struct {
	dir   string
	limit int64 // of the file, in bytes

	file  *os.File
	start int64 // of the oldest entry
	end   int64
	count int
}

const spillPattern = "spill-*"

func removeSpills(dir string) error {
	old, err := filepath.Glob(filepath.Join(dir, spillPattern))
	if err != nil {
		return err
	}
	for _, path := range old {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

func (s *spill) push(e entry) error {
	record := encodeAdd(e.id, e.message)
	if s.end+int64(len(record))+4 > s.limit {
		return errFull
	}
	if s.file == nil {
		file, err := os.CreateTemp(s.dir, spillPattern)
		if err != nil {
			return fmt.Errorf("spill: %w", err)
		}
		s.file = file
	}
	frame := append(binary.LittleEndian.AppendUint32(nil, uint32(len(record))), record...)
	if _, err := s.file.WriteAt(frame, s.end); err != nil {
		return fmt.Errorf("spill: %w", err)
	}
	s.end += int64(len(frame))
	s.count++
	return nil
}

func (s *spill) pop() (entry, bool, error) {
	if s.count == 0 {
		return entry{}, false, nil
	}
	e, size, err := s.read()
	if err != nil {
		return entry{}, false, errors.Join(fmt.Errorf("read spill: %w", err), s.close())
	}
	s.start += size
	if s.count--; s.count == 0 {
		return e, true, s.close()
	}
	return e, true, nil
}

func (s *spill) read() (entry, int64, error) {
	var length [4]byte
	if _, err := s.file.ReadAt(length[:], s.start); err != nil {
		return entry{}, 0, err
	}
	record := make([]byte, binary.LittleEndian.Uint32(length[:]))
	if _, err := s.file.ReadAt(record, s.start+4); err != nil && !errors.Is(err, io.EOF) {
		return entry{}, 0, err
	}
	id, m, _, err := decodeRecord(record)
	return entry{id: id, message: m}, int64(len(record)) + 4, err
}

// close removes the file and what it holds.
func (s *spill) close() error {
	if s.file == nil {
		return nil
	}
	err := errors.Join(s.file.Close(), os.Remove(s.file.Name()))
	s.file, s.start, s.end, s.count = nil, 0, 0, 0
	return err
}
