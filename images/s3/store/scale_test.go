package store

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"
)

// TestScale prints what calls cost with 1,000 to 1,000,000 keys in a bucket. It runs where SCALE is set.
func TestScale(t *testing.T) {
	if os.Getenv("SCALE") == "" {
		t.Skip("SCALE is not set")
	}
	dir := t.TempDir()
	s, err := Open(dir, Options{Persist: os.Getenv("SCALE") == "persist"})
	if err != nil {
		t.Fatal(err)
	}
	b := mustCreate(t, s, "b")
	content := make([]byte, 1<<10)
	info := &Info{Headers: []Header{{"Content-Type", "binary/octet-stream"}}, Checksum: Checksum{"CRC64NVME", "FULL_OBJECT", "AAAAAAAAAAA="}}
	put := func(i int) {
		bodies, err := s.Receive(&small{content: content}, int64(len(content)), nil)
		if err != nil {
			t.Fatal(err)
		}
		own := *info
		if err := b.Put(&Version{Key: fmt.Sprintf("prefix/%03d/%09d", i%1000, i*7919%1000003), Size: 1 << 10, Info: &own}, bodies, nil); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for _, upTo := range []int{1000, 10_000, 100_000, 1_000_000} {
		for ; n < upTo; n++ {
			put(n)
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		took := func(times int, f func(i int)) time.Duration {
			begin := time.Now()
			for i := range times {
				f(i)
			}
			return time.Since(begin) / time.Duration(times)
		}
		fmt.Printf("%8d keys: put %v, get %v, page of 1000 %v, 1000 prefixes %v, heap %d bytes a key\n", n,
			took(2000, func(i int) { put(i * 500 % n) }),
			took(2000, func(i int) {
				k := i * 499 % n
				if b.Current(fmt.Sprintf("prefix/%03d/%09d", k%1000, k*7919%1000003)) == nil {
					t.Fatal("lost")
				}
			}),
			took(20, func(i int) { b.List(Query{Max: 1000, After: fmt.Sprintf("prefix/%03d", i*50)}) }),
			took(20, func(int) { b.List(Query{Max: 1000, Prefix: "prefix/", Delimiter: "/"}) }),
			int(m.HeapAlloc)/n)
	}
	begin := time.Now()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s.persist {
		open(t, dir, true)
		fmt.Printf("closed and opened again in %v\n", time.Since(begin))
	}
}
