package wire

import (
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"localcloud/gateway/aws"
)

// formReader reads the parameters of a query or ec2 request, which are sorted by key: what belongs
// to one value is a range of neighbours that share a prefix.
type formReader struct {
	textScalars
	ec2        bool
	pairs      []pair
	at         span // what the next value is
	containers []formContainer
	max        int // of depth
}

// span is a range of pairs; the first prefix bytes of their keys are the value's own.
type span struct{ from, to, prefix int }

// formContainer is a structure, list or map that was entered.
type formContainer struct {
	span
	next  int    // index of the next member or element
	items []span // of a list or map
	plan  *plan
}

func (r *formReader) reset(pairs []pair, ec2 bool, maxDepth int) {
	slices.SortStableFunc(pairs, func(a, b pair) int { return strings.Compare(a.key, b.key) })
	*r = formReader{pairs: pairs, ec2: ec2, at: span{0, len(pairs), 0}, max: maxDepth}
}

func (r *formReader) push(c formContainer) {
	r.containers = append(r.containers, c)
	if len(r.containers) > r.max {
		r.fail(serialization("The request is nested too deeply"))
	}
}

func (r *formReader) top() *formContainer { return &r.containers[len(r.containers)-1] }

func (r *formReader) pop() { r.containers = r.containers[:len(r.containers)-1] }

// under is the part of s whose keys go on with name, alone or before a dot.
func (r *formReader) under(s span, name string) (span, bool) {
	start := s.prefix
	if start > 0 {
		start++ // the dot
	}
	rest := func(i int) string {
		if key := r.pairs[i].key; len(key) > start {
			return key[start:]
		}
		return ""
	}
	n := s.to - s.from
	from := s.from + sort.Search(n, func(i int) bool { return rest(s.from+i) >= name })
	exact := from
	for exact < s.to && rest(exact) == name {
		exact++
	}
	lo := s.from + sort.Search(n, func(i int) bool { return rest(s.from+i) >= name+"." })
	hi := s.from + sort.Search(n, func(i int) bool { return rest(s.from+i) >= name+"/" }) // '/' follows '.'
	switch {
	case lo < hi:
		return span{lo, hi, start + len(name)}, true
	case exact > from:
		return span{exact - 1, exact, start + len(name)}, true
	}
	return span{}, false
}

// leaf is the value of a span that is a single parameter.
func (r *formReader) leaf() string {
	for i := r.at.from; i < r.at.to; i++ {
		if len(r.pairs[i].key) == r.at.prefix {
			return r.pairs[i].value
		}
	}
	return ""
}

func (r *formReader) null() bool { return false }

func (r *formReader) structure(p *plan) { r.push(formContainer{span: r.at, plan: p}) }

func (r *formReader) next(p *plan) *field {
	if r.failure != nil {
		return nil
	}
	c := r.top()
	for c.next < len(p.fields) {
		f := &p.fields[c.next]
		c.next++
		for _, name := range r.names(f) {
			if s, ok := r.under(c.span, name); ok && name != "" {
				r.at = s
				return f
			}
		}
	}
	r.pop()
	return nil
}

// names are the names that a member may have in a form.
func (r *formReader) names(f *field) [2]string {
	if !r.ec2 {
		if f.queryName != f.wire {
			return [2]string{f.queryName, f.wire}
		}
		return [2]string{f.wire}
	}
	return [2]string{ec2Name(f.member)}
}

// ec2Name is the name of a member in ec2 requests.
func ec2Name(m *aws.Member) string {
	if m.QueryName != "" {
		return m.QueryName
	}
	return exported(m.WireName())
}

func (r *formReader) list(p *plan) bool {
	c := formContainer{span: r.at, plan: p}
	// Elements stand behind "member" or their name, unless the list is flattened: what is there tells.
	for _, name := range [...]string{"member", p.shape.Elem.LocationName, p.shape.Elem.QueryName} {
		if name == "" || r.ec2 {
			continue
		}
		if s, ok := r.under(r.at, name); ok {
			c.span = s
			break
		}
	}
	c.items = r.numbered(c.span)
	r.push(c)
	return false
}

// numbered finds the elements ".1", ".2" of a list or map, in the order of their numbers.
func (r *formReader) numbered(s span) []span {
	type element struct {
		number int
		span
	}
	var list []element
	for i := s.from; i < s.to; {
		key := r.pairs[i].key
		if len(key) <= s.prefix+1 {
			i++
			continue
		}
		digits, _, _ := strings.Cut(key[s.prefix+1:], ".")
		number, err := strconv.Atoi(digits)
		end := s.prefix + 1 + len(digits)
		from := i
		for i++; i < s.to && strings.HasPrefix(r.pairs[i].key, key[:end]) && (len(r.pairs[i].key) == end || r.pairs[i].key[end] == '.'); i++ {
		}
		if err == nil {
			list = append(list, element{number, span{from, i, end}})
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].number < list[j].number })
	spans := make([]span, len(list))
	for i := range list {
		spans[i] = list[i].span
	}
	return spans
}

func (r *formReader) element() bool {
	c := r.top()
	if r.failure != nil || c.next == len(c.items) {
		r.pop()
		return false
	}
	r.at = c.items[c.next]
	c.next++
	return true
}

func (r *formReader) mapping(p *plan) bool {
	c := formContainer{span: r.at, plan: p}
	if s, ok := r.under(r.at, "entry"); ok {
		c.span = s
	}
	c.items = r.numbered(c.span)
	r.push(c)
	return false
}

func (r *formReader) entry() (string, bool) {
	p := r.top().plan
	if !r.element() {
		return "", false
	}
	item := r.at
	key := ""
	for _, name := range [...]string{p.shape.Key.QueryName, p.shape.Key.WireName(), "key"} {
		if s, ok := r.under(item, name); ok && name != "" {
			r.at = s
			key = r.leaf()
			break
		}
	}
	r.at = span{item.from, item.from, item.prefix} // no value: an empty one
	for _, name := range [...]string{p.shape.Elem.QueryName, p.shape.Elem.WireName(), "value"} {
		if s, ok := r.under(item, name); ok && name != "" {
			r.at = s
			break
		}
	}
	return key, true
}

func (r *formReader) scalar() *textScalars {
	r.s = r.leaf()
	return &r.textScalars
}

func (r *formReader) text() string           { return r.leaf() }
func (r *formReader) any() any               { return r.leaf() }
func (r *formReader) integer(bits int) int64 { return r.scalar().integer(bits) }
func (r *formReader) float(bits int) float64 { return r.scalar().float(bits) }
func (r *formReader) boolean() bool          { return r.scalar().boolean() }
func (r *formReader) blob() []byte           { return r.scalar().blob() }

func (r *formReader) timestamp(format aws.TimestampFormat) time.Time {
	return r.scalar().timestamp(format)
}

func (r *formReader) fail(err error) {
	if r.failure == nil {
		r.failure = err
	}
}

func (r *formReader) err() error { return r.failure }
