package dynamodb

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"localcloud/images/dynamodb/attr"
	"localcloud/images/dynamodb/engine"
	"localcloud/images/dynamodb/expr"
	"localcloud/images/dynamodb/partiql"
)

// selection is a SELECT as one or more readings: one for each partition that it names.
type selection struct {
	base       reading
	conditions [][]expr.KeyCondition // by partition; none for a scan
	fields     []partiql.Field
}

func newSelection(t *table, s *partiql.Statement, consistent *bool) (*selection, error) {
	sel := &selection{base: reading{table: t, consistent: consistent}, fields: s.Fields}
	r := &sel.base
	if s.Index != "" {
		if r.index = t.indexNamed(s.Index); r.index == nil {
			return nil, invalid("The table does not have the specified index")
		}
	}
	var err error
	if r.filter, err = s.Where.Condition(); err != nil {
		return nil, asInvalid(err)
	}
	if err := sel.checkIndex(); err != nil {
		return nil, err
	}
	if err := t.checkPaths(r.filter.Paths()); err != nil {
		return nil, err
	}
	sel.partitions(s.Where)
	return sel, sel.order(s)
}

// checkIndex refuses what the index does not hold.
func (sel *selection) checkIndex() error {
	r := &sel.base
	if r.index == nil {
		return nil
	}
	if r.index.global && deref(r.consistent) {
		return invalid("Strongly consistent read is not supported on Global Secondary Indexes")
	}
	if names := r.missing(r.filter.Paths()); len(names) > 0 {
		return invalidf(invalidValues+"Secondary index %s does not project one or more filter attributes: [%s]", r.index.Name, strings.Join(names, ", "))
	}
	var paths []attr.Path
	for _, f := range sel.fields {
		paths = append(paths, f.Path)
	}
	if names := r.missing(paths); len(names) > 0 {
		if r.index.global {
			return invalidf(invalidValues+"Global secondary index %s does not project [%s]", r.index.Name, strings.Join(names, ", "))
		}
		r.fetch = true
	}
	return nil
}

// partitions finds the partitions that a WHERE names by = or IN on the hash attributes, with what
// it says of the range attributes.
func (sel *selection) partitions(where expr.Node) {
	keys := sel.base.keys()
	byName := make(map[string]expr.KeyCondition)
	for _, c := range where.Conjuncts() {
		k, ok := c.KeyCondition()
		if !ok || !keys.Has(k.Name) {
			continue
		}
		if old, seen := byName[k.Name]; !seen || old.Operator != "=" && k.Operator == "=" {
			byName[k.Name] = k
		}
	}
	lists := [][]expr.KeyCondition{nil}
	for _, p := range keys.Hash {
		k, ok := byName[p.Name]
		if !ok || k.Operator != "=" && k.Operator != "IN" {
			return
		}
		var longer [][]expr.KeyCondition
		for i, v := range k.Values {
			if slices.Contains(k.Values[:i], v) {
				continue
			}
			for _, list := range lists {
				longer = append(longer, append(slices.Clone(list), expr.KeyCondition{Name: p.Name, Operator: "=", Values: []attr.Value{v}}))
			}
		}
		lists = longer
	}
	for _, p := range keys.Range {
		k, ok := byName[p.Name]
		if !ok || k.Operator == "IN" || slices.ContainsFunc(k.Values, func(v attr.Value) bool { return v.Type() != p.Type || emptyOf(v) != "" }) ||
			k.Operator == "begins_with" && p.Type == attr.N || k.Operator == "BETWEEN" && k.Values[0].Payload() > k.Values[1].Payload() {
			break
		}
		for i := range lists {
			lists[i] = append(lists[i], k)
		}
		if k.Operator != "=" {
			break
		}
	}
	sel.conditions = lists
}

// order applies ORDER BY.
func (sel *selection) order(s *partiql.Statement) error {
	for _, o := range s.OrderBy {
		switch {
		case !slices.ContainsFunc(sel.base.keys().All(), func(p engine.KeyPart) bool { return p.Name == o.Name }):
			return invalid("Variable reference " + o.Name + " in ORDER BY clause must be part of the primary key")
		case len(s.Where.Conjuncts()) == 0:
			return invalid("Must have WHERE clause in the statement when using ORDER BY clause.")
		case len(sel.conditions) == 0:
			return invalid("Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.")
		}
		if slices.ContainsFunc(sel.base.keys().Range, func(p engine.KeyPart) bool { return p.Name == o.Name }) {
			sel.base.reverse = o.Desc
		} else if o.Desc {
			slices.Reverse(sel.conditions)
		}
	}
	return nil
}

// statementPlace is where a SELECT goes on: in which partition, behind which key.
type statementPlace struct {
	Statement string `json:"s"` // hash of statement and parameters
	Partition int    `json:"p"`
	Key       []byte `json:"k"`
}

func hashStatement(in *ExecuteStatementInput) string {
	h := sha256.New()
	hashParts(h, in.Statement)
	for _, v := range in.Parameters {
		hashParts(h, string(v))
	}
	return base64.RawStdEncoding.EncodeToString(h.Sum(nil)[:9])
}

func (b *Backend) selectItems(t *table, s *partiql.Statement, in *ExecuteStatementInput) (*ExecuteStatementOutput, error) {
	sel, err := newSelection(t, s, in.ConsistentRead)
	if err != nil {
		return nil, err
	}
	at := statementPlace{Statement: hashStatement(in)}
	var start attr.Map
	if in.NextToken != nil {
		text, err := base64.RawURLEncoding.DecodeString(*in.NextToken)
		hash := at.Statement
		if err != nil || json.Unmarshal(text, &at) != nil || at.Statement != hash || at.Partition < 0 || len(at.Key) > 0 && !attr.Valid(string(at.Key)) {
			return nil, invalid("Given NextToken is invalid or does not match the statement")
		}
		start = attr.Map(at.Key)
	}
	out := &ExecuteStatementOutput{Items: []Item{}}
	var u units
	last, err := sel.read(&at, start, int(deref(in.Limit)), func(p *page) {
		out.Items = append(out.Items, p.items...)
		u.add(&p.units)
	})
	if err != nil {
		return nil, err
	}
	for i, item := range out.Items {
		out.Items[i] = sel.shown(item)
	}
	if last {
		out.LastEvaluatedKey = attr.Map(at.Key)
		text, err := json.Marshal(at)
		if err != nil {
			return nil, err
		}
		out.NextToken = ptr(base64.RawURLEncoding.EncodeToString(text))
	}
	out.ConsumedCapacity = u.consumed(in.ReturnConsumedCapacity, t.name)
	return out, nil
}

// read reads one page from at on, over as many partitions as it takes; more tells whether at is then
// a place to go on from.
func (sel *selection) read(at *statementPlace, start attr.Map, limit int, take func(*page)) (more bool, err error) {
	if len(sel.conditions) == 0 {
		r := sel.base
		r.limit = limit
		if err := r.start(start, nil); err != nil {
			return false, err
		}
		p := r.read()
		take(p)
		at.Key = []byte(p.lastKey)
		return p.lastKey != "", nil
	}
	for ; at.Partition < len(sel.conditions); at.Partition++ {
		r := sel.base
		r.limit = limit
		conditions := sel.conditions[at.Partition]
		if r.bounds, err = r.within(conditions); err != nil {
			return false, err
		}
		if err := r.start(start, conditions); err != nil {
			return false, err
		}
		start = ""
		p := r.read()
		take(p)
		if p.lastKey != "" {
			at.Key = []byte(p.lastKey)
			return true, nil
		}
		if limit > 0 {
			limit -= p.scanned // more than 0: a page that reaches the limit has a key to go on from
		}
	}
	return false, nil
}

// shown is the row of an item.
func (sel *selection) shown(item attr.Map) attr.Map {
	if sel.fields == nil {
		return item
	}
	var pairs []attr.Pair
	for _, f := range sel.fields {
		if v := item.Find(f.Path); v != "" {
			pairs = append(pairs, attr.Pair{Name: f.Name, Value: v})
		}
	}
	return attr.MapOf(pairs...)
}
