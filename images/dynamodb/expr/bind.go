package expr

import (
	"fmt"
	"slices"
	"strconv"

	"localcloud/images/dynamodb/attr"
)

// tree is a parsed condition. It is shared and never changes.
type tree struct {
	root    *node
	symbols symbols
}

var conditions cache[*tree]

// Condition is a condition, filter or key condition expression bound to the names and values of a
// request. nil is the condition that always holds.
type Condition struct {
	root   *node
	names  []string
	values []attr.Value
}

// ParseCondition parses a condition, filter or key condition expression and binds it.
func ParseCondition(text string, params *Params) (*Condition, error) {
	t, err := conditions.get(text, parseTree)
	if err != nil {
		return nil, err
	}
	c := &Condition{root: t.root}
	c.names, c.values = params.bind(&t.symbols)
	return c, c.check(c.root, &t.symbols)
}

func parseTree(text string) (*tree, error) {
	var root *node
	p, err := parse(text, func(p *parser) { root = p.or() })
	if err != nil {
		return nil, err
	}
	p.checkFunctions(root, false)
	return &tree{root, p.symbols}, p.problem()
}

// check finds what needs names and values, in the order in which the nodes are evaluated.
func (c *Condition) check(n *node, s *symbols) error {
	for _, a := range n.args {
		if err := c.check(a, s); err != nil {
			return err
		}
	}
	switch n.kind {
	case kindPath:
		for _, step := range n.path {
			if step.sharp >= 0 && c.names[step.sharp] == "" {
				return undefinedName(step.name)
			}
		}
	case kindValue:
		if c.values[n.index] == "" {
			return undefinedValue(n.name)
		}
	case kindCompare, kindBetween, kindIn:
		return c.checkComparison(n)
	case kindFunc:
		return c.checkFunction(n)
	}
	return nil
}

func (c *Condition) checkComparison(n *node) error {
	operator := n.name
	switch n.kind {
	case kindBetween:
		operator = "BETWEEN"
	case kindIn:
		operator = "IN"
		if len(n.args)-1 > maxInList {
			return Problem("The IN operator is provided with too many operands; number of operands: " + strconv.Itoa(len(n.args)-1))
		}
	}
	if err := c.checkDistinct(operator, n.args); err != nil {
		return err
	}
	if operator == "=" || operator == "<>" || operator == "IN" {
		return nil
	}
	for _, a := range n.args {
		if t := c.typeOf(a); t != attr.None && t != attr.S && t != attr.N && t != attr.B {
			return operandType(operator, t.String())
		}
	}
	if n.kind == kindBetween {
		return c.checkBounds(n.args[1], n.args[2])
	}
	return nil
}

func (c *Condition) checkDistinct(operator string, args []*node) error {
	if args[0].kind != kindPath {
		return nil
	}
	first := c.path(args[0].path)
	for _, a := range args[1:] {
		if a.kind == kindPath && first.Equal(c.path(a.path)) {
			return Problem("The first operand must be distinct from the remaining operands for this operator or function; operator: " +
				operator + ", first operand: " + first.String())
		}
	}
	return nil
}

func (c *Condition) checkBounds(low, high *node) error {
	if !low.isConstant() || !high.isConstant() {
		return nil
	}
	a, b := c.constant(low), c.constant(high)
	bounds := "; lower bound operand: " + shown(a) + ", upper bound operand: " + shown(b)
	switch {
	case a.Type() != b.Type():
		return Problem("The BETWEEN operator requires same data type for lower and upper bounds" + bounds)
	case a.Payload() > b.Payload():
		return Problem("The BETWEEN operator requires upper bound to be greater than or equal to lower bound" + bounds)
	}
	return nil
}

// shown writes a scalar as AWS does in messages.
func shown(v attr.Value) string {
	text := v.Text()
	if v.Type() == attr.B {
		text = fmt.Sprintf("java.nio.HeapByteBuffer[pos=0 lim=%d cap=%[1]d]", len(text))
	}
	return "AttributeValue: {" + v.Type().String() + ":" + text + "}"
}

func (n *node) isConstant() bool { return n.kind == kindValue || n.kind == kindLiteral }

func (c *Condition) constant(n *node) attr.Value {
	if n.kind == kindLiteral {
		return n.literal
	}
	return c.values[n.index]
}

// typeOf is the type that an operand is known to have, None where the item decides.
func (c *Condition) typeOf(n *node) attr.Type {
	switch {
	case n.isConstant():
		return c.constant(n).Type()
	case n.kind == kindFunc && n.name == "size":
		return attr.N
	}
	return attr.None
}

func operandType(operator, t string) error {
	return Problem("Incorrect operand type for operator or function; operator or function: " + operator + ", operand type: " + t)
}

func (c *Condition) checkFunction(n *node) error {
	if want := functions[n.name]; len(n.args) != want {
		return Problem("Incorrect number of operands for operator or function; operator or function: " + n.name +
			", number of operands: " + strconv.Itoa(len(n.args)))
	}
	if err := c.checkDistinct(n.name, n.args); err != nil {
		return err
	}
	switch n.name {
	case "attribute_exists", "attribute_not_exists":
		if n.args[0].kind != kindPath {
			return Problem("Operator or function requires a document path; operator or function: " + n.name)
		}
	case "begins_with":
		for _, a := range n.args {
			if t := c.typeOf(a); t != attr.None && t != attr.S && t != attr.B {
				return operandType(n.name, t.String())
			}
		}
	case "size":
		if t := c.typeOf(n.args[0]); t == attr.N || t == attr.Bool || t == attr.Null {
			return operandType(n.name, t.String())
		}
	case "attribute_type":
		return c.checkTypeName(n)
	}
	return nil
}

func (c *Condition) checkTypeName(n *node) error {
	switch t := c.typeOf(n.args[1]); {
	case t == attr.None:
		return operandType(n.name, "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}")
	case t != attr.S || !n.args[1].isConstant():
		return operandType(n.name, t.String())
	}
	name := c.constant(n.args[1]).Payload()
	if _, ok := attr.ParseType(name); !ok {
		return Problem("Invalid attribute type name found; type: " + name + ", valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}")
	}
	return nil
}

// path resolves the names of a path.
func (c *Condition) path(p path) attr.Path { return resolve(p, c.names) }

func resolve(p path, names []string) attr.Path {
	resolved := make(attr.Path, len(p))
	for i, s := range p {
		resolved[i] = attr.Step{Name: s.resolve(names), Index: s.index, Elem: s.elem}
	}
	return resolved
}

func (s *step) resolve(names []string) string {
	if s.sharp >= 0 {
		return names[s.sharp]
	}
	return s.name
}

// Paths are all document paths of the condition.
func (c *Condition) Paths() []attr.Path {
	if c == nil {
		return nil
	}
	var paths []attr.Path
	c.root.walk(func(n *node) {
		if n.kind == kindPath {
			if p := c.path(n.path); !slices.ContainsFunc(paths, p.Equal) {
				paths = append(paths, p)
			}
		}
	})
	return paths
}
