package dynamodb

import (
	"strings"

	"localcloud/images/dynamodb/attr"
	"localcloud/images/dynamodb/expr"
)

// param is a parameter of a call and whether it is set.
type param struct {
	name string
	set  bool
}

// expressions are the parameters of a call that have to do with expressions.
type expressions struct {
	names  map[string]string
	values Item
	// expressions and legacy are listed in the order in which AWS names them.
	expressions, legacy []param
}

func namesOf(params []param, set bool) []string {
	var names []string
	for _, p := range params {
		if p.set == set {
			names = append(names, p.name)
		}
	}
	return names
}

// check finds expressions beside legacy parameters, and names and values without expressions.
func (e *expressions) check() error {
	used := namesOf(e.expressions, true)
	if len(used) > 0 {
		if legacy := namesOf(e.legacy, true); len(legacy) > 0 {
			return invalid("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {" +
				strings.Join(legacy, ", ") + "} Expression parameters: {" + strings.Join(used, ", ") + "}")
		}
	}
	if e.names != nil && len(used) == 0 {
		return invalid("ExpressionAttributeNames can only be specified when using expressions")
	}
	if e.values == "" {
		return nil
	}
	var withValues []string
	for _, p := range e.expressions {
		switch {
		case p.name == "ProjectionExpression":
		case p.set:
			return nil
		default:
			withValues = append(withValues, p.name)
		}
	}
	if len(withValues) == 0 {
		return nil
	}
	verb := " is null"
	if len(withValues) > 1 {
		verb = " are null"
	}
	return invalid("ExpressionAttributeValues can only be specified when using expressions: " + strings.Join(withValues, " and ") + verb)
}

// params reads the names and values.
func (e *expressions) params() (expr.Params, error) {
	p, err := expr.NewParams(e.names, e.values)
	return p, asInvalid(err)
}

// parseCondition parses an expression parameter, nil for none.
func parseCondition(parameter string, text *string, params *expr.Params) (*expr.Condition, error) {
	if text == nil {
		return nil, nil
	}
	c, err := expr.ParseCondition(*text, params)
	if err != nil {
		return nil, invalidExpression(parameter, err)
	}
	return c, nil
}

func parseProjection(text *string, params *expr.Params) ([]attr.Path, error) {
	if text == nil {
		return nil, nil
	}
	paths, err := expr.ParseProjection(*text, params)
	if err != nil {
		return nil, invalidExpression("ProjectionExpression", err)
	}
	attr.Sort(paths)
	return paths, nil
}

// legacyPaths are the paths of AttributesToGet.
func legacyPaths(names []string) ([]attr.Path, error) {
	var paths []attr.Path
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if seen[name] {
			return nil, invalid(invalidValues + "Duplicate value in attribute name: " + name)
		}
		seen[name] = true
		paths = append(paths, attr.Path{{Name: name}})
	}
	return paths, nil
}

// writeCondition is the condition of a write, from its expression or from Expected.
type writeCondition struct {
	condition *expr.Condition
	returnOld bool // with the failure
}

// check returns the failure where the condition does not hold for the item as it is.
func (c *writeCondition) check(old attr.Map) error {
	if c.condition.Holds(old) {
		return nil
	}
	if c.returnOld {
		return conditionFailed(old)
	}
	return conditionFailed("")
}

// fromExpected makes a condition of the legacy parameters Expected and ConditionalOperator.
func fromExpected(expected map[string]ExpectedAttributeValue, operator *string) (*expr.Condition, error) {
	if operator != nil && len(expected) == 0 {
		if expected == nil {
			return nil, invalid("ConditionalOperator cannot be used without Filter or Expected")
		}
		return nil, invalid("ConditionalOperator can only be used when Filter or Expected is not empty")
	}
	tests := make(map[string]expr.Test, len(expected))
	for name, e := range expected {
		test, err := expectedTest(name, e)
		if err != nil {
			return nil, err
		}
		tests[name] = test
	}
	if operator != nil && len(expected) == 1 {
		return nil, invalid("ConditionalOperator can only be used when Filter or Expected contains more than 1 condition")
	}
	return expr.FromTests(tests, deref(operator) == ConditionalOperatorOr), nil
}

func expectedTest(name string, e ExpectedAttributeValue) (expr.Test, error) {
	values := e.AttributeValueList
	if e.Value != nil {
		if values != nil {
			return expr.Test{}, invalid(invalidValues + "Value and AttributeValueList cannot be used together for Attribute: " + name)
		}
		values = []AttributeValue{*e.Value}
	}
	if e.ComparisonOperator != nil {
		operator := *e.ComparisonOperator
		if e.Exists != nil {
			return expr.Test{}, invalid(invalidValues + "Exists and ComparisonOperator cannot be used together for Attribute: " + name)
		}
		if values == nil && operator != ComparisonOperatorNull && operator != ComparisonOperatorNotNull {
			return expr.Test{}, invalid(invalidValues + "Value or AttributeValueList must be used with ComparisonOperator: " + operator + " for Attribute: " + name)
		}
		test := expr.Test{Operator: operator, Values: values}
		return test, asInvalid(test.Check())
	}
	exists := e.Exists == nil || *e.Exists
	switch {
	case e.AttributeValueList != nil:
		return expr.Test{}, invalid(invalidValues + "AttributeValueList can only be used with a ComparisonOperator for Attribute: " + name)
	case exists && e.Value == nil:
		given := "null"
		if e.Exists != nil {
			given = "true"
		}
		return expr.Test{}, invalid(invalidValues + "Value must be provided when Exists is " + given + " for Attribute: " + name)
	case !exists && e.Value != nil:
		return expr.Test{}, invalid(invalidValues + "Value cannot be used when Exists is false for Attribute: " + name)
	case !exists:
		return expr.Test{Operator: ComparisonOperatorNull}, nil
	}
	test := expr.Test{Operator: ComparisonOperatorEq, Values: values}
	return test, asInvalid(test.Check())
}

// testsOf checks the legacy conditions of a filter or key and makes tests of them.
func testsOf(conditions map[string]Condition) (map[string]expr.Test, error) {
	tests := make(map[string]expr.Test, len(conditions))
	for name, c := range conditions {
		test := expr.Test{Operator: c.ComparisonOperator, Values: c.AttributeValueList}
		if err := test.Check(); err != nil {
			return nil, asInvalid(err)
		}
		tests[name] = test
	}
	return tests, nil
}
