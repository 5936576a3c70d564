package dynamodb

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tidwall/btree"

	"localcloud/gateway/aws"
	"localcloud/images/dynamodb/engine"
)

// tableStream is a stream, the open one of a table or one that ended within the last day.
type tableStream struct {
	engine *engine.Stream
	closedStream
}

// closedStream is what is persisted of a stream that its table has no longer.
type closedStream struct {
	streamDefinition
	Account, Region, Table string
	KeySchema              []KeySchemaElement
	Attributes             []AttributeDefinition
	Closed                 time.Time // zero while it is open
}

func (s *tableStream) place() place { return place{s.Account, s.Region} }

func (s *tableStream) arn() string {
	return s.place().arn("table/" + s.Table + "/stream/" + s.Label)
}

const streamMeta = "stream/"

var views = map[string]engine.View{
	StreamViewTypeKeysOnly: engine.KeysOnly, StreamViewTypeNewImage: engine.NewImage,
	StreamViewTypeOldImage: engine.OldImage, StreamViewTypeNewAndOldImages: engine.NewImage | engine.OldImage,
}

func (b *Backend) newStreamDefinition(view string) *streamDefinition {
	now := b.now().Truncate(time.Millisecond)
	return &streamDefinition{ID: b.tables.newID(), View: view, Label: now.Format("2006-01-02T15:04:05.000"), Created: now, Open: true}
}

// checkStreamSpecification checks what a table's creation or update says of its stream.
func checkStreamSpecification(s *StreamSpecification) error {
	switch {
	case s == nil:
	case s.StreamEnabled && s.StreamViewType == nil:
		return invalid(invalidValues + "StreamViewType is required when StreamEnabled is true")
	case !s.StreamEnabled && s.StreamViewType != nil:
		return invalid(invalidValues + "StreamViewType cannot be specified when StreamEnabled is false")
	}
	return nil
}

// updateStream opens or closes the stream of a table. t.mu is held.
func (b *Backend) updateStream(t *table, d *definition, s *StreamSpecification) error {
	if s == nil {
		return nil
	}
	open := d.Stream != nil && d.Stream.Open
	switch {
	case s.StreamEnabled && open:
		return invalid("Table already has an enabled stream: TableName: " + d.Name)
	case !s.StreamEnabled && !open:
		return invalid("Table is already disabled for streams: TableName: " + d.Name)
	case s.StreamEnabled:
		d.Stream = b.newStreamDefinition(*s.StreamViewType)
		b.openStream(t, d.Stream)
		b.registerStream(t)
		return nil
	}
	if err := b.closeStream(t); err != nil {
		return err
	}
	closed := *d.Stream
	closed.Open = false
	d.Stream = &closed
	return nil
}

// openStream begins a stream of the table's changes.
func (b *Backend) openStream(t *table, s *streamDefinition) {
	d := t.def.Load()
	t.stream = &tableStream{
		engine: engine.NewStream(s.ID, views[s.View], t.keys, s.Created),
		closedStream: closedStream{streamDefinition: *s, Account: d.Account, Region: d.Region, Table: d.Name,
			KeySchema: d.KeySchema, Attributes: d.Attributes},
	}
	b.db.KeepStream(t.stream.engine)
	t.items.SetStream(t.stream.engine)
}

// registerStream makes the open stream of a table known.
func (b *Backend) registerStream(t *table) { b.tables.addStream(t.stream) }

// closeStream ends the stream of a table, where it has one. t.mu is held.
func (b *Backend) closeStream(t *table) error {
	s := t.stream
	if s == nil {
		return nil
	}
	t.items.SetStream(nil)
	s.engine.Close()
	t.stream = nil
	closed := *s
	closed.Closed, closed.Open = b.now(), false
	b.tables.addStream(&closed)
	text, err := json.Marshal(closed.closedStream)
	if err != nil {
		return err
	}
	return b.db.SetMeta(engine.Meta{Key: closed.metaKey(), Value: string(text)})
}

func (s *tableStream) metaKey() string { return fmt.Sprintf("%s%020d", streamMeta, s.ID) }

// restoreTableStream makes the open stream of a table that the log defines.
func (b *Backend) restoreTableStream(t *table) {
	d := t.def.Load()
	if d.Stream == nil || !d.Stream.Open || t.stream != nil && t.stream.ID == d.Stream.ID {
		return
	}
	b.tables.used(d.Stream.ID)
	b.openStream(t, d.Stream)
	b.registerStream(t)
}

// restoreStream takes in a stream that ended.
func (b *Backend) restoreStream(value string) error {
	if value == "" {
		return nil
	}
	s := new(tableStream)
	if err := json.Unmarshal([]byte(value), &s.closedStream); err != nil {
		return fmt.Errorf("dynamodb: definition of a stream: %w", err)
	}
	b.tables.used(s.ID)
	for _, t := range b.tables.all() {
		if t.stream != nil && t.stream.ID == s.ID {
			t.items.SetStream(nil)
			s.engine = t.stream.engine
			t.stream = nil
		}
	}
	if s.engine == nil {
		d := &definition{Attributes: s.Attributes}
		s.engine = engine.NewStream(s.ID, views[s.View], keysOf(d, s.KeySchema), s.Created)
		b.db.KeepStream(s.engine)
	}
	s.engine.Close()
	b.tables.addStream(s)
	return nil
}

// addStream makes a stream known under its ARN.
func (r *registry) addStream(s *tableStream) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.streams[s.place()] == nil {
		r.streams[s.place()] = new(btree.Map[string, *tableStream])
	}
	r.streams[s.place()].Set(s.arn(), s)
}

// findStream returns the caller's stream of an ARN, nil for none and for one that ended more than a
// day ago.
func (b *Backend) findStream(ctx context.Context, arn string) *tableStream {
	r := &b.tables
	r.mu.RLock()
	defer r.mu.RUnlock()
	streams := r.streams[placeOf(aws.CallFrom(ctx))]
	if streams == nil {
		return nil
	}
	if s, ok := streams.Get(arn); ok && !s.over(b.now()) {
		return s
	}
	return nil
}

func (s *tableStream) over(now time.Time) bool {
	return !s.Closed.IsZero() && now.Sub(s.Closed) > engine.Retention
}

// streamsIn are the streams of a place behind a start ARN, of one table where table is not "".
func (b *Backend) streamsIn(p place, table, start string, limit int) (list []*tableStream, more bool) {
	r := &b.tables
	now := b.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	streams := r.streams[p]
	if streams == nil {
		return nil, false
	}
	var over []*tableStream
	streams.Ascend(start, func(arn string, s *tableStream) bool {
		switch {
		case s.over(now):
			over = append(over, s)
		case arn == start || table != "" && s.Table != table:
		case len(list) == limit:
			more = true
			return false
		default:
			list = append(list, s)
		}
		return true
	})
	for _, s := range over {
		streams.Delete(s.arn())
		b.db.ForgetStream(s.engine)
		b.db.ForgetMeta(s.metaKey())
	}
	return list, more
}
