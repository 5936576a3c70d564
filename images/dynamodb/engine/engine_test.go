package engine

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"localcloud/images/dynamodb/attr"
	"localcloud/internal/clock"
)

var testKeys = Keys{Hash: []KeyPart{{"pk", attr.S}}, Range: []KeyPart{{"sk", attr.B}}}

func testItem(pk, sk string, more ...attr.Pair) attr.Map {
	return attr.MapOf(append(more, attr.Pair{Name: "pk", Value: attr.Str(pk)}, attr.Pair{Name: "sk", Value: attr.Bin(sk)})...)
}

// open returns a DB with the table 1, which its log, where there is one, defines.
func open(t *testing.T, dir string) (*DB, *Table) {
	t.Helper()
	var table *Table
	db := New(Config{Clock: &clock.Clock{}, Logger: slog.New(slog.DiscardHandler)})
	db.onMeta = func(key, value string) error {
		if key == "table" {
			table = db.NewTable(1, testKeys)
			table.AddIndex(NewIndex("x", Keys{Hash: []KeyPart{{"v", attr.S}}}, nil))
			s := NewStream(2, NewImage|OldImage, testKeys, time.UnixMilli(0))
			db.KeepStream(s)
			table.SetStream(s)
		}
		return nil
	}
	if dir != "" {
		if err := db.Load(dir); err != nil {
			t.Fatal(err)
		}
	}
	if table == nil {
		if err := db.SetMeta(Meta{"table", "1"}); err != nil {
			t.Fatal(err)
		}
		if err := db.onMeta("table", "1"); err != nil {
			t.Fatal(err)
		}
	}
	return db, table
}

func (t *Table) putItem(item attr.Map) error {
	_, err := t.Update(t.Key(item), func(Record) (attr.Map, error) { return item, nil }, Options{})
	return err
}

// Ordered keys sort as the sort keys do, also with zero bytes and prefixes.
func TestKeyOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	random := func() string {
		b := make([]byte, 1+r.IntN(4))
		for i := range b {
			b[i] = []byte{0, 1, 0xfe, 0xff}[r.IntN(4)]
		}
		return string(b)
	}
	_, table := open(t, "")
	for range 5000 {
		a, b := random(), random()
		x, y := table.Key(testItem("p", a)).Key(), table.Key(testItem("p", b)).Key()
		if strings.Compare(x, y) != strings.Compare(a, b) {
			t.Fatalf("%q and %q are out of order", a, b)
		}
		for _, c := range []struct {
			operator string
			operands []string
			want     bool
		}{
			{"<", []string{b}, a < b}, {"<=", []string{b}, a <= b}, {">", []string{b}, a > b}, {">=", []string{b}, a >= b},
			{"begins_with", []string{b}, strings.HasPrefix(a, b)}, {"BETWEEN", []string{b, b + "\xff"}, a >= b && a <= b+"\xff"},
		} {
			if got := testKeys.Within([]string{"p"}, nil, c.operator, c.operands).Contains(x); got != c.want {
				t.Fatalf("%q %s %q is %v", a, c.operator, c.operands, got)
			}
		}
	}
}

func TestSegmentsPartTheTable(t *testing.T) {
	_, table := open(t, "")
	for i := range 1000 {
		if err := table.putItem(testItem(fmt.Sprint(i), "x")); err != nil {
			t.Fatal(err)
		}
	}
	for _, total := range []int{1, 2, 3, 7, 64, 1000} {
		count := 0
		for segment := range total {
			table.Read(Segment(segment, total), false, func(string, Record) bool { count++; return true })
		}
		if count != 1000 {
			t.Errorf("%d segments hold %d items", total, count)
		}
	}
}

// contents is everything that a table, its index and its stream hold.
func contents(t *Table) string {
	var b strings.Builder
	all := func(s Source) {
		s.Read(Bounds{}, false, func(key string, r Record) bool {
			fmt.Fprintf(&b, "%x %x\n", key, r.Item())
			return true
		})
	}
	all(t)
	schema := t.schema.Load()
	all(schema.indexes[0])
	items, bytes := t.Counts()
	entries, size := schema.indexes[0].Counts()
	fmt.Fprintln(&b, items, bytes, entries, size, schema.stream.next, len(schema.stream.events), schema.stream.shards)
	for _, e := range schema.stream.events {
		fmt.Fprintf(&b, "%d %d %d %x %x %x\n", e.Sequence, e.Time.UnixMilli(), e.Kind, e.Keys, e.Old, e.New)
	}
	return b.String()
}

// Snapshots are taken while writers go on; what is loaded afterwards is what was there.
func TestCompactionBesideWrites(t *testing.T) {
	dir := t.TempDir()
	db, table := open(t, dir)
	done := make(chan struct{})
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 2))
			for {
				select {
				case <-done:
					return
				default:
				}
				item := testItem(fmt.Sprint(r.IntN(50)), "k", attr.Pair{Name: "v", Value: attr.Str(fmt.Sprint(r.IntN(5)))})
				other := testItem(fmt.Sprint("other", r.IntN(50)), "k")
				var err error
				switch r.IntN(3) {
				case 0:
					_, err = table.Update(table.Key(item), func(Record) (attr.Map, error) { return "", nil }, Options{})
				case 1:
					_, _, err = db.Transact([]Op{
						{table, table.Key(item), func(Record) (attr.Map, error) { return item, nil }},
						{table, table.Key(other), func(Record) (attr.Map, error) { return other, nil }},
					}, &Meta{"token", fmt.Sprint(r.IntN(100))})
				default:
					err = table.putItem(item)
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 10 {
		time.Sleep(5 * time.Millisecond) // lets the writers write; nothing to wait for
		if err := db.Compact(); err != nil {
			t.Error(err)
		}
	}
	close(done)
	writers.Wait()
	want := contents(table)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		db, table := open(t, dir)
		if got := contents(table); got != want {
			a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
			for i := range min(len(a), len(b)) {
				if a[i] != b[i] {
					t.Fatalf("line %d of %d and %d:\n got %s\nwant %s", i, len(a), len(b), a[i], b[i])
				}
			}
			t.Fatalf("%d lines, want %d", len(a), len(b))
		}
		if err := db.Compact(); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// An index that is added while writers go on has every item.
func TestIndexBesideWrites(t *testing.T) {
	_, table := open(t, "")
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := range 2000 {
				if err := table.putItem(testItem(fmt.Sprint(w, i%500), "k", attr.Pair{Name: "w", Value: attr.Str(fmt.Sprint(i % 7))})); err != nil {
					t.Error(err)
				}
			}
		})
	}
	x := NewIndex("w", Keys{Hash: []KeyPart{{"w", attr.S}}}, nil)
	table.AddIndex(x)
	writers.Wait()
	var fromTable, fromIndex []string
	table.Read(Bounds{}, false, func(_ string, r Record) bool { fromTable = append(fromTable, string(r)); return true })
	x.Read(Bounds{}, false, func(_ string, r Record) bool { fromIndex = append(fromIndex, string(r)); return true })
	slices.Sort(fromTable)
	slices.Sort(fromIndex)
	if !slices.Equal(fromTable, fromIndex) {
		t.Errorf("the table has %d items, the index %d, or others", len(fromTable), len(fromIndex))
	}
}

func TestBrokenRecords(t *testing.T) {
	db, table := open(t, "")
	if err := table.putItem(testItem("a", "b")); err != nil {
		t.Fatal(err)
	}
	w := write{table: 1, change: Change{New: table.Get(table.Key(testItem("a", "b")))}}
	good := w.append([]byte{recordWrite})
	for i := range good {
		if err := db.replay(good[:i]); err == nil && i > 0 {
			t.Errorf("a record of %d of %d bytes is taken", i, len(good))
		}
	}
	r := rand.New(rand.NewPCG(5, 5))
	for range 20_000 {
		b := slices.Clone(good)
		for range 1 + r.IntN(3) {
			b[r.IntN(len(b))] = byte(r.Uint32())
		}
		_ = db.replay(b) // must not panic
	}
}
