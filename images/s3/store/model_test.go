package store

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// naive is the state of a bucket as simply as it can be written down.
type naive struct {
	versioning Versioning
	keys       map[string][]naiveVersion // oldest first
}

type naiveVersion struct {
	id      string
	marker  bool
	content string
}

func (n *naive) put(key, id, content string, marker bool) {
	if id == NullID {
		n.remove(key, NullID)
	}
	n.keys[key] = append(n.keys[key], naiveVersion{id, marker, content})
}

func (n *naive) remove(key, id string) {
	n.keys[key] = slices.DeleteFunc(n.keys[key], func(v naiveVersion) bool { return v.id == id })
	if len(n.keys[key]) == 0 {
		delete(n.keys, key)
	}
}

func (n *naive) sorted() []string {
	var keys []string
	for key := range n.keys {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// list is every key and common prefix behind after, in order.
func (n *naive) list(prefix, delimiter, after string) (names []string) {
	for _, key := range n.sorted() {
		versions := n.keys[key]
		rest, ok := strings.CutPrefix(key, prefix)
		if !ok || versions[len(versions)-1].marker || key <= after {
			continue
		}
		if i := strings.Index(rest, delimiter); delimiter != "" && i >= 0 {
			key = prefix + rest[:i+len(delimiter)]
			if strings.HasPrefix(after, key) || slices.Contains(names, key) {
				continue
			}
		}
		names = append(names, key)
	}
	return names
}

// TestAgainstModel performs random changes on a store, which is closed and opened and compacted now
// and then, and on the naive model, and compares all that can be asked.
func TestAgainstModel(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			dir := t.TempDir()
			s := open(t, dir, true)
			b := mustCreate(t, s, "b")
			model := &naive{keys: make(map[string][]naiveVersion)}
			for step := range 1500 {
				perform(t, random, b, model)
				switch {
				case step%400 == 399:
					if err := s.Close(); err != nil {
						t.Fatal(err)
					}
					s = open(t, dir, true)
					b = s.Bucket("b")
				case step%300 == 299:
					if err := s.compact(); err != nil {
						t.Fatal(err)
					}
				}
				if step%50 == 0 {
					compare(t, random, b, model)
				}
			}
			compare(t, random, b, model)
		})
	}
}

func randomKey(random *rand.Rand) string {
	parts := []string{"a", "b", "/", "//", "é", "\xff", "x"}
	var key strings.Builder
	for range 1 + random.IntN(4) {
		key.WriteString(parts[random.IntN(len(parts))])
	}
	return key.String()
}

func perform(t *testing.T, random *rand.Rand, b *Bucket, model *naive) {
	t.Helper()
	key := randomKey(random)
	switch n := random.IntN(20); {
	case n < 10:
		content := bytes.Repeat([]byte{byte('a' + random.IntN(26))}, random.IntN(3000))
		if random.IntN(20) == 0 {
			content = bytes.Repeat(content, 40)
		}
		v, err := put(b, key, content)
		if err != nil {
			t.Fatal(err)
		}
		model.put(key, v.ID(), string(content), false)
	case n < 15:
		deletions := []Deletion{{Key: key}}
		if err := b.Delete(deletions); err != nil {
			t.Fatal(err)
		}
		if model.versioning == Unversioned {
			model.remove(key, NullID)
		} else {
			model.put(key, deletions[0].Marker.ID(), "", true)
		}
	case n < 19:
		versions := model.keys[key]
		if len(versions) == 0 {
			return
		}
		id := versions[random.IntN(len(versions))].id
		if err := b.Delete([]Deletion{{Key: key, ID: id}}); err != nil {
			t.Fatal(err)
		}
		model.remove(key, id)
	default:
		model.versioning = []Versioning{Enabled, Suspended}[random.IntN(2)]
		err := b.Change(func(*Settings) (*Settings, error) { return &Settings{Versioning: model.versioning}, nil })
		if err != nil {
			t.Fatal(err)
		}
	}
}

func compare(t *testing.T, random *rand.Rand, b *Bucket, model *naive) {
	t.Helper()
	var want, got []string
	for _, key := range model.sorted() {
		for _, v := range slices.Backward(model.keys[key]) {
			want = append(want, fmt.Sprintf("%q %s %v", key, v.id, v.marker))
			if v.marker {
				continue
			}
			if content, err := get(b, key, v.id); err != nil || string(content) != v.content {
				t.Fatalf("%q %s: %d bytes, %v; want %d", key, v.id, len(content), err, len(v.content))
			}
		}
	}
	for q := (Query{Max: 1 + random.IntN(7)}); ; {
		page := b.Versions(q)
		for _, v := range page.Items {
			got = append(got, fmt.Sprintf("%q %s %v", v.Key, v.ID(), v.Marker))
		}
		if !page.More {
			break
		}
		q.After, q.AfterID = page.Last, page.LastID
	}
	if !slices.Equal(got, want) {
		t.Fatalf("versions:\n%v\nwant\n%v", got, want)
	}
	for range 10 {
		compareListing(t, random, b, model)
	}
}

func compareListing(t *testing.T, random *rand.Rand, b *Bucket, model *naive) {
	t.Helper()
	q := Query{Max: 1 + random.IntN(5), SkipPrefix: true}
	if random.IntN(2) == 0 {
		q.Prefix = randomKey(random)
	}
	if random.IntN(2) == 0 {
		q.After = randomKey(random)
	}
	q.Delimiter = []string{"", "/", "//", "a"}[random.IntN(4)]
	want := model.list(q.Prefix, q.Delimiter, q.After)
	var got []string
	for first := q; ; {
		page := b.List(q)
		var names []string
		for _, v := range page.Versions {
			names = append(names, v.Key)
		}
		names = append(names, page.Prefixes...)
		slices.Sort(names)
		got = append(got, names...)
		if !page.More {
			if !slices.Equal(got, want) {
				t.Fatalf("%+v: %q, want %q", first, got, want)
			}
			return
		}
		if page.Last != names[len(names)-1] {
			t.Fatalf("%+v: last %q of %q", q, page.Last, names)
		}
		q.After = page.Last
		if random.IntN(2) == 0 {
			q.After, q.From = "", page.Next
		}
	}
}
