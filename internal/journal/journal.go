// Package journal is an append log with checksums, compacted while it is in use. What Wait has
// acknowledged survives a kill of the process at any moment; a torn tail is recognised and dropped
// when the log is opened again.
//
// A log is a folder of numbered files: N.snap holds the state as it was when N.log was begun, N.log
// what has happened since. Opening replays the newest complete snapshot and every log from there on.
package journal

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// MaxRecord is the length in bytes that a record may have.
const MaxRecord = 64 << 20

const frameHeader = 8 // length and CRC-32C, four bytes each, little endian

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ErrClosed is returned by calls on a log that was closed.
var ErrClosed = errors.New("journal: closed")

// Log is an open append log. Safe for concurrent use.
type Log struct {
	dir string

	mu      sync.Mutex
	done    sync.Cond // a write has ended
	file    *os.File
	number  int64
	buffer  []byte // added, not yet written
	spare   []byte
	added   uint64 // sequence number of the last record added
	written uint64
	writing bool
	size    int64
	failed  []failure
	err     error // sticky: the log is closed, or its end is unknown
}

// failure is a batch that could not be written (the disk is full) and was taken back.
type failure struct {
	from, to uint64
	err      error
}

const maxFailures = 64 // kept for callers that have not asked yet

// Report says what Open found.
type Report struct {
	Records int
	// Dropped is the number of bytes at the end of a log that were no whole record; 0 after a clean end.
	Dropped int64
}

// Open opens the log in dir, which is made where it does not exist, after it has passed every record
// to replay in the order of Add. The slice is valid during the call only. A second process must not
// open the same folder.
func Open(dir string, replay func(record []byte) error) (*Log, Report, error) {
	var report Report
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, report, fmt.Errorf("open journal: %w", err)
	}
	files, err := list(dir)
	if err != nil {
		return nil, report, fmt.Errorf("open journal: %w", err)
	}
	l := &Log{dir: dir, number: files.last()}
	l.done.L = &l.mu
	for _, path := range files.replayed(dir) {
		records, dropped, err := replayFile(path, replay)
		report.Records += records
		report.Dropped += dropped
		if err != nil {
			return nil, report, fmt.Errorf("replay %s: %w", filepath.Base(path), err)
		}
	}
	if err := files.removeOld(dir); err != nil {
		return nil, report, fmt.Errorf("open journal: %w", err)
	}
	l.file, err = os.OpenFile(logPath(dir, l.number), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, report, fmt.Errorf("open journal: %w", err)
	}
	if l.size, err = l.file.Seek(0, io.SeekEnd); err != nil {
		return nil, report, errors.Join(err, l.file.Close())
	}
	return l, report, nil
}

// Add puts a record at the end of the log and returns its sequence number for Wait. It only copies
// the record, so that it can be called under the lock that orders the changes.
func (l *Log) Add(record []byte) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.added++
	if len(record) > MaxRecord {
		err := fmt.Errorf("journal: record of %d bytes is longer than %d", len(record), MaxRecord)
		l.failed = append(l.failed, failure{from: l.added, to: l.added, err: err})
		return l.added
	}
	l.buffer = appendFrame(l.buffer, record)
	return l.added
}

// Wait returns once the record of that number and all before it are written. Callers that wait at
// the same time share one write. After an error the record is not in the log and later ones can be added.
func (l *Log) Wait(sequence uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.written < sequence && l.err == nil {
		if l.writing {
			l.done.Wait()
			continue
		}
		l.flush()
	}
	if l.written < sequence {
		return l.err
	}
	for _, f := range l.failed {
		if f.from <= sequence && sequence <= f.to {
			return f.err
		}
	}
	return nil
}

// Append is Add and Wait.
func (l *Log) Append(record []byte) error { return l.Wait(l.Add(record)) }

// Size is the length in bytes of what has been written since the last snapshot; it tells when a
// compaction is worth its while.
func (l *Log) Size() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.size
}

// Close writes what was added and closes the log.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settle()
	if errors.Is(l.err, ErrClosed) {
		return nil
	}
	err := errors.Join(l.err, l.file.Close())
	l.err = ErrClosed
	return err
}

// flush writes the buffer; mu is held, but not while the file is written.
func (l *Log) flush() {
	batch, upTo, file := l.buffer, l.added, l.file
	l.buffer, l.spare, l.writing = l.spare[:0], nil, true
	l.mu.Unlock()
	n, err := file.Write(batch)
	l.mu.Lock()
	l.writing = false
	if cap(batch) <= 1<<20 { // a rare huge batch is not kept
		l.spare = batch
	}
	if err == nil {
		l.size += int64(n)
	} else {
		l.takeBack(upTo, fmt.Errorf("write journal: %w", err))
	}
	l.written = upTo
	l.done.Broadcast()
}

// takeBack cuts off what a failed write has left and keeps its error for those who wait.
func (l *Log) takeBack(upTo uint64, err error) {
	if cut := l.file.Truncate(l.size); cut != nil {
		l.err = errors.Join(err, cut)
	}
	l.failed = append(l.failed, failure{from: l.written + 1, to: upTo, err: err})
	if len(l.failed) > maxFailures {
		l.failed = l.failed[1:]
	}
}

// settle waits for a write that is under way and writes the rest; mu is held.
func (l *Log) settle() {
	for l.err == nil && (l.writing || l.written < l.added) {
		if l.writing {
			l.done.Wait()
			continue
		}
		l.flush()
	}
}

func appendFrame(b, record []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(record)))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(record, castagnoli))
	return append(b, record...)
}

// replayFile passes the records of one file on and cuts off a torn tail.
func replayFile(path string, replay func([]byte) error) (records int, dropped int64, err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return 0, 0, err
	}
	reader := bufio.NewReaderSize(file, 1<<16)
	var good int64
	var record []byte
	for {
		record, err = readFrame(reader, record, info.Size()-good)
		if err != nil {
			break
		}
		if err := replay(record); err != nil {
			return records, 0, fmt.Errorf("record %d: %w", records+1, err)
		}
		good += frameHeader + int64(len(record))
		records++
	}
	if dropped = info.Size() - good; dropped > 0 {
		return records, dropped, file.Truncate(good)
	}
	return records, 0, nil
}

func readFrame(r io.Reader, into []byte, left int64) ([]byte, error) {
	var header [frameHeader]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return into, err
	}
	length := int64(binary.LittleEndian.Uint32(header[:4]))
	if length > left-frameHeader || length > MaxRecord {
		return into, io.ErrUnexpectedEOF
	}
	if int64(cap(into)) < length {
		into = make([]byte, length)
	}
	into = into[:length]
	if _, err := io.ReadFull(r, into); err != nil {
		return into, err
	}
	if crc32.Checksum(into, castagnoli) != binary.LittleEndian.Uint32(header[4:]) {
		return into, io.ErrUnexpectedEOF
	}
	return into, nil
}
