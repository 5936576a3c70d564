package sqs

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"localcloud/images/sqs/queue"
	"localcloud/internal/journal"
)

// Records of the backend, behind those of the engine: a byte for the kind, the id of the queue in
// eight, and the rest as JSON.
const (
	recordQueue = queue.MaxRecordKind + 1 + iota // a queue with its properties, as they are
	recordGone                                   // a queue that was deleted
	recordTask                                   // a move task, as it is
)

// queueRecord is what is kept of a queue beside its messages.
type queueRecord struct {
	Account, Region, Name string
	Created, Modified     int64
	Attributes            map[string]string
	Tags                  map[string]string `json:",omitempty"`
}

// keep adds a queue and its properties to the log. changes is held.
func (b *Backend) keep(r *resource) uint64 {
	if b.records == nil {
		return 0
	}
	return b.records.Add(r.record())
}

func (b *Backend) keepGone(r *resource) uint64 {
	if b.records == nil {
		return 0
	}
	return b.records.Add(record(recordGone, r.ID(), nil))
}

func (r *resource) record() []byte {
	p := r.properties.Load()
	return record(recordQueue, r.ID(), queueRecord{
		r.account, r.region, r.name, r.created, p.modified, p.attributes.values, p.tags,
	})
}

func record(kind byte, id uint64, v any) []byte {
	head := binary.BigEndian.AppendUint64([]byte{kind}, id)
	if v == nil {
		return head
	}
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts and numbers only
	}
	return append(head, raw...)
}

// open replays the log in dir and begins the work of keeping it short.
func (b *Backend) open(dir string) error {
	b.records = &queue.Log{}
	replay := replay{backend: b, messages: queue.NewReplayer(), queues: make(map[uint64]*resource)}
	log, report, err := journal.Open(dir, replay.apply)
	if err != nil {
		return fmt.Errorf("sqs: %w", err)
	}
	if report.Dropped > 0 {
		b.log.Warn("sqs: the end of the log was not whole and is dropped", "bytes", report.Dropped)
	}
	b.journal = log
	b.records.Bind(log)
	for _, r := range replay.queues {
		b.registry.add(r)
	}
	b.tasks.resume(b)
	b.work.Go(b.compactor)
	return nil
}

// replay makes the queues of a log.
type replay struct {
	backend  *Backend
	messages *queue.Replayer
	queues   map[uint64]*resource
}

func (p *replay) apply(raw []byte) error {
	if len(raw) < 9 {
		return fmt.Errorf("record of %d bytes", len(raw))
	}
	id, rest := binary.BigEndian.Uint64(raw[1:]), raw[9:]
	switch raw[0] {
	case recordQueue:
		return p.queue(id, rest)
	case recordGone:
		delete(p.queues, id)
		p.messages.Remove(id)
		return nil
	case recordTask:
		return p.backend.tasks.restore(rest)
	}
	return p.messages.Replay(raw)
}

func (p *replay) queue(id uint64, raw []byte) error {
	var in queueRecord
	if err := json.Unmarshal(raw, &in); err != nil {
		return err
	}
	b := p.backend
	a, err := defaultAttributes(in.Attributes["FifoQueue"] == "true").restored(in.Attributes)
	if err != nil {
		return fmt.Errorf("attributes of %s: %w", in.Name, err)
	}
	r := p.queues[id]
	if r == nil {
		r = &resource{place: place{in.Account, in.Region}, name: in.Name, created: in.Created}
		r.Queue = queue.New(id, b.clock, b.records, b.configuration(&a, r.arn()))
		p.queues[id] = r
		p.messages.Add(r.Queue)
	} else {
		r.Replayed(b.configuration(&a, r.arn()))
	}
	r.properties.Store(&properties{attributes: a, tags: in.Tags, modified: in.Modified})
	return nil
}

// restored is the attributes that the log has kept.
func (a attributes) restored(values map[string]string) (attributes, error) {
	out, err := a.with(values)
	out.values = values
	return out, err
}

// When the log is compacted: it has grown by this much, and is more than twice what the latest
// snapshot wrote.
const compactAfter = 32 << 20

// compactor keeps the log short until the backend is closed.
func (b *Backend) compactor() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	var written int64
	for {
		select {
		case <-b.running.Done():
			return
		case <-ticker.C:
		}
		if size := b.journal.Size(); size < compactAfter || size < 2*written {
			continue
		}
		n, err := b.compact()
		if err != nil {
			b.log.Error("sqs: compaction of the log", "error", err)
		}
		written = n
	}
}

// compact replaces the log by what there is, and returns how many bytes that was.
func (b *Backend) compact() (written int64, err error) {
	b.compaction.Lock()
	defer b.compaction.Unlock()
	b.changes.Lock()
	snapshot, err := b.records.Begin()
	if err != nil {
		b.changes.Unlock()
		return 0, err
	}
	queues := b.registry.all()
	tasks := b.tasks.records()
	b.changes.Unlock()
	write := func(record []byte) {
		written += int64(len(record))
		snapshot.Write(record)
	}
	for _, r := range queues {
		write(r.record())
		r.Snapshot(write)
	}
	for _, task := range tasks {
		write(task)
	}
	return written, snapshot.Commit()
}
