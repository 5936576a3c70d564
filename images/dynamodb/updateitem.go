package dynamodb

import (
	"context"
	"maps"
	"slices"

	"localcloud/gateway/aws"
	"localcloud/images/dynamodb/attr"
	"localcloud/images/dynamodb/engine"
	"localcloud/images/dynamodb/expr"
)

func (b *Backend) updateItem(ctx context.Context, in *UpdateItemInput) (*UpdateItemOutput, error) {
	u, err := in.check()
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
	if err := u.checkKeys(t); err != nil {
		return nil, err
	}
	if err := t.checkPaths(u.condition.Paths()); err != nil {
		return nil, err
	}
	change, err := t.items.Update(key, u.edit(t, in.Key), engine.Options{})
	if err != nil {
		return nil, fromEngine(err)
	}
	out := &UpdateItemOutput{
		Attributes:            u.returned(t, deref(in.ReturnValues), change),
		ItemCollectionMetrics: t.metrics(in.ReturnItemCollectionMetrics, in.Key),
	}
	if wanted(in.ReturnConsumedCapacity) {
		var n units
		n.write(t, change, 1)
		out.ConsumedCapacity = n.consumed(in.ReturnConsumedCapacity, t.name)
	}
	return out, nil
}

// updater is the update of one item: by an expression, by legacy parameters, or none (the item is
// made if it does not exist).
type updater struct {
	update *expr.Update // nil for none
	writeCondition
}

// edit makes the engine's edit of an updater for the item with those key attributes.
func (u *updater) edit(t *table, key attr.Map) engine.Edit {
	return func(old engine.Record) (attr.Map, error) {
		item := old.Item()
		if err := u.check(item); err != nil {
			return "", err
		}
		if item == "" {
			item = key
		}
		if u.update == nil {
			return item, nil
		}
		changed, err := u.update.Apply(item)
		if err != nil {
			return "", asInvalid(err)
		}
		if old == "" && changed == key && u.onlyRemoves() {
			return "", nil // removing from nothing makes nothing
		}
		if err := t.checkIndexKeys(item, changed); err != nil {
			return "", err
		}
		switch {
		case changed.Value().Depth() > attr.MaxDepth+1: // the item itself is one level
			return "", invalid(attr.ProblemDepth)
		case len(changed) > maxItem/4 && changed.Size() > maxItem:
			return "", invalid("Item size to update has exceeded the maximum allowed size")
		}
		return changed, nil
	}
}

// checkKeys finds updates of key attributes.
func (u *updater) checkKeys(t *table) error {
	if u.update == nil {
		return nil
	}
	for _, p := range u.update.Paths() {
		if t.keys.Has(p[0].Name) {
			return invalid(invalidValues + "Cannot update attribute " + p[0].Name + ". This attribute is part of the key")
		}
	}
	return nil
}

// check checks what needs no table, in AWS's order.
func (in *UpdateItemInput) check() (*updater, error) {
	e := expressions{
		names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		expressions: []param{{"UpdateExpression", in.UpdateExpression != nil}, {"ConditionExpression", in.ConditionExpression != nil}},
		legacy: []param{{"AttributeUpdates", in.AttributeUpdates != nil}, {"Expected", in.Expected != nil},
			{"ConditionalOperator", in.ConditionalOperator != nil}},
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	if err := checkValues(in.Key); err != nil {
		return nil, err
	}
	u := new(updater)
	u.returnOld = deref(in.ReturnValuesOnConditionCheckFailure) == ReturnValuesOnConditionCheckFailureAllOld
	var err error
	if u.condition, err = fromExpected(in.Expected, in.ConditionalOperator); err != nil {
		return nil, err
	}
	if in.AttributeUpdates != nil {
		if u.update, err = expr.FromAttributeUpdates(attributeUpdates(in.AttributeUpdates)); err != nil {
			return nil, asInvalid(err)
		}
	}
	return u, u.parse(&e, in.UpdateExpression, in.ConditionExpression)
}

func attributeUpdates(updates map[string]AttributeValueUpdate) []expr.AttributeUpdate {
	var list []expr.AttributeUpdate
	for _, name := range slices.Sorted(maps.Keys(updates)) {
		list = append(list, expr.AttributeUpdate{Name: name, Action: deref(updates[name].Action), Value: deref(updates[name].Value)})
	}
	return list
}

// parse reads the expressions of an update.
func (u *updater) parse(e *expressions, update, condition *string) error {
	params, err := e.params()
	if err != nil {
		return err
	}
	if update != nil {
		if u.update, err = expr.ParseUpdate(*update, &params); err != nil {
			return invalidExpression("UpdateExpression", err)
		}
	}
	if condition != nil {
		if u.condition, err = parseCondition("ConditionExpression", condition, &params); err != nil {
			return err
		}
	}
	return asInvalid(params.Unused())
}

// onlyRemoves reports whether the legacy parameters only delete attributes: then an item that does
// not exist is not made.
func (u *updater) onlyRemoves() bool { return u.update.LegacyRemovals() }

// returned is what ReturnValues asks for.
func (u *updater) returned(t *table, mode string, c engine.Change) attr.Map {
	switch mode {
	case ReturnValueAllOld:
		return c.Old.Item()
	case ReturnValueAllNew:
		return c.New.Item()
	case ReturnValueUpdatedOld:
		return u.updated(c.Old.Item())
	case ReturnValueUpdatedNew:
		return u.updated(c.New.Item())
	}
	return ""
}

// updated is the part of an item that the update names, "" for none.
func (u *updater) updated(item attr.Map) attr.Map {
	if item == "" || u.update == nil {
		return ""
	}
	paths := slices.Clone(u.update.Paths())
	attr.Sort(paths)
	part := item.Project(paths)
	if part == attr.Empty {
		return ""
	}
	return part
}
