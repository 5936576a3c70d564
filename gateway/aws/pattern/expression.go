package pattern

import (
	"net/netip"
	"strconv"
	"strings"
)

// expression reads a match expression, an object with one operator, up to its end.
func (c *compiler) expression() (matcher, error) {
	if c.next() != fieldName {
		return matcher{}, c.fail("Match expression name not found")
	}
	m, err := c.operator(c.value)
	if err != nil {
		return m, err
	}
	if c.next() != endObject {
		return m, c.fail("Only one key allowed in match expression")
	}
	return m, nil
}

func (c *compiler) operator(name string) (matcher, error) {
	switch name {
	case "prefix", "suffix":
		return c.affix(name)
	case "equals-ignore-case":
		return c.textOf(name, equalFold)
	case "anything-but":
		return c.anythingBut()
	case "numeric":
		return c.numeric()
	case "exists":
		t := c.next()
		if t != valueTrue && t != valueFalse {
			return matcher{}, c.fail("exists match pattern must be either true or false.")
		}
		return matcher{kind: exists, truth: t == valueTrue}, nil
	case "cidr":
		return c.cidr()
	}
	if c.dialect == EventBridge {
		switch name {
		case "wildcard":
			return c.wildcard()
		case "exactly":
			return c.textOf("exact", equalString)
		}
	}
	return matcher{}, c.fail("Unrecognized match type %s", name)
}

// textOf reads the string of an operator.
func (c *compiler) textOf(name string, k kind) (matcher, error) {
	if c.next() != valueString {
		return matcher{}, c.fail("%s match pattern must be a string", name)
	}
	return matcher{kind: k, text: c.value}, nil
}

// affix reads prefix or suffix, in EventBridge also {"prefix": {"equals-ignore-case": "x"}}.
func (c *compiler) affix(name string) (matcher, error) {
	plain, folded := prefix, prefixFold
	if name == "suffix" {
		plain, folded = suffix, suffixFold
	}
	t := c.next()
	if t == startObject && c.dialect == EventBridge {
		if c.next() != fieldName || c.value != "equals-ignore-case" {
			return matcher{}, c.fail("Unsupported %s pattern: %s", name, c.value)
		}
		m, err := c.textOf("equals-ignore-case", folded)
		if err == nil && c.next() != endObject {
			err = c.fail("Only one key allowed in match expression")
		}
		return m, err
	}
	if t != valueString {
		return matcher{}, c.fail("%s match pattern must be a string", name)
	}
	return matcher{kind: plain, text: c.value}, nil
}

const maxStars = 32 // in one wildcard

func (c *compiler) wildcard() (matcher, error) {
	m, err := c.textOf("wildcard", wildcard)
	if err != nil {
		return m, err
	}
	for i := 0; i < len(m.text); i++ {
		switch {
		case m.text[i] == '*' && i > 0 && m.text[i-1] == '*':
			return m, c.fail("Consecutive wildcard characters at pos %d", i-1)
		case m.text[i] == '\\' && (i+1 == len(m.text) || m.text[i+1] != '*' && m.text[i+1] != '\\'):
			return m, c.fail("Invalid escape character at pos %d", i)
		case m.text[i] == '\\':
			i++
		}
	}
	if strings.Count(m.text, "*") > maxStars {
		return m, c.fail("Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character")
	}
	return m, nil
}

// anythingBut reads a value, a list of values, or one operator that must not match.
func (c *compiler) anythingBut() (matcher, error) {
	m := matcher{kind: anythingBut}
	t := c.next()
	switch t {
	case startObject:
		return c.anythingButOperator()
	case startArray:
		for t = c.next(); t != endArray; t = c.next() {
			if t != valueString && t != valueNumber {
				return m, c.fail("Inside anything but list, start|null|boolean is not supported.")
			}
			not, _, err := c.exact(t)
			if err != nil {
				return m, err
			}
			m.not = append(m.not, not)
		}
		if len(m.not) == 0 {
			return m, c.fail("Empty arrays are not allowed")
		}
		return m, nil
	case valueString, valueNumber:
		not, _, err := c.exact(t)
		m.not = []matcher{not}
		return m, err
	}
	return m, c.fail("Inside anything but list, start|null|boolean is not supported.")
}

// anythingButKinds is the operators that EventBridge takes below anything-but; SNS takes the first alone.
var anythingButKinds = map[string]kind{"prefix": prefix, "suffix": suffix, "equals-ignore-case": equalFold, "wildcard": wildcard}

func (c *compiler) anythingButOperator() (matcher, error) {
	m := matcher{kind: anythingBut}
	if c.next() != fieldName {
		return m, c.fail("Anything-But expression name not found")
	}
	name := c.value
	k, known := anythingButKinds[name]
	if !known || c.dialect != EventBridge && k != prefix {
		return m, c.fail("Unsupported anything-but pattern: %s", name)
	}
	t := c.next()
	list := t == startArray && c.dialect == EventBridge
	if list {
		t = c.next()
	}
	for {
		if t != valueString {
			return m, c.fail("%s match pattern must be a string", name)
		}
		m.not = append(m.not, matcher{kind: k, text: c.value})
		if !list {
			break
		}
		if t = c.next(); t == endArray {
			break
		}
	}
	if c.next() != endObject {
		return m, c.fail("Only one key allowed in match expression")
	}
	return m, nil
}

// numeric reads ["=", 5], ["<", 5] or [">", 0, "<=", 5].
func (c *compiler) numeric() (matcher, error) {
	m := matcher{kind: numeric}
	if c.next() != startArray {
		return m, c.fail("Value of numeric must be an array.")
	}
	if c.next() != valueString {
		return m, c.fail("Invalid member in numeric match: %s", c.value)
	}
	operator := c.value
	t := c.next()
	switch operator {
	case "=":
		n, err := c.bound("equals", t)
		m.bounds = bounds{low: n, high: n, hasLow: true, hasHigh: true}
		return m, c.last(err)
	case "<", "<=":
		n, err := c.bound(operator, t)
		m.bounds = bounds{high: n, hasHigh: true, highExcluded: operator == "<"}
		return m, c.last(err)
	case ">", ">=":
		n, err := c.bound(operator, t)
		if err != nil {
			return m, err
		}
		m.bounds = bounds{low: n, hasLow: true, lowExcluded: operator == ">"}
		return m, c.top(&m.bounds)
	}
	return m, c.fail("Unrecognized numeric range operator: %s", operator)
}

func (c *compiler) bound(operator string, t token) (float64, error) {
	if t != valueNumber {
		return 0, c.fail("Value of %s must be numeric", operator)
	}
	return c.number()
}

// last expects the end of the array.
func (c *compiler) last(err error) error {
	if err == nil && c.next() != endArray {
		return c.fail("Too many elements in numeric expression")
	}
	return err
}

// top reads the upper end of a range, if there is one.
func (c *compiler) top(b *bounds) error {
	switch c.next() {
	case endArray:
		return nil
	case valueString:
	default:
		return c.fail("Bad value in numeric range: %s", c.value)
	}
	operator := c.readText()
	if operator != "<" && operator != "<=" {
		return c.fail("Bad numeric range operator: %s", operator)
	}
	n, err := c.bound(operator, c.next())
	if err != nil {
		return err
	}
	if c.next() != endArray {
		return c.fail("Too many terms in numeric range expression")
	}
	if b.low >= n {
		return c.fail("Bottom must be less than top")
	}
	b.high, b.hasHigh, b.highExcluded = n, true, operator == "<"
	return nil
}

func (c *compiler) cidr() (matcher, error) {
	if c.next() != valueString {
		return matcher{}, c.fail("prefix match pattern must be a string")
	}
	address, bits, found := strings.Cut(c.value, "/")
	if !found || strings.Contains(bits, "/") {
		return matcher{}, &Error{Message: "Malformed CIDR, one '/' required"}
	}
	mask, err := strconv.Atoi(bits)
	if err != nil {
		return matcher{}, &Error{Message: "Malformed CIDR, mask bits must be an integer"}
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return matcher{}, &Error{Message: "Nonstandard IP address: " + address}
	}
	net, err := ip.Prefix(mask)
	if err != nil {
		return matcher{}, &Error{Message: "IPv4 mask bits must be < 32"}
	}
	return matcher{kind: cidr, net: net}, nil
}
