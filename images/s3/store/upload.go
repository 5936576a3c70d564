package store

import (
	"time"

	"github.com/tidwall/btree"
)

// Upload is an upload in parts that is neither completed nor aborted.
type Upload struct {
	Key       string
	Seq       uint64
	Initiated time.Time
	Existed   bool  // there was an object under the key when it began
	Info      *Info // of the object to be; Checksum says algorithm and type, without a value

	parts btree.Map[int, *Part] // guarded by the bucket's mu
}

// ID is the upload id that clients see.
func (u *Upload) ID() string { return uploadID(u.Seq) }

func (u *Upload) bodies() (all []*Body) {
	u.parts.Scan(func(_ int, p *Part) bool {
		all = append(all, p.bodies...)
		return true
	})
	return all
}

// uploadLess orders uploads as they are listed: by key, then by when they began.
func uploadLess(a, b *Upload) bool {
	if a.Key != b.Key {
		return a.Key < b.Key
	}
	return a.Seq < b.Seq
}

// Part is an uploaded part. It is never changed.
type Part struct {
	Number   int
	Size     int64
	Hash     [16]byte // MD5
	Modified int64    // milliseconds since 1970
	Checksum Checksum
	bodies   []*Body
}

// ETag is the part's entity tag without quotes.
func (p *Part) ETag() string { return (&Version{Hash: p.Hash}).ETag() }

// ModifiedTime is Modified as a time, in UTC.
func (p *Part) ModifiedTime() time.Time { return time.UnixMilli(p.Modified).UTC() }

// Begin starts an upload in parts.
func (b *Bucket) Begin(key string, info *Info) (*Upload, error) {
	leave, err := b.enter(key)
	if err != nil {
		return nil, err
	}
	defer leave()
	u := &Upload{Key: key, Seq: b.store.next(), Initiated: b.store.now().UTC().Truncate(time.Millisecond), Info: info}
	if current := b.Current(key); current != nil {
		u.Existed = !current.Marker
	}
	return u, b.store.commit(uploadPut{b, u})
}

// Upload returns the upload of that key and id, or nil.
func (b *Bucket) Upload(key, id string) *Upload {
	seq, ok := parseUploadID(id)
	if !ok {
		return nil
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	if u := b.uploadsByID[seq]; u != nil && u.Key == key {
		return u
	}
	return nil
}

// MayMark reports whether an upload id can be where a listing begins behind a key: it may have ended,
// but must not be that of another key.
func (b *Bucket) MayMark(key, id string) bool {
	seq, ok := parseUploadID(id)
	if !ok {
		return false
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	u := b.uploadsByID[seq]
	return u == nil || u.Key == key
}

// PutPart keeps a part, in the place of an earlier one with its number. It takes over the references
// of the bodies in every case. ErrNoUpload says that the upload has ended.
func (b *Bucket) PutPart(u *Upload, p *Part, bodies []*Body) error {
	leave, err := b.enter(u.Key)
	if err == nil {
		defer leave()
		if !b.has(u) {
			err = ErrNoUpload
		}
	}
	if err == nil {
		p.Modified, p.bodies = b.store.now().UnixMilli(), bodies
		err = b.store.commit(partPut{b, u.Seq, p})
	}
	if err != nil {
		b.store.Release(bodies...)
	}
	return err
}

func (b *Bucket) has(u *Upload) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.uploadsByID[u.Seq] == u
}

// Parts returns up to max parts with numbers above after, in order, and whether there are more.
func (b *Bucket) Parts(u *Upload, after, max int) (parts []*Part, more bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	u.parts.Ascend(after+1, func(_ int, p *Part) bool {
		if more = len(parts) == max; !more {
			parts = append(parts, p)
		}
		return !more
	})
	return parts, more
}

// Abort ends an upload and drops its parts.
func (b *Bucket) Abort(u *Upload) error {
	leave, err := b.enter(u.Key)
	if err != nil {
		return err
	}
	defer leave()
	if !b.has(u) {
		return ErrNoUpload
	}
	return b.store.commit(uploadRemove{b, u.Seq})
}

// Complete publishes v with the content of these parts, which Parts has returned, and ends the
// upload. ErrNoUpload says that it has ended, or that a part was replaced meanwhile.
func (b *Bucket) Complete(u *Upload, parts []*Part, v *Version, check Check) error {
	leave, err := b.enter(u.Key)
	if err != nil {
		return err
	}
	defer leave()
	if err := b.allow(u.Key, check); err != nil {
		return err
	}
	bodies, err := b.gather(u, parts)
	if err != nil {
		return err
	}
	b.stamp(v)
	v.bodies = bodies
	if err := b.store.commit(versionPut{b, v}, uploadRemove{b, u.Seq}); err != nil {
		b.store.Release(bodies...)
		return err
	}
	return nil
}

// gather returns the bodies of the parts with a reference of each.
func (b *Bucket) gather(u *Upload, parts []*Part) (bodies []*Body, err error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.uploadsByID[u.Seq] != u {
		return nil, ErrNoUpload
	}
	for _, p := range parts {
		if kept, _ := u.parts.Get(p.Number); kept != p {
			return nil, ErrNoUpload
		}
		bodies = append(bodies, p.bodies...)
	}
	for _, body := range bodies {
		body.refs.Add(1)
	}
	return bodies, nil
}
