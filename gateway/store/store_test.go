package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type note struct {
	Text string
	Tags []string `json:",omitempty"`
}

func open(t *testing.T, dir string) (*Store, *Bucket[note]) {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	b, err := OpenBucket[note](s, "notes")
	if err != nil {
		t.Fatal(err)
	}
	return s, b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestValuesAreKeptByAccountAndRegion(t *testing.T) {
	for name, dir := range map[string]string{"in memory": "", "on disk": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			s, b := open(t, dir)
			must(t, b.Put("1", "eu", "a", note{Text: "first"}))
			must(t, b.Put("1", "eu", "a", note{Text: "second", Tags: []string{"x"}}))
			must(t, b.Put("1", "us", "b", note{Text: "us"}))
			must(t, b.Put("2", "eu", "c", note{Text: "gone"}))
			must(t, b.At("2", "eu").Delete("c"))
			if got, ok := b.Get("1", "eu", "a"); !ok || got.Text != "second" {
				t.Errorf("got %v, %v", got, ok)
			}
			if _, ok := b.Get("2", "eu", "a"); ok {
				t.Error("another account sees the value")
			}
			if diff := cmp.Diff([]Place{{"1", "eu"}, {"1", "us"}}, b.Places()); diff != "" {
				t.Error(diff)
			}
			if _, err := OpenBucket[note](s, "notes"); err == nil {
				t.Error("a bucket was opened twice")
			}
			must(t, s.Close())
			if dir == "" {
				return
			}
			s, b = open(t, dir)
			if diff := cmp.Diff(map[string]note{"a": {"second", []string{"x"}}}, b.List("1", "eu")); diff != "" {
				t.Errorf("after a restart: %s", diff)
			}
			must(t, s.Reset())
			must(t, b.Put("3", "eu", "d", note{Text: "later"}))
			must(t, s.Close())
			s, b = open(t, dir)
			if diff := cmp.Diff([]Place{{"3", "eu"}}, b.Places()); diff != "" {
				t.Errorf("after a reset: %s", diff)
			}
			must(t, s.Close())
		})
	}
}

func TestACompactionLosesNothing(t *testing.T) {
	dir := t.TempDir()
	s, b := open(t, dir)
	long := strings.Repeat("x", 1000)
	var wait sync.WaitGroup
	for w := range 4 {
		wait.Go(func() {
			for i := range 2000 {
				key := fmt.Sprint(w, "-", i%50)
				if err := b.Put("1", "eu", key, note{Text: fmt.Sprint(i, long)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	must(t, s.Close())
	files, err := filepath.Glob(filepath.Join(dir, "*.snap"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no snapshot was made: %v, %v", files, err)
	}
	var size int64
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, entry := range entries {
		info, err := entry.Info()
		must(t, err)
		size += info.Size()
	}
	if size > 4<<20 {
		t.Errorf("%d bytes on disk for 200 values", size)
	}
	s, b = open(t, dir)
	list := b.List("1", "eu")
	if len(list) != 200 {
		t.Errorf("%d values, want 200", len(list))
	}
	for key, v := range list {
		var w, i int
		if _, err := fmt.Sscanf(key, "%d-%d", &w, &i); err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprint(1950+i, long); v.Text != want {
			t.Errorf("%s holds %.10s, want %.10s", key, v.Text, want)
		}
	}
	must(t, s.Close())
}

func TestWhatIsNotOpenIsKept(t *testing.T) {
	dir := t.TempDir()
	s, b := open(t, dir)
	must(t, b.Put("1", "eu", "a", note{Text: "kept"}))
	must(t, s.Close())
	s, err := Open(dir) // a run that does not have the glue
	must(t, err)
	other, err := OpenBucket[string](s, "other")
	must(t, err)
	for range 3000 {
		must(t, other.Put("", "", "k", strings.Repeat("y", 1000)))
	}
	must(t, s.Close())
	s, b = open(t, dir)
	if v, ok := b.Get("1", "eu", "a"); !ok || v.Text != "kept" {
		t.Errorf("got %v, %v", v, ok)
	}
	must(t, s.Close())
}

func TestAValueOfAnotherKindIsAnError(t *testing.T) {
	dir := t.TempDir()
	s, b := open(t, dir)
	must(t, b.Put("1", "eu", "a", note{Text: "x"}))
	must(t, s.Close())
	s, err := Open(dir)
	must(t, err)
	if _, err := OpenBucket[[]int](s, "notes"); err == nil || !strings.Contains(err.Error(), "value a of bucket notes") {
		t.Errorf("error %v", err)
	}
	must(t, s.Close())
}

func BenchmarkGet(b *testing.B) {
	s, err := Open("")
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{1000, 1_000_000} {
		bucket, err := OpenBucket[int](s, fmt.Sprint(n))
		if err != nil {
			b.Fatal(err)
		}
		for i := range n {
			if err := bucket.Put("1", "eu", fmt.Sprint(i), i); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				bucket.Get("1", "eu", "500")
			}
		})
	}
}
