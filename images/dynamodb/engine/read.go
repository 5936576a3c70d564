package engine

// Source is what can be read in order: a table or an index.
type Source interface {
	// Read calls visit for the items within bounds, in order of their keys or against it, until visit
	// returns false. It holds a lock meanwhile: visit must not block nor use the table.
	Read(bounds Bounds, reverse bool, visit func(key string, r Record) bool)
}

var (
	_ Source = (*Table)(nil)
	_ Source = (*Index)(nil)
)

// Read is Source's.
func (t *Table) Read(bounds Bounds, reverse bool, visit func(string, Record) bool) {
	eachShard(bounds, reverse, func(i int) (more bool) {
		s := &t.shards[i]
		s.mu.RLock()
		defer s.mu.RUnlock()
		if s.items == nil {
			return true
		}
		more = true
		step := func(r Record) bool {
			key := r.Key()
			if !bounds.Contains(key) {
				// The pivot of a walk backwards may be the upper bound itself.
				return reverse && bounds.High != "" && key == bounds.High
			}
			more = visit(key, r)
			return more
		}
		switch {
		case reverse && bounds.High != "":
			s.items.Descend(probe(bounds.High), step)
		case reverse:
			s.items.Reverse(step)
		case bounds.Low != "":
			s.items.Ascend(probe(bounds.Low), step)
		default:
			s.items.Scan(step)
		}
		return more
	})
}

// Read is Source's.
func (x *Index) Read(bounds Bounds, reverse bool, visit func(string, Record) bool) {
	eachShard(bounds, reverse, func(i int) (more bool) {
		s := &x.shards[i]
		s.mu.RLock()
		defer s.mu.RUnlock()
		if s.entries == nil {
			return true
		}
		more = true
		step := func(e entry) bool {
			if !bounds.Contains(e.key) {
				return reverse && bounds.High != "" && e.key == bounds.High
			}
			more = visit(e.key, e.record)
			return more
		}
		switch {
		case reverse && bounds.High != "":
			s.entries.Descend(entry{key: bounds.High}, step)
		case reverse:
			s.entries.Reverse(step)
		case bounds.Low != "":
			s.entries.Ascend(entry{key: bounds.Low}, step)
		default:
			s.entries.Scan(step)
		}
		return more
	})
}

// eachShard calls read for the shards that bounds touch, in order, until it returns false.
func eachShard(bounds Bounds, reverse bool, read func(i int) bool) {
	first, last := 0, shardCount-1
	if bounds.Low != "" {
		first = shardOf(bounds.Low)
	}
	if bounds.High != "" {
		last = shardOf(bounds.High)
	}
	for i := first; i <= last; i++ {
		at := i
		if reverse {
			at = first + last - i
		}
		if !read(at) {
			return
		}
	}
}
