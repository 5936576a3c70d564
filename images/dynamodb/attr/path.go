package attr

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Step is one step of a document path: a member of a map, or an element of a list.
type Step struct {
	Name  string // "" for an element
	Index int    // of the element
	Elem  bool
}

// Path is a document path. Its first step is an attribute of the item.
type Path []Step

// String writes the path as DynamoDB's messages do: "[a, b, [1]]".
func (p Path) String() string {
	var b strings.Builder
	b.WriteByte('[')
	for i, s := range p {
		if i > 0 {
			b.WriteString(", ")
		}
		if s.Elem {
			b.WriteString("[" + strconv.Itoa(s.Index) + "]")
		} else {
			b.WriteString(s.Name)
		}
	}
	b.WriteByte(']')
	return b.String()
}

// Equal reports whether both paths are the same.
func (p Path) Equal(q Path) bool { return slices.Equal(p, q) }

// Find is the value at path, "" where there is none.
func (m Map) Find(path Path) Value {
	v := m.Get(path[0].Name)
	for _, s := range path[1:] {
		if v == "" {
			return ""
		}
		v = v.step(s)
	}
	return v
}

func (v Value) step(s Step) Value {
	if s.Elem {
		return v.Elem(s.Index)
	}
	return v.Map().Get(s.Name)
}

// Put is m with the value at path set to v, or removed where v is "". ok is false where the parent
// of the path's last step does not exist or has another type. An index past a list's end appends.
func (m Map) Put(path Path, v Value) (changed Map, ok bool) {
	value, ok := m.Value().put(path, v)
	return Map(value), ok
}

func (v Value) put(path Path, to Value) (Value, bool) {
	s := path[0]
	if len(path) > 1 {
		child := v.step(s)
		if child == "" {
			return "", false
		}
		changed, ok := child.put(path[1:], to)
		if !ok {
			return "", false
		}
		to = changed
	}
	if !s.Elem {
		if v.Type() != M {
			return "", false
		}
		return Map(v).With(s.Name, to).Value(), true
	}
	if v.Type() != L {
		return "", false
	}
	return v.replace(s.Index, to), true
}

// replace is the list v with the element at index i set to e, or removed where e is "".
func (v Value) replace(i int, e Value) Value {
	var elems []Value
	for j, old := range v.Elems() {
		if j != i {
			elems = append(elems, old)
		} else if e != "" {
			elems = append(elems, e)
		}
	}
	if i >= v.Len() && e != "" {
		elems = append(elems, e)
	}
	return List(elems...)
}

// Sort orders paths so that Project takes the elements of a list in the list's order.
func Sort(paths []Path) {
	slices.SortStableFunc(paths, func(p, q Path) int {
		return slices.CompareFunc(p, q, func(a, b Step) int {
			return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.Index, b.Index))
		})
	})
}

// Project is the part of m that lies on those paths, which Sort has ordered. The elements of lists
// close up.
func (m Map) Project(paths []Path) Map {
	if topLevel(paths) {
		pairs := make([]Pair, 0, len(paths))
		for _, p := range paths {
			if v := m.Get(p[0].Name); v != "" {
				pairs = append(pairs, Pair{p[0].Name, v})
			}
		}
		return MapOf(pairs...)
	}
	if part := m.Value().project(paths); part != "" {
		return Map(part)
	}
	return Empty
}

func topLevel(paths []Path) bool {
	return !slices.ContainsFunc(paths, func(p Path) bool { return len(p) > 1 })
}

// project returns "" where none of the paths leads to a value.
func (v Value) project(paths []Path) Value {
	var pairs []Pair
	var elems []Value
	for i := 0; i < len(paths); i++ {
		s := paths[i][0]
		if slices.ContainsFunc(paths[:i], func(p Path) bool { return p[0] == s }) {
			continue // done with the first path of that step
		}
		child := v.step(s)
		if child == "" {
			continue
		}
		var deeper []Path
		for _, p := range paths[i:] {
			if p[0] == s && len(p) > 1 {
				deeper = append(deeper, p[1:])
			}
		}
		if len(deeper) > 0 {
			if child = child.project(deeper); child == "" {
				continue
			}
		}
		if s.Elem {
			elems = append(elems, child)
		} else {
			pairs = append(pairs, Pair{s.Name, child})
		}
	}
	if paths[0][0].Elem {
		if len(elems) == 0 {
			return ""
		}
		return List(elems...)
	}
	if len(pairs) == 0 {
		return ""
	}
	return MapOf(pairs...).Value()
}
