package dynamodb

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"localcloud/images/dynamodb/attr"
	"localcloud/images/dynamodb/engine"
)

// table is one table: what it is and its items. What it is can be read without a lock.
type table struct {
	place place
	name  string
	items *engine.Table
	keys  engine.Keys

	mu     sync.Mutex // held while the definition is changed
	stream *tableStream
	def    atomic.Pointer[definition]
	index  atomic.Pointer[[]*index] // local ones first, then global ones, each ordered by name
	expiry atomic.Pointer[engine.Index]
}

// index is a secondary index of a table.
type index struct {
	*engine.Index
	global     bool
	projection string // ALL, KEYS_ONLY or INCLUDE
}

// newTable makes the table of a definition; its items are there at once.
func newTable(db *engine.DB, d *definition) *table {
	t := &table{place: d.place(), name: d.Name, keys: keysOf(d, d.KeySchema)}
	t.items = db.NewTable(d.ID, t.keys)
	var list []*index
	for _, def := range d.Locals {
		list = append(list, t.newIndex(d, def, false))
	}
	for _, def := range d.Globals {
		list = append(list, t.newIndex(d, def, true))
	}
	t.publishIndexes(list)
	for _, x := range list {
		t.items.AddIndex(x.Index)
	}
	t.setExpiry(d.TTL)
	t.def.Store(d)
	return t
}

func (t *table) newIndex(d *definition, def indexDefinition, global bool) *index {
	keys := keysOf(d, def.KeySchema)
	x := &index{global: global, projection: deref(def.Projection.ProjectionType)}
	var projected func(string) bool
	if x.projection != ProjectionTypeAll {
		names := make(map[string]bool)
		for _, p := range append(t.keys.All(), keys.All()...) {
			names[p.Name] = true
		}
		for _, name := range def.Projection.NonKeyAttributes {
			names[name] = true
		}
		projected = func(name string) bool { return names[name] }
	}
	x.Index = engine.NewIndex(def.Name, keys, projected)
	return x
}

func (t *table) publishIndexes(list []*index) {
	slices.SortStableFunc(list, func(a, b *index) int { return strings.Compare(a.Name, b.Name) })
	t.index.Store(&list)
}

// addIndex begins a global index and fills it. mu is held.
func (t *table) addIndex(d *definition, def indexDefinition) {
	x := t.newIndex(d, def, true)
	t.items.AddIndex(x.Index)
	t.publishIndexes(append(slices.Clone(t.indexes()), x))
}

// removeIndex ends a global index. mu is held.
func (t *table) removeIndex(name string) {
	t.publishIndexes(slices.DeleteFunc(slices.Clone(t.indexes()), func(x *index) bool {
		if x.Name != name {
			return false
		}
		t.items.RemoveIndex(x.Index)
		return true
	}))
}

// setExpiry makes an attribute the one whose time items expire at, "" for none. mu is held.
func (t *table) setExpiry(attribute string) {
	if old := t.expiry.Load(); old != nil {
		t.items.RemoveIndex(old)
		t.expiry.Store(nil)
	}
	if attribute != "" {
		x := engine.NewExpiry(attribute)
		t.items.AddIndex(x)
		t.expiry.Store(x)
	}
}

func (t *table) indexes() []*index { return *t.index.Load() }

// indexNamed returns the index of that name, nil for none.
func (t *table) indexNamed(name string) *index {
	for _, x := range t.indexes() {
		if x.Name == name {
			return x
		}
	}
	return nil
}

// keysOf reads a key schema.
func keysOf(d *definition, schema []KeySchemaElement) engine.Keys {
	var keys engine.Keys
	for _, e := range schema {
		t, _ := attr.ParseType(d.attributeType(e.AttributeName))
		part := engine.KeyPart{Name: e.AttributeName, Type: t}
		if e.KeyType == KeyTypeHash {
			keys.Hash = append(keys.Hash, part)
		} else {
			keys.Range = append(keys.Range, part)
		}
	}
	return keys
}

// status is the table's status.
func (t *table) status(now time.Time) string {
	d := t.def.Load()
	switch {
	case !now.Before(d.Ready):
		return TableStatusActive
	case d.Making:
		return TableStatusCreating
	}
	return TableStatusUpdating
}

// change replaces the definition by what f makes of a copy, and persists it. apply, where not nil,
// makes the change in the engine before it is published. mu is held.
func (b *Backend) change(t *table, f func(*definition)) error {
	d := *t.def.Load()
	f(&d)
	t.def.Store(&d)
	return b.persist(&d)
}

const tableMeta = "table/"

func (b *Backend) persist(d *definition) error {
	text, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return b.db.SetMeta(engine.Meta{Key: fmt.Sprintf("%s%020d", tableMeta, d.ID), Value: string(text)})
}

// restore takes in what the log says of tables, streams, backups and tokens.
func (b *Backend) restore(key, value string) error {
	switch {
	case strings.HasPrefix(key, tableMeta):
		return b.restoreTable(strings.TrimPrefix(key, tableMeta), value)
	case strings.HasPrefix(key, streamMeta):
		return b.restoreStream(value)
	case strings.HasPrefix(key, tokenMeta):
		return b.tokens.restore(b, key, value)
	case strings.HasPrefix(key, backupMeta):
		return b.restoreBackup(key, value)
	}
	return fmt.Errorf("dynamodb: the log has an unknown entry %q", key)
}

func (b *Backend) restoreTable(id, value string) error {
	if value == "" {
		for _, t := range b.tables.all() {
			if fmt.Sprintf("%020d", t.items.ID) == id {
				b.tables.remove(t)
				b.db.Drop(t.items)
			}
		}
		return nil
	}
	d := new(definition)
	if err := json.Unmarshal([]byte(value), d); err != nil {
		return fmt.Errorf("dynamodb: definition of a table: %w", err)
	}
	b.tables.used(d.ID)
	t := b.tables.find(d.place(), d.Name)
	if t == nil || t.items.ID != d.ID {
		t = newTable(b.db, d)
		b.tables.add(t)
	} else {
		t.redefine(d)
	}
	b.restoreTableStream(t)
	return nil
}

// redefine makes a table what a later definition says.
func (t *table) redefine(d *definition) {
	old := t.def.Load()
	for _, x := range old.Globals {
		if d.global(x.Name) == nil {
			t.removeIndex(x.Name)
		}
	}
	for _, x := range d.Globals {
		if old.global(x.Name) == nil {
			t.addIndex(d, x)
		}
	}
	if old.TTL != d.TTL {
		t.setExpiry(d.TTL)
	}
	t.def.Store(d)
}

// forget persists that a table is gone.
func (b *Backend) forget(t *table) error {
	return b.db.SetMeta(engine.Meta{Key: fmt.Sprintf("%s%020d", tableMeta, t.items.ID)})
}
