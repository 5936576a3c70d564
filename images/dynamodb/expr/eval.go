package expr

import (
	"strings"
	"unicode/utf8"

	"localcloud/images/dynamodb/attr"
)

// Holds reports whether the condition holds for an item, "" for one that does not exist.
func (c *Condition) Holds(item attr.Map) bool {
	if c == nil {
		return true
	}
	return c.holds(c.root, item)
}

func (c *Condition) holds(n *node, item attr.Map) bool {
	switch n.kind {
	case kindAnd:
		return c.holds(n.args[0], item) && c.holds(n.args[1], item)
	case kindOr:
		return c.holds(n.args[0], item) || c.holds(n.args[1], item)
	case kindNot:
		return !c.holds(n.args[0], item)
	case kindCompare:
		return compare(n.name, c.value(n.args[0], item), c.value(n.args[1], item))
	case kindBetween:
		v := c.value(n.args[0], item)
		return compare(">=", v, c.value(n.args[1], item)) && compare("<=", v, c.value(n.args[2], item))
	case kindIn:
		v := c.value(n.args[0], item)
		for _, a := range n.args[1:] {
			if v != "" && v == c.value(a, item) {
				return true
			}
		}
		return false
	case kindFunc:
		return c.function(n, item)
	}
	return n.kind == kindTrue
}

// value evaluates an operand; "" where the item does not have it.
func (c *Condition) value(n *node, item attr.Map) attr.Value {
	switch n.kind {
	case kindPath:
		return find(item, n.path, c.names)
	case kindValue:
		return c.values[n.index]
	case kindLiteral:
		return n.literal
	case kindFunc:
		return size(c.value(n.args[0], item))
	}
	return ""
}

func find(item attr.Map, p path, names []string) attr.Value {
	v := item.Get(p[0].resolve(names))
	for i := 1; i < len(p) && v != ""; i++ {
		if p[i].elem {
			v = v.Elem(p[i].index)
		} else {
			v = v.Map().Get(p[i].resolve(names))
		}
	}
	return v
}

// compare compares two values; what is missing is only different from everything.
func compare(operator string, a, b attr.Value) bool {
	switch operator {
	case "=":
		return a != "" && a == b
	case "<>":
		return a == "" || a != b
	}
	t := a.Type()
	if t != b.Type() || t != attr.S && t != attr.N && t != attr.B {
		return false
	}
	x, y := a.Payload(), b.Payload()
	switch operator {
	case "<":
		return x < y
	case "<=":
		return x <= y
	case ">":
		return x > y
	}
	return x >= y
}

// size is the value of the function size: characters of a string, bytes of a binary, members of the rest.
func size(v attr.Value) attr.Value {
	n := 0
	switch v.Type() {
	case attr.S:
		n = utf8.RuneCountInString(v.Payload())
	case attr.B:
		n = len(v.Payload())
	case attr.L, attr.M, attr.SS, attr.NS, attr.BS:
		n = v.Len()
	default:
		return ""
	}
	return attr.Num(attr.Int(int64(n)))
}

func (c *Condition) function(n *node, item attr.Map) bool {
	v := c.value(n.args[0], item)
	switch n.name {
	case "attribute_exists":
		return v != ""
	case "attribute_not_exists":
		return v == ""
	case "attribute_type":
		return v.Type().String() == c.value(n.args[1], item).Payload()
	case "begins_with":
		prefix := c.value(n.args[1], item)
		t := v.Type()
		return t == prefix.Type() && (t == attr.S || t == attr.B) && strings.HasPrefix(v.Payload(), prefix.Payload())
	case "contains":
		return contains(v, c.value(n.args[1], item))
	}
	return false
}

// contains reports whether a string or binary has a part, or a set or list a member.
func contains(v, part attr.Value) bool {
	switch t := v.Type(); {
	case part == "":
		return false
	case t == attr.S || t == attr.B:
		return t == part.Type() && strings.Contains(v.Payload(), part.Payload())
	case t.Set():
		return t.Elem() == part.Type() && v.HasMember(part.Payload())
	case t == attr.L:
		for _, e := range v.Elems() {
			if e == part {
				return true
			}
		}
	}
	return false
}
