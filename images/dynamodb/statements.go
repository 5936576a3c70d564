package dynamodb

import (
	"context"
	"errors"
	"hash"
	"slices"

	"localcloud/gateway/aws"
	"localcloud/images/dynamodb/attr"
	"localcloud/images/dynamodb/engine"
	"localcloud/images/dynamodb/expr"
	"localcloud/images/dynamodb/partiql"
)

// parseStatement parses a PartiQL statement.
func parseStatement(text string, params []AttributeValue) (*partiql.Statement, error) {
	s, err := partiql.Parse(text, params)
	var problem partiql.Error
	if errors.As(err, &problem) {
		return nil, invalid(string(problem))
	}
	return s, err
}

func (b *Backend) executeStatement(ctx context.Context, in *ExecuteStatementInput) (*ExecuteStatementOutput, error) {
	call := aws.CallFrom(ctx)
	s, err := parseStatement(in.Statement, in.Parameters)
	if err != nil {
		return nil, err
	}
	if s.Kind == partiql.Exists {
		return nil, invalid("EXISTS() is only supported in ExecuteTransaction")
	}
	t, err := b.table(call, s.Table)
	if err != nil {
		return nil, err
	}
	if s.Kind == partiql.Select {
		return b.selectItems(t, s, in)
	}
	a, err := newStatementAction(t, s, deref(in.ReturnValuesOnConditionCheckFailure))
	if err != nil {
		return nil, err
	}
	change, err := t.items.Update(a.key, a.edit, engine.Options{})
	if err != nil {
		return nil, fromEngine(err)
	}
	out := &ExecuteStatementOutput{Items: []Item{}}
	if item := a.returned(s, change); item != "" {
		out.Items = append(out.Items, item)
	}
	var u units
	u.write(t, change, 1)
	out.ConsumedCapacity = u.consumed(in.ReturnConsumedCapacity, t.name)
	return out, nil
}

// statementAction is an INSERT, UPDATE, DELETE or EXISTS as an action on one item.
type statementAction struct {
	action
	update *expr.Update
}

const needsKey = "Where clause does not contain a mandatory equality on all key attributes"

func newStatementAction(t *table, s *partiql.Statement, onFailure string) (*statementAction, error) {
	a := &statementAction{action: action{table: t, returnOld: onFailure == ReturnValuesOnConditionCheckFailureAllOld}}
	if s.Index != "" {
		return nil, invalid("Operations other than SELECT are not supported on indices")
	}
	if s.Kind == partiql.Insert {
		return a, a.insert(s)
	}
	key, rest := splitKey(t, s.Where)
	if key == "" {
		return nil, invalid(needsKey)
	}
	var err error
	if a.key, err = t.key(key); err != nil {
		return nil, err
	}
	a.keyItem = key
	condition := writeCondition{returnOld: a.returnOld}
	if condition.condition, err = rest.Condition(); err != nil {
		return nil, asInvalid(err)
	}
	switch s.Kind {
	case partiql.Delete:
		if s.Returning != "" && s.Returning != "ALL OLD *" {
			return nil, invalid("Invalid returning clause: RETURNING " + s.Returning + ". Only RETURNING ALL OLD * is allowed in DELETE statements.")
		}
		a.edit = func(old engine.Record) (attr.Map, error) {
			if old == "" {
				return "", nil
			}
			return "", condition.check(old.Item())
		}
	case partiql.Exists:
		a.edit = func(old engine.Record) (attr.Map, error) {
			if old == "" {
				return "", conditionFailed("")
			}
			return old.Item(), condition.check(old.Item())
		}
	default:
		return a, a.change(s, key, condition)
	}
	return a, nil
}

func (a *statementAction) insert(s *partiql.Statement) (err error) {
	if err := checkItem(s.Item); err != nil {
		return err
	}
	if s.Item.Value().Depth() > attr.MaxDepth+1 {
		return invalid(attr.ProblemDepth)
	}
	a.keyItem = s.Item
	a.key, err = a.table.itemKey(s.Item)
	a.edit = func(old engine.Record) (attr.Map, error) {
		if old != "" {
			return "", aws.Errorf("DuplicateItemException", "Duplicate primary key exists in table")
		}
		return s.Item, nil
	}
	return err
}

// change makes the edit of an UPDATE, which never makes an item.
func (a *statementAction) change(s *partiql.Statement, key attr.Map, condition writeCondition) error {
	u := &updater{writeCondition: condition}
	var err error
	if u.update, err = expr.Compose(s.Assignments); err != nil {
		return asInvalid(err)
	}
	a.update = u.update
	if err := u.checkKeys(a.table); err != nil {
		return err
	}
	edit := u.edit(a.table, key)
	a.edit = func(old engine.Record) (attr.Map, error) {
		if old == "" {
			return "", conditionFailed("")
		}
		return edit(old)
	}
	return nil
}

// returned is the item that RETURNING asks for, "" for none.
func (a *statementAction) returned(s *partiql.Statement, c engine.Change) attr.Map {
	u := updater{update: a.update}
	switch s.Returning {
	case "ALL OLD *":
		return c.Old.Item()
	case "ALL NEW *":
		return c.New.Item()
	case "MODIFIED OLD *":
		return u.updated(c.Old.Item())
	case "MODIFIED NEW *":
		return u.updated(c.New.Item())
	}
	return ""
}

// splitKey takes the equalities on the key attributes out of a WHERE; key is "" where one is missing.
func splitKey(t *table, where expr.Node) (key attr.Map, rest expr.Node) {
	var pairs []attr.Pair
	for _, c := range where.Conjuncts() {
		k, ok := c.KeyCondition()
		if ok && k.Operator == "=" && t.keys.Has(k.Name) && !slices.ContainsFunc(pairs, func(p attr.Pair) bool { return p.Name == k.Name }) {
			pairs = append(pairs, attr.Pair{Name: k.Name, Value: k.Values[0]})
			continue
		}
		rest = expr.And(rest, c)
	}
	if len(pairs) != len(t.keys.All()) {
		return "", rest
	}
	return attr.MapOf(pairs...), rest
}

func (u *units) add(other *units) {
	u.table += other.table
	for name, n := range other.locals {
		u.locals = added(u.locals, name, n)
	}
	for name, n := range other.globals {
		u.globals = added(u.globals, name, n)
	}
}

// hashStatements feeds the statements of a transaction into h.
func hashStatements(h hash.Hash, list []ParameterizedStatement) {
	for _, s := range list {
		hashParts(h, s.Statement)
		for _, v := range s.Parameters {
			hashParts(h, string(v))
		}
	}
}
