package partiql

import (
	"strconv"
	"strings"

	"localcloud/images/dynamodb/attr"
	"localcloud/images/dynamodb/expr"
)

// parser reads one statement. The first mistake ends the reading (fail panics with it).
type parser struct {
	tokens []token
	at     int
	depth  int
	params []attr.Value
	used   int
}

// maxDepth bounds nested parentheses, lists and tuples.
const maxDepth = 100

// Parse parses a statement and fills its parameters in. Mistakes are Errors.
func Parse(statement string, params []attr.Value) (s *Statement, problem error) {
	if len(statement) > maxStatement {
		return nil, Error("Statement size has exceeded the maximum allowed size of " + strconv.Itoa(maxStatement) + " characters")
	}
	for _, v := range params {
		if p := v.Problem(); p != "" {
			return nil, Error(p)
		}
	}
	tokens, err := lex(statement)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, params: params}
	defer func() {
		if r := recover(); r != nil {
			failed, ok := r.(Error)
			if !ok {
				panic(r)
			}
			s, problem = nil, failed
		}
	}()
	s = p.statement()
	p.maybe(";")
	if p.peek().kind != end {
		p.fail("Unexpected term after the statement")
	}
	if p.used != len(params) {
		return nil, Error("Number of parameters in request and statement don't match.")
	}
	return s, nil
}

func (p *parser) fail(detail string) { panic(Error(malformed + detail)) }

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != end {
		p.at++
	}
	return t
}

// maybe takes the next token if it is that keyword or sign.
func (p *parser) maybe(what string) bool {
	if !p.peek().is(what) {
		return false
	}
	p.at++
	return true
}

func (p *parser) expect(what string) {
	if !p.maybe(what) {
		p.fail("Expected " + what)
	}
}

func (p *parser) nest() func() {
	if p.depth++; p.depth > maxDepth {
		p.fail("The statement is nested too deeply")
	}
	return func() { p.depth-- }
}

func (p *parser) statement() *Statement {
	switch {
	case p.maybe("SELECT"):
		return p.selection()
	case p.maybe("INSERT"):
		return p.insertion()
	case p.maybe("UPDATE"):
		return p.update()
	case p.maybe("DELETE"):
		p.expect("FROM")
		s := &Statement{Kind: Delete}
		p.table(s)
		p.where(s)
		p.returning(s)
		return s
	case p.maybe("EXISTS"):
		p.expect("(")
		p.expect("SELECT")
		s := p.selection()
		p.expect(")")
		s.Kind = Exists
		return s
	}
	p.fail("Expected data manipulation")
	return nil
}

func (p *parser) selection() *Statement {
	s := &Statement{Kind: Select}
	if !p.maybe("*") {
		for {
			path := p.path()
			s.Fields = append(s.Fields, Field{Path: path, Name: fieldName(path)})
			if !p.maybe(",") {
				break
			}
		}
	}
	p.expect("FROM")
	p.table(s)
	p.where(s)
	if p.maybe("ORDER") {
		p.expect("BY")
		for {
			o := Order{Name: p.name()}
			if p.maybe("DESC") {
				o.Desc = true
			} else {
				p.maybe("ASC")
			}
			s.OrderBy = append(s.OrderBy, o)
			if !p.maybe(",") {
				break
			}
		}
	}
	return s
}

// fieldName is the name of a path in the answer: its last step, of an element with what it is of.
func fieldName(path attr.Path) string {
	last := path[len(path)-1]
	if !last.Elem {
		return last.Name
	}
	return fieldName(path[:len(path)-1]) + "[" + strconv.Itoa(last.Index) + "]"
}

// table reads the name of a table, and perhaps of an index of it.
func (p *parser) table(s *Statement) {
	names := []string{p.tableName()}
	for p.maybe(".") {
		names = append(names, p.tableName())
	}
	if len(names) > 2 {
		panic(Error("A path may contain at most 2 components in the FROM clause"))
	}
	for _, name := range names {
		if name == "" {
			panic(Error("Path component cannot be an empty string"))
		}
	}
	s.Table = names[0]
	if len(names) == 2 {
		s.Index = names[1]
	}
}

// tableName reads a name, which unquoted may hold dashes.
func (p *parser) tableName() string {
	t := p.next()
	if t.kind != word && t.kind != quoted || t.kind == word && keyword(t.text) {
		p.fail("Expected identifier for simple path")
	}
	name, last := t.text, t
	for t.kind == word && p.peek().is("-") && p.peek().at == last.at+len(last.text) {
		p.next()
		if last = p.next(); last.kind != word && last.kind != number {
			p.fail("Expected identifier for simple path")
		}
		name += "-" + last.text
	}
	return name
}

func (p *parser) where(s *Statement) {
	if p.maybe("WHERE") {
		s.Where = p.condition()
	}
}

func (p *parser) returning(s *Statement) {
	if !p.maybe("RETURNING") {
		return
	}
	var words []string
	for _, choices := range [][]string{{"ALL", "MODIFIED"}, {"OLD", "NEW"}, {"*"}} {
		found := false
		for _, w := range choices {
			if p.maybe(w) {
				words, found = append(words, w), true
				break
			}
		}
		if !found {
			p.fail("Expected a returning clause such as ALL OLD *")
		}
	}
	s.Returning = strings.Join(words, " ")
}

func (p *parser) insertion() *Statement {
	p.expect("INTO")
	s := &Statement{Kind: Insert}
	p.table(s)
	if !p.maybe("VALUE") {
		p.fail("Expected VALUE")
	}
	v := p.literal()
	if v.Type() != attr.M {
		panic(Error("Expecting INSERT statement to have a tuple as its value"))
	}
	s.Item = v.Map()
	return s
}

func (p *parser) update() *Statement {
	s := &Statement{Kind: Update}
	p.table(s)
	for {
		switch {
		case p.maybe("SET"):
			for {
				path := p.path()
				p.expect("=")
				s.Assignments = append(s.Assignments, expr.Assignment{Path: path, Value: p.value()})
				if !p.maybe(",") {
					break
				}
			}
		case p.maybe("REMOVE"):
			for {
				s.Assignments = append(s.Assignments, expr.Assignment{Path: p.path()})
				if !p.maybe(",") {
					break
				}
			}
		default:
			if len(s.Assignments) == 0 {
				p.fail("Expected data manipulation")
			}
			p.where(s)
			p.returning(s)
			return s
		}
	}
}
