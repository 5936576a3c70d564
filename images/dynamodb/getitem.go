package dynamodb

import (
	"context"

	"localcloud/gateway/aws"
	"localcloud/images/dynamodb/attr"
)

func (b *Backend) getItem(ctx context.Context, in *GetItemInput) (*GetItemOutput, error) {
	paths, err := projectionOf(in)
	if err != nil {
		return nil, err
	}
	t, err := b.table(aws.CallFrom(ctx), in.TableName)
	if err != nil {
		return nil, err
	}
	key, err := t.key(in.Key)
	if err != nil {
		return nil, err
	}
	if err := t.checkPaths(paths); err != nil {
		return nil, err
	}
	r := t.items.Get(key)
	out := &GetItemOutput{Item: project(r.Item(), paths)}
	if wanted(in.ReturnConsumedCapacity) {
		var u units
		u.read(nil, readUnits(r.Size(), consistency(in.ConsistentRead)))
		out.ConsumedCapacity = u.consumed(in.ReturnConsumedCapacity, t.name)
	}
	return out, nil
}

// projectionOf checks the parameters of a GetItem that need no table; nil is the whole item.
func projectionOf(in *GetItemInput) ([]attr.Path, error) {
	if in.ProjectionExpression == nil && in.AttributesToGet == nil && in.ExpressionAttributeNames == nil {
		return nil, checkValues(in.Key)
	}
	e := expressions{
		names:       in.ExpressionAttributeNames,
		expressions: []param{{"ProjectionExpression", in.ProjectionExpression != nil}},
		legacy:      []param{{"AttributesToGet", in.AttributesToGet != nil}},
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	if err := checkValues(in.Key); err != nil {
		return nil, err
	}
	if in.AttributesToGet != nil {
		return legacyPaths(in.AttributesToGet)
	}
	params, err := e.params()
	if err != nil {
		return nil, err
	}
	paths, err := parseProjection(in.ProjectionExpression, &params)
	if err != nil {
		return nil, err
	}
	return paths, asInvalid(params.Unused())
}

// project is the part of an item that a call asks for; paths nil is all of it. "" stays "".
func project(item attr.Map, paths []attr.Path) attr.Map {
	if item == "" || paths == nil {
		return item
	}
	return item.Project(paths)
}

// consistency is the factor of read units.
func consistency(consistent *bool) float64 {
	if deref(consistent) {
		return 1
	}
	return 0.5
}
