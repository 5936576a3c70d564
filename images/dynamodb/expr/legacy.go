package expr

import (
	"maps"
	"slices"
	"strings"

	"localcloud/images/dynamodb/attr"
)

// Test is one condition of a legacy parameter (KeyConditions, QueryFilter, ScanFilter, Expected): a
// comparison of one attribute.
type Test struct {
	Operator string // EQ, NE, IN, LE, LT, GE, GT, BETWEEN, NOT_NULL, NULL, CONTAINS, NOT_CONTAINS, BEGINS_WITH
	Values   []attr.Value
}

const invalid = "One or more parameter values were invalid: "

// operandTypes are the types that the operators of tests take; nil stands for every type.
var operandTypes = map[string][]attr.Type{
	"LE": scalars, "LT": scalars, "GE": scalars, "GT": scalars, "BETWEEN": scalars,
	"CONTAINS":     {attr.S, attr.N, attr.B, attr.Bool, attr.Null, attr.L, attr.M},
	"NOT_CONTAINS": {attr.S, attr.N, attr.B, attr.Bool, attr.Null, attr.L, attr.M},
	"BEGINS_WITH":  {attr.S, attr.B},
	"IN":           scalars,
}

var scalars = []attr.Type{attr.S, attr.N, attr.B}

// Check finds mistakes in the test. The messages are whole ones.
func (t Test) Check() error {
	for _, v := range t.Values {
		if problem := v.Problem(); problem != "" {
			return Problem(problem)
		}
	}
	if !t.countFits() {
		return Problem(invalid + "Invalid number of argument(s) for the " + t.Operator + " ComparisonOperator")
	}
	for _, v := range t.Values {
		if v.Type() != t.Values[0].Type() {
			return Problem(invalid + "AttributeValues inside AttributeValueList must be of same type")
		}
		if types := operandTypes[t.Operator]; types != nil && !slices.Contains(types, v.Type()) {
			return Problem(invalid + "ComparisonOperator " + t.Operator + " is not valid for " + v.Type().String() + " AttributeValue type")
		}
	}
	if t.Operator == "BETWEEN" && t.Values[0].Payload() > t.Values[1].Payload() {
		return Problem("The BETWEEN condition was provided a range where the lower bound is greater than the upper bound")
	}
	return nil
}

func (t Test) countFits() bool {
	switch t.Operator {
	case "NULL", "NOT_NULL":
		return len(t.Values) == 0
	case "BETWEEN":
		return len(t.Values) == 2
	case "IN":
		return len(t.Values) > 0
	}
	return len(t.Values) == 1
}

// node is the test of the attribute of that name as part of a condition.
func (t Test) node(name string) *node {
	operand := &node{kind: kindPath, path: path{{name: name, sharp: -1}}}
	args := []*node{operand}
	for _, v := range t.Values {
		args = append(args, &node{kind: kindLiteral, literal: v})
	}
	switch t.Operator {
	case "IN":
		return &node{kind: kindIn, args: args}
	case "BETWEEN":
		return &node{kind: kindBetween, args: args}
	case "NULL":
		return &node{kind: kindFunc, name: "attribute_not_exists", args: args}
	case "NOT_NULL":
		return &node{kind: kindFunc, name: "attribute_exists", args: args}
	case "BEGINS_WITH", "CONTAINS":
		return &node{kind: kindFunc, name: strings.ToLower(t.Operator), args: args}
	case "NOT_CONTAINS":
		there := &node{kind: kindFunc, name: "attribute_exists", args: args[:1]}
		not := &node{kind: kindNot, args: []*node{{kind: kindFunc, name: "contains", args: args}}}
		return &node{kind: kindAnd, args: []*node{there, not}}
	}
	return &node{kind: kindCompare, name: comparisons[t.Operator], args: args}
}

var comparisons = map[string]string{"EQ": "=", "NE": "<>", "LE": "<=", "LT": "<", "GE": ">=", "GT": ">"}

// FromTests makes a condition of checked tests by attribute, all of which must hold, or one where
// any is set. nil for none.
func FromTests(tests map[string]Test, any bool) *Condition {
	join := kindAnd
	if any {
		join = kindOr
	}
	var root *node
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		n := tests[name].node(name)
		if root != nil {
			n = &node{kind: join, args: []*node{root, n}}
		}
		root = n
	}
	if root == nil {
		return nil
	}
	return &Condition{root: root}
}

// KeyConditionOf is a test as a key condition; ok is false for operators that keys do not have.
func KeyConditionOf(name string, t Test) (k KeyCondition, ok bool) {
	k = KeyCondition{Name: name, Values: t.Values, Operator: comparisons[t.Operator]}
	switch t.Operator {
	case "BETWEEN":
		k.Operator = "BETWEEN"
	case "BEGINS_WITH":
		k.Operator = "begins_with"
	case "NE":
		return k, false
	}
	return k, k.Operator != ""
}

// AttributeUpdate is one entry of the legacy parameter AttributeUpdates.
type AttributeUpdate struct {
	Name   string
	Action string // PUT, ADD or DELETE; "" for PUT
	Value  attr.Value
}

// FromAttributeUpdates makes an update of legacy parameters. The messages are whole ones.
func FromAttributeUpdates(updates []AttributeUpdate) (*Update, error) {
	u := &Update{legacy: true}
	for _, update := range updates {
		a := action{path: path{{name: update.Name, sharp: -1}}}
		if problem := update.Value.Problem(); problem != "" {
			return nil, Problem(problem)
		}
		t := update.Value.Type()
		switch {
		case update.Value == "" && update.Action != "DELETE":
			return nil, Problem(invalid + "Only DELETE action is allowed when no attribute value is specified")
		case update.Action == "ADD" && t != attr.N && t != attr.L && !t.Set():
			return nil, Problem(invalid + "ADD action is not supported for the type " + t.String())
		case update.Action == "DELETE" && update.Value != "" && !t.Set():
			return nil, Problem(invalid + "DELETE action with value is not supported for the type " + t.String())
		case update.Value == "":
			a.kind = actionRemove
		case update.Action == "ADD":
			a.kind = actionAdd
		case update.Action == "DELETE":
			a.kind = actionDelete
		}
		if update.Value != "" {
			a.value = &node{kind: kindLiteral, literal: update.Value}
		}
		u.actions = append(u.actions, a)
		u.paths = append(u.paths, attr.Path{{Name: update.Name}})
	}
	return u, nil
}

// LegacyRemovals reports whether the update comes from AttributeUpdates that only delete.
func (u *Update) LegacyRemovals() bool {
	return u.legacy && !slices.ContainsFunc(u.actions, func(a action) bool { return a.kind != actionRemove && a.kind != actionDelete })
}
