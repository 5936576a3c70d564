package dynamodb

import (
	"math"

	"localcloud/images/dynamodb/attr"
	"localcloud/images/dynamodb/engine"
)

// units are the capacity units that a call consumed, of a table and its indexes.
type units struct {
	table           float64
	locals, globals map[string]float64
}

// readUnits are the units of reading that many bytes; factor is 0.5 for an eventually consistent
// read, 1 for a consistent one, 2 in a transaction.
func readUnits(bytes int, factor float64) float64 {
	return math.Max(1, math.Ceil(float64(bytes)/4096)) * factor
}

// writeUnits are the units of writing that many bytes.
func writeUnits(bytes int) float64 { return math.Max(1, math.Ceil(float64(bytes)/1024)) }

// read adds a read of a table, or of one of its indexes.
func (u *units) read(x *index, n float64) {
	switch {
	case x == nil:
		u.table += n
	case x.global:
		u.globals = added(u.globals, x.Name, n)
	default:
		u.locals = added(u.locals, x.Name, n)
	}
}

func added(m map[string]float64, name string, n float64) map[string]float64 {
	if m == nil {
		m = make(map[string]float64)
	}
	m[name] += n
	return m
}

// write adds a write; factor is 2 in a transaction. An index costs where the write changes what it
// holds, twice where the item moves within it.
func (u *units) write(t *table, c engine.Change, factor float64) {
	u.table += factor * writeUnits(max(c.Old.Size(), c.New.Size()))
	if c.Old == c.New {
		return
	}
	for _, x := range t.indexes() {
		if n := x.writeUnits(c); n > 0 {
			u.read(x, factor*n)
		}
	}
}

func (x *index) writeUnits(c engine.Change) float64 {
	var before, after string
	if c.Old != "" {
		before = x.Key(c.Old.Item(), c.Old.Key())
	}
	if c.New != "" {
		after = x.Key(c.New.Item(), c.New.Key())
	}
	switch {
	case before == "" && after == "":
		return 0
	case before == "":
		return writeUnits(x.Size(c.New))
	case after == "":
		return writeUnits(x.Size(c.Old))
	case before != after:
		return writeUnits(x.Size(c.Old)) + writeUnits(x.Size(c.New))
	case x.Project(c.Old.Item()) == x.Project(c.New.Item()):
		return 0
	}
	return writeUnits(max(x.Size(c.Old), x.Size(c.New)))
}

func (u *units) total() float64 {
	sum := u.table
	for _, n := range u.locals {
		sum += n
	}
	for _, n := range u.globals {
		sum += n
	}
	return sum
}

// wanted reports whether a call asks for the capacity that it consumed.
func wanted(mode *string) bool { return mode != nil && *mode != ReturnConsumedCapacityNone }

// consumed is the report that a call asks for, nil for none.
func (u *units) consumed(mode *string, name string) *ConsumedCapacity {
	if !wanted(mode) {
		return nil
	}
	c := &ConsumedCapacity{TableName: &name, CapacityUnits: ptr(u.total())}
	if *mode == ReturnConsumedCapacityIndexes {
		c.Table = &Capacity{CapacityUnits: &u.table}
		c.LocalSecondaryIndexes = capacities(u.locals)
		c.GlobalSecondaryIndexes = capacities(u.globals)
	}
	return c
}

func capacities(m map[string]float64) map[string]Capacity {
	if len(m) == 0 {
		return nil
	}
	out := make(map[string]Capacity, len(m))
	for name, n := range m {
		out[name] = Capacity{CapacityUnits: ptr(n)}
	}
	return out
}

// report is the consumed capacity of a call on several tables, by the tables' first use.
type report struct {
	names  []string
	byName map[string]*units
}

func newReport() *report { return &report{byName: make(map[string]*units)} }

func (r *report) of(name string) *units {
	u := r.byName[name]
	if u == nil {
		u = new(units)
		r.byName[name] = u
		r.names = append(r.names, name)
	}
	return u
}

// list is what ReturnConsumedCapacity asks for. Transactions also tell reads from writes.
func (r *report) list(mode *string, writes bool) []ConsumedCapacity {
	var list []ConsumedCapacity
	for _, name := range r.names {
		c := r.byName[name].consumed(mode, name)
		if c == nil {
			return nil
		}
		if writes {
			c.WriteCapacityUnits = c.CapacityUnits
		} else {
			c.ReadCapacityUnits = c.CapacityUnits
		}
		list = append(list, *c)
	}
	return list
}

// metrics is the report of the item collection that a write touched, nil where the call does not ask
// for it or the table has no local index.
func (t *table) metrics(mode *string, item attr.Map) *ItemCollectionMetrics {
	if deref(mode) != ReturnItemCollectionMetricsSize {
		return nil
	}
	local := false
	for _, x := range t.indexes() {
		local = local || !x.global
	}
	if !local {
		return nil
	}
	size := 0
	hash := t.keys.Hash[0]
	t.items.Read(t.keys.Partition([]string{item.Get(hash.Name).Payload()}), false, func(_ string, r engine.Record) bool {
		size += r.Size()
		return true
	})
	low := math.Floor(float64(size) / (1 << 30))
	return &ItemCollectionMetrics{
		ItemCollectionKey:   attr.MapOf(attr.Pair{Name: hash.Name, Value: item.Get(hash.Name)}),
		SizeEstimateRangeGB: []float64{low, low + 1},
	}
}
