package expr

// functions of conditions and the number of operands they take.
var functions = map[string]int{
	"attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2,
	"begins_with": 2, "contains": 2, "size": 1,
}

// updateFunctions are those of values in updates.
var updateFunctions = map[string]int{"if_not_exists": 2, "list_append": 2}

// problem is the first of the mistakes that need neither names nor values.
func (p *parser) problem() error {
	switch {
	case p.parens:
		return Problem("The expression has redundant parentheses;")
	case p.function != "":
		return p.function
	case p.reserved != "":
		return Problem("Attribute name is a reserved keyword; reserved keyword: " + p.reserved)
	case p.index != "":
		return p.index
	}
	return nil
}

func (p *parser) misuse(problem Problem) {
	if p.function == "" {
		p.function = problem
	}
}

// checkFunctions finds functions that are unknown, and those that stand where they may not:
// conditions as operands, size as a condition.
func (p *parser) checkFunctions(n *node, operand bool) {
	if n.kind == kindFunc {
		if _, known := functions[n.name]; !known {
			if _, update := updateFunctions[n.name]; update {
				p.misuse(Problem("The function is not allowed in a condition expression; function: " + n.name))
			} else {
				p.misuse(Problem("Invalid function name; function: " + n.name))
			}
		} else if operand != (n.name == "size") {
			p.misuse(Problem("The function is not allowed to be used this way in an expression; function: " + n.name))
		}
	}
	condition := n.kind == kindAnd || n.kind == kindOr || n.kind == kindNot
	for _, a := range n.args {
		p.checkFunctions(a, !condition)
	}
}

// checkUpdateFunctions finds functions that no update knows or allows.
func (p *parser) checkUpdateFunctions(n *node) {
	n.walk(func(n *node) {
		if n.kind != kindFunc {
			return
		}
		if _, known := updateFunctions[n.name]; known {
			return
		}
		if _, known := functions[n.name]; known {
			p.misuse(Problem("The function is not allowed in an update expression; function: " + n.name))
			return
		}
		p.misuse(Problem("Invalid function name; function: " + n.name))
	})
}
