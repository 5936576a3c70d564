package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sink records deliveries; fail decides which attempts do not succeed.
type sink struct {
	mu   sync.Mutex
	got  []string
	dead []string
	fail func(m Message) (Verdict, error)
}

func (s *sink) deliver(_ context.Context, m Message) (Verdict, error) {
	if s.fail != nil {
		if verdict, err := s.fail(m); err != nil {
			return verdict, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, string(m.Payload))
	return Done, nil
}

func (s *sink) giveUp(_ context.Context, m Message, _ error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dead = append(s.dead, string(m.Payload))
	return true
}

func start(t *testing.T, s *sink, change func(*Options)) *Queues {
	t.Helper()
	o := Options{
		Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Deliver: s.deliver, GiveUp: s.giveUp,
		Backoff: func(_ Message, attempt int) (time.Duration, bool) { return time.Millisecond, attempt <= 3 },
	}
	if change != nil {
		change(&o)
	}
	q, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { q.Close() })
	return q
}

func flush(t *testing.T, q *Queues) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := q.Flush(ctx); err != nil {
		t.Fatalf("Flush: %v, %+v", err, q.Counts())
	}
}

func message(target, group string, n int) Message {
	return Message{Target: target, Group: group, Payload: fmt.Appendf(nil, "%s-%04d", group, n)}
}

func TestEverythingIsDeliveredOnce(t *testing.T) {
	var s sink
	q := start(t, &s, func(o *Options) { o.Memory = 10 })
	var want []string
	for i := range 1000 {
		m := message(fmt.Sprint("target", i%3), "", i)
		want = append(want, string(m.Payload))
		if err := q.Add(m); err != nil {
			t.Fatal(err)
		}
	}
	flush(t, q)
	q.Close() // waits for the workers
	slices.Sort(s.got)
	if diff := cmp.Diff(want, s.got); diff != "" {
		t.Error(diff)
	}
	if left, _ := filepath.Glob(filepath.Join(q.options.Dir, spillPattern)); len(left) != 0 {
		t.Errorf("files are left over: %q", left)
	}
	if len(q.queues) != 0 {
		t.Errorf("%d queues are left over", len(q.queues))
	}
}

func TestGroupsKeepTheirOrder(t *testing.T) {
	s := &sink{}
	tried := map[string]bool{}
	s.fail = func(m Message) (Verdict, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if payload := string(m.Payload); payload[len(payload)-1] == '3' && !tried[payload] {
			tried[payload] = true
			return Retry, errors.New("once more")
		}
		return Done, nil
	}
	q := start(t, s, func(o *Options) { o.Memory = 20 })
	for i := range 200 {
		q.Add(message("fifo", fmt.Sprint("g", i%5), i))
	}
	flush(t, q)
	last := map[string]string{}
	for _, got := range s.got {
		group := got[:2]
		if got < last[group] {
			t.Fatalf("%s came behind %s", got, last[group])
		}
		last[group] = got
	}
	if len(s.got) != 200 {
		t.Errorf("got %d messages, want 200", len(s.got))
	}
}

func TestADeadTargetHarmsNoOther(t *testing.T) {
	release := make(chan struct{})
	s := &sink{}
	s.fail = func(m Message) (Verdict, error) {
		if m.Target == "dead" {
			<-release
			return Give, errors.New("dead")
		}
		return Done, nil
	}
	q := start(t, s, func(o *Options) { o.Memory = 60; o.Disk = 1000 })
	for i := range 200 { // more than memory and disk hold
		q.Add(message("dead", "", i))
	}
	for i := range 60 {
		q.Add(message("alive", "", i))
	}
	for deadline := time.Now().Add(5 * time.Second); q.Counts().Delivered < 60; {
		if time.Now().After(deadline) {
			close(release)
			t.Fatalf("after 5 s: %+v", q.Counts())
		}
		time.Sleep(time.Millisecond)
	}
	close(release)
	flush(t, q)
	if len(s.dead) != 200 {
		t.Errorf("%d messages went to the dead letters, want 200", len(s.dead))
	}
}

func TestRepetitionsEnd(t *testing.T) {
	s := &sink{fail: func(Message) (Verdict, error) { return Retry, errors.New("not now") }}
	attempts := 0
	q := start(t, s, func(o *Options) { o.Observe = func(Message, int, Verdict, error) { attempts++ } })
	q.Add(message("x", "", 1))
	flush(t, q)
	if attempts != 3 || len(s.dead) != 1 {
		t.Errorf("got %d attempts and %d dead letters, want 3 and 1", attempts, len(s.dead))
	}
}

func TestWhatWasAddedSurvivesAnEnd(t *testing.T) {
	dir := t.TempDir()
	s := &sink{}
	blocked := make(chan struct{}, 100)
	s.fail = func(m Message) (Verdict, error) {
		if string(m.Payload) >= "g-0003" {
			blocked <- struct{}{}
			return Retry, errors.New("not yet")
		}
		return Done, nil
	}
	forever := func(Message, int) (time.Duration, bool) { return time.Hour, true }
	q := start(t, s, func(o *Options) { o.Dir, o.Persist, o.Memory, o.Backoff = dir, true, 2, forever })
	for i := range 10 {
		if err := q.Add(message("x", "g", i)); err != nil {
			t.Fatal(err)
		}
	}
	<-blocked
	q.Close()
	s.fail = nil
	q = start(t, s, func(o *Options) { o.Dir, o.Persist, o.Memory = dir, true, 2 })
	flush(t, q)
	var want []string
	for i := range 10 {
		want = append(want, fmt.Sprintf("g-%04d", i))
	}
	if diff := cmp.Diff(want, s.got); diff != "" {
		t.Error(diff)
	}
	q.Close()
	if q = start(t, s, func(o *Options) { o.Dir, o.Persist = dir, true }); q.Counts().Pending != 0 {
		t.Errorf("%d messages come a second time", q.Counts().Pending)
	}
}

func TestForget(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	s := &sink{}
	s.fail = func(Message) (Verdict, error) {
		begun <- struct{}{}
		<-release
		return Done, nil
	}
	q := start(t, s, func(o *Options) { o.Workers, o.Memory = 1, 2 })
	for i := range 10 {
		q.Add(message("x", "", i))
	}
	<-begun
	q.Forget("x")
	close(release)
	flush(t, q)
	if len(s.got) != 1 {
		t.Errorf("got %q, want the first alone", s.got)
	}
}

func TestClosedQueuesRefuse(t *testing.T) {
	q := start(t, &sink{}, nil)
	q.Close()
	if err := q.Add(message("x", "", 1)); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
}
