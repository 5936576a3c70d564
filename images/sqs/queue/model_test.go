package queue

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"localcloud/internal/clock"
	"localcloud/internal/journal"
)

// model is a queue as plainly as can be: a list that is searched.
type model struct {
	fifo     bool
	messages []*modelMessage
	now      time.Duration
}

type modelMessage struct {
	body, group  string
	due          time.Duration // invisible until then
	waiting      bool          // delayed, not in flight
	receives     int
	sent, latest time.Duration
}

func (m *model) visible(x *modelMessage) bool { return x.due <= m.now }

func (m *model) expire(retention time.Duration) {
	m.messages = slices.DeleteFunc(m.messages, func(x *modelMessage) bool { return x.sent+retention <= m.now })
}

func (m *model) counts() (c Counts) {
	for _, x := range m.messages {
		switch {
		case m.visible(x):
			c.Visible++
		case x.waiting:
			c.Delayed++
		default:
			c.InFlight++
		}
	}
	return c
}

// blocked reports whether a message of the same group that was sent before is invisible.
func (m *model) blocked(x *modelMessage) bool {
	for _, y := range m.messages {
		if y == x {
			return false
		}
		if m.fifo && y.group == x.group && !m.visible(y) {
			return true
		}
	}
	return false
}

// available are the bodies that a receive of everything returns, in the order of their arrival.
func (m *model) available() []*modelMessage {
	var out []*modelMessage
	for _, x := range m.messages {
		if m.visible(x) && !m.blocked(x) {
			out = append(out, x)
		}
	}
	return out
}

func (m *model) find(body string) *modelMessage {
	for _, x := range m.messages {
		if x.body == body {
			return x
		}
	}
	return nil
}

// trial does random things to a queue and to the model of it.
type trial struct {
	*testing.T
	*rand.Rand
	model
	clock  *clock.Clock
	queue  *Queue
	config Config
	held   []Delivery
	sent   int
}

func (t *trial) step() {
	switch t.IntN(10) {
	case 0, 1, 2:
		t.send()
	case 3, 4, 5:
		t.receive()
	case 6:
		t.remove()
	case 7:
		t.change()
	case 8:
		d := time.Duration(t.IntN(4)) * time.Second
		t.clock.Advance(d)
		t.now += d
		t.expire(t.config.Retention)
	case 9:
		if t.IntN(40) == 0 {
			if err := t.queue.Purge(); err != nil {
				t.Fatal(err)
			}
			t.messages = nil
		}
	}
	if got, want := t.queue.Counts(), t.counts(); got != want {
		t.Fatalf("counts %+v, want %+v", got, want)
	}
}

func (t *trial) send() {
	t.sent++
	x := &modelMessage{body: fmt.Sprint("m", t.sent), group: fmt.Sprint(t.IntN(4)), sent: t.now, due: t.now}
	m := fifoMessage(x.group, x.body)
	if !t.fifo && t.IntN(3) == 0 {
		d := time.Duration(t.IntN(6)) * time.Second
		m.DelayBy(d)
		x.due, x.waiting = t.now+d, d > 0
	}
	if err := t.queue.Send(m); err != nil {
		t.Fatal(err)
	}
	t.messages = append(t.messages, x)
}

func (t *trial) receive() {
	most, visibility := 1+t.IntN(10), time.Duration(t.IntN(6))*time.Second
	got, err := t.queue.Receive(t.Context(), Request{Max: most, Visibility: visibility})
	if err != nil {
		t.Fatal(err)
	}
	available := t.available()
	if len(got) != min(most, len(available)) {
		t.Fatalf("received %v, available are %d", bodies(got), len(available))
	}
	next := make(map[string]int) // how many of each group came
	for i, d := range got {
		x := t.find(d.Body)
		if x == nil || !slices.Contains(available, x) {
			t.Fatalf("%s is not to be had", d.Body)
		}
		if !t.fifo && available[i] != x {
			t.Fatalf("received %s, want %s", d.Body, available[i].body)
		}
		if t.fifo {
			group := slices.DeleteFunc(slices.Clone(available), func(y *modelMessage) bool { return y.group != x.group })
			if group[next[x.group]] != x {
				t.Fatalf("received %s before %s", d.Body, group[next[x.group]].body)
			}
			next[x.group]++
		}
		x.receives++
		if int(d.Receives) != x.receives {
			t.Fatalf("%s was received %d times, want %d", d.Body, d.Receives, x.receives)
		}
	}
	for _, d := range got {
		x := t.find(d.Body)
		x.due, x.waiting, x.latest = t.now+visibility, false, t.now
	}
	t.held = append(t.held, got...)
	if len(t.held) > 50 {
		t.held = t.held[len(t.held)-50:]
	}
}

// current reports whether a receipt still counts in a FIFO queue.
func (t *trial) current(d Delivery, x *modelMessage) bool {
	return !t.fifo || !t.visible(x) && int(d.receipt.handle) == x.receives
}

func (t *trial) remove() {
	if len(t.held) == 0 {
		return
	}
	d := t.held[t.IntN(len(t.held))]
	errs, err := t.queue.Delete(d.Handle())
	if err != nil {
		t.Fatal(err)
	}
	x := t.find(d.Body)
	deletes := x != nil && t.current(d, x)
	if deletes != (errs[0] == nil && x != nil) {
		t.Fatalf("delete %s: %v", d.Body, errs[0])
	}
	if deletes {
		t.messages = slices.DeleteFunc(t.messages, func(y *modelMessage) bool { return y == x })
	}
}

func (t *trial) change() {
	if len(t.held) == 0 {
		return
	}
	d, visibility := t.held[t.IntN(len(t.held))], time.Duration(t.IntN(6))*time.Second
	errs, err := t.queue.ChangeVisibility(Change{d.Handle(), visibility})
	if err != nil {
		t.Fatal(err)
	}
	x := t.find(d.Body)
	changes := x != nil && t.current(d, x)
	if changes != (errs[0] == nil) {
		t.Fatalf("change %s: %v", d.Body, errs[0])
	}
	if changes {
		x.due, x.waiting = t.now+visibility, false
	}
}

// TestAgainstModel compares queues with the model of them.
func TestAgainstModel(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			trial := newTrial(t, seed, nil)
			for range 400 {
				trial.step()
			}
		})
	}
}

func newTrial(t *testing.T, seed uint64, log *Log) *trial {
	config := standard()
	config.FIFO, config.Retention = seed%2 == 1, 25*time.Second
	x := &trial{T: t, Rand: rand.New(rand.NewPCG(seed, 1)), clock: &clock.Clock{}, config: config}
	x.model.fifo = config.FIFO
	x.queue = New(seed+1, x.clock, log, config)
	return x
}

// TestReplay does random things to a queue, writes snapshots now and then, and compares the queue with
// what the log makes of it.
func TestReplay(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dir, log := t.TempDir(), &Log{}
			file, _, err := journal.Open(dir, func([]byte) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
			log.Bind(file)
			x := newTrial(t, seed, log)
			for range 300 {
				x.step()
				if x.IntN(60) == 0 {
					snapshot, err := log.Begin()
					if err != nil {
						t.Fatal(err)
					}
					x.step() // it goes on meanwhile
					x.queue.Snapshot(snapshot.Write)
					if err := snapshot.Commit(); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := file.Close(); err != nil {
				t.Fatal(err)
			}
			again := New(seed+1, x.clock, nil, x.config)
			replayer := NewReplayer()
			replayer.Add(again)
			file, _, err = journal.Open(dir, replayer.Replay)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			if diff := cmp.Diff(x.queue.dump(), again.dump()); diff != "" {
				t.Fatalf("replayed (-queue +replayed):\n%s", diff)
			}
		})
	}
}

// dump is all that must survive.
func (q *Queue) dump() (lines []string) {
	lines = append(lines, fmt.Sprint(q.Counts(), q.number))
	for _, s := range q.Peek() {
		m := s.Message
		lines = append(lines, fmt.Sprint(m.Body, m.Sent, *m.Extra, m.number, m.due, m.first, m.received, m.receives, m.handles, m.state))
	}
	if q.fifo != nil {
		lines = append(lines, fmt.Sprint(len(q.fifo.seen.entries), len(q.fifo.groups)))
	}
	return lines
}

// FuzzReplay replays broken records; none may harm.
func FuzzReplay(f *testing.F) {
	q, _ := newQueue(ordered())
	m := fifoMessage("g", "body")
	m.Attributes = []Attribute{{Name: "a", Type: "String", Value: "v"}}
	if err := q.Send(m); err != nil {
		f.Fatal(err)
	}
	q.Snapshot(func(record []byte) { f.Add(slices.Clone(record)) })
	f.Add([]byte{opMove})
	f.Fuzz(func(t *testing.T, record []byte) {
		again, _ := newQueue(ordered())
		replayer := NewReplayer()
		replayer.Add(again)
		if replayer.Replay(record) != nil {
			return
		}
		again.Counts()
		if _, err := again.Receive(t.Context(), Request{Max: 10, Visibility: -1}); err != nil {
			t.Error(err)
		}
	})
}
