package expr

import (
	"cmp"
	"slices"

	"localcloud/images/dynamodb/attr"
)

// Mistakes that show only with the item.
var (
	errNoAttribute = Problem("The provided expression refers to an attribute that does not exist in the item")
	errOperandType = Problem("An operand in the update expression has an incorrect data type")
	errPath        = Problem("The document path provided in the update expression is invalid for update")
)

// change is what an action does to the item: the value at path becomes value, "" for none.
type change struct {
	path   attr.Path
	value  attr.Value
	remove bool
}

// Apply returns the item after the update. Every operand is read from the item as it was.
func (u *Update) Apply(item attr.Map) (attr.Map, error) {
	var few [8]change
	changes := few[:0]
	for i, a := range u.actions {
		c, ok, err := u.change(a, u.paths[i], item)
		if err != nil {
			return "", err
		}
		if ok {
			changes = append(changes, c)
		}
	}
	if slices.ContainsFunc(changes, func(c change) bool { return c.path[len(c.path)-1].Elem }) {
		inSafeOrder(changes)
	}
	for _, c := range changes {
		changed, ok := item.Put(c.path, c.value)
		if !ok {
			return "", errPath
		}
		item = changed
	}
	return item, nil
}

// inSafeOrder puts what is set before what is removed, elements of lists from the front where they
// are set (those past the end are appended) and from the back where they are removed.
func inSafeOrder(changes []change) {
	slices.SortStableFunc(changes, func(a, b change) int {
		if a.remove != b.remove {
			if b.remove {
				return -1
			}
			return 1
		}
		order := slices.CompareFunc(a.path, b.path, func(s, t attr.Step) int {
			return cmp.Or(cmp.Compare(s.Name, t.Name), cmp.Compare(s.Index, t.Index))
		})
		if a.remove {
			return -order
		}
		return order
	})
}

// change evaluates one action; ok is false where it changes nothing.
func (u *Update) change(a action, p attr.Path, item attr.Map) (c change, ok bool, err error) {
	old := item.Find(p)
	if old == "" && !reachable(item, p) {
		return c, false, errPath
	}
	c.path = p
	switch a.kind {
	case actionRemove:
		c.remove = true
		return c, old != "", nil
	case actionSet:
		c.value, err = u.value(a.value, item)
		c.remove = err == nil && c.value == "" // a set of which nothing is left
		return c, !c.remove || old != "", err
	case actionAdd:
		c.value, err = add(old, u.bound.constant(a.value))
		return c, true, err
	}
	if old == "" {
		return c, false, nil
	}
	operand := u.bound.constant(a.value)
	if old.Type() != operand.Type() {
		return c, false, errOperandType
	}
	c.value = without(old, operand)
	c.remove = c.value == ""
	return c, true, nil
}

// reachable reports whether a value can be put at path: its parent exists and is of the right type.
func reachable(item attr.Map, p attr.Path) bool {
	if len(p) == 1 {
		return true
	}
	parent := item.Find(p[:len(p)-1]).Type()
	if p[len(p)-1].Elem {
		return parent == attr.L
	}
	return parent == attr.M
}

// value evaluates the right side of a SET.
func (u *Update) value(n *node, item attr.Map) (attr.Value, error) {
	switch n.kind {
	case kindPath:
		if v := find(item, n.path, u.bound.names); v != "" {
			return v, nil
		}
		return "", errNoAttribute
	case kindFunc:
		if n.name == "if_not_exists" {
			if v := find(item, n.args[0].path, u.bound.names); v != "" {
				return v, nil
			}
			return u.value(n.args[1], item)
		}
	case kindArith:
	default:
		return u.bound.constant(n), nil
	}
	a, err := u.value(n.args[0], item)
	if err != nil {
		return "", err
	}
	b, err := u.value(n.args[1], item)
	if err != nil {
		return "", err
	}
	switch {
	case n.kind != kindFunc:
		return arithmetic(n.name, a, b)
	case n.name == "set_add":
		return union(a, b)
	case n.name == "set_delete":
		if a.Type() != b.Type() || !a.Type().Set() {
			return "", errOperandType
		}
		return without(a, b), nil
	}
	return appended(a, b)
}

// union is the union of two sets of one type.
func union(a, b attr.Value) (attr.Value, error) {
	if a.Type() != b.Type() || !a.Type().Set() {
		return "", errOperandType
	}
	return attr.Set(a.Type(), slices.AppendSeq(slices.Collect(a.Members()), b.Members())), nil
}

func appended(a, b attr.Value) (attr.Value, error) {
	if a.Type() != attr.L || b.Type() != attr.L {
		return "", errOperandType
	}
	var elems []attr.Value
	for _, list := range [...]attr.Value{a, b} {
		for _, e := range list.Elems() {
			elems = append(elems, e)
		}
	}
	return attr.List(elems...), nil
}

func arithmetic(operator string, a, b attr.Value) (attr.Value, error) {
	if a.Type() != attr.N || b.Type() != attr.N {
		return "", errOperandType
	}
	x, y := a.Number(), b.Number()
	if operator == "-" {
		y = y.Neg()
	}
	sum, problem := x.Add(y)
	if problem != "" {
		return "", Problem(problem)
	}
	return attr.Num(sum), nil
}

// add is what ADD makes of a value: the sum of numbers, the union of sets, the lists behind one another.
func add(old, operand attr.Value) (attr.Value, error) {
	switch t := operand.Type(); {
	case old == "":
		return operand, nil
	case t != old.Type():
		return "", errOperandType
	case t == attr.N:
		return arithmetic("+", old, operand)
	case t == attr.L: // of AttributeUpdates only
		return appended(old, operand)
	default:
		return union(old, operand)
	}
}

// without is the set old without the members of the set operand, "" where none are left.
func without(old, operand attr.Value) attr.Value {
	var left []string
	for m := range old.Members() {
		if !operand.HasMember(m) {
			left = append(left, m)
		}
	}
	return attr.Set(old.Type(), left)
}
