package store

import (
	"encoding/hex"
	"slices"
	"strconv"
	"time"
)

// Version is one version of an object. A published version is never changed: a change of its tags
// publishes another Version with the same Seq.
type Version struct {
	Key      string
	Seq      uint64 // orders all versions; a newer one has a greater number
	Null     bool   // the version whose id is "null"
	Marker   bool   // a delete marker; it has neither content nor Info
	Modified int64  // milliseconds since 1970
	Size     int64
	Hash     [16]byte // MD5 of the content, or of the MD5s of its parts
	PartSum  int      // number of parts it was uploaded in, 0 for none
	Info     *Info    // nil only for a delete marker
	bodies   []*Body
}

// Info is what a version has besides its content. It is shared and must not be changed.
type Info struct {
	Headers      []Header // as they are answered: Content-Type, user metadata and so on
	Tags         []Tag
	StorageClass string // "" for STANDARD
	Checksum     Checksum
	Parts        []PartInfo // of an upload in parts
}

// Header is a response header that is kept with an object.
type Header struct{ Name, Value string }

// Tag is a tag of an object or bucket.
type Tag struct{ Key, Value string }

// Checksum is a checksum beside the ETag.
type Checksum struct {
	Algorithm string // "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"; "" for none
	Type      string // "FULL_OBJECT" or "COMPOSITE"
	Value     string // base64; of a COMPOSITE one without "-" and number of parts
}

// PartInfo is what is known of a part after its upload is completed.
type PartInfo struct {
	Number   int
	Size     int64
	Checksum string // base64, by the algorithm of the version; "" for none
}

// ID is the version id that clients see.
func (v *Version) ID() string {
	if v.Null {
		return NullID
	}
	return versionID(v.Seq)
}

// ETag is the entity tag without quotes.
func (v *Version) ETag() string {
	sum := hex.EncodeToString(v.Hash[:])
	if v.PartSum > 0 {
		return sum + "-" + strconv.Itoa(v.PartSum)
	}
	return sum
}

// ModifiedTime is Modified as a time, in UTC.
func (v *Version) ModifiedTime() time.Time { return time.UnixMilli(v.Modified).UTC() }

// WithTags is a copy of v with other tags, to be passed to Bucket.Replace.
func (v *Version) WithTags(tags []Tag) *Version {
	info := *v.Info
	info.Tags = tags
	w := *v
	w.Info = &info
	return &w
}

// entry is what a bucket holds under one key, oldest version first; never empty.
type entry struct {
	versions []*Version
	null     uint64      // Seq of the null version, 0 for none
	only     [1]*Version // where versions begins, so that one needs no memory of its own
}

func newEntry() *entry {
	e := new(entry)
	e.versions = e.only[:0]
	return e
}

func (e *entry) newest() *Version { return e.versions[len(e.versions)-1] }

// index finds the version with that number, or where it would stand.
func (e *entry) index(seq uint64) (int, bool) {
	if n := len(e.versions); n > 0 && e.versions[n-1].Seq < seq {
		return n, false
	}
	return slices.BinarySearchFunc(e.versions, seq, func(v *Version, seq uint64) int {
		switch {
		case v.Seq < seq:
			return -1
		case v.Seq > seq:
			return 1
		}
		return 0
	})
}

// find returns the version with that id, or nil.
func (e *entry) find(id string) *Version {
	seq := e.null
	if id != NullID {
		var ok bool
		if seq, ok = parseVersionID(id); !ok || seq == e.null {
			return nil
		}
	}
	if i, ok := e.index(seq); ok && seq != 0 {
		return e.versions[i]
	}
	return nil
}

// put adds v and returns the versions that it replaces: the one with its number, and the null
// version where v is one.
func (e *entry) put(v *Version) (replaced []*Version) {
	if v.Null && e.null != 0 && e.null != v.Seq {
		replaced = append(replaced, e.remove(e.null))
	}
	if v.Null {
		e.null = v.Seq
	}
	i, found := e.index(v.Seq)
	if found {
		replaced = append(replaced, e.versions[i])
		e.versions[i] = v
		return replaced
	}
	e.versions = slices.Insert(e.versions, i, v)
	return replaced
}

// remove takes the version with that number out and returns it, or nil.
func (e *entry) remove(seq uint64) *Version {
	i, found := e.index(seq)
	if !found {
		return nil
	}
	v := e.versions[i]
	e.versions = slices.Delete(e.versions, i, i+1)
	if e.null == seq {
		e.null = 0
	}
	return v
}
