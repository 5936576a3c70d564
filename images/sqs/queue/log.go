package queue

import (
	"sync"

	"localcloud/internal/journal"
)

// Log is the journal that all queues of a backend share. A nil Log keeps nothing.
// The zero value can be given to queues that are about to be replayed.
type Log struct {
	journal *journal.Log
	// moves is held for reading while a message changes queues, so that no compaction begins between
	// the two halves of that change.
	moves sync.RWMutex
}

// Bind says where the log writes; until then it must not be written to.
func (l *Log) Bind(journal *journal.Log) { l.journal = journal }

// Add puts a record at the end; it is called under the lock that orders the changes it tells of.
func (l *Log) Add(record []byte) uint64 {
	if l == nil {
		return 0
	}
	return l.journal.Add(record)
}

// Wait returns once the record of that number and all before are written.
func (l *Log) Wait(sequence uint64) error {
	if l == nil || sequence == 0 {
		return nil
	}
	return l.journal.Wait(sequence)
}

// Begin starts a compaction at a moment when no message is between two queues.
func (l *Log) Begin() (*journal.Snapshot, error) {
	l.moves.Lock()
	defer l.moves.Unlock()
	return l.journal.Begin()
}

// moving keeps compactions from beginning until the function it returns is called.
func (l *Log) moving() func() {
	if l == nil {
		return func() {}
	}
	l.moves.RLock()
	return l.moves.RUnlock
}
