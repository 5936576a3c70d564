package store

import "fmt"

// change is one step from one state to the next. Its apply is the same code when it happens and when
// the log is replayed, and gives the same result when it is applied again to a state that contains
// it already: a snapshot of the log is written while changes go on.
type change interface {
	encode(e *encoder)
	// apply performs the change and returns the bodies that have lost a reference by it.
	apply(s *Store) []*Body
}

// commit writes the changes to the log as one record and then applies them, so that after a failure
// nothing has happened. The caller holds the locks that order them against others of the same things.
func (s *Store) commit(changes ...change) error {
	freed, err := s.publish(changes)
	if err != nil {
		return err
	}
	s.Release(freed...)
	s.compactWhenDue()
	return nil
}

func (s *Store) publish(changes []change) (freed []*Body, err error) {
	s.order.RLock()
	defer s.order.RUnlock()
	if s.journal != nil {
		e := newEncoder()
		e.changes(changes)
		err := s.journal.Append(e.b)
		e.free()
		if err != nil {
			return nil, fmt.Errorf("write log: %w", err)
		}
	}
	for _, c := range changes {
		freed = append(freed, c.apply(s)...)
	}
	return freed, nil
}

// bucketPut creates a bucket or changes its settings.
type bucketPut struct {
	bucket   *Bucket // identity; the one that is known under this name wins
	settings *Settings
}

func (c bucketPut) apply(s *Store) []*Body {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, found := s.buckets.Get(c.bucket.Name)
	if !found {
		b = c.bucket
		s.buckets.Set(b.Name, b)
	}
	b.settings.Store(c.settings)
	return nil
}

// bucketRemove removes a bucket with all that is in it.
type bucketRemove struct{ name string }

func (c bucketRemove) apply(s *Store) (freed []*Body) {
	s.mu.Lock()
	b, found := s.buckets.Delete(c.name)
	s.mu.Unlock()
	if !found {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.removed = true
	b.objects.Scan(func(_ string, e *entry) bool {
		for _, v := range e.versions {
			freed = append(freed, v.bodies...)
		}
		return true
	})
	b.uploads.Scan(func(u *Upload) bool {
		freed = append(freed, u.bodies()...)
		return true
	})
	b.objects.clear()
	b.uploads.Clear()
	clear(b.uploadsByID)
	return freed
}

// versionPut publishes a version; it takes over the caller's references of the bodies.
type versionPut struct {
	bucket  *Bucket // nil where a replayed log names one that is gone
	version *Version
}

func (c versionPut) apply(*Store) (freed []*Body) {
	if c.bucket == nil {
		return c.version.bodies
	}
	b := c.bucket
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, v := range b.objects.add(c.version.Key).put(c.version) {
		freed = append(freed, v.bodies...)
	}
	return freed
}

// versionRemove removes a version for good.
type versionRemove struct {
	bucket *Bucket
	key    string
	seq    uint64
}

func (c versionRemove) apply(*Store) []*Body {
	if c.bucket == nil {
		return nil
	}
	b := c.bucket
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.objects.entry(c.key)
	if e == nil {
		return nil
	}
	v := e.remove(c.seq)
	if len(e.versions) == 0 {
		b.objects.remove(c.key)
	}
	if v == nil {
		return nil
	}
	return v.bodies
}

// uploadPut begins an upload in parts.
type uploadPut struct {
	bucket *Bucket
	upload *Upload
}

func (c uploadPut) apply(*Store) []*Body {
	if c.bucket == nil {
		return nil
	}
	b := c.bucket
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.uploadsByID[c.upload.Seq] == nil {
		b.uploadsByID[c.upload.Seq] = c.upload
		b.uploads.Set(c.upload)
	}
	return nil
}

// uploadRemove ends an upload and drops its parts; a version that is made of them has references of
// its own.
type uploadRemove struct {
	bucket *Bucket
	seq    uint64
}

func (c uploadRemove) apply(*Store) []*Body {
	if c.bucket == nil {
		return nil
	}
	b := c.bucket
	b.mu.Lock()
	defer b.mu.Unlock()
	u := b.uploadsByID[c.seq]
	if u == nil {
		return nil
	}
	delete(b.uploadsByID, c.seq)
	b.uploads.Delete(u)
	return u.bodies()
}

// partPut keeps a part; it takes over the caller's references of the bodies.
type partPut struct {
	bucket *Bucket
	upload uint64
	part   *Part
}

func (c partPut) apply(*Store) []*Body {
	if c.bucket == nil {
		return c.part.bodies
	}
	c.bucket.mu.Lock()
	defer c.bucket.mu.Unlock()
	u := c.bucket.uploadsByID[c.upload]
	if u == nil {
		return c.part.bodies
	}
	replaced, found := u.parts.Set(c.part.Number, c.part)
	if !found {
		return nil
	}
	return replaced.bodies
}

// bodyMove gives a small body another place.
type bodyMove struct {
	body    *Body
	segment *segment
	offset  int64
}

func (c bodyMove) apply(s *Store) []*Body {
	if c.body == nil || c.segment == nil {
		return nil
	}
	if from, _ := c.body.where(); from == nil { // a file of its own has no other place
		return nil
	}
	if err := c.body.move(c.segment, c.offset); err != nil {
		s.log.Error("remove segment", "error", err)
	}
	return nil
}
