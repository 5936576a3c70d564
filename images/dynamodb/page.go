package dynamodb

import (
	"slices"
	"strings"

	"localcloud/images/dynamodb/attr"
	"localcloud/images/dynamodb/engine"
	"localcloud/images/dynamodb/expr"
)

// maxPage is how many bytes of items a query or scan reads for one answer.
const maxPage = 1 << 20

// reading is what Query, Scan and a PartiQL SELECT have in common: items of a table or index in
// order, filtered, projected, a page at a time.
type reading struct {
	table      *table
	index      *index // nil for the table itself
	bounds     engine.Bounds
	reverse    bool
	filter     *expr.Condition
	paths      []attr.Path // nil for all that the source has
	fetch      bool        // a local index is asked for attributes that it does not hold
	count      bool        // only count
	limit      int         // items to read, 0 for no limit
	consistent *bool
}

// page is one answer.
type page struct {
	items          []attr.Map
	count, scanned int
	lastKey        attr.Map // "" at the end
	units          units
}

func (r *reading) source() engine.Source {
	if r.index != nil {
		return r.index.Index
	}
	return r.table.items
}

// size is what an item counts towards the page.
func (r *reading) size(record engine.Record) int {
	if r.index != nil {
		return r.index.Size(record)
	}
	return record.Size()
}

// read reads one page.
func (r *reading) read() *page {
	p := new(page)
	if !r.count {
		p.items = make([]attr.Map, 0, min(max(r.limit, 8), 64))
	}
	bytes, fetched := 0, 0.0
	var last engine.Record
	more := false
	r.source().Read(r.bounds, r.reverse, func(_ string, record engine.Record) bool {
		size := r.size(record)
		if p.scanned > 0 && bytes+size > maxPage {
			more = true
			return false
		}
		bytes += size
		p.scanned++
		last = record
		if r.fetch {
			fetched += readUnits(record.Size(), consistency(r.consistent))
		}
		if r.filter.Holds(record.Item()) {
			p.count++
			if !r.count {
				p.items = append(p.items, record.Item())
			}
		}
		if p.scanned == r.limit {
			more = true
			return false
		}
		return true
	})
	for i, item := range p.items {
		p.items[i] = r.shown(item)
	}
	if more {
		p.lastKey = r.keyOf(last.Item())
	}
	p.units.read(r.index, readUnits(bytes, consistency(r.consistent)))
	if r.fetch {
		p.units.read(nil, fetched)
	}
	return p
}

// shown is the part of an item that the answer has.
func (r *reading) shown(item attr.Map) attr.Map {
	if r.paths != nil {
		return item.Project(r.paths)
	}
	if r.index != nil && !r.fetch {
		return r.index.Project(item)
	}
	return item
}

// keyOf is the key from which the next page goes on.
func (r *reading) keyOf(item attr.Map) attr.Map {
	if r.index == nil {
		return r.table.keyOf(item)
	}
	return item.Only(func(name string) bool { return r.table.keys.Has(name) || r.index.Keys.Has(name) })
}

// keys is the key schema that the reading follows.
func (r *reading) keys() *engine.Keys {
	if r.index != nil {
		return &r.index.Keys
	}
	return &r.table.keys
}

// start moves the bounds behind an ExclusiveStartKey; conditions are those of a query, nil for a scan.
func (r *reading) start(key attr.Map, conditions []expr.KeyCondition) error {
	if key == "" {
		return nil
	}
	position, err := r.position(key)
	if err != nil {
		return err
	}
	for _, c := range conditions {
		if slices.ContainsFunc(r.keys().Hash, func(p engine.KeyPart) bool { return p.Name == c.Name }) && key.Get(c.Name) != c.Values[0] {
			return invalid("The provided starting key is outside query boundaries based on provided conditions")
		}
	}
	if conditions != nil && !r.bounds.Contains(position) {
		return invalid("The provided starting key does not match the range key predicate")
	}
	if conditions == nil && !r.bounds.Contains(position) {
		return invalid("The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments or Segment may have changed")
	}
	r.bounds = r.bounds.After(position, r.reverse)
	return nil
}

// position is the ordered key that an ExclusiveStartKey names.
func (r *reading) position(key attr.Map) (string, error) {
	if problem := key.Problem(); problem != "" {
		return "", invalid("The provided starting key is invalid: " + problem)
	}
	parts := r.table.keys.All()
	if r.index != nil {
		for _, p := range r.index.Keys.All() {
			if !r.table.keys.Has(p.Name) {
				parts = append(parts, p)
			}
		}
	}
	mismatch := "The provided starting key is invalid: " + noKeyMatch
	if r.index != nil {
		mismatch = "The provided starting key is invalid"
	}
	if key.Len() != len(parts) {
		return "", invalid(mismatch)
	}
	for _, p := range parts {
		v := key.Get(p.Name)
		if v.Type() != p.Type {
			return "", invalid(mismatch)
		}
		if what := emptyOf(v); what != "" {
			return "", invalid("The provided starting key is invalid: " + emptyKey + what + " value. Key: " + p.Name)
		}
	}
	if checkKeySizes(&r.table.keys, key) != nil || r.index != nil && checkKeySizes(&r.index.Keys, key) != nil {
		return "", invalid("The provided starting key is invalid")
	}
	primary := r.table.items.Key(key).Key()
	if r.index == nil {
		return primary, nil
	}
	return r.index.Key(key, primary), nil
}

// choice is what a query or scan says of the attributes that it wants.
type choice struct {
	mode       *string // Select
	projection bool    // ProjectionExpression is set
	legacy     bool    // AttributesToGet is set
}

// checkSelect checks Select, as far as that needs no table.
func (c choice) check(hasIndex bool, doing string) error {
	mode := deref(c.mode)
	named := "AttributesToGet"
	if c.projection {
		named = "ProjectionExpression"
	}
	switch {
	case mode == SelectAllProjectedAttributes && !hasIndex:
		return invalid("ALL_PROJECTED_ATTRIBUTES can be used only when " + doing + " using an IndexName")
	case mode == SelectSpecificAttributes && !c.projection && !c.legacy:
		return invalid("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	case mode == "" || mode == SelectSpecificAttributes || !c.projection && !c.legacy:
		return nil
	case mode == SelectCount:
		return invalid("Cannot specify the " + named + " when choosing to get only the Count")
	}
	return invalid("Cannot specify the " + named + " when choosing to get " + mode)
}

// choose finds the index and applies Select, the projection and the filter to a reading.
func (r *reading) choose(name *string, c choice, filterName string) error {
	if name != nil {
		if r.index = r.table.indexNamed(*name); r.index == nil {
			return invalid("The table does not have the specified index: " + *name)
		}
	}
	r.count = deref(c.mode) == SelectCount
	if r.index != nil && r.index.global {
		if deref(r.consistent) {
			return invalid("Consistent reads are not supported on global secondary indexes")
		}
		if err := r.checkProjected(c); err != nil {
			return err
		}
	} else if r.index != nil {
		r.fetch = deref(c.mode) == SelectAllAttributes && r.index.projection != ProjectionTypeAll || len(r.missing(r.paths)) > 0
	}
	for _, p := range r.filter.Paths() {
		if len(p) == 1 && r.keys().Has(p[0].Name) {
			return invalid(filterName + " can only contain non-primary key attributes: Primary key attribute: " + p[0].Name)
		}
	}
	if err := r.table.checkPaths(r.filter.Paths()); err != nil {
		return err
	}
	return r.table.checkPaths(r.paths)
}

// checkProjected refuses what a global index does not hold.
func (r *reading) checkProjected(c choice) error {
	if deref(c.mode) == SelectAllAttributes && r.index.projection != ProjectionTypeAll {
		return invalidf(invalidValues+"Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type is not ALL", r.index.Name)
	}
	if names := r.missing(r.paths); len(names) > 0 {
		return invalidf(invalidValues+"Global secondary index %s does not project [%s]", r.index.Name, strings.Join(names, ", "))
	}
	if names := r.missing(r.filter.Paths()); len(names) > 0 {
		return invalidf(invalidValues+"Secondary index %s does not project one or more filter attributes: [%s]", r.index.Name, strings.Join(names, ", "))
	}
	return nil
}

// missing are the attributes of the paths that the index does not hold.
func (r *reading) missing(paths []attr.Path) []string {
	var names []string
	if r.index == nil || r.index.Projected == nil {
		return nil
	}
	for _, p := range paths {
		if !r.index.Projected(p[0].Name) && !slices.Contains(names, p[0].Name) {
			names = append(names, p[0].Name)
		}
	}
	return names
}
