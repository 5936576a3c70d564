package expr

import "localcloud/images/dynamodb/attr"

// Node is a part of a condition or of a value that is put together by code (PartiQL) instead of
// parsed from an expression.
type Node struct{ n *node }

// Attribute is the value at a document path.
func Attribute(p attr.Path) Node {
	n := &node{kind: kindPath}
	for _, s := range p {
		n.path = append(n.path, step{name: s.Name, index: s.Index, elem: s.Elem, sharp: -1})
	}
	return Node{n}
}

// Literal is a value.
func Literal(v attr.Value) Node { return Node{&node{kind: kindLiteral, literal: v}} }

// Call is a function of conditions or of values.
func Call(name string, args ...Node) Node {
	return Node{&node{kind: kindFunc, name: name, args: nodes(args)}}
}

// Compare is a comparison by one of = <> < <= > >=.
func Compare(operator string, a, b Node) Node {
	return Node{&node{kind: kindCompare, name: operator, args: []*node{a.n, b.n}}}
}

// Between is a BETWEEN low AND high.
func Between(a, low, high Node) Node {
	return Node{&node{kind: kindBetween, args: []*node{a.n, low.n, high.n}}}
}

// In is a IN (list...).
func In(a Node, list ...Node) Node {
	return Node{&node{kind: kindIn, args: nodes(append([]Node{a}, list...))}}
}

// And holds where both hold; a zero Node is one that always does.
func And(a, b Node) Node {
	switch {
	case a.n == nil:
		return b
	case b.n == nil:
		return a
	}
	return Node{&node{kind: kindAnd, args: []*node{a.n, b.n}}}
}

// Or holds where one of them holds.
func Or(a, b Node) Node { return Node{&node{kind: kindOr, args: []*node{a.n, b.n}}} }

// Not holds where a does not.
func Not(a Node) Node { return Node{&node{kind: kindNot, args: []*node{a.n}}} }

// Arithmetic is a + b or a - b.
func Arithmetic(operator string, a, b Node) Node {
	return Node{&node{kind: kindArith, name: operator, args: []*node{a.n, b.n}}}
}

func nodes(list []Node) []*node {
	out := make([]*node, len(list))
	for i, n := range list {
		out[i] = n.n
	}
	return out
}

// IsPath returns the attribute that the node is, where it is one of the item's top level.
func (n Node) IsPath() (name string, ok bool) {
	if n.n == nil || n.n.kind != kindPath || len(n.n.path) != 1 {
		return "", false
	}
	return n.n.path[0].name, true
}

// IsLiteral returns the value that the node is.
func (n Node) IsLiteral() (attr.Value, bool) {
	if n.n == nil || n.n.kind != kindLiteral {
		return "", false
	}
	return n.n.literal, true
}

// IsCondition reports whether the node can stand as a condition of its own.
func (n Node) IsCondition() bool {
	if n.n == nil {
		return false
	}
	switch n.n.kind {
	case kindPath, kindLiteral, kindValue, kindArith:
		return false
	case kindFunc:
		_, known := functions[n.n.name]
		return known && n.n.name != "size"
	}
	return true
}

// Conjuncts are the conditions that AND joins at the top of n.
func (n Node) Conjuncts() []Node {
	switch {
	case n.n == nil:
		return nil
	case n.n.kind == kindAnd:
		return append(Node{n.n.args[0]}.Conjuncts(), Node{n.n.args[1]}.Conjuncts()...)
	}
	return []Node{n}
}

// KeyCondition reads the node as a condition on one attribute of the top level; ok is false where it
// is none that a key can have. IN gives the operator "IN".
func (n Node) KeyCondition() (k KeyCondition, ok bool) {
	switch n.n.kind {
	case kindCompare, kindBetween, kindIn:
	case kindFunc:
		if n.n.name != "begins_with" {
			return k, false
		}
	default:
		return k, false
	}
	at := -1
	for i, a := range n.n.args {
		switch {
		case a.kind == kindPath && len(a.path) == 1 && at < 0:
			at = i
		case a.kind == kindLiteral:
			k.Values = append(k.Values, a.literal)
		default:
			return k, false
		}
	}
	if at < 0 || at > 0 && n.n.kind != kindCompare || n.n.name == "<>" {
		return k, false
	}
	k.Name, k.Operator = n.n.args[at].path[0].name, n.n.name
	switch n.n.kind {
	case kindBetween:
		k.Operator = "BETWEEN"
	case kindIn:
		k.Operator = "IN"
	}
	if at == 1 {
		k.Operator = mirrored(k.Operator)
	}
	return k, true
}

// Condition makes a condition of the node; nil for the zero Node. Mistakes are Problems.
func (n Node) Condition() (*Condition, error) {
	if n.n == nil {
		return nil, nil
	}
	c := &Condition{root: n.n}
	return c, c.check(n.n, &symbols{})
}

// Assignment is one SET (or, with a zero Value, REMOVE) of a composed update.
type Assignment struct {
	Path  attr.Path
	Value Node
}

// Compose makes an update of assignments. Mistakes are Problems.
func Compose(list []Assignment) (*Update, error) {
	u := new(Update)
	for _, a := range list {
		n := Attribute(a.Path).n
		kind := actionSet
		if a.Value.n == nil {
			kind = actionRemove
		}
		u.actions = append(u.actions, action{kind: kind, path: n.path, value: a.Value.n})
		u.paths = append(u.paths, a.Path)
	}
	if err := checkOverlap(u.paths); err != nil {
		return nil, err
	}
	return u, u.check()
}
