package queue

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// poll waits for messages in a goroutine and tells what came.
func poll(ctx context.Context, q *Queue, max int, wait time.Duration) chan string {
	out := make(chan string, 1)
	go func() {
		start := time.Now()
		got, err := q.Receive(ctx, Request{Max: max, Visibility: -1, Wait: wait})
		out <- fmt.Sprintf("%v %v after %v", bodies(got), err, time.Since(start))
	}()
	synctest.Wait()
	return out
}

func TestLongPolling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, _ := newQueue(standard())
		first, second := poll(t.Context(), q, 1, 20*time.Second), poll(t.Context(), q, 10, 20*time.Second)
		third := poll(t.Context(), q, 10, 2*time.Second)
		time.Sleep(time.Second)
		send(t, q, message("a"), message("b"), message("c"))
		for ch, want := range map[chan string]string{
			first: "[a] <nil> after 1s", second: "[b c] <nil> after 1s", third: "[] <nil> after 2s",
		} {
			if got := <-ch; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	})
}

func TestLongPollingWakesForReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, _ := newQueue(standard())
		later := message("later")
		later.DelayBy(4 * time.Second)
		send(t, q, message("a"), later)
		expect(t, receive(t, q, 1, 1500*time.Millisecond), "a")
		one, two := poll(t.Context(), q, 10, 20*time.Second), poll(t.Context(), q, 10, 20*time.Second)
		if got, want := <-one, "[a] <nil> after 1.5s"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got, want := <-two, "[later] <nil> after 4s"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestLongPollingFollowsTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, clk := newQueue(standard())
		send(t, q, message("a"))
		expect(t, receive(t, q, 1, 10*time.Second), "a")
		one := poll(t.Context(), q, 10, 20*time.Second)
		clk.Advance(10 * time.Second)
		if got, want := <-one, "[a] <nil> after 0s"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// TestReceiverGone gives messages to receivers that are gone in every phase; none may be lost.
func TestReceiverGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, _ := newQueue(standard())
		ctx, cancel := context.WithCancel(t.Context())
		gone := poll(ctx, q, 10, 20*time.Second)
		stays := poll(t.Context(), q, 10, 20*time.Second)
		cancel()
		send(t, q, message("a"))
		if got, want := <-gone, "[] context canceled after 0s"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got, want := <-stays, "[a] <nil> after 0s"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if _, err := q.Receive(ctx, Request{Max: 1}); !errors.Is(err, context.Canceled) {
			t.Errorf("receive of one who is gone: %v", err)
		}
	})
}

func TestReceiverGoneAfterHandOver(t *testing.T) {
	q, _ := newQueue(standard())
	send(t, q, message("a"))
	ctx, cancel := context.WithCancel(t.Context())
	now := q.enter()
	taken := q.take(now, &Request{Max: 1, Visibility: time.Hour})
	q.leave(now)
	cancel()
	if got, err := q.handOver(ctx, taken, 0); got != nil || err == nil {
		t.Fatal(got, err)
	}
	again := expect(t, receive(t, q, 1, -1), "a")
	if again[0].Receives != 1 {
		t.Errorf("received %d times, want 1", again[0].Receives)
	}
}

// TestExactlyOnce lets eight producers and eight consumers, some of which are cut off again and again,
// pass 10,000 messages.
func TestExactlyOnce(t *testing.T) {
	const producers, consumers, each = 8, 8, 1250
	q, _ := newQueue(standard())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var mu sync.Mutex
	seen := make(map[string]int)
	var work sync.WaitGroup
	for p := range producers {
		work.Go(func() {
			for i := range each {
				if err := q.Send(message(fmt.Sprint(p, "-", i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for c := range consumers {
		work.Go(func() {
			for ctx.Err() == nil {
				mine, stop := ctx, context.CancelFunc(func() {})
				if c%2 == 0 {
					mine, stop = context.WithTimeout(ctx, time.Millisecond)
				}
				got, err := q.Receive(mine, Request{Max: 1 + c, Visibility: -1, Wait: time.Second})
				stop()
				if err != nil {
					continue
				}
				mu.Lock()
				for _, d := range got {
					seen[d.Body]++
				}
				if len(seen) == producers*each {
					cancel()
				}
				mu.Unlock()
				remove(t, q, got)
			}
		})
	}
	work.Wait()
	if len(seen) != producers*each {
		t.Fatalf("%d messages received, want %d", len(seen), producers*each)
	}
	for body, n := range seen {
		if n != 1 {
			t.Fatalf("%s received %d times", body, n)
		}
	}
	if got, want := q.Counts(), (Counts{}); got != want {
		t.Fatalf("counts %+v, want %+v", got, want)
	}
}

// TestOrderUnderLoad passes the messages of fifty groups from sixteen producers to sixteen consumers,
// who sometimes give messages back, and checks the order of each group.
func TestOrderUnderLoad(t *testing.T) {
	const groups, workers, each = 50, 16, 40
	q, _ := newQueue(ordered())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var producing [groups]sync.Mutex
	var next [groups]int // guarded by producing
	var mu sync.Mutex
	var got [groups]int
	total := 0
	var work sync.WaitGroup
	for range workers {
		work.Go(func() {
			for i := range groups * each {
				g := i % groups
				producing[g].Lock()
				if next[g] < each {
					m := fifoMessage(fmt.Sprint(g), fmt.Sprintf("%d/%d", g, next[g]))
					if err := q.Send(m, fifoMessage(m.Group, m.Body)); err != nil {
						t.Error(err)
					}
					next[g]++
				}
				producing[g].Unlock()
			}
		})
		work.Go(func() {
			for turn := 0; ctx.Err() == nil; turn++ {
				batch, err := q.Receive(ctx, Request{Max: 10, Visibility: -1, Wait: time.Second})
				if err != nil {
					return
				}
				if turn%5 == 4 { // the last first, or the rest would overtake
					for i := len(batch) - 1; i >= 0; i-- {
						changeVisibility(t, q, batch[i], 0)
					}
					continue
				}
				for _, d := range batch {
					var g, n int
					fmt.Sscanf(d.Body, "%d/%d", &g, &n)
					mu.Lock()
					if n != got[g] {
						t.Errorf("group %d: message %d, want %d", g, n, got[g])
					}
					got[g]++
					total++
					if total == groups*each {
						cancel()
					}
					mu.Unlock()
					remove(t, q, []Delivery{d})
				}
			}
		})
	}
	work.Wait()
	if total != groups*each {
		t.Fatalf("%d messages, want %d", total, groups*each)
	}
}
