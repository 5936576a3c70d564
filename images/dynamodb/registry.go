package dynamodb

import (
	"strings"
	"sync"

	"github.com/tidwall/btree"

	"localcloud/gateway/aws"
)

// place is an account and region.
type place struct{ account, region string }

func placeOf(call *aws.Call) place { return place{call.Account, call.Region} }

// arn makes an ARN of that place.
func (p place) arn(resource string) string {
	return "arn:" + aws.Partition(p.region) + ":dynamodb:" + p.region + ":" + p.account + ":" + resource
}

// registry finds tables, and the streams of tables that are gone.
type registry struct {
	mu      sync.RWMutex
	byPlace map[place]*btree.Map[string, *table]
	streams map[place]*btree.Map[string, *tableStream] // by ARN
	lastID  uint64
}

func (r *registry) init() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.byPlace = make(map[place]*btree.Map[string, *table])
	r.streams = make(map[place]*btree.Map[string, *tableStream])
	r.lastID = 0
}

// newID is an id that no table or stream has had.
func (r *registry) newID() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lastID++
	return r.lastID
}

func (r *registry) used(id uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lastID = max(r.lastID, id)
}

func (r *registry) find(p place, name string) *table {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if tables := r.byPlace[p]; tables != nil {
		t, _ := tables.Get(name)
		return t
	}
	return nil
}

// add adds a table; false where the name is taken.
func (r *registry) add(t *table) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	tables := r.byPlace[t.place]
	if tables == nil {
		tables = new(btree.Map[string, *table])
		r.byPlace[t.place] = tables
	}
	if _, taken := tables.Get(t.name); taken {
		return false
	}
	tables.Set(t.name, t)
	return true
}

func (r *registry) remove(t *table) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if tables := r.byPlace[t.place]; tables != nil {
		if known, _ := tables.Get(t.name); known == t {
			tables.Delete(t.name)
		}
	}
}

// names are up to limit names of tables behind start, in order.
func (r *registry) names(p place, start string, limit int) (names []string, more bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.byPlace[p] == nil {
		return nil, false
	}
	r.byPlace[p].Ascend(start, func(name string, _ *table) bool {
		if name == start {
			return true
		}
		if len(names) == limit {
			more = true
			return false
		}
		names = append(names, name)
		return true
	})
	return names, more
}

// all are all tables.
func (r *registry) all() []*table {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var list []*table
	for _, tables := range r.byPlace {
		list = append(list, tables.Values()...)
	}
	return list
}

// parseTableName reads a table's name, or its ARN: then the place may be another account's.
func parseTableName(call *aws.Call, name string) (place, string, error) {
	p := placeOf(call)
	if strings.HasPrefix(name, "arn:") {
		parts := strings.SplitN(name, ":", 6)
		if len(parts) != 6 || parts[2] != "dynamodb" || !strings.HasPrefix(parts[5], "table/") {
			return p, "", invalidf("Invalid table ARN: %s", name)
		}
		p = place{parts[4], parts[3]}
		name = strings.TrimPrefix(parts[5], "table/")
		if p.region != call.Region {
			return p, name, noTable()
		}
	}
	return p, name, checkName("tableName", name, 1)
}

// checkName checks the name of a table or index as AWS does beyond the model.
func checkName(member, name string, shortest int) error {
	const failed = "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must "
	switch {
	case len(name) < shortest:
		return invalidf(failed+"have length greater than or equal to %d", name, member, shortest)
	case len(name) > 255:
		return invalidf(failed+"have length less than or equal to 255", name, member)
	}
	for i := range len(name) {
		c := name[i]
		if !('a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '.' || c == '-') {
			return invalidf(failed+"satisfy regular expression pattern: [a-zA-Z0-9_.-]+", name, member)
		}
	}
	return nil
}

// table finds the table of a call on items.
func (b *Backend) table(call *aws.Call, name string) (*table, error) {
	p, name, err := parseTableName(call, name)
	if err != nil {
		return nil, err
	}
	t := b.tables.find(p, name)
	if t == nil || t.status(b.now()) == TableStatusCreating {
		return nil, noTable()
	}
	return t, t.admits(call)
}

// admits refuses callers of another account where the table has no policy that could let them in.
func (t *table) admits(call *aws.Call) error {
	if t.place.account == call.Account || t.def.Load().Policy != nil {
		return nil
	}
	operation := "*"
	if call.Operation != nil {
		operation = call.Operation.Name
	}
	return aws.Errorf("AccessDeniedException", "User: %s is not authorized to perform: dynamodb:%s on resource: %s because no resource-based policy allows the dynamodb:%s action",
		call.Principal, operation, t.def.Load().arn(), operation)
}

// tableNamed finds the table of a call on a table as a whole.
func (b *Backend) tableNamed(call *aws.Call, name string) (*table, error) {
	p, name, err := parseTableName(call, name)
	if err != nil {
		return nil, err
	}
	if t := b.tables.find(p, name); t != nil {
		return t, t.admits(call)
	}
	return nil, noTableNamed(name)
}

// tableOfARN finds the table that a resource ARN names.
func (b *Backend) tableOfARN(call *aws.Call, arn string) (*table, error) {
	if !strings.HasPrefix(arn, "arn:") {
		return nil, invalidf("Invalid TableArn: Invalid ResourceArn provided as input %s", arn)
	}
	p, name, err := parseTableName(call, strings.SplitN(arn, "/stream/", 2)[0])
	if err != nil {
		return nil, invalidf("Invalid TableArn: Invalid ResourceArn provided as input %s", arn)
	}
	if t := b.tables.find(p, name); t != nil {
		return t, t.admits(call)
	}
	return nil, aws.Errorf("ResourceNotFoundException", "Requested resource not found: ResourcArn: %s not found", arn)
}
