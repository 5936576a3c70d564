package dynamodb

import (
	"context"

	"localcloud/gateway/aws"
	"localcloud/images/dynamodb/attr"
	"localcloud/images/dynamodb/engine"
)

// transactGetItems reads items at one moment.
func (b *Backend) transactGetItems(ctx context.Context, in *TransactGetItemsInput) (*TransactGetItemsOutput, error) {
	call := aws.CallFrom(ctx)
	ops := make([]engine.Op, len(in.TransactItems))
	tables := make([]*table, len(in.TransactItems))
	paths := make([][]attr.Path, len(in.TransactItems))
	reasons := newReasons(len(in.TransactItems))
	for i, item := range in.TransactItems {
		get := item.Get
		if get == nil {
			return nil, invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
		}
		var err error
		if paths[i], err = projectionOf(&GetItemInput{Key: get.Key, ProjectionExpression: get.ProjectionExpression,
			ExpressionAttributeNames: get.ExpressionAttributeNames}); err != nil {
			return nil, err
		}
		if tables[i], err = b.table(call, get.TableName); err != nil {
			return nil, err
		}
		key, err := tables[i].key(get.Key)
		if err != nil && !reasons.add(i, err) {
			return nil, err
		}
		if err := tables[i].checkPaths(paths[i]); err != nil {
			return nil, err
		}
		ops[i] = engine.Op{Table: tables[i].items, Key: key}
	}
	if err := reasons.err(); err != nil {
		return nil, err
	}
	if duplicated(ops) {
		return nil, invalid("Transaction request cannot include multiple operations on one item")
	}
	out := &TransactGetItemsOutput{Responses: make([]ItemResponse, len(ops))}
	consumed := newReport()
	total := 0
	for i, r := range b.db.ReadAll(ops) {
		out.Responses[i].Item = project(r.Item(), paths[i])
		consumed.of(tables[i].name).table += readUnits(r.Size(), 2)
		total += r.Size()
	}
	if total > maxTransaction {
		return nil, invalid("Collective size of items in the transaction exceeds 4 MB")
	}
	out.ConsumedCapacity = consumed.list(in.ReturnConsumedCapacity, false)
	return out, nil
}

// duplicated reports whether two ops name one item.
func duplicated(ops []engine.Op) bool {
	type place struct {
		table *engine.Table
		key   string
	}
	seen := make(map[place]bool, len(ops))
	for _, op := range ops {
		p := place{op.Table, op.Key.Key()}
		if seen[p] {
			return true
		}
		seen[p] = true
	}
	return false
}
