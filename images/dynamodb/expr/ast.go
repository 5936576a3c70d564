package expr

import "localcloud/images/dynamodb/attr"

type kind uint8

const (
	kindOr kind = iota
	kindAnd
	kindNot
	kindCompare // name is the operator
	kindBetween
	kindIn
	kindFunc // name is the function
	kindPath
	kindValue   // name is the :value, index its number
	kindLiteral // a value of a legacy parameter
	kindArith   // name is + or -
	kindTrue    // holds always: legacy parameters without conditions
)

// node is one node of a condition or of a value in an update.
type node struct {
	kind    kind
	name    string
	args    []*node
	path    path
	index   int
	literal attr.Value
}

// path is a document path whose steps may be #names.
type path []step

// step is one step of a path: a name, a #name or an index.
type step struct {
	name  string
	sharp int // number of the #name, -1 for none
	index int
	elem  bool
}

// symbols are the placeholders of an expression in the order of their first use.
type symbols struct {
	names, values []string
}

func (s *symbols) name(text string) int  { return intern(&s.names, text) }
func (s *symbols) value(text string) int { return intern(&s.values, text) }

func intern(list *[]string, text string) int {
	for i, known := range *list {
		if known == text {
			return i
		}
	}
	*list = append(*list, text)
	return len(*list) - 1
}

// walk calls f for every node, arguments before the node that has them.
func (n *node) walk(f func(*node)) {
	for _, a := range n.args {
		a.walk(f)
	}
	f(n)
}
