package journal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func open(t *testing.T, dir string) (*Log, []string, Report) {
	t.Helper()
	var records []string
	l, report, err := Open(dir, func(record []byte) error {
		records = append(records, string(record))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l, records, report
}

func TestRecordsAreReplayedInOrder(t *testing.T) {
	dir := t.TempDir()
	l, _, _ := open(t, dir)
	want := []string{"one", "", "three"}
	for _, record := range want {
		if err := l.Append([]byte(record)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, got, report := open(t, dir)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if report != (Report{Records: 3}) {
		t.Errorf("got %+v", report)
	}
}

func TestConcurrentAppendsAllSurvive(t *testing.T) {
	dir := t.TempDir()
	l, _, _ := open(t, dir)
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			for j := range 200 {
				if err := l.Append(fmt.Appendf(nil, "%d-%d", i, j)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	l.Close()
	_, got, _ := open(t, dir)
	last := map[string]int{}
	for _, record := range got {
		var writer string
		var number int
		fmt.Sscanf(string(bytes.ReplaceAll([]byte(record), []byte("-"), []byte(" "))), "%s %d", &writer, &number)
		if number != last[writer] {
			t.Fatalf("writer %s: got record %d, want %d", writer, number, last[writer])
		}
		last[writer]++
	}
	if len(got) != 16*200 {
		t.Errorf("got %d records, want %d", len(got), 16*200)
	}
}

func TestATornTailIsDroppedAndSaid(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"cut in a record":       func(b []byte) []byte { return b[:len(b)-2] },
		"cut in a header":       func(b []byte) []byte { return b[:len(b)-len("second")-3] },
		"a flipped bit":         func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"an impossible length":  func(b []byte) []byte { return append(b, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0) },
		"zeros behind the file": func(b []byte) []byte { return append(b, make([]byte, 3)...) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			l, _, _ := open(t, dir)
			l.Append([]byte("first"))
			l.Append([]byte("second"))
			l.Close()
			path := logPath(dir, 0)
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damage(content), 0o600); err != nil {
				t.Fatal(err)
			}
			l, got, report := open(t, dir)
			if len(got) == 0 || got[0] != "first" || report.Dropped == 0 {
				t.Errorf("got %q, %+v", got, report)
			}
			if err := l.Append([]byte("third")); err != nil {
				t.Fatal(err)
			}
			l.Close()
			if _, again, report := open(t, dir); again[len(again)-1] != "third" || report.Dropped != 0 {
				t.Errorf("after a write: got %q, %+v", again, report)
			}
		})
	}
}

func TestCompactionKeepsWhatComesMeanwhile(t *testing.T) {
	dir := t.TempDir()
	l, _, _ := open(t, dir)
	for i := range 100 {
		l.Append(fmt.Appendf(nil, "old %d", i))
	}
	snapshot, err := l.Begin()
	if err != nil {
		t.Fatal(err)
	}
	l.Append([]byte("meanwhile"))
	snapshot.Write([]byte("state"))
	if err := snapshot.Commit(); err != nil {
		t.Fatal(err)
	}
	l.Append([]byte("later"))
	l.Close()
	l, got, _ := open(t, dir)
	if diff := cmp.Diff([]string{"state", "meanwhile", "later"}, got); diff != "" {
		t.Error(diff)
	}
	l.Close()
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) != 2 {
		t.Errorf("got files %q, want a snapshot and a log", files)
	}
}

func TestACompactionThatIsNotCommittedLosesNothing(t *testing.T) {
	dir := t.TempDir()
	l, _, _ := open(t, dir)
	l.Append([]byte("before"))
	snapshot, err := l.Begin()
	if err != nil {
		t.Fatal(err)
	}
	snapshot.Write([]byte("state"))
	l.Append([]byte("after"))
	l.Close() // as a kill would leave it: the temporary file stays
	l, got, _ := open(t, dir)
	if diff := cmp.Diff([]string{"before", "after"}, got); diff != "" {
		t.Error(diff)
	}
	if snapshot, err = l.Begin(); err != nil {
		t.Fatal(err)
	}
	if err := snapshot.Abort(); err != nil {
		t.Fatal(err)
	}
	l.Append([]byte("last"))
	l.Close()
	if _, got, _ = open(t, dir); !cmp.Equal(got, []string{"before", "after", "last"}) {
		t.Errorf("after Abort: got %q", got)
	}
}

func TestAClosedLogRefuses(t *testing.T) {
	l, _, _ := open(t, t.TempDir())
	l.Close()
	if err := l.Append([]byte("x")); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
	if err := l.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

func TestAFullDiskLosesNothingButWhatItRefused(t *testing.T) {
	dir := t.TempDir()
	l, _, _ := open(t, dir)
	l.Append([]byte("before"))
	good := l.file
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here")
	}
	defer full.Close()
	l.file = full
	if err := l.Append([]byte("refused")); err == nil {
		t.Fatal("a write to a full disk is acknowledged")
	}
	l.file = good
	l.err = nil // a device cannot be cut; a file can
	if err := l.Append([]byte("after")); err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, got, report := open(t, dir); !cmp.Equal(got, []string{"before", "after"}) || report.Dropped != 0 {
		t.Errorf("got %q, %+v", got, report)
	}
}

func TestARecordThatIsTooLongIsRefusedAlone(t *testing.T) {
	l, _, _ := open(t, t.TempDir())
	if err := l.Append(make([]byte, MaxRecord+1)); err == nil {
		t.Error("it is taken")
	}
	if err := l.Append([]byte("x")); err != nil {
		t.Error(err)
	}
}

func TestReplayErrorsStopTheOpening(t *testing.T) {
	dir := t.TempDir()
	l, _, _ := open(t, dir)
	l.Append([]byte("x"))
	l.Close()
	cause := errors.New("unknown record")
	if _, _, err := Open(dir, func([]byte) error { return cause }); !errors.Is(err, cause) {
		t.Errorf("got %v, want %v", err, cause)
	}
}

// TestAKillLosesNothingAcknowledged runs this test binary as a writer that prints what it has
// appended, kills it, and looks for all that was printed.
func TestAKillLosesNothingAcknowledged(t *testing.T) {
	if dir := os.Getenv("JOURNAL_WRITER"); dir != "" {
		l, _, err := Open(dir, func([]byte) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; ; i++ {
			if err := l.Append(fmt.Appendf(nil, "%d", i)); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(os.Stdout, "%d\n", i)
		}
	}
	for range 5 {
		dir := t.TempDir()
		var printed bytes.Buffer
		writer := exec.Command(os.Args[0], "-test.run", "^TestAKillLosesNothingAcknowledged$")
		writer.Env = append(os.Environ(), "JOURNAL_WRITER="+dir)
		writer.Stdout = &printed
		if err := writer.Start(); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(50*time.Millisecond, func() { writer.Process.Kill() })
		writer.Wait()
		_, got, _ := open(t, dir)
		acknowledged := bytes.Count(printed.Bytes(), []byte("\n"))
		if acknowledged == 0 || len(got) < acknowledged {
			t.Errorf("%d records were acknowledged, %d are there", acknowledged, len(got))
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	l, _, err := Open(b.TempDir(), func([]byte) error { return nil })
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	record := make([]byte, 200)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := l.Append(record); err != nil {
				b.Error(err)
			}
		}
	})
}
