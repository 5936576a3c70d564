package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

const segmentFolder = "segments"

// segments is the set of all segments of a store; at most one of them takes appends.
type segments struct {
	dir  string
	full int64

	mu     sync.Mutex
	number uint64 // of the newest
	active *segment
	all    map[uint64]*segment
	err    error // the first failure in the background

	wake  chan struct{}
	done  chan struct{}
	ended sync.WaitGroup

	waitingMu sync.Mutex // taken under a segment's mu
	waiting   []*segment // for compaction
}

func openSegments(dir string, full int64) (*segments, error) {
	set := &segments{dir: dir, full: full, all: make(map[uint64]*segment), wake: make(chan struct{}, 1), done: make(chan struct{})}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		base, found := strings.CutSuffix(entry.Name(), ".seg")
		number, err := strconv.ParseUint(base, 16, 64)
		if !found || err != nil {
			continue
		}
		if err := set.adopt(number); err != nil {
			return nil, errors.Join(err, set.close())
		}
	}
	return set, nil
}

// adopt opens a segment of an earlier process; sweep decides whether it stays.
func (set *segments) adopt(number uint64) error {
	file, err := os.OpenFile(set.path(number), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	set.all[number] = &segment{number: number, file: file, set: set, size: info.Size()}
	set.number = max(set.number, number)
	return nil
}

func (set *segments) path(number uint64) string {
	return filepath.Join(set.dir, fmt.Sprintf("%08x.seg", number))
}

// find returns the segment with that number, or nil.
func (set *segments) find(number uint64) *segment {
	set.mu.Lock()
	defer set.mu.Unlock()
	return set.all[number]
}

// lost stands in for a segment that a log names and that is not there: reading from it fails.
func (set *segments) lost(number uint64) *segment {
	return &segment{number: number, set: set} // a nil file answers os.ErrInvalid
}

// sweep, called once after bodies of an earlier process are linked, goes on with the newest segment
// and seals the others, which removes those without bodies.
func (set *segments) sweep() {
	var sealed []*segment
	set.mu.Lock()
	for number, g := range set.all {
		if number == set.number && g.size < set.full/2 && g.first != nil {
			set.active = g
		} else {
			sealed = append(sealed, g)
		}
	}
	set.mu.Unlock()
	for _, g := range sealed {
		g.seal()
	}
}

// append writes the content to the active segment and returns where. The caller links a body to the
// segment and then calls settled.
func (set *segments) append(content []byte) (*segment, int64, error) {
	g, offset, err := set.room(int64(len(content)))
	if err != nil {
		return nil, 0, err
	}
	if _, err := g.file.WriteAt(content, offset); err != nil {
		g.settled()
		return nil, 0, err
	}
	return g, offset, nil
}

// room gives out n bytes of the active segment.
func (set *segments) room(n int64) (*segment, int64, error) {
	set.mu.Lock()
	if set.all == nil {
		set.mu.Unlock()
		return nil, 0, os.ErrClosed
	}
	var full *segment
	if g := set.active; g != nil && g.size+n > set.full { // only room changes the size of the active one
		full, set.active = g, nil
	}
	if set.active == nil {
		if err := set.begin(); err != nil {
			set.active = full
			set.mu.Unlock()
			return nil, 0, err
		}
	}
	g := set.active
	g.mu.Lock()
	offset := g.size
	g.size += n
	g.pending++
	g.mu.Unlock()
	set.mu.Unlock()
	if full != nil {
		full.seal()
	}
	return g, offset, nil
}

// begin makes a new active segment; mu is held.
func (set *segments) begin() error {
	number := set.number + 1
	file, err := os.OpenFile(set.path(number), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	set.number = number
	set.active = &segment{number: number, file: file, set: set}
	set.all[number] = set.active
	return nil
}

func (set *segments) forget(g *segment) {
	set.mu.Lock()
	defer set.mu.Unlock()
	delete(set.all, g.number)
}

// queue has the segment compacted in the background. It is called under the segment's lock.
func (set *segments) queue(g *segment) {
	set.waitingMu.Lock()
	set.waiting = append(set.waiting, g)
	set.waitingMu.Unlock()
	select {
	case set.wake <- struct{}{}:
	default:
	}
}

// start compacts segments in the background with move, which moves bodies to the active segment.
func (set *segments) start(move func([]*Body) error) {
	set.ended.Go(func() {
		for {
			select {
			case <-set.done:
				return
			case <-set.wake:
			}
			set.waitingMu.Lock()
			waiting := set.waiting
			set.waiting = nil
			set.waitingMu.Unlock()
			for _, g := range waiting {
				if err := move(g.bodies()); err != nil {
					set.failed(err)
				}
			}
		}
	})
}

// stop ends the compaction.
func (set *segments) stop() {
	close(set.done)
	set.ended.Wait()
}

func (set *segments) failed(err error) {
	set.mu.Lock()
	defer set.mu.Unlock()
	if set.err == nil {
		set.err = err
	}
}

func (set *segments) close() error {
	set.mu.Lock()
	defer set.mu.Unlock()
	errs := []error{set.err}
	for _, g := range set.all {
		errs = append(errs, g.file.Close())
	}
	set.all, set.active = nil, nil
	return errors.Join(errs...)
}
