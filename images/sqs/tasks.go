package sqs

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"sync"
)

// The states of a message move task.
const (
	running    = "RUNNING"
	cancelling = "CANCELLING"
	cancelled  = "CANCELLED"
	completed  = "COMPLETED"
	failed     = "FAILED"
)

// task moves the messages of a dead-letter queue. Its fields are guarded by tasks.mu, and written to
// the log as they are; ID, Source, Destination, Rate and Started are fixed.
type task struct {
	ID          string
	Source      string // ARN
	Destination string // ARN; "" for the queues that the messages come from
	Rate        int32  // messages a second; 0 for as fast as it goes
	Started     int64  // nanoseconds since 1970
	Status      string
	Moved       int64
	ToMove      int64
	Failure     string

	cancel context.CancelFunc // while it runs
}

func (t *task) active() bool { return t.Status == running || t.Status == cancelling }

// maxTasks is how many tasks of a queue are remembered: as many as ListMessageMoveTasks returns.
const maxTasks = 10

// tasks are the move tasks of all queues, by the ARN of their source, latest first.
type tasks struct {
	mu       sync.Mutex
	bySource map[string][]*task
}

func (ts *tasks) init() { ts.bySource = make(map[string][]*task) }

// handle is the opaque name of a task, which carries its source.
type handle struct {
	TaskID    string `json:"taskId"`
	SourceARN string `json:"sourceArn"`
}

func (t *task) handle() string {
	raw, err := json.Marshal(handle{t.ID, t.Source})
	if err != nil {
		panic(err) // two texts
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// add begins a task, unless another one of the same source is active.
func (ts *tasks) add(t *task) bool {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	list := ts.bySource[t.Source]
	if len(list) > 0 && list[0].active() {
		return false
	}
	list = slices.Insert(list, 0, t)
	ts.bySource[t.Source] = list[:min(len(list), maxTasks)]
	return true
}

// update changes a task and returns what it is then.
func (ts *tasks) update(t *task, f func()) task {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	f()
	return *t
}

func (ts *tasks) find(source, id string) *task {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for _, t := range ts.bySource[source] {
		if t.ID == id {
			return t
		}
	}
	return nil
}

// list returns the latest tasks of a source.
func (ts *tasks) list(source string, most int) []task {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	var out []task
	for _, t := range ts.bySource[source] {
		if len(out) < most {
			out = append(out, *t)
		}
	}
	return out
}

// forget cancels and drops all tasks.
func (ts *tasks) forget() {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for _, list := range ts.bySource {
		for _, t := range list {
			if t.cancel != nil {
				t.cancel()
			}
		}
	}
	clear(ts.bySource)
}

// records are the log's records of all tasks.
func (ts *tasks) records() [][]byte {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	var out [][]byte
	for _, list := range ts.bySource {
		for i := len(list) - 1; i >= 0; i-- {
			out = append(out, record(recordTask, 0, list[i]))
		}
	}
	return out
}

// restore takes a task in as the log tells of it.
func (ts *tasks) restore(raw []byte) error {
	t := &task{}
	if err := json.Unmarshal(raw, t); err != nil {
		return err
	}
	list := slices.DeleteFunc(ts.bySource[t.Source], func(old *task) bool { return old.ID == t.ID })
	list = append(list, t)
	slices.SortFunc(list, func(a, b *task) int { return cmp.Compare(b.Started, a.Started) })
	ts.bySource[t.Source] = list[:min(len(list), maxTasks)]
	return nil
}

// resume goes on with the tasks that were active when the log ended.
func (ts *tasks) resume(b *Backend) {
	for _, list := range ts.bySource {
		if t := list[0]; t.active() {
			b.run(t)
		}
	}
}
