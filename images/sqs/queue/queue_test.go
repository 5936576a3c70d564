package queue

import (
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"localcloud/internal/clock"
)

var ids struct {
	sync.Mutex
	n uint64
}

func newID() (id ID) {
	ids.Lock()
	defer ids.Unlock()
	ids.n++
	for i := range 8 {
		id[i] = byte(ids.n >> (8 * i))
	}
	return id
}

func message(body string) *Message {
	return &Message{Content: Content{ID: newID(), Body: body, MD5: md5.Sum([]byte(body)), Sender: "000000000000"}}
}

func fifoMessage(group, body string) *Message {
	m := message(body)
	m.Extra = &Extra{Group: group, Dedup: body}
	return m
}

func standard() Config { return Config{Visibility: 30 * time.Second, Retention: 96 * time.Hour} }

func ordered() Config {
	c := standard()
	c.FIFO = true
	return c
}

func newQueue(config Config) (*Queue, *clock.Clock) {
	clk := &clock.Clock{}
	return New(uint64(len(config.ARN))+7, clk, nil, config), clk
}

func send(t *testing.T, q *Queue, messages ...*Message) {
	t.Helper()
	if err := q.Send(messages...); err != nil {
		t.Fatal(err)
	}
}

// receive asks for at most max messages, without waiting.
func receive(t *testing.T, q *Queue, max int, visibility time.Duration) []Delivery {
	t.Helper()
	got, err := q.Receive(t.Context(), Request{Max: max, Visibility: visibility})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func bodies(deliveries []Delivery) []string {
	out := []string{}
	for _, d := range deliveries {
		out = append(out, d.Body)
	}
	return out
}

func expect(t *testing.T, got []Delivery, want ...string) []Delivery {
	t.Helper()
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(want, bodies(got)); diff != "" {
		t.Fatalf("received (-want +got):\n%s", diff)
	}
	return got
}

func remove(t *testing.T, q *Queue, deliveries []Delivery) {
	t.Helper()
	for _, d := range deliveries {
		errs, err := q.Delete(d.Handle())
		if err := errors.Join(append(errs, err)...); err != nil {
			t.Fatalf("delete %s: %v", d.Body, err)
		}
	}
}

func changeVisibility(t *testing.T, q *Queue, d Delivery, to time.Duration) {
	t.Helper()
	errs, err := q.ChangeVisibility(Change{d.Handle(), to})
	if err := errors.Join(append(errs, err)...); err != nil {
		t.Fatal(err)
	}
}

func TestLifeCycle(t *testing.T) {
	q, clk := newQueue(standard())
	send(t, q, message("a"), message("b"))
	first := expect(t, receive(t, q, 1, -1), "a")
	expect(t, receive(t, q, 10, -1), "b")
	expect(t, receive(t, q, 10, -1))
	if got, want := q.Counts(), (Counts{0, 2, 0}); got != want {
		t.Fatalf("counts %+v, want %+v", got, want)
	}
	remove(t, q, first)
	remove(t, q, first) // again is no error
	clk.Advance(30 * time.Second)
	again := expect(t, receive(t, q, 10, -1), "b")
	if again[0].Receives != 2 || again[0].FirstReceived == 0 {
		t.Fatalf("second receive: %+v", again[0])
	}
	if got, want := q.Counts(), (Counts{0, 1, 0}); got != want {
		t.Fatalf("counts %+v, want %+v", got, want)
	}
}

func TestVisibility(t *testing.T) {
	q, clk := newQueue(standard())
	send(t, q, message("a"))
	first := expect(t, receive(t, q, 1, 0), "a") // visible again at once
	second := expect(t, receive(t, q, 1, 3*time.Second), "a")
	expect(t, receive(t, q, 1, -1))
	changeVisibility(t, q, first[0], 0) // an older handle still works
	third := expect(t, receive(t, q, 1, time.Second), "a")
	clk.Advance(time.Second)
	changeVisibility(t, q, third[0], 10*time.Second) // too late, and yet it is hidden again
	expect(t, receive(t, q, 1, -1))
	clk.Advance(10 * time.Second)
	expect(t, receive(t, q, 1, -1), "a")
	errs, _ := q.ChangeVisibility(Change{third[0].Handle(), MaxVisibility + time.Minute})
	if !errors.Is(errs[0], ErrBeyondLimit) {
		t.Fatalf("beyond twelve hours: %v", errs[0])
	}
	remove(t, q, second)
	errs, _ = q.ChangeVisibility(Change{third[0].Handle(), time.Second}, Change{"garbage", 0})
	if !errors.Is(errs[0], ErrNotAvailable) || !errors.Is(errs[1], ErrReceipt) {
		t.Fatalf("deleted and garbage: %v", errs)
	}
}

func TestOrderOfReturned(t *testing.T) {
	q, clk := newQueue(standard())
	send(t, q, message("a"), message("b"), message("c"))
	expect(t, receive(t, q, 2, time.Second), "a", "b")
	send(t, q, message("d"))
	clk.Advance(time.Second)
	expect(t, receive(t, q, 10, -1), "a", "b", "c", "d")
}

func TestDelay(t *testing.T) {
	config := standard()
	config.Delay = 5 * time.Second
	q, clk := newQueue(config)
	now, later := message("now"), message("later")
	now.DelayBy(0)
	later.DelayBy(9 * time.Second)
	send(t, q, later, message("default"), now)
	expect(t, receive(t, q, 10, -1), "now")
	if got, want := q.Counts(), (Counts{0, 1, 2}); got != want {
		t.Fatalf("counts %+v, want %+v", got, want)
	}
	clk.Advance(5 * time.Second)
	expect(t, receive(t, q, 10, -1), "default")
	clk.Advance(4*time.Second - time.Millisecond)
	expect(t, receive(t, q, 10, -1))
	clk.Advance(time.Millisecond)
	expect(t, receive(t, q, 10, -1), "later")
}

func TestRetention(t *testing.T) {
	q, clk := newQueue(standard())
	send(t, q, message("old"))
	expect(t, receive(t, q, 1, 12*time.Hour), "old")
	clk.Advance(90 * time.Hour)
	send(t, q, message("young"))
	clk.Advance(6 * time.Hour)
	if got, want := q.Counts(), (Counts{1, 0, 0}); got != want {
		t.Fatalf("counts %+v, want %+v", got, want)
	}
	config := standard()
	config.Retention = time.Minute
	q.Configure(config)
	if got, want := q.Counts(), (Counts{}); got != want {
		t.Fatalf("counts %+v, want %+v", got, want)
	}
}

func TestPurge(t *testing.T) {
	q, clk := newQueue(ordered())
	send(t, q, fifoMessage("g", "a"), fifoMessage("g", "b"))
	expect(t, receive(t, q, 1, -1), "a")
	if err := q.Purge(); err != nil {
		t.Fatal(err)
	}
	clk.Advance(time.Hour)
	expect(t, receive(t, q, 10, -1))
	send(t, q, fifoMessage("g", "a")) // the deduplication ids are forgotten as well
	expect(t, receive(t, q, 10, -1), "a")
}

func TestInFlightLimit(t *testing.T) {
	for _, config := range []Config{standard(), ordered()} {
		q, _ := newQueue(config)
		for i := range maxInFlight + 1 {
			send(t, q, fifoMessage(fmt.Sprint(i), fmt.Sprint(i)))
		}
		for i := 0; i < maxInFlight; i += 10 {
			receive(t, q, 10, -1)
		}
		got, err := q.Receive(t.Context(), Request{Max: 1})
		if len(got) != 0 || !config.FIFO != errors.Is(err, ErrOverLimit) {
			t.Fatalf("FIFO %v: %d messages, %v", config.FIFO, len(got), err)
		}
	}
}

func TestDeadLetters(t *testing.T) {
	for _, config := range []Config{standard(), ordered()} {
		dead, clk := newQueue(config)
		config.MaxReceives, config.DeadLetters = 2, func() *Queue { return dead }
		config.ARN = "arn:source"
		q := New(1, clk, nil, config)
		send(t, q, fifoMessage("g", "a"), fifoMessage("g", "b"))
		expect(t, receive(t, q, 1, 0), "a")
		expect(t, receive(t, q, 1, 0), "a")
		remove(t, q, expect(t, receive(t, q, 1, -1), "b")) // a has gone
		got := expect(t, receive(t, dead, 10, -1), "a")
		if got[0].Receives != 3 || got[0].DeadSource != "arn:source" {
			t.Fatalf("dead letter: %+v", got[0])
		}
		if got, want := q.Counts(), (Counts{}); got != want {
			t.Fatalf("counts %+v, want %+v", got, want)
		}
	}
}

// TestDeadLetterCycle lets two queues be the dead-letter queues of one another while receivers wait
// on both.
func TestDeadLetterCycle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a, b *Queue
		clk := &clock.Clock{}
		config := standard()
		config.MaxReceives = 1
		config.DeadLetters = func() *Queue { return b }
		a = New(1, clk, nil, config)
		config.DeadLetters = func() *Queue { return a }
		b = New(2, clk, nil, config)
		send(t, a, message("x"))
		expect(t, receive(t, a, 1, time.Second), "x")
		results := make(chan string, 2)
		for name, q := range map[string]*Queue{"a": a, "b": b} {
			go func() {
				got, err := q.Receive(t.Context(), Request{Max: 1, Visibility: -1, Wait: 5 * time.Second})
				results <- fmt.Sprintf("%s %v %v", name, bodies(got), err)
			}()
		}
		if got, want := <-results, "b [x] <nil>"; got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
		if got, want := <-results, "a [] <nil>"; got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}

func TestMove(t *testing.T) {
	q, clk := newQueue(standard())
	to := New(3, clk, nil, standard())
	m := message("a")
	m.Extra = &Extra{DeadSource: "arn:to"}
	send(t, q, m, message("orphan"))
	find := func(source string) *Queue {
		if source == "arn:to" {
			return to
		}
		return nil
	}
	if moved, err := q.Move(find, newID); !moved || err != nil {
		t.Fatal(moved, err)
	}
	got := expect(t, receive(t, to, 10, -1), "a")
	if got[0].ID == m.ID || got[0].Receives != 1 || got[0].DeadSource != "" {
		t.Fatalf("moved message: %+v", got[0])
	}
	if moved, err := q.Move(find, newID); moved || !errors.Is(err, ErrNoDestination) {
		t.Fatal(moved, err)
	}
	expect(t, receive(t, q, 10, -1), "orphan")
	if moved, err := q.Move(find, newID); moved || err != nil {
		t.Fatal(moved, err)
	}
}

func TestReceipts(t *testing.T) {
	q, _ := newQueue(standard())
	other := New(99, q.clock, nil, standard())
	send(t, q, message("a"))
	handle := receive(t, q, 1, -1)[0].Handle()
	for _, wrong := range []string{"", "garbage", "AQEB", handle + "A", handle[:len(handle)-1] + "!", "AQEB" + handle[5:] + "A"} {
		if errs, _ := q.Delete(wrong); !errors.Is(errs[0], ErrReceipt) {
			t.Errorf("%q: %v", wrong, errs[0])
		}
	}
	if errs, _ := other.Delete(handle); !errors.Is(errs[0], ErrReceipt) {
		t.Errorf("handle of another queue: %v", errs[0])
	}
}

func TestClose(t *testing.T) {
	q, _ := newQueue(standard())
	done := make(chan error)
	go func() {
		_, err := q.Receive(context.Background(), Request{Max: 1, Wait: time.Hour})
		done <- err
	}()
	for q.waiting() == 0 {
		time.Sleep(time.Millisecond)
	}
	q.Close()
	if err := <-done; err != nil {
		t.Fatalf("waiting receive: %v", err)
	}
	if err := q.Send(message("late")); !errors.Is(err, ErrClosed) {
		t.Fatalf("send: %v", err)
	}
	if _, err := q.Receive(t.Context(), Request{Max: 1}); !errors.Is(err, ErrClosed) {
		t.Fatalf("receive: %v", err)
	}
}

func (q *Queue) waiting() (n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for w := q.waiters.head; w != nil; w = w.next {
		n++
	}
	return n
}

func TestMessageSize(t *testing.T) {
	if got := unsafe.Sizeof(Message{}); got > 176 {
		t.Errorf("a message has %d bytes", got)
	}
}
