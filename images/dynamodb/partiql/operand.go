package partiql

import (
	"strconv"
	"strings"

	"localcloud/images/dynamodb/attr"
	"localcloud/images/dynamodb/expr"
)

// condition reads conditions joined by OR.
func (p *parser) condition() expr.Node {
	defer p.nest()()
	n := p.and()
	for p.maybe("OR") {
		n = expr.Or(n, p.and())
	}
	return n
}

func (p *parser) and() expr.Node {
	n := p.not()
	for p.maybe("AND") {
		n = expr.And(n, p.not())
	}
	return n
}

func (p *parser) not() expr.Node {
	if p.maybe("NOT") {
		defer p.nest()()
		return expr.Not(p.not())
	}
	return p.comparison()
}

func (p *parser) comparison() expr.Node {
	left := p.operand()
	t := p.peek()
	switch {
	case t.kind == sign && comparators[t.text] != "":
		p.next()
		return expr.Compare(comparators[t.text], left, p.operand())
	case p.maybe("BETWEEN"):
		low := p.operand()
		p.expect("AND")
		return expr.Between(left, low, p.operand())
	case p.maybe("IN"):
		return expr.In(left, p.list()...)
	case p.maybe("IS"):
		return p.is(left)
	}
	if !left.IsCondition() {
		p.fail("Expected a condition")
	}
	return left
}

var comparators = map[string]string{"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

// is reads what may follow IS.
func (p *parser) is(left expr.Node) expr.Node {
	negated := p.maybe("NOT")
	var n expr.Node
	switch {
	case p.maybe("MISSING"):
		n = expr.Call("attribute_not_exists", left)
	case p.maybe("NULL"):
		n = expr.Compare("=", left, expr.Literal(attr.NullValue))
	default:
		p.fail("Expected MISSING or NULL")
	}
	if negated {
		return expr.Not(n)
	}
	return n
}

// list reads the list of an IN, in parentheses or brackets.
func (p *parser) list() []expr.Node {
	closing := ")"
	if p.maybe("[") {
		closing = "]"
	} else {
		p.expect("(")
	}
	list := []expr.Node{p.operand()}
	for p.maybe(",") {
		list = append(list, p.operand())
	}
	p.expect(closing)
	return list
}

// operand reads a path, a value, a function, or a condition or operand in parentheses.
func (p *parser) operand() expr.Node {
	t := p.peek()
	switch {
	case p.maybe("("):
		n := p.inParentheses()
		p.expect(")")
		return n
	case t.kind == word && p.tokens[p.at+1].is("(") && !keyword(t.text):
		return p.call()
	case t.kind == quoted, t.kind == word && !literalWord(t.text):
		return expr.Attribute(p.path())
	}
	return expr.Literal(p.literal())
}

// inParentheses reads what stands in parentheses that were opened: a condition, or an operand alone.
func (p *parser) inParentheses() expr.Node {
	defer p.nest()()
	if p.conditionAhead() {
		return p.condition()
	}
	return p.value()
}

// conditionAhead reports whether a comparison stands before the parenthesis that closes.
func (p *parser) conditionAhead() bool {
	depth := 0
	for _, t := range p.tokens[p.at:] {
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			if depth--; depth < 0 {
				return false
			}
		case t.kind == sign && comparators[t.text] != "", t.is("AND"), t.is("OR"), t.is("NOT"), t.is("BETWEEN"), t.is("IN"), t.is("IS"):
			return true
		}
	}
	return false
}

func literalWord(w string) bool {
	switch strings.ToUpper(w) {
	case "TRUE", "FALSE", "NULL":
		return true
	}
	return false
}

// call reads a function.
func (p *parser) call() expr.Node {
	defer p.nest()()
	name := strings.ToLower(p.next().text)
	p.expect("(")
	var args []expr.Node
	for !p.maybe(")") {
		if len(args) > 0 {
			p.expect(",")
		}
		args = append(args, p.value())
	}
	switch name {
	case "attribute_type", "begins_with", "contains", "size", "list_append", "set_add", "set_delete", "if_not_exists",
		"attribute_exists", "attribute_not_exists":
	default:
		p.fail("Unknown function: " + name)
	}
	if wanted := map[string]int{"size": 1, "attribute_exists": 1, "attribute_not_exists": 1}[name]; wanted != 0 && len(args) != wanted || wanted == 0 && len(args) != 2 {
		panic(Error("Incorrect number of operands for operator or function; operator or function: " + name + ", number of operands: " + strconv.Itoa(len(args))))
	}
	return expr.Call(name, args...)
}

// value reads the right side of a SET, or an argument of a function: an operand, or the sum or
// difference of two.
func (p *parser) value() expr.Node {
	n := p.operand()
	for p.peek().is("+") || p.peek().is("-") {
		operator := p.next().text
		n = expr.Arithmetic(operator, n, p.operand())
	}
	return n
}

// path reads a document path.
func (p *parser) path() attr.Path {
	path := attr.Path{{Name: p.name()}}
	for {
		switch {
		case p.maybe("."):
			path = append(path, attr.Step{Name: p.name()})
		case p.maybe("["):
			t := p.next()
			switch t.kind {
			case number:
				i, err := strconv.ParseInt(t.text, 10, 32)
				if err != nil {
					p.fail("Expected an index")
				}
				path = append(path, attr.Step{Index: int(i), Elem: true})
			case text:
				path = append(path, attr.Step{Name: t.text})
			default:
				p.fail("Expected an index")
			}
			p.expect("]")
		default:
			return path
		}
	}
}

// name reads the name of an attribute.
func (p *parser) name() string {
	t := p.next()
	if t.kind != quoted && (t.kind != word || keyword(t.text)) {
		p.fail("Expected identifier for simple path")
	}
	return t.text
}

func keyword(w string) bool {
	switch strings.ToUpper(w) {
	case "SELECT", "FROM", "WHERE", "INSERT", "INTO", "VALUE", "UPDATE", "SET", "REMOVE", "DELETE", "AND", "OR", "NOT",
		"BETWEEN", "IN", "IS", "MISSING", "ORDER", "BY", "RETURNING", "TRUE", "FALSE", "NULL":
		return true
	}
	return false
}

// literal reads a value: a parameter, text, number, boolean, null, tuple, list or bag.
func (p *parser) literal() attr.Value {
	defer p.nest()()
	t := p.next()
	switch {
	case t.kind == param:
		if p.used++; p.used > len(p.params) {
			panic(Error("Number of parameters in request and statement don't match."))
		}
		return p.params[p.used-1]
	case t.kind == text:
		return attr.Str(t.text)
	case t.kind == number:
		return p.number(t.text)
	case t.is("-"):
		return p.number("-" + p.next().text)
	case t.is("TRUE"), t.is("FALSE"):
		return attr.Boolean(t.is("TRUE"))
	case t.is("NULL"):
		return attr.NullValue
	case t.is("{"):
		return p.tuple()
	case t.is("["):
		return attr.List(p.values("]")...)
	case t.is("<<"):
		return p.bag()
	}
	p.fail("Expected a value")
	return ""
}

func (p *parser) number(text string) attr.Value {
	x, problem := attr.ParseNumber(text)
	if problem != "" {
		panic(Error(problem))
	}
	return attr.Num(x)
}

func (p *parser) values(closing string) []attr.Value {
	var list []attr.Value
	for !p.maybe(closing) {
		if len(list) > 0 {
			p.expect(",")
		}
		list = append(list, p.literal())
	}
	return list
}

func (p *parser) tuple() attr.Value {
	var pairs []attr.Pair
	for !p.maybe("}") {
		if len(pairs) > 0 {
			p.expect(",")
		}
		t := p.next()
		if t.kind != text && t.kind != quoted {
			p.fail("Expected the name of an attribute")
		}
		p.expect(":")
		pairs = append(pairs, attr.Pair{Name: t.text, Value: p.literal()})
	}
	return attr.MapOf(pairs...).Value()
}

// bag reads a set: <<'a', 'b'>>.
func (p *parser) bag() attr.Value {
	list := p.values(">>")
	var payloads []string
	t := attr.SS
	for i, v := range list {
		if v.Type() != list[0].Type() {
			panic(Error("Input collection contains values of different types"))
		}
		switch list[i].Type() {
		case attr.S:
		case attr.N:
			t = attr.NS
		case attr.B:
			t = attr.BS
		default:
			panic(Error("Sets may only contain values of type String, Number or Binary"))
		}
		payloads = append(payloads, v.Payload())
	}
	set := attr.SetOf(t, payloads)
	if problem := set.Problem(); problem != "" {
		panic(Error(problem))
	}
	return set
}
