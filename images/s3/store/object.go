package store

// Current returns the newest version of a key, delete marker or not, or nil.
func (b *Bucket) Current(key string) *Version {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if e := b.objects.entry(key); e != nil {
		return e.newest()
	}
	return nil
}

// Find returns the version of a key with that id, or nil.
func (b *Bucket) Find(key, id string) *Version {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if e := b.objects.entry(key); e != nil {
		return e.find(id)
	}
	return nil
}

// Held is a version whose content stays readable, whatever happens to the object, until Release or
// until the Content that was opened is closed.
type Held struct {
	*Version
	store  *Store
	bodies []*Body
}

// Hold is Find (Current where id is "") with the content held; nil where there is none.
func (b *Bucket) Hold(key, id string) *Held {
	b.mu.RLock()
	defer b.mu.RUnlock()
	e := b.objects.entry(key)
	if e == nil {
		return nil
	}
	v := e.newest()
	if id != "" {
		if v = e.find(id); v == nil {
			return nil
		}
	}
	for _, body := range v.bodies {
		body.refs.Add(1) // under mu a published version has its references
	}
	return &Held{Version: v, store: b.store, bodies: v.bodies}
}

// Release gives the content back. It may be called more than once, and on nil.
func (h *Held) Release() {
	if h == nil {
		return
	}
	h.store.Release(h.bodies...)
	h.bodies = nil
}

// Take gives the references of the content to the caller, who passes them to Put or PutPart: a copy
// that shares its content.
func (h *Held) Take() []*Body {
	bodies := h.bodies
	h.bodies = nil
	return bodies
}

// Check decides whether a change may happen, given the newest version of the key (nil for none, or a
// delete marker). It is called while no other change of the key can happen.
type Check func(current *Version) error

// Put publishes v under its key with the bodies as content, whose references it takes over in every
// case. Key, Size, Hash, PartSum and Info are given; the rest is set here. check may be nil.
func (b *Bucket) Put(v *Version, bodies []*Body, check Check) error {
	leave, err := b.enter(v.Key)
	if err != nil {
		b.store.Release(bodies...)
		return err
	}
	defer leave()
	if err := b.allow(v.Key, check); err != nil {
		b.store.Release(bodies...)
		return err
	}
	b.stamp(v)
	v.bodies = bodies
	if err := b.store.commit(versionPut{b, v}); err != nil {
		b.store.Release(bodies...)
		return err
	}
	return nil
}

func (b *Bucket) allow(key string, check Check) error {
	if check == nil {
		return nil
	}
	return check(b.Current(key))
}

// stamp makes v a new version by the bucket's versioning.
func (b *Bucket) stamp(v *Version) {
	v.Seq = b.store.next()
	v.Null = b.Settings().Versioning != Enabled
	v.Modified = b.store.now().UnixMilli()
}

// Replace publishes changed, which is old with other Info, in the place of old, and reports whether
// old was still there.
func (b *Bucket) Replace(old, changed *Version) (bool, error) {
	leave, err := b.enter(old.Key)
	if err != nil {
		return false, err
	}
	defer leave()
	if b.Find(old.Key, old.ID()) != old {
		return false, nil
	}
	for _, body := range old.bodies {
		body.refs.Add(1) // old keeps its references until it is replaced
	}
	if err := b.store.commit(versionPut{b, changed}); err != nil {
		b.store.Release(old.bodies...)
		return false, err
	}
	return true, nil
}

// Deletion is one object to delete, and what came of it.
type Deletion struct {
	Key string
	ID  string // of the version; "" for the newest, which may leave a delete marker
	// Check may be nil; it gets the version that would be deleted.
	Check Check

	Err     error    // of the check
	Removed *Version // what was removed for good; nil for none
	Marker  *Version // the delete marker that was made; nil for none
}

// Delete performs all deletions in one step. Its error means that none happened; a check that fails
// concerns its deletion only.
func (b *Bucket) Delete(deletions []Deletion) error {
	keys := make([]string, len(deletions))
	for i := range deletions {
		keys[i] = deletions[i].Key
	}
	leave, err := b.enter(keys...)
	if err != nil {
		return err
	}
	defer leave()
	var changes []change
	for i := range deletions {
		changes = append(changes, b.delete(&deletions[i])...)
	}
	if len(changes) == 0 {
		return nil
	}
	return b.store.commit(changes...)
}

func (b *Bucket) delete(d *Deletion) []change {
	target := b.target(d)
	if d.Check != nil {
		if d.Err = d.Check(target); d.Err != nil {
			return nil
		}
	}
	if d.ID != "" || b.Settings().Versioning == Unversioned {
		if target == nil {
			return nil
		}
		d.Removed = target
		return []change{versionRemove{b, d.Key, target.Seq}}
	}
	d.Marker = &Version{Key: d.Key, Marker: true}
	b.stamp(d.Marker)
	if d.Marker.Null {
		d.Removed = b.Find(d.Key, NullID)
	}
	return []change{versionPut{b, d.Marker}}
}

func (b *Bucket) target(d *Deletion) *Version {
	if d.ID != "" {
		return b.Find(d.Key, d.ID)
	}
	return b.Current(d.Key)
}
