package gateway

import (
	"net/textproto"
	"sort"
	"strings"

	"localcloud/gateway/aws"
)

// router finds the operation of a REST protocol by method, raw path, query and headers. It is a tree
// of path segments: at each, a literal goes before a label, and a label before one that takes slashes.
type router struct{ root node }

type node struct {
	literals map[string]*node
	label    *node
	greedy   []greedy
	routes   map[string]*routes // by method
}

// routes are the operations of one method and path, the most demanding first. names gives each name of
// a query parameter that any of them asks for a bit, so that the query is read once.
type routes struct {
	list  []route
	names map[string]uint64
}

// greedy is a label that takes slashes, with the literals that may follow it ("/policy").
type greedy struct {
	suffix string
	end    *node
}

// route is one operation at the end of a path.
type route struct {
	op       *aws.Operation
	query    []term   // in the URI template: must be there with that value, "" for any
	required []string // parameters that a well-formed request has
	headers  []string
	score    int
	slash    bool // the template ends in a slash

	inTemplate, all uint64 // the names of query, and those with required, as bits
}

type term struct{ name, value string }

// maxNames is how many names have a bit. Further ones, which no model has, would not be asked for.
const maxNames = 64

// routes returns the router of the scope's REST services.
func (s *scope) routes() *router {
	s.once.Do(func() {
		for _, service := range s.services {
			if !service.Speaks(aws.RestJSON) && !service.Speaks(aws.RestXML) {
				continue
			}
			for _, op := range service.Operations() {
				if s.only == nil || s.only(op) {
					s.router.add(op)
				}
			}
		}
		s.router.root.finish()
	})
	return &s.router
}

func (r *router) add(op *aws.Operation) {
	path, query, _ := strings.Cut(op.URI, "?")
	n := &r.root
	rest := strings.Trim(path, "/")
	for rest != "" {
		var segment string
		segment, rest, _ = strings.Cut(rest, "/")
		if strings.HasSuffix(segment, "+}") {
			n = n.after(rest)
			break
		}
		n = n.child(segment)
	}
	if n.routes == nil {
		n.routes = make(map[string]*routes)
	}
	if n.routes[op.Method] == nil {
		n.routes[op.Method] = new(routes)
	}
	at := n.routes[op.Method]
	end := newRoute(op, query)
	end.slash = len(path) > 1 && strings.HasSuffix(path, "/")
	at.list = append(at.list, end)
}

// child is the node behind a literal or a label, made where there is none.
func (n *node) child(segment string) *node {
	if strings.HasPrefix(segment, "{") {
		if n.label == nil {
			n.label = new(node)
		}
		return n.label
	}
	if n.literals == nil {
		n.literals = make(map[string]*node)
	}
	if n.literals[segment] == nil {
		n.literals[segment] = new(node)
	}
	return n.literals[segment]
}

// after is the node behind a greedy label and a suffix. Longer suffixes are tried first.
func (n *node) after(suffix string) *node {
	for _, g := range n.greedy {
		if g.suffix == suffix {
			return g.end
		}
	}
	end := new(node)
	n.greedy = append(n.greedy, greedy{suffix, end})
	sort.SliceStable(n.greedy, func(i, j int) bool { return len(n.greedy[i].suffix) > len(n.greedy[j].suffix) })
	return end
}

func newRoute(op *aws.Operation, query string) route {
	r := route{op: op, score: 10}
	for p := (pairs{query}); ; {
		name, value, ok := p.next()
		if !ok {
			break
		}
		if name == "x-id" { // SDKs add it for readers of logs; it decides nothing
			continue
		}
		r.query = append(r.query, term{name, value})
	}
	r.required = op.RequiredQuery
	for _, name := range op.RequiredHeaders {
		r.headers = append(r.headers, textproto.CanonicalMIMEHeaderKey(name))
	}
	r.score += 10 * (len(r.query) + len(r.required) + len(r.headers))
	return r
}

// finish orders the routes by what they demand and numbers the names of parameters.
func (n *node) finish() {
	for _, r := range n.routes {
		r.finish()
	}
	for _, child := range n.literals {
		child.finish()
	}
	if n.label != nil {
		n.label.finish()
	}
	for _, g := range n.greedy {
		g.end.finish()
	}
}

func (r *routes) finish() {
	sort.SliceStable(r.list, func(i, j int) bool { return r.list[i].score > r.list[j].score })
	r.names = make(map[string]uint64)
	bit := func(name string) uint64 {
		if r.names[name] == 0 && len(r.names) < maxNames {
			r.names[name] = 1 << len(r.names)
		}
		return r.names[name]
	}
	for i := range r.list {
		route := &r.list[i]
		for _, t := range route.query {
			route.inTemplate |= bit(t.name)
		}
		route.all = route.inTemplate
		for _, name := range route.required {
			route.all |= bit(name)
		}
	}
}

// find returns the operation that a request is for, nil for none. One that lacks required parameters
// of all that it could be is taken for the one whose template it fits.
func (r *router) find(q *inquiry) *aws.Operation {
	path := strings.TrimPrefix(q.path, "/")
	if op := r.root.find(path, q, true); op != nil {
		return op
	}
	return r.root.find(path, q, false)
}

func (n *node) find(rest string, q *inquiry, strict bool) *aws.Operation {
	if rest == "" {
		return n.pick(q, strict)
	}
	segment, after, _ := strings.Cut(rest, "/")
	if child := n.literals[segment]; child != nil {
		if op := child.find(after, q, strict); op != nil {
			return op
		}
	}
	if n.label != nil && segment != "" {
		if op := n.label.find(after, q, strict); op != nil {
			return op
		}
	}
	for i := range n.greedy {
		if g := &n.greedy[i]; g.takes(rest) {
			if op := g.end.pick(q, strict); op != nil {
				return op
			}
		}
	}
	if strings.Trim(rest, "/") == "" {
		return n.pick(q, strict)
	}
	return nil
}

func (g *greedy) takes(rest string) bool {
	if g.suffix == "" {
		return true
	}
	rest = strings.TrimRight(rest, "/")
	head := len(rest) - len(g.suffix) - 1
	return head > 0 && rest[head] == '/' && rest[head+1:] == g.suffix
}

// pick chooses among the operations of one method and path the most demanding one that fits. Services
// that share a signing name may have the same one.
func (n *node) pick(q *inquiry, strict bool) *aws.Operation {
	routes := n.routes[q.method]
	if routes == nil {
		return nil
	}
	present := routes.present(q.query)
	var best *route
	for i := range routes.list {
		r := &routes.list[i]
		if best != nil && r.score < best.score {
			break
		}
		if r.fits(q, present, strict) && (best == nil || r.rank(q) > best.rank(q)) {
			best = r
		}
	}
	if best == nil {
		return nil
	}
	return best.op
}

// rank orders what method, path and parameters cannot tell apart: by the slash at the end, the
// service, and last the newer of two names of one operation.
func (r *route) rank(q *inquiry) int {
	rank := 2 * q.rank(r.op.Service)
	if r.slash == strings.HasSuffix(q.path, "/") {
		rank += 8
	}
	if !r.op.Deprecated {
		rank++
	}
	return rank
}

// present are the bits of the names that a query has.
func (r *routes) present(query pairs) (bits uint64) {
	if len(r.names) == 0 {
		return 0
	}
	for {
		name, _, ok := query.next()
		if !ok {
			return bits
		}
		bits |= r.names[name]
	}
}

func (r *route) fits(q *inquiry, present uint64, strict bool) bool {
	need := r.inTemplate
	if strict {
		need = r.all
	}
	if present&need != need {
		return false
	}
	for _, t := range r.query {
		if t.value == "" {
			continue
		}
		if value, _ := q.query.value(t.name); value != t.value && unescape(value) != t.value {
			return false
		}
	}
	if strict {
		for _, name := range r.headers {
			if len(q.header[name]) == 0 {
				return false
			}
		}
	}
	return true
}
