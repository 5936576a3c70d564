package expr

import "localcloud/images/dynamodb/attr"

// KeyCondition is what a query asks of one key attribute.
type KeyCondition struct {
	Name     string
	Operator string // = < <= > >= BETWEEN begins_with
	Values   []attr.Value
}

// KeyConditions reads the condition as a key condition expression. The messages are whole ones, not
// to be put behind the parameter's name.
func (c *Condition) KeyConditions() ([]KeyCondition, error) {
	var list []KeyCondition
	err := c.keyConditions(c.root, &list)
	return list, err
}

func (c *Condition) keyConditions(n *node, list *[]KeyCondition) error {
	operator := n.name
	switch n.kind {
	case kindAnd:
		if err := c.keyConditions(n.args[0], list); err != nil {
			return err
		}
		return c.keyConditions(n.args[1], list)
	case kindOr:
		return badKeyOperator("OR")
	case kindNot:
		return badKeyOperator("NOT")
	case kindIn:
		return badKeyOperator("IN")
	case kindBetween:
		operator = "BETWEEN"
	case kindCompare:
		if operator == "<>" {
			return badKeyOperator(operator)
		}
	case kindFunc:
		if operator != "begins_with" {
			return badKeyOperator(operator)
		}
	}
	at, err := c.keyOperand(n, operator)
	if err != nil {
		return err
	}
	condition := KeyCondition{Operator: operator, Name: n.args[at].path[0].resolve(c.names)}
	for i, a := range n.args {
		if i != at {
			condition.Values = append(condition.Values, c.constant(a))
		}
	}
	if at == 1 {
		condition.Operator = mirrored(operator)
	}
	for _, known := range *list {
		if known.Name == condition.Name {
			return Problem("KeyConditionExpressions must only contain one condition per key")
		}
	}
	*list = append(*list, condition)
	return nil
}

func badKeyOperator(operator string) error {
	return Problem("Invalid operator used in KeyConditionExpression: " + operator)
}

// keyOperand finds the operand that is the key attribute.
func (c *Condition) keyOperand(n *node, operator string) (int, error) {
	at := -1
	for i, a := range n.args {
		switch a.kind {
		case kindFunc:
			return 0, Problem("KeyConditionExpressions cannot contain nested operations")
		case kindPath:
			if at >= 0 {
				return 0, Problem("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
			}
			if len(a.path) > 1 {
				return 0, Problem("KeyConditionExpressions cannot have conditions on nested attributes")
			}
			at = i
		}
	}
	switch {
	case at < 0:
		return 0, Problem("Invalid condition in KeyConditionExpression: No key attribute specified")
	case at > 0 && n.kind != kindCompare:
		return 0, Problem("Invalid condition in KeyConditionExpression: " + operator + " operator must have the key attribute as its first operand")
	}
	return at, nil
}

// mirrored is the operator for exchanged operands.
func mirrored(operator string) string {
	switch operator {
	case "<":
		return ">"
	case "<=":
		return ">="
	case ">":
		return "<"
	case ">=":
		return "<="
	}
	return operator
}
