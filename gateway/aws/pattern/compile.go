package pattern

import (
	"strconv"
)

// Bounds of SNS filter policies ("Filter policy constraints in Amazon SNS").
const (
	maxKeys         = 5
	maxCombinations = 150
	// maxLength of a pattern in bytes.
	maxLength = 256 << 10
)

// Compile reads a pattern. Its errors are *Error.
func Compile(text string, dialect Dialect) (*Pattern, error) {
	if len(text) > maxLength {
		return nil, &Error{Message: "Filter policy is longer than " + strconv.Itoa(maxLength) + " bytes"}
	}
	c := &compiler{lexer: lexer{text: text}, dialect: dialect}
	root, err := c.document()
	if c.lexer.err != nil {
		err = c.lexer.err
	}
	if err != nil {
		return nil, err
	}
	if dialect != EventBridge {
		if err := checkComplexity(&root); err != nil {
			return nil, err
		}
	}
	return &Pattern{root: root}, nil
}

type compiler struct {
	lexer
	dialect Dialect
}

func (c *compiler) document() (group, error) {
	if t := c.next(); t != startObject {
		return group{}, c.fail("Filter is not an object")
	}
	root, err := c.object("")
	if err == nil && c.next() != endOfText {
		err = c.fail("Only one object is allowed")
	}
	return root, err
}

// object reads the fields of an object up to its end.
func (c *compiler) object(path string) (group, error) {
	var g group
	empty := true
	for {
		switch c.next() {
		case endObject:
			if empty && (path != "" || c.dialect == EventBridge) {
				return g, c.fail("Empty objects are not allowed")
			}
			return g, nil
		case fieldName:
			empty = false
			if err := c.field(&g, path, c.value); err != nil {
				return g, err
			}
		default:
			return g, c.lexer.err
		}
	}
}

func (c *compiler) field(g *group, path, key string) error {
	if key == "$or" && c.isOr() {
		return c.or(g, path)
	}
	f := field{key: key, path: key}
	if path != "" {
		f.path = path + "." + key
	}
	var err error
	switch c.next() {
	case startObject:
		if c.dialect == SNSAttributes {
			return &Error{Message: "Filter policy scope MessageAttributes does not support nested filter policy", Nested: true}
		}
		f.child = new(group)
		*f.child, err = c.object(f.path)
	case startArray:
		f.matchers, err = c.matchers()
	default:
		err = c.fail("\"%s\" must be an object or an array", key)
	}
	g.fields = append(g.fields, f)
	return err
}

// isOr looks ahead: $or is a relation where it has an array of at least two objects whose keys are
// no operators, and an ordinary key elsewhere.
func (c *compiler) isOr() bool {
	ahead := c.lexer
	ahead.stack = append([]byte(nil), c.stack...)
	if ahead.next() != startArray {
		return false
	}
	objects := 0
	for {
		switch ahead.next() {
		case endArray:
			return objects >= 2
		case startObject:
			if ahead.next() != fieldName || operators[ahead.value] {
				return false
			}
			objects++
			ahead.skipObject()
		default:
			return false
		}
	}
}

// skipObject reads to the end of the object that was entered last.
func (l *lexer) skipObject() {
	for depth := len(l.stack); len(l.stack) >= depth; {
		if l.next() == endOfText {
			return
		}
	}
}

// operators is the names that a match expression may begin with.
var operators = map[string]bool{
	"exactly": true, "prefix": true, "suffix": true, "equals-ignore-case": true, "anything-but": true, "numeric": true,
	"exists": true, "cidr": true, "wildcard": true,
}

func (c *compiler) or(g *group, path string) error {
	c.next() // the array, as isOr has seen
	var alternatives []group
	for c.next() == startObject {
		alternative, err := c.object(path)
		if err != nil {
			return err
		}
		alternatives = append(alternatives, alternative)
	}
	g.ors = append(g.ors, alternatives)
	return c.lexer.err
}

// matchers reads the alternatives of a field up to the end of their array.
func (c *compiler) matchers() ([]matcher, error) {
	var all []matcher
	for {
		t := c.next()
		if t == endArray {
			break
		}
		m, err := c.matcher(t)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	if len(all) == 0 {
		return nil, c.fail("Empty arrays are not allowed")
	}
	return all, nil
}

func (c *compiler) matcher(t token) (matcher, error) {
	if t == startObject {
		return c.expression()
	}
	m, ok, err := c.exact(t)
	if !ok && err == nil {
		err = c.fail("Match value must be String, number, true, false, or null")
	}
	return m, err
}

// exact is the matcher of a plain value; ok is false for anything else.
func (c *compiler) exact(t token) (m matcher, ok bool, err error) {
	switch t {
	case valueString:
		return matcher{kind: equalString, text: c.value}, true, nil
	case valueNumber:
		n, err := c.number()
		return matcher{kind: equalNumber, number: n}, true, err
	case valueTrue, valueFalse:
		return matcher{kind: equalBool, truth: t == valueTrue}, true, nil
	case valueNull:
		return matcher{kind: equalNull}, true, nil
	}
	return m, false, c.lexer.err
}

// number is the value of a number token, within the range that can be matched.
func (c *compiler) number() (float64, error) {
	limit := 1e9
	if c.dialect == EventBridge {
		limit = 5e9
	}
	n, err := strconv.ParseFloat(c.value, 64)
	if err != nil || n > limit || n < -limit {
		return 0, c.fail("Value must be between %s and %s, inclusive", strconv.FormatFloat(-limit, 'g', -1, 64), strconv.FormatFloat(limit, 'g', -1, 64))
	}
	return n, nil
}

// checkComplexity applies SNS's bounds on keys and combinations of values.
func checkComplexity(g *group) error {
	keys, combinations := measure(g, 1)
	switch {
	case keys > maxKeys:
		return &Error{Message: "Filter policy can not have more than 5 keys"}
	case combinations > maxCombinations:
		return &Error{Message: "Filter policy is too complex"}
	}
	return nil
}

// measure counts leaf keys and combinations: the product over all keys of values times depth, summed
// over the alternatives of an $or.
func measure(g *group, depth int) (keys, combinations int) {
	combinations = 1
	for i := range g.fields {
		k, n := 1, len(g.fields[i].matchers)*depth
		if child := g.fields[i].child; child != nil {
			k, n = measure(child, depth+1)
		}
		keys += k
		combinations = min(combinations*n, maxCombinations+1)
	}
	for _, alternatives := range g.ors {
		most, sum := 0, 0
		for i := range alternatives {
			k, n := measure(&alternatives[i], depth)
			most, sum = max(most, k), sum+n
		}
		keys += most
		combinations = min(combinations*sum, maxCombinations+1)
	}
	return keys, combinations
}
