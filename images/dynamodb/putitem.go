package dynamodb

import (
	"context"

	"localcloud/gateway/aws"
	"localcloud/images/dynamodb/attr"
	"localcloud/images/dynamodb/engine"
)

func (b *Backend) putItem(ctx context.Context, in *PutItemInput) (*PutItemOutput, error) {
	condition, err := in.check()
	if err != nil {
		return nil, err
	}
	t, err := b.table(aws.CallFrom(ctx), in.TableName)
	if err != nil {
		return nil, err
	}
	key, err := t.itemKey(in.Item)
	if err != nil {
		return nil, err
	}
	if err := t.checkPaths(condition.condition.Paths()); err != nil {
		return nil, err
	}
	change, err := t.items.Update(key, func(old engine.Record) (attr.Map, error) {
		return in.Item, condition.check(old.Item())
	}, engine.Options{})
	if err != nil {
		return nil, fromEngine(err)
	}
	out := &PutItemOutput{ItemCollectionMetrics: t.metrics(in.ReturnItemCollectionMetrics, in.Item)}
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

// check checks what needs no table, in AWS's order.
func (in *PutItemInput) check() (condition writeCondition, err error) {
	e := expressions{
		names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		expressions: []param{{"ConditionExpression", in.ConditionExpression != nil}},
		legacy:      []param{{"Expected", in.Expected != nil}, {"ConditionalOperator", in.ConditionalOperator != nil}},
	}
	if err := e.check(); err != nil {
		return condition, err
	}
	if err := checkValues(in.Item); err != nil {
		return condition, err
	}
	if err := checkItem(in.Item); err != nil {
		return condition, err
	}
	if err := onlyOld(in.ReturnValues); err != nil {
		return condition, err
	}
	return e.condition(in.ConditionExpression, in.Expected, in.ConditionalOperator, in.ReturnValuesOnConditionCheckFailure)
}

// checkItem checks an item that is put as far as that needs no table.
func checkItem(item attr.Map) error {
	if item.Get("") != "" {
		return invalid("Empty attribute name")
	}
	if len(item) > maxItem/4 && item.Size() > maxItem { // the size is never four times the encoded length
		return invalid(itemTooLarge)
	}
	return nil
}

// onlyOld checks ReturnValues of puts and deletes.
func onlyOld(mode *string) error {
	if m := deref(mode); m != "" && m != ReturnValueNone && m != ReturnValueAllOld {
		return invalid("Return values set to invalid value")
	}
	return nil
}

// condition makes the condition of a put or delete, whose only expression it is.
func (e *expressions) condition(text *string, expected map[string]ExpectedAttributeValue, operator, onFailure *string) (writeCondition, error) {
	c := writeCondition{returnOld: deref(onFailure) == ReturnValuesOnConditionCheckFailureAllOld}
	if text == nil && expected == nil && operator == nil && e.names == nil && e.values == "" {
		return c, nil
	}
	var err error
	if c.condition, err = fromExpected(expected, operator); err != nil || text == nil {
		return c, err
	}
	params, err := e.params()
	if err != nil {
		return c, err
	}
	if c.condition, err = parseCondition("ConditionExpression", text, &params); err != nil {
		return c, err
	}
	return c, asInvalid(params.Unused())
}
