package dynamodb

import (
	"context"
	"maps"
	"slices"

	"localcloud/gateway/aws"
	"localcloud/images/dynamodb/attr"
	"localcloud/images/dynamodb/engine"
)

// Limits of batches.
const (
	maxBatchGets   = 100
	maxBatchWrites = 25
	maxBatchAnswer = 16 << 20 // bytes of items
)

const duplicateKeys = "Provided list of item keys contains duplicates"

// batchRead is what BatchGetItem reads from one table.
type batchRead struct {
	name  string // as the request has it
	table *table
	keys  []engine.Key
	paths []attr.Path
	in    KeysAndAttributes
}

func (b *Backend) batchGetItem(ctx context.Context, in *BatchGetItemInput) (*BatchGetItemOutput, error) {
	reads, err := b.batchReads(aws.CallFrom(ctx), in)
	if err != nil {
		return nil, err
	}
	out := &BatchGetItemOutput{Responses: make(map[string][]Item, len(reads)), UnprocessedKeys: map[string]KeysAndAttributes{}}
	total := 0
	for _, r := range reads {
		items := make([]Item, 0, len(r.keys))
		var u units
		for i, key := range r.keys {
			record := r.table.items.Get(key)
			if total += record.Size(); total > maxBatchAnswer {
				rest := r.in
				rest.Keys = r.in.Keys[i:]
				out.UnprocessedKeys[r.name] = rest
				break
			}
			u.read(nil, readUnits(record.Size(), consistency(r.in.ConsistentRead)))
			if record != "" {
				items = append(items, project(record.Item(), r.paths))
			}
		}
		out.Responses[r.name] = items
		if c := u.consumed(in.ReturnConsumedCapacity, r.name); c != nil {
			out.ConsumedCapacity = append(out.ConsumedCapacity, *c)
		}
	}
	return out, nil
}

// batchReads checks the request: first what needs no table, then the rest.
func (b *Backend) batchReads(call *aws.Call, in *BatchGetItemInput) ([]batchRead, error) {
	if len(in.RequestItems) == 0 {
		return nil, invalid("The requestItems parameter is required for BatchGetItem")
	}
	var reads []batchRead
	count := 0
	var modern, legacy bool
	for _, name := range slices.Sorted(maps.Keys(in.RequestItems)) {
		r := batchRead{name: name, in: in.RequestItems[name]}
		var err error
		if r.paths, err = projectionOf(&GetItemInput{
			AttributesToGet: r.in.AttributesToGet, ProjectionExpression: r.in.ProjectionExpression,
			ExpressionAttributeNames: r.in.ExpressionAttributeNames,
		}); err != nil {
			return nil, err
		}
		for _, key := range r.in.Keys {
			if err := checkValues(key); err != nil {
				return nil, err
			}
		}
		modern = modern || r.in.ProjectionExpression != nil
		legacy = legacy || r.in.AttributesToGet != nil
		count += len(r.in.Keys)
		reads = append(reads, r)
	}
	switch {
	case modern && legacy:
		return nil, invalid("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}")
	case count > maxBatchGets:
		return nil, invalid("Too many items requested for the BatchGetItem call")
	}
	for i := range reads {
		if err := reads[i].resolve(b, call); err != nil {
			return nil, err
		}
	}
	return reads, nil
}

func (r *batchRead) resolve(b *Backend, call *aws.Call) (err error) {
	if r.table, err = b.table(call, r.name); err != nil {
		return err
	}
	seen := make(map[engine.Key]bool, len(r.in.Keys))
	for _, k := range r.in.Keys {
		key, err := r.table.key(k)
		if err != nil {
			return err
		}
		if seen[key] {
			return invalid(duplicateKeys)
		}
		seen[key] = true
		r.keys = append(r.keys, key)
	}
	return r.table.checkPaths(r.paths)
}

// batchWrite is one write of BatchWriteItem.
type batchWrite struct {
	name  string // of the table, as the request has it
	table *table
	item  Item // to put, "" to delete
	key   Item // to delete
}

func (b *Backend) batchWriteItem(ctx context.Context, in *BatchWriteItemInput) (*BatchWriteItemOutput, error) {
	writes, ops, err := b.batchWrites(aws.CallFrom(ctx), in)
	if err != nil {
		return nil, err
	}
	changes, err := b.db.UpdateAll(ops)
	if err != nil {
		return nil, fromEngine(err)
	}
	out := &BatchWriteItemOutput{UnprocessedItems: map[string][]WriteRequest{}}
	consumed := make(map[string]*units)
	var names []string
	for i, w := range writes {
		if consumed[w.name] == nil {
			consumed[w.name] = new(units)
			names = append(names, w.name)
		}
		if wanted(in.ReturnConsumedCapacity) {
			consumed[w.name].write(w.table, changes[i], 1)
		}
		if m := w.table.metrics(in.ReturnItemCollectionMetrics, w.item+w.key); m != nil {
			if out.ItemCollectionMetrics == nil {
				out.ItemCollectionMetrics = make(map[string][]ItemCollectionMetrics)
			}
			out.ItemCollectionMetrics[w.name] = append(out.ItemCollectionMetrics[w.name], *m)
		}
	}
	for _, name := range names {
		if c := consumed[name].consumed(in.ReturnConsumedCapacity, name); c != nil {
			out.ConsumedCapacity = append(out.ConsumedCapacity, *c)
		}
	}
	return out, nil
}

// batchWrites checks the request: first what needs no table, then the rest.
func (b *Backend) batchWrites(call *aws.Call, in *BatchWriteItemInput) (writes []batchWrite, ops []engine.Op, err error) {
	if len(in.RequestItems) == 0 {
		return nil, nil, invalid("The requestItems parameter is required for BatchWriteItem")
	}
	for _, name := range slices.Sorted(maps.Keys(in.RequestItems)) {
		for _, request := range in.RequestItems[name] {
			w, err := newBatchWrite(name, request)
			if err != nil {
				return nil, nil, err
			}
			writes = append(writes, w)
		}
	}
	if len(writes) > maxBatchWrites {
		return nil, nil, invalid("Too many items requested for the BatchWriteItem call")
	}
	type place struct {
		table *table
		key   engine.Key
	}
	seen := make(map[place]bool, len(writes))
	for i := range writes {
		w := &writes[i]
		if w.table, err = b.table(call, w.name); err != nil {
			return nil, nil, err
		}
		key, err := w.target()
		if err != nil {
			return nil, nil, err
		}
		if seen[place{w.table, key}] {
			return nil, nil, invalid(duplicateKeys)
		}
		seen[place{w.table, key}] = true
		item := w.item
		ops = append(ops, engine.Op{Table: w.table.items, Key: key, Edit: func(engine.Record) (attr.Map, error) { return item, nil }})
	}
	return writes, ops, nil
}

func newBatchWrite(name string, request WriteRequest) (batchWrite, error) {
	w := batchWrite{name: name}
	switch {
	case request.PutRequest != nil && request.DeleteRequest != nil:
		return w, invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	case request.PutRequest != nil:
		w.item = request.PutRequest.Item
		if err := checkValues(w.item); err != nil {
			return w, err
		}
		return w, checkItem(w.item)
	case request.DeleteRequest != nil:
		w.key = request.DeleteRequest.Key
		return w, checkValues(w.key)
	}
	return w, invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
}

// target checks the key of the write against the table.
func (w *batchWrite) target() (engine.Key, error) {
	if w.item == "" {
		return w.table.key(w.key)
	}
	for _, p := range w.table.keys.All() {
		if w.item.Get(p.Name).Type() != p.Type {
			return "", invalid(noKeyMatch)
		}
	}
	return w.table.itemKey(w.item)
}
