package expr

import (
	"strconv"
)

// Limits of expressions, by the DynamoDB documentation.
const (
	maxText     = 4096 // bytes of an expression
	maxNested   = 150  // parentheses and NOTs within one another
	maxInList   = 100
	maxOperands = 300 // operators and functions
)

// parser reads one expression. The first mistake ends the reading (fail panics with it).
type parser struct {
	text    string
	tokens  []token
	at      int
	depth   int
	symbols symbols

	parens   bool // redundant ones were seen
	reserved string
	function Problem // the first function that is unknown or stands where it may not
	index    Problem // the first index out of range
	count    int     // of operators
}

// parse runs read on the tokens of text, all of which it must take.
func parse(text string, read func(p *parser)) (p *parser, problem error) {
	if text == "" {
		return nil, Problem("The expression can not be empty;")
	}
	if len(text) > maxText {
		return nil, Problem("Expression size has exceeded the maximum allowed size; expression size: " + strconv.Itoa(len(text)))
	}
	p = &parser{text: text, tokens: lex(text)}
	defer func() {
		if r := recover(); r != nil {
			failed, ok := r.(Problem)
			if !ok {
				panic(r)
			}
			problem = failed
		}
	}()
	read(p)
	if p.peek().kind != tokEnd {
		p.unexpected()
	}
	return p, nil
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) take() token {
	t := p.tokens[p.at]
	if t.kind != tokEnd {
		p.at++
	}
	return t
}

// unexpected fails at the next token, shown with its neighbours.
func (p *parser) unexpected() {
	t := p.peek()
	start, end := 0, t.end
	if p.at > 0 {
		start = p.tokens[p.at-1].at
	}
	if p.at+1 < len(p.tokens) {
		end = p.tokens[p.at+1].end
	}
	panic(Problem(`Syntax error; token: "` + t.text + `", near: "` + p.text[start:end] + `"`))
}

func (p *parser) isSign(text string) bool {
	t := p.peek()
	return t.kind == tokSign && t.text == text
}

func (p *parser) sign(text string) {
	if !p.isSign(text) {
		p.unexpected()
	}
	p.at++
}

func (p *parser) isWord(word string) bool { return p.peek().word == word }

func (p *parser) word(word string) {
	if !p.isWord(word) {
		p.unexpected()
	}
	p.at++
}

// nest counts levels, so that no expression exhausts the stack.
func (p *parser) nest() func() {
	if p.depth++; p.depth > maxNested {
		panic(Problem("The expression exceeds the maximum nesting depth allowed"))
	}
	return func() { p.depth-- }
}

func (p *parser) operator() {
	if p.count++; p.count > maxOperands {
		panic(Problem("The expression contains too many operators; maximum operators allowed: " + strconv.Itoa(maxOperands)))
	}
}

// or reads conditions joined by OR, the whole of a condition.
func (p *parser) or() *node {
	n := p.and()
	for p.isWord("OR") {
		p.take()
		p.operator()
		n = &node{kind: kindOr, args: []*node{n, p.and()}}
	}
	return n
}

func (p *parser) and() *node {
	n := p.not()
	for p.isWord("AND") {
		p.take()
		p.operator()
		n = &node{kind: kindAnd, args: []*node{n, p.not()}}
	}
	return n
}

func (p *parser) not() *node {
	if !p.isWord("NOT") {
		return p.term()
	}
	defer p.nest()()
	p.take()
	p.operator()
	return &node{kind: kindNot, args: []*node{p.not()}}
}

// term reads a condition in parentheses, a comparison, or a function that is a condition. What
// begins with a parenthesis may also be an operand: whether a comparison follows tells.
func (p *parser) term() *node {
	if p.isSign("(") && !p.operandAhead() {
		defer p.nest()()
		p.take()
		again := p.isSign("(") && !p.operandAhead()
		n := p.or()
		if again && p.closesTwice() {
			p.parens = true
		}
		p.sign(")")
		return n
	}
	left := p.operand()
	switch t := p.peek(); {
	case t.kind == tokSign && comparator(t.text):
		p.take()
		p.operator()
		return &node{kind: kindCompare, name: t.text, args: []*node{left, p.operand()}}
	case p.isWord("BETWEEN"):
		p.take()
		p.operator()
		low := p.operand()
		p.word("AND")
		return &node{kind: kindBetween, args: []*node{left, low, p.operand()}}
	case p.isWord("IN"):
		p.take()
		p.operator()
		p.sign("(")
		return &node{kind: kindIn, args: append([]*node{left}, p.list()...)}
	case left.kind != kindFunc:
		p.unexpected()
	}
	return left
}

func comparator(text string) bool {
	switch text {
	case "=", "<>", "<", "<=", ">", ">=":
		return true
	}
	return false
}

// closesTwice reports whether the parenthesis just read and the next one close the same thing.
func (p *parser) closesTwice() bool {
	return p.tokens[p.at-1].text == ")" && p.isSign(")") && p.opener(p.at-1) == p.opener(p.at)+1
}

// opener is the index of the parenthesis that the one at index i closes.
func (p *parser) opener(i int) int {
	depth := 0
	for ; i >= 0; i-- {
		if p.tokens[i].kind != tokSign {
			continue
		}
		switch p.tokens[i].text {
		case ")":
			depth++
		case "(":
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// operandAhead reports whether the parenthesis that comes next encloses an operand: nothing but
// operands inside, and a comparison behind it.
func (p *parser) operandAhead() bool {
	depth := 0
	for i := p.at; i < len(p.tokens); i++ {
		t := p.tokens[i]
		switch {
		case t.kind == tokSign && t.text == "(":
			depth++
		case t.kind == tokSign && t.text == ")":
			if depth--; depth == 0 {
				after := p.tokens[i+1]
				return after.kind == tokSign && comparator(after.text) || after.word == "BETWEEN" || after.word == "IN"
			}
		case t.kind == tokSign && comparator(t.text), t.kind == tokWord, t.kind == tokEnd:
			return false
		}
	}
	return false
}

// list reads operands up to a closing parenthesis.
func (p *parser) list() []*node {
	args := []*node{p.operand()}
	for p.isSign(",") {
		p.take()
		args = append(args, p.operand())
	}
	p.sign(")")
	return args
}

// operand reads a path, a :value, a function, or one of them in parentheses.
func (p *parser) operand() *node {
	switch t := p.peek(); {
	case p.isSign("("):
		defer p.nest()()
		p.take()
		if p.isSign("(") {
			p.parens = true
		}
		n := p.operand()
		p.sign(")")
		return n
	case t.kind == tokColon:
		p.take()
		return &node{kind: kindValue, name: t.text, index: p.symbols.value(t.text)}
	case t.kind == tokName && p.tokens[p.at+1].text == "(":
		defer p.nest()()
		p.at += 2
		p.operator()
		return &node{kind: kindFunc, name: t.text, args: p.list()}
	}
	return &node{kind: kindPath, path: p.path()}
}

// path reads a document path.
func (p *parser) path() path {
	steps := path{p.step()}
	for {
		switch {
		case p.isSign("."):
			p.take()
			steps = append(steps, p.step())
		case p.isSign("["):
			p.take()
			t := p.peek()
			if t.kind != tokNumber {
				p.unexpected()
			}
			p.take()
			p.sign("]")
			index, err := strconv.ParseInt(t.text, 10, 32)
			if err != nil && p.index == "" {
				p.index = Problem("List index is not within the allowable range; index: [" + t.text + "]")
			}
			steps = append(steps, step{index: int(index), elem: true, sharp: -1})
		default:
			return steps
		}
	}
}

func (p *parser) step() step {
	t := p.peek()
	switch t.kind {
	case tokName:
		if p.reserved == "" && reserved(t.text) {
			p.reserved = t.text
		}
		p.take()
		return step{name: t.text, sharp: -1}
	case tokSharp:
		p.take()
		return step{name: t.text, sharp: p.symbols.name(t.text)}
	}
	p.unexpected()
	return step{}
}
