package dynamodb

import (
	"context"

	"localcloud/gateway/aws"
	"localcloud/images/dynamodb/attr"
	"localcloud/images/dynamodb/engine"
)

func (b *Backend) deleteItem(ctx context.Context, in *DeleteItemInput) (*DeleteItemOutput, error) {
	condition, err := in.check()
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
	if err := t.checkPaths(condition.condition.Paths()); err != nil {
		return nil, err
	}
	change, err := t.items.Update(key, func(old engine.Record) (attr.Map, error) {
		return "", condition.check(old.Item())
	}, engine.Options{})
	if err != nil {
		return nil, fromEngine(err)
	}
	out := &DeleteItemOutput{ItemCollectionMetrics: t.metrics(in.ReturnItemCollectionMetrics, in.Key)}
	if deref(in.ReturnValues) == ReturnValueAllOld {
		out.Attributes = change.Old.Item()
	}
	if wanted(in.ReturnConsumedCapacity) {
		var u units
		u.write(t, change, 1)
		out.ConsumedCapacity = u.consumed(in.ReturnConsumedCapacity, t.name)
	}
	return out, nil
}

func (in *DeleteItemInput) check() (condition writeCondition, err error) {
	e := expressions{
		names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		expressions: []param{{"ConditionExpression", in.ConditionExpression != nil}},
		legacy:      []param{{"Expected", in.Expected != nil}, {"ConditionalOperator", in.ConditionalOperator != nil}},
	}
	if err := e.check(); err != nil {
		return condition, err
	}
	if err := checkValues(in.Key); err != nil {
		return condition, err
	}
	if err := onlyOld(in.ReturnValues); err != nil {
		return condition, err
	}
	return e.condition(in.ConditionExpression, in.Expected, in.ConditionalOperator, in.ReturnValuesOnConditionCheckFailure)
}
