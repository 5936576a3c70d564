package store

import (
	"errors"
	"os"
	"sync"
)

// segment is a file that small bodies are appended to. It is sealed when it is full; when all of its
// bodies are gone it is removed, and when most are, the rest is moved to another one.
type segment struct {
	number uint64
	file   *os.File
	set    *segments

	mu      sync.Mutex
	size    int64 // bytes given out
	live    int64 // bytes of bodies that still have references
	pending int   // appends whose body is not linked yet
	sealed  bool
	queued  bool // waits for compaction
	gone    bool
	first   *Body
}

// link counts the body as live.
func (g *segment) link(b *Body) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.live += b.size
	b.before, b.after = nil, g.first
	if g.first != nil {
		g.first.before = b
	}
	g.first = b
}

// unlink counts the body as dead and removes the segment, or has it compacted, where that is due.
func (g *segment) unlink(b *Body) error {
	g.mu.Lock()
	if b.before != nil {
		b.before.after = b.after
	} else {
		g.first = b.after
	}
	if b.after != nil {
		b.after.before = b.before
	}
	b.before, b.after = nil, nil
	g.live -= b.size
	return g.tidy()
}

// settled ends an append: its body is linked, or it failed.
func (g *segment) settled() {
	g.mu.Lock()
	g.pending--
	if err := g.tidy(); err != nil {
		g.set.failed(err)
	}
}

// tidy gives mu back.
func (g *segment) tidy() error {
	if !g.sealed || g.pending > 0 || g.gone {
		g.mu.Unlock()
		return nil
	}
	if g.live == 0 {
		g.gone = true
		g.mu.Unlock()
		g.set.forget(g)
		return errors.Join(os.Remove(g.file.Name()), g.file.Close())
	}
	if !g.queued && g.live < g.size/2 {
		g.queued = true
		g.set.queue(g)
	}
	g.mu.Unlock()
	return nil
}

// bodies returns the live bodies with a reference of each.
func (g *segment) bodies() []*Body {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.queued = false
	var held []*Body
	for b := g.first; b != nil; b = b.after {
		if b.acquire() {
			held = append(held, b)
		}
	}
	return held
}

// seal says that nothing more is appended.
func (g *segment) seal() {
	g.mu.Lock()
	g.sealed = true
	if err := g.tidy(); err != nil {
		g.set.failed(err)
	}
}
