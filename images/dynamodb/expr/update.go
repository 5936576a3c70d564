package expr

import (
	"slices"
	"strconv"

	"localcloud/images/dynamodb/attr"
)

type actionKind uint8

const (
	actionSet actionKind = iota
	actionRemove
	actionAdd
	actionDelete
)

// action is one part of an update expression.
type action struct {
	kind  actionKind
	path  path
	value *node // nil for a removal
}

// program is a parsed update expression. It is shared and never changes.
type program struct {
	actions []action
	symbols symbols
}

var programs cache[*program]

// Update is an update expression bound to the names and values of a request.
type Update struct {
	actions []action
	paths   []attr.Path // of the actions
	bound   Condition   // the names and values, for operands
	legacy  bool        // made of AttributeUpdates
}

// ParseUpdate parses an update expression and binds it.
func ParseUpdate(text string, params *Params) (*Update, error) {
	p, err := programs.get(text, parseProgram)
	if err != nil {
		return nil, err
	}
	u := &Update{actions: p.actions, paths: make([]attr.Path, len(p.actions))}
	u.bound.names, u.bound.values = params.bind(&p.symbols)
	for i, key := range p.symbols.names {
		if u.bound.names[i] == "" {
			return nil, undefinedName(key)
		}
	}
	for i, a := range p.actions {
		u.paths[i] = resolve(a.path, u.bound.names)
	}
	if err := checkOverlap(u.paths); err != nil {
		return nil, err
	}
	for i, key := range p.symbols.values {
		if u.bound.values[i] == "" {
			return nil, undefinedValue(key)
		}
	}
	return u, u.check()
}

func parseProgram(text string) (*program, error) {
	var actions []action
	var twice Problem
	p, err := parse(text, func(p *parser) { actions, twice = p.sections() })
	if err != nil {
		return nil, err
	}
	for _, a := range actions {
		if a.value != nil {
			p.checkUpdateFunctions(a.value)
		}
	}
	if err := p.problem(); err != nil {
		return nil, err
	}
	if twice != "" {
		return nil, twice
	}
	return &program{actions, p.symbols}, nil
}

// sections reads an update expression; twice is the mistake of a section that comes again.
func (p *parser) sections() (actions []action, twice Problem) {
	var seen []string
	for {
		word := p.peek().word
		if word != "SET" && word != "REMOVE" && word != "ADD" && word != "DELETE" {
			p.unexpected()
		}
		p.take()
		if slices.Contains(seen, word) && twice == "" {
			twice = Problem(`The "` + word + `" section can only be used once in an update expression;`)
		}
		seen = append(seen, word)
		actions = append(actions, p.action(word))
		for p.isSign(",") {
			p.take()
			actions = append(actions, p.action(word))
		}
		if p.peek().kind == tokEnd {
			return actions, twice
		}
	}
}

func (p *parser) action(word string) action {
	p.operator()
	a := action{path: p.path()}
	switch word {
	case "SET":
		p.sign("=")
		a.value = p.setValue()
	case "REMOVE":
		a.kind = actionRemove
	default:
		a.kind = actionAdd
		if word == "DELETE" {
			a.kind = actionDelete
		}
		t := p.peek()
		if t.kind != tokColon {
			p.unexpected()
		}
		p.take()
		a.value = &node{kind: kindValue, name: t.text, index: p.symbols.value(t.text)}
	}
	return a
}

// setValue reads an operand, or the sum or difference of two, all of it perhaps in parentheses.
func (p *parser) setValue() *node {
	if p.isSign("(") && p.arithmeticInside() {
		defer p.nest()()
		p.take()
		if p.isSign("(") && p.arithmeticInside() {
			p.parens = true
		}
		n := p.setValue()
		p.sign(")")
		return n
	}
	left := p.operand()
	if !p.isSign("+") && !p.isSign("-") {
		return left
	}
	operator := p.take().text
	p.operator()
	return &node{kind: kindArith, name: operator, args: []*node{left, p.operand()}}
}

// arithmeticInside reports whether the parenthesis that comes next has a + or - directly inside and
// nothing of a sum behind it.
func (p *parser) arithmeticInside() bool {
	depth, found := 0, false
	for i := p.at; i < len(p.tokens); i++ {
		if p.tokens[i].kind != tokSign {
			continue
		}
		switch p.tokens[i].text {
		case "(":
			depth++
		case ")":
			if depth--; depth == 0 {
				return found
			}
		case "+", "-":
			found = true
		}
	}
	return found
}

// check finds operands of a wrong number or type: those of ADD and DELETE first, then those of SET.
func (u *Update) check() error {
	for _, a := range u.actions {
		if a.kind != actionAdd && a.kind != actionDelete {
			continue
		}
		t := u.bound.constant(a.value).Type()
		if t.Set() || t == attr.N && a.kind == actionAdd {
			continue
		}
		operator := "ADD"
		if a.kind == actionDelete {
			operator = "DELETE"
		}
		return Problem("Incorrect operand type for operator or function; operator: " + operator + ", operand type: " + t.Word() +
			", typeSet: ALLOWED_FOR_" + operator + "_OPERAND")
	}
	for _, a := range u.actions {
		if a.kind == actionSet {
			if err := u.checkValue(a.value); err != nil {
				return err
			}
		}
	}
	return nil
}

func (u *Update) checkValue(n *node) error {
	for _, a := range n.args {
		if err := u.checkValue(a); err != nil {
			return err
		}
	}
	want := attr.N
	switch n.kind {
	case kindFunc:
		if want := updateFunctions[n.name]; len(n.args) != want && want != 0 {
			return Problem("Incorrect number of operands for operator or function; operator or function: " + n.name +
				", number of operands: " + strconv.Itoa(len(n.args)))
		}
		if n.name == "if_not_exists" {
			if n.args[0].kind != kindPath {
				return Problem("Operator or function requires a document path; operator or function: " + n.name)
			}
			return nil
		}
		if n.name == "set_add" || n.name == "set_delete" {
			return nil
		}
		want = attr.L
	case kindArith:
	default:
		return nil
	}
	for _, a := range n.args {
		if a.isConstant() && u.bound.constant(a).Type() != want {
			return operandType(n.name, u.bound.constant(a).Type().String())
		}
	}
	return nil
}

// Paths are the document paths that the update changes, in the text's order.
func (u *Update) Paths() []attr.Path { return u.paths }
