package writebehind

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// recorder counts writes and keeps what was written.
type recorder struct {
	strings.Builder
	writes int
	err    error
}

func (r *recorder) Write(p []byte) (int, error) {
	r.writes++
	if r.err != nil {
		return 0, r.err
	}
	return r.Builder.Write(p)
}

func TestWritesArePassedOnTogetherAfterTheDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out recorder
		w := New(&out, time.Second)
		for i := range 3 {
			fmt.Fprintf(w, "line %d\n", i)
		}
		time.Sleep(900 * time.Millisecond)
		synctest.Wait()
		w.writing.Lock()
		if out.writes != 0 {
			t.Fatalf("%d writes before the delay", out.writes)
		}
		w.writing.Unlock()
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		if got, want := out.String(), "line 0\nline 1\nline 2\n"; got != want || out.writes != 1 {
			t.Fatalf("%d writes: %q, want %q in one", out.writes, got, want)
		}
		fmt.Fprint(w, "last\n")
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(out.String(), "last\n") {
			t.Error("Close did not flush")
		}
		if _, err := w.Write([]byte("x")); !errors.Is(err, ErrClosed) {
			t.Errorf("write after Close: %v", err)
		}
	})
}

func TestAFullBufferIsWrittenAtOnce(t *testing.T) {
	var out recorder
	w := New(&out, time.Hour)
	defer w.Close()
	big := strings.Repeat("x", full)
	if _, err := w.Write([]byte(big)); err != nil || out.Len() != full {
		t.Errorf("%d bytes written, %v", out.Len(), err)
	}
}

func TestAnErrorIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("disk full")
		out := recorder{err: broken}
		w := New(&out, time.Second)
		fmt.Fprint(w, "lost")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if _, err := w.Write([]byte("x")); !errors.Is(err, broken) {
			t.Errorf("second write: %v", err)
		}
		if _, err := w.Write([]byte("x")); err != nil {
			t.Errorf("third write: %v", err)
		}
		out.err = nil
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestLinesOfManyWritersStayWhole(t *testing.T) {
	var out recorder
	w := New(&out, time.Millisecond)
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for j := range 1000 {
				fmt.Fprintf(w, "writer %d line %d end\n", i, j)
			}
		})
	}
	wait.Wait()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 8000 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, line := range lines {
		if !strings.HasPrefix(line, "writer ") || !strings.HasSuffix(line, " end") {
			t.Fatalf("broken line %q", line)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	var out recorder
	w := New(&out, 0)
	defer w.Close()
	line := []byte(strings.Repeat("x", 250))
	b.ReportAllocs()
	for b.Loop() {
		if out.Len() > 1<<28 {
			out.Reset()
		}
		if _, err := w.Write(line); err != nil {
			b.Fatal(err)
		}
	}
}
