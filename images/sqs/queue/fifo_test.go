package queue

import (
	"errors"
	"testing"
	"time"
)

func TestGroups(t *testing.T) {
	q, clk := newQueue(ordered())
	send(t, q, fifoMessage("1", "g1-m1"), fifoMessage("2", "g2-m1"), fifoMessage("1", "g1-m2"),
		fifoMessage("1", "g1-m3"), fifoMessage("3", "g3-m1"))
	expect(t, receive(t, q, 2, time.Second), "g1-m1", "g1-m2")
	expect(t, receive(t, q, 1, time.Second), "g2-m1") // group 1 is in flight
	clk.Advance(time.Second)
	expect(t, receive(t, q, 10, 0), "g3-m1", "g1-m1", "g1-m2", "g1-m3", "g2-m1")
}

func TestZeroVisibilityInGroups(t *testing.T) {
	q, _ := newQueue(ordered())
	send(t, q, fifoMessage("1", "g1-m1"), fifoMessage("2", "g2-m1"), fifoMessage("2", "g2-m2"),
		fifoMessage("3", "g3-m1"), fifoMessage("1", "g1-m2"))
	expect(t, receive(t, q, 3, 0), "g1-m1", "g1-m2", "g2-m1")
	expect(t, receive(t, q, 10, 0), "g3-m1", "g1-m1", "g1-m2", "g2-m1", "g2-m2")
}

func TestGroupAfterChangeAndDelete(t *testing.T) {
	q, _ := newQueue(ordered())
	send(t, q, fifoMessage("1", "g1-m1"), fifoMessage("1", "g1-m2"), fifoMessage("1", "g1-m3"), fifoMessage("2", "g2-m1"))
	got := expect(t, receive(t, q, 2, -1), "g1-m1", "g1-m2")
	changeVisibility(t, q, got[0], 0)
	// The group comes behind the other, and ends at the message that is still in flight.
	again := expect(t, receive(t, q, 10, -1), "g2-m1", "g1-m1")
	remove(t, q, again[1:])
	expect(t, receive(t, q, 10, -1))
	remove(t, q, got[1:])
	expect(t, receive(t, q, 10, -1), "g1-m3")
}

func TestExpiredReceipt(t *testing.T) {
	q, clk := newQueue(ordered())
	send(t, q, fifoMessage("1", "a"))
	first := receive(t, q, 1, time.Second)
	changeVisibility(t, q, first[0], 2*time.Second)
	clk.Advance(2 * time.Second)
	if errs, _ := q.Delete(first[0].Handle()); !errors.Is(errs[0], ErrExpired) {
		t.Fatalf("delete: %v", errs[0])
	}
	second := expect(t, receive(t, q, 1, -1), "a")
	if errs, _ := q.Delete(first[0].Handle()); !errors.Is(errs[0], ErrExpired) {
		t.Fatalf("delete with the older handle: %v", errs[0])
	}
	if errs, _ := q.ChangeVisibility(Change{first[0].Handle(), time.Second}); !errors.Is(errs[0], ErrNotAvailable) {
		t.Fatalf("change with the older handle: %v", errs[0])
	}
	remove(t, q, second)
}

func TestDeduplication(t *testing.T) {
	q, clk := newQueue(ordered())
	first, second, other := fifoMessage("1", "a"), fifoMessage("1", "a"), fifoMessage("2", "a")
	send(t, q, first, second, other)
	if second.ID != first.ID || second.Sequence != first.Sequence || other.ID != first.ID {
		t.Fatalf("duplicates %v %v, first %v", second.ID, other.ID, first.ID)
	}
	remove(t, q, expect(t, receive(t, q, 10, -1), "a"))
	clk.Advance(5*time.Minute - time.Second)
	send(t, q, fifoMessage("1", "a"))
	expect(t, receive(t, q, 10, -1))
	clk.Advance(time.Second)
	send(t, q, fifoMessage("1", "a"))
	expect(t, receive(t, q, 10, -1), "a")
}

func TestDeduplicationScope(t *testing.T) {
	config := ordered()
	q, _ := newQueue(config)
	send(t, q, fifoMessage("1", "a"), fifoMessage("2", "a"))
	expect(t, receive(t, q, 10, 0), "a")
	config.GroupScope = true
	q.Configure(config)
	send(t, q, fifoMessage("2", "a"), fifoMessage("1", "b"), fifoMessage("2", "b"), fifoMessage("2", "b"))
	expect(t, receive(t, q, 10, 0), "a", "b", "b")
	config.GroupScope = false
	q.Configure(config)
	send(t, q, fifoMessage("3", "b"))
	if got := q.Counts().Visible; got != 4 {
		t.Fatalf("%d messages, want 4", got)
	}
}

func TestSequenceNumbers(t *testing.T) {
	q, _ := newQueue(ordered())
	a, b := fifoMessage("1", "a"), fifoMessage("2", "b")
	send(t, q, a, b)
	if a.Sequence < sequenceBase || b.Sequence <= a.Sequence {
		t.Fatalf("sequence numbers %d, %d", a.Sequence, b.Sequence)
	}
}

func TestFIFODelay(t *testing.T) {
	config := ordered()
	config.Delay = 2 * time.Second
	q, clk := newQueue(config)
	send(t, q, fifoMessage("1", "a"), fifoMessage("1", "b"))
	clk.Advance(time.Second)
	send(t, q, fifoMessage("1", "c"))
	expect(t, receive(t, q, 10, -1))
	clk.Advance(time.Second)
	remove(t, q, expect(t, receive(t, q, 10, -1), "a", "b"))
	config.Delay = 0 // counts for the messages that are there
	q.Configure(config)
	expect(t, receive(t, q, 10, -1), "c")
}

func TestReceiveAttempt(t *testing.T) {
	q, clk := newQueue(ordered())
	send(t, q, fifoMessage("1", "a"), fifoMessage("1", "b"), fifoMessage("2", "c"))
	ask := func() []Delivery {
		t.Helper()
		got, err := q.Receive(t.Context(), Request{Max: 2, Visibility: 30 * time.Second, Attempt: "x"})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	first := expect(t, ask(), "a", "b")
	clk.Advance(20 * time.Second)
	again := expect(t, ask(), "a", "b")
	if first[0].Handle() != again[0].Handle() || again[0].Receives != 1 {
		t.Fatalf("not the same receive: %+v, %+v", first[0], again[0])
	}
	clk.Advance(20 * time.Second) // the timeout began anew
	remove(t, q, again[:1])
	expect(t, ask(), "c")
}
