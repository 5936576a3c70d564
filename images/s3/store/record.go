package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// The kinds of changes in a record. Numbers are part of the format of logs on disk.
const (
	kindBucketPut     = 1
	kindBucketRemove  = 2
	kindVersionPut    = 3
	kindVersionRemove = 4
	kindUploadPut     = 5
	kindUploadRemove  = 6
	kindPartPut       = 7
	kindBodyMove      = 8
)

func (e *encoder) changes(changes []change) {
	for _, c := range changes {
		c.encode(e)
	}
}

func (c bucketPut) encode(e *encoder) {
	e.uint(kindBucketPut)
	e.str(c.bucket.Name)
	e.str(c.bucket.Owner)
	e.str(c.bucket.Region)
	e.time(c.bucket.Created)
	e.str(string(c.settings.Versioning))
	e.uint(uint64(len(c.settings.Values)))
	for _, name := range slices.Sorted(maps.Keys(c.settings.Values)) {
		e.str(name)
		e.str(c.settings.Values[name])
	}
}

func (c bucketRemove) encode(e *encoder) {
	e.uint(kindBucketRemove)
	e.str(c.name)
}

func (c versionPut) encode(e *encoder) {
	v := c.version
	e.uint(kindVersionPut)
	e.str(c.bucket.Name)
	e.str(v.Key)
	e.uint(v.Seq)
	e.flag(v.Null)
	e.flag(v.Marker)
	e.int(v.Modified)
	e.int(v.Size)
	e.b = append(e.b, v.Hash[:]...)
	e.int(int64(v.PartSum))
	e.info(v.Info)
	e.bodies(v.bodies)
}

func (c versionRemove) encode(e *encoder) {
	e.uint(kindVersionRemove)
	e.str(c.bucket.Name)
	e.str(c.key)
	e.uint(c.seq)
}

func (c uploadPut) encode(e *encoder) {
	e.uint(kindUploadPut)
	e.str(c.bucket.Name)
	e.str(c.upload.Key)
	e.uint(c.upload.Seq)
	e.time(c.upload.Initiated)
	e.flag(c.upload.Existed)
	e.info(c.upload.Info)
}

func (c uploadRemove) encode(e *encoder) {
	e.uint(kindUploadRemove)
	e.str(c.bucket.Name)
	e.uint(c.seq)
}

func (c partPut) encode(e *encoder) {
	e.uint(kindPartPut)
	e.str(c.bucket.Name)
	e.uint(c.upload)
	e.int(int64(c.part.Number))
	e.int(c.part.Size)
	e.b = append(e.b, c.part.Hash[:]...)
	e.int(c.part.Modified)
	e.checksum(c.part.Checksum)
	e.bodies(c.part.bodies)
}

func (c bodyMove) encode(e *encoder) {
	e.uint(kindBodyMove)
	e.uint(c.body.id)
	e.uint(c.segment.number)
	e.int(c.offset)
}

func (e *encoder) info(info *Info) {
	e.flag(info != nil)
	if info == nil {
		return
	}
	e.uint(uint64(len(info.Headers)))
	for _, h := range info.Headers {
		e.str(h.Name)
		e.str(h.Value)
	}
	e.uint(uint64(len(info.Tags)))
	for _, t := range info.Tags {
		e.str(t.Key)
		e.str(t.Value)
	}
	e.str(info.StorageClass)
	e.checksum(info.Checksum)
	e.uint(uint64(len(info.Parts)))
	for _, p := range info.Parts {
		e.int(int64(p.Number))
		e.int(p.Size)
		e.str(p.Checksum)
	}
}

func (e *encoder) checksum(c Checksum) {
	e.str(c.Algorithm)
	e.str(c.Type)
	e.str(c.Value)
}

func (e *encoder) bodies(bodies []*Body) {
	e.uint(uint64(len(bodies)))
	for _, b := range bodies {
		seg, offset := b.where()
		e.uint(b.id)
		e.int(b.size)
		if seg == nil {
			e.uint(0)
			continue
		}
		e.uint(seg.number)
		e.int(offset)
	}
}

// replayer turns records back into changes.
type replayer struct {
	decoder
	store  *Store
	bodies map[uint64]*Body // all that have been named
	names  map[string]string
}

// record applies the changes of one record.
func (r *replayer) record(record []byte) error {
	r.decoder = decoder{b: record}
	for len(r.b) > 0 {
		kind := r.uint()
		c, err := r.change(kind)
		if err = errors.Join(err, r.err()); err != nil {
			return fmt.Errorf("change of kind %d: %w", kind, err)
		}
		for _, b := range c.apply(r.store) {
			b.refs.Add(-1) // what has no reference at the end is swept
		}
	}
	return r.err()
}

func (r *replayer) err() error {
	if r.bad {
		return errRecord
	}
	return nil
}

func (r *replayer) change(kind uint64) (change, error) {
	switch kind {
	case kindBucketPut:
		return r.bucketPut(), nil
	case kindBucketRemove:
		return bucketRemove{r.str()}, nil
	case kindVersionPut:
		return r.versionPut(), nil
	case kindVersionRemove:
		return versionRemove{r.bucket(), r.str(), r.uint()}, nil
	case kindUploadPut:
		bucket := r.bucket()
		u := &Upload{Key: r.str(), Seq: r.seq(), Initiated: r.time(), Existed: r.flag(), Info: r.info()}
		return uploadPut{bucket, u}, nil
	case kindUploadRemove:
		return uploadRemove{r.bucket(), r.uint()}, nil
	case kindPartPut:
		return r.partPut(), nil
	case kindBodyMove:
		body, number := r.bodies[r.uint()], r.uint()
		return bodyMove{body: body, segment: r.store.segments.find(number), offset: r.int()}, nil
	}
	return nil, errRecord
}

func (r *replayer) bucket() *Bucket { return r.store.Bucket(r.str()) }

func (r *replayer) bucketPut() change {
	b := r.store.newBucket(r.str(), r.str(), r.str(), r.time())
	settings := &Settings{Versioning: Versioning(r.str()), Values: make(map[string]string)}
	for range r.count() {
		name := r.str()
		settings.Values[name] = r.str()
	}
	return bucketPut{b, settings}
}

func (r *replayer) versionPut() change {
	bucket := r.bucket()
	v := &Version{Key: r.str(), Seq: r.seq(), Null: r.flag(), Marker: r.flag(), Modified: r.int(), Size: r.int()}
	copy(v.Hash[:], r.take(16))
	v.PartSum = int(r.int())
	v.Info = r.info()
	v.bodies = r.content()
	return versionPut{bucket, v}
}

func (r *replayer) partPut() change {
	bucket := r.bucket()
	upload := r.uint()
	p := &Part{Number: int(r.int()), Size: r.int()}
	copy(p.Hash[:], r.take(16))
	p.Modified = r.int()
	p.Checksum = r.checksum()
	p.bodies = r.content()
	return partPut{bucket, upload, p}
}

// seq reads a number of which new ones must stay clear.
func (r *replayer) seq() uint64 {
	seq := r.uint()
	r.store.last.Store(max(r.store.last.Load(), seq))
	return seq
}

func (r *replayer) info() *Info {
	if !r.flag() {
		return nil
	}
	info := new(Info)
	for range r.count() {
		info.Headers = append(info.Headers, Header{r.name(), r.str()})
	}
	for range r.count() {
		info.Tags = append(info.Tags, Tag{r.str(), r.str()})
	}
	info.StorageClass = r.name()
	info.Checksum = r.checksum()
	for range r.count() {
		info.Parts = append(info.Parts, PartInfo{int(r.int()), r.int(), r.str()})
	}
	return info
}

func (r *replayer) checksum() Checksum { return Checksum{r.name(), r.name(), r.str()} }

// name reads a string of which there are few different ones.
func (r *replayer) name() string {
	raw := r.take(r.count())
	if known, found := r.names[string(raw)]; found {
		return known
	}
	name := string(raw)
	if len(r.names) < 1<<12 {
		r.names[name] = name
	}
	return name
}

// content reads the bodies of a version or part with a reference of each. The first record that
// names a body tells where it lies; after that only moves change it.
func (r *replayer) content() []*Body {
	var bodies []*Body
	for range r.count() {
		b := &Body{id: r.seq(), size: r.int()}
		if number := r.uint(); number != 0 {
			b.segment, b.offset = r.store.segments.find(number), r.int()
			if b.segment == nil {
				b.segment = r.store.segments.lost(number)
			}
		}
		if known := r.bodies[b.id]; known != nil {
			b = known
		} else {
			r.bodies[b.id] = b
			if b.segment != nil {
				b.segment.link(b)
			}
		}
		b.refs.Add(1)
		bodies = append(bodies, b)
	}
	return bodies
}
