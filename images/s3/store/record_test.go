package store

import (
	"testing"
	"time"
)

// FuzzRecord replays damaged records: they may be refused, but nothing else.
func FuzzRecord(f *testing.F) {
	s, err := Open(f.TempDir(), Options{})
	if err != nil {
		f.Fatal(err)
	}
	defer s.Close()
	b := s.newBucket("b", "0", "r", time.Unix(0, 0))
	body := &Body{id: 7, size: 3, segment: s.segments.lost(1), offset: 5}
	upload := &Upload{Key: "k", Seq: 3, Info: &Info{Checksum: Checksum{"CRC32", "COMPOSITE", ""}}}
	for _, changes := range [][]change{
		{bucketPut{b, &Settings{Versioning: Enabled, Values: map[string]string{"a": "b"}}}},
		{versionPut{b, &Version{Key: "k", Seq: 2, Info: &Info{Headers: []Header{{"A", "b"}}, Tags: []Tag{{"a", "b"}}}, bodies: []*Body{body}}}},
		{versionRemove{b, "k", 2}, uploadRemove{b, 3}},
		{uploadPut{b, upload}, partPut{b, 3, &Part{Number: 1, bodies: []*Body{body}}}},
		{bodyMove{body, s.segments.lost(2), 9}},
		{bucketRemove{"b"}},
	} {
		e := new(encoder)
		e.changes(changes)
		f.Add(e.b)
	}
	f.Fuzz(func(t *testing.T, record []byte) {
		s, err := Open(t.TempDir(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		r := &replayer{store: s, bodies: make(map[uint64]*Body), names: make(map[string]string)}
		_ = r.record(record) // an error is fine
	})
}
