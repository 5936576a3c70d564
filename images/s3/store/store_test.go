package store

import (
	"bytes"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func open(t testing.TB, dir string, persist bool) *Store {
	t.Helper()
	s, err := Open(dir, Options{Persist: persist, SegmentSize: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func mustCreate(t testing.TB, s *Store, name string) *Bucket {
	t.Helper()
	b, err := s.Create(name, "000000000000", "us-east-1", nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// put stores content under key.
func put(b *Bucket, key string, content []byte) (*Version, error) {
	bodies, err := b.store.Receive(bytes.NewReader(content), int64(len(content)), nil)
	if err != nil {
		return nil, err
	}
	v := &Version{Key: key, Size: int64(len(content)), Hash: md5.Sum(content), Info: &Info{}}
	return v, b.Put(v, bodies, nil)
}

func get(b *Bucket, key, id string) ([]byte, error) {
	h := b.Hold(key, id)
	if h == nil {
		return nil, fs.ErrNotExist
	}
	c := h.Open(0, h.Size)
	defer c.Close()
	return io.ReadAll(c)
}

// files counts the regular files under dir.
func files(t testing.TB, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOverwrittenAndDeletedContentStaysReadable(t *testing.T) {
	for _, size := range []int{10, Small, Small + 1, 1 << 20} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			s := open(t, t.TempDir(), false)
			b := mustCreate(t, s, "b")
			old := bytes.Repeat([]byte("o"), size)
			if _, err := put(b, "k", old); err != nil {
				t.Fatal(err)
			}
			h := b.Hold("k", "")
			if _, err := put(b, "k", []byte("new")); err != nil {
				t.Fatal(err)
			}
			if err := b.Delete([]Deletion{{Key: "k"}}); err != nil {
				t.Fatal(err)
			}
			c := h.Open(0, h.Size)
			content, err := io.ReadAll(c)
			if err != nil || !bytes.Equal(content, old) {
				t.Errorf("read %d bytes, %v", len(content), err)
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			if n := files(t, filepath.Join(s.dir, bodyFolder)); n != 0 {
				t.Errorf("%d bodies are left", n)
			}
		})
	}
}

func TestContentRanges(t *testing.T) {
	s := open(t, t.TempDir(), false)
	b := mustCreate(t, s, "b")
	u, err := b.Begin("k", &Info{})
	if err != nil {
		t.Fatal(err)
	}
	var whole []byte
	var parts []*Part
	for i, size := range []int{100, Small + 100, 1, 300000} {
		content := bytes.Repeat([]byte{byte('a' + i)}, size)
		whole = append(whole, content...)
		bodies, err := s.Receive(bytes.NewReader(content), -1, nil)
		if err != nil {
			t.Fatal(err)
		}
		p := &Part{Number: i + 1, Size: int64(size)}
		if err := b.PutPart(u, p, bodies); err != nil {
			t.Fatal(err)
		}
		parts = append(parts, p)
	}
	v := &Version{Key: "k", Size: int64(len(whole)), PartSum: len(parts), Info: &Info{}}
	if err := b.Complete(u, parts, v, nil); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		from := rand.IntN(len(whole))
		to := from + rand.IntN(len(whole)-from)
		c := b.Hold("k", "").Open(int64(from), int64(to-from))
		var got bytes.Buffer
		if _, err := c.WriteTo(&got); err != nil {
			t.Fatal(err)
		}
		c.Close()
		if !bytes.Equal(got.Bytes(), whole[from:to]) {
			t.Fatalf("range %d-%d differs", from, to)
		}
	}
	if err := b.Complete(u, parts, v, nil); !errors.Is(err, ErrNoUpload) {
		t.Errorf("complete again: %v", err)
	}
}

func TestVersionIDs(t *testing.T) {
	for range 1000 {
		seq := rand.Uint64()
		if got, ok := parseVersionID(versionID(seq)); !ok || got != seq {
			t.Fatalf("%x: %x, %v", seq, got, ok)
		}
		if got, ok := parseUploadID(uploadID(seq)); !ok || got != seq {
			t.Fatalf("%x: %x, %v", seq, got, ok)
		}
	}
	if n := len(versionID(1)); n != 32 {
		t.Errorf("length %d", n)
	}
	for _, id := range []string{"", "null", "x", strings.Repeat("A", 32), "ä" + strings.Repeat("A", 30)} {
		if _, ok := parseVersionID(id); ok {
			t.Errorf("%q is no id", id)
		}
	}
}

func TestSmallBodiesGiveTheirSpaceBack(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, true)
	b := mustCreate(t, s, "b")
	content := bytes.Repeat([]byte("x"), 4<<10)
	for i := range 4000 { // 16 MiB through segments of one; every tenth stays
		key := "same"
		if i%10 == 0 {
			key = fmt.Sprint(i)
		}
		content[0] = byte(i)
		if _, err := put(b, key, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, true)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, true)
	b = s.Bucket("b")
	for i := 0; i < 4000; i += 10 {
		got, err := get(b, fmt.Sprint(i), "")
		if err != nil || len(got) != len(content) || got[0] != byte(i) {
			t.Fatalf("%d: %d bytes, %v", i, len(got), err)
		}
	}
	if n := files(t, filepath.Join(dir, segmentFolder)); n > 8 {
		t.Errorf("%d segments for 1.6 MiB", n)
	}
}

func TestReceiveFailsWhole(t *testing.T) {
	s := open(t, t.TempDir(), false)
	broken := errors.New("broken")
	for _, size := range []int64{100, Small, Small + 1, 10 << 20} {
		r := io.MultiReader(io.LimitReader(zeros{}, size), failing{broken})
		if _, err := s.Receive(r, size+1, nil); !errors.Is(err, broken) {
			t.Errorf("%d: %v", size, err)
		}
	}
	if n := files(t, filepath.Join(s.dir, bodyFolder)); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestParallelUse(t *testing.T) {
	s := open(t, t.TempDir(), true)
	b := mustCreate(t, s, "b")
	var group sync.WaitGroup
	for w := range 8 {
		group.Go(func() {
			for i := range 300 {
				key := fmt.Sprint("k", rand.IntN(20))
				content := bytes.Repeat([]byte{byte(w)}, rand.IntN(2000)+1)
				if _, err := put(b, key, content); err != nil {
					t.Error(err)
					return
				}
				got, err := get(b, key, "")
				if err == nil && slices.ContainsFunc(got, func(c byte) bool { return c != got[0] }) {
					t.Error("content of two objects mixed")
				}
				if i%7 == 0 {
					if err := b.Delete([]Deletion{{Key: key}, {Key: "other"}}); err != nil {
						t.Error(err)
					}
				}
				b.List(Query{Max: 10})
			}
		})
	}
	group.Wait()
}

func TestBucketLifeCycle(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, true)
	b := mustCreate(t, s, "b")
	if _, err := s.Create("b", "111111111111", "eu-west-1", nil); !errors.Is(err, ErrBucketExists) {
		t.Errorf("create again: %v", err)
	}
	err := b.Change(func(now *Settings) (*Settings, error) {
		changed := now.With("tags", "x")
		changed.Versioning = Enabled
		return changed, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := put(b, "k", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := b.Remove(); !errors.Is(err, ErrBucketNotEmpty) {
		t.Errorf("remove: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, true)
	b = s.Bucket("b")
	if set := b.Settings(); set.Versioning != Enabled || set.Values["tags"] != "x" {
		t.Errorf("settings after restart: %+v", set)
	}
	if err := s.Reset(); err != nil {
		t.Fatal(err)
	}
	if _, err := put(b, "k", []byte("x")); !errors.Is(err, ErrNoBucket) {
		t.Errorf("put into a removed bucket: %v", err)
	}
	if len(s.Buckets()) != 0 {
		t.Error("buckets after reset")
	}
}

func TestDiskFullLeavesOldData(t *testing.T) {
	dir := os.Getenv("LOCALCLOUD_SMALL_DISK")
	if dir == "" {
		t.Skip("LOCALCLOUD_SMALL_DISK does not name a folder on a file system of a few megabytes")
	}
	s := open(t, dir, true)
	b := mustCreate(t, s, "b")
	if _, err := put(b, "small", []byte("old")); err != nil {
		t.Fatal(err)
	}
	if _, err := put(b, "large", bytes.Repeat([]byte("o"), 100000)); err != nil {
		t.Fatal(err)
	}
	var failed error
	for i := 0; failed == nil && i < 1000; i++ {
		_, failed = put(b, "large", bytes.Repeat([]byte("n"), 1<<20+i<<18))
	}
	if failed == nil {
		t.Fatal("the disk is too large")
	}
	failed = nil
	for i := 0; failed == nil && i < 1<<20; i++ {
		_, failed = put(b, fmt.Sprint("k", i), bytes.Repeat([]byte("s"), 1000))
	}
	if failed == nil {
		t.Fatal("the disk is too large")
	}
	if got, err := get(b, "small", ""); err != nil || string(got) != "old" {
		t.Errorf("small: %q, %v", got, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, true)
	b = s.Bucket("b")
	if got, err := get(b, "large", ""); err != nil || len(got) < 100000 {
		t.Errorf("large: %d bytes, %v", len(got), err)
	}
}
