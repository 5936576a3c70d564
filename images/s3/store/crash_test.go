package store

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const crashDir = "LOCALCLOUD_TEST_CRASH_DIR"

// TestMain turns the test binary into a process that uploads until it is killed, where asked to.
func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		uploadForever(dir)
	}
	os.Exit(m.Run())
}

// uploadForever puts random objects with 50 goroutines and prints every one that was acknowledged:
// its key, its number and its entity tag.
func uploadForever(dir string) {
	s, err := Open(dir, Options{Persist: true, SegmentSize: 1 << 20})
	if err != nil {
		panic(err)
	}
	b := s.Bucket("b")
	if b == nil {
		if b, err = s.Create("b", "0", "r", nil); err != nil {
			panic(err)
		}
	}
	lines := make(chan string)
	for w := range 50 {
		go func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("%02d-%d", w, i%5)
				size := rand.IntN(3000)
				if i%4 == 0 {
					size = Small + rand.IntN(1<<20)
				}
				content := bytes.Repeat([]byte(fmt.Sprint(rand.Uint64())), size/10)
				v, err := put(b, key, content)
				if err != nil {
					panic(err)
				}
				lines <- fmt.Sprintf("%s %d %s\n", key, v.Seq, v.ETag())
			}
		}()
	}
	for line := range lines {
		os.Stdout.WriteString(line)
	}
}

// receipt is what the uploading process says of an object that was acknowledged.
type receipt struct {
	seq  uint64
	etag string
}

// TestKilledInTheMiddleOfUploads kills a process that uploads, again and again, and looks at what is
// left: every object that was acknowledged, or a newer one under its key, is whole, and no file is
// there that belongs to none.
func TestKilledInTheMiddleOfUploads(t *testing.T) {
	if testing.Short() {
		t.Skip("kills 20 processes")
	}
	dir := t.TempDir()
	acknowledged := make(map[string]receipt)
	for round := range 20 {
		uploadAndKill(t, dir, acknowledged)
		s, err := Open(dir, Options{Persist: true, SegmentSize: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		b := s.Bucket("b")
		if b == nil {
			s.Close()
			continue
		}
		large := 0
		for _, v := range b.List(Query{Max: 1 << 20}).Versions {
			content, err := get(b, v.Key, "")
			if err != nil || md5.Sum(content) != v.Hash {
				t.Fatalf("round %d: %s is damaged: %d of %d bytes, %v", round, v.Key, len(content), v.Size, err)
			}
			if v.Size > Small {
				large++
			}
		}
		for key, was := range acknowledged {
			v := b.Current(key)
			if v == nil || v.Seq < was.seq || v.Seq == was.seq && v.ETag() != was.etag {
				t.Fatalf("round %d: %s is lost", round, key)
			}
		}
		if n := files(t, filepath.Join(dir, bodyFolder)); n != large {
			t.Fatalf("round %d: %d files for %d large objects", round, n, large)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(acknowledged) < 50 {
		t.Errorf("only %d keys were acknowledged", len(acknowledged))
	}
}

func uploadAndKill(t *testing.T, dir string, acknowledged map[string]receipt) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(time.Duration(100+rand.IntN(150))*time.Millisecond, func() { cmd.Process.Kill() })
	defer timer.Stop()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var key string
		var r receipt
		if n, _ := fmt.Sscan(lines.Text(), &key, &r.seq, &r.etag); n == 3 && len(r.etag) == 32 {
			acknowledged[key] = r
		}
	}
	_ = cmd.Wait() // killed
}
