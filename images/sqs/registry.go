package sqs

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"

	"localcloud/gateway/aws"
	"localcloud/images/sqs/queue"
)

// place is an account in a region.
type place struct{ account, region string }

// resource is a queue with all that AWS knows of it.
type resource struct {
	*queue.Queue
	place
	name    string
	created int64 // nanoseconds since 1970

	// properties are replaced as a whole, under Backend.changes.
	properties atomic.Pointer[properties]
	purged     atomic.Int64 // time of the latest purge, 0 for none
}

// properties are what can be changed of a queue. They must not be changed once they are set.
type properties struct {
	attributes attributes
	tags       map[string]string
	modified   int64 // nanoseconds since 1970
}

func (r *resource) arn() string {
	return "arn:" + aws.Partition(r.region) + ":sqs:" + r.region + ":" + r.account + ":" + r.name
}

// registry finds queues.
type registry struct {
	mu     sync.RWMutex
	places map[place]*queues
	// sources are the queues that have a queue as their dead-letter queue, by its ARN.
	sources map[string]map[*resource]struct{}
}

// queues are those of one account in one region.
type queues struct {
	byName  map[string]*resource
	names   btree.Set[string]
	deleted map[string]int64 // when queues were deleted whose names are not in use again
}

func (g *registry) init() {
	g.places = make(map[place]*queues)
	g.sources = make(map[string]map[*resource]struct{})
}

// find returns the queue of that name, or nil.
func (g *registry) find(at place, name string) *resource {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if p := g.places[at]; p != nil {
		return p.byName[name]
	}
	return nil
}

// findARN returns the queue of that ARN, or nil.
func (g *registry) findARN(arn string) *resource {
	at, name, ok := parseARN(arn)
	if !ok {
		return nil
	}
	return g.find(at, name)
}

func (g *registry) add(r *resource) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.places[r.place]
	if p == nil {
		p = &queues{byName: make(map[string]*resource), deleted: make(map[string]int64)}
		g.places[r.place] = p
	}
	p.byName[r.name] = r
	p.names.Insert(r.name)
	delete(p.deleted, r.name)
	g.link(r, r.properties.Load().attributes.deadLetters())
}

func (g *registry) remove(r *resource, now int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.places[r.place]
	delete(p.byName, r.name)
	p.names.Delete(r.name)
	p.deleted[r.name] = now
	g.unlink(r, r.properties.Load().attributes.deadLetters())
}

// set replaces the properties of a queue.
func (g *registry) set(r *resource, p *properties) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.unlink(r, r.properties.Load().attributes.deadLetters())
	r.properties.Store(p)
	g.link(r, p.attributes.deadLetters())
}

func (g *registry) link(r *resource, target string) {
	if target == "" {
		return
	}
	if g.sources[target] == nil {
		g.sources[target] = make(map[*resource]struct{})
	}
	g.sources[target][r] = struct{}{}
}

func (g *registry) unlink(r *resource, target string) {
	delete(g.sources[target], r)
	if len(g.sources[target]) == 0 {
		delete(g.sources, target)
	}
}

// sourcesOf returns the names of the queues whose dead-letter queue has that ARN, in order.
func (g *registry) sourcesOf(arn string) []string {
	g.mu.RLock()
	defer g.mu.RUnlock()
	names := make([]string, 0, len(g.sources[arn]))
	for r := range g.sources[arn] {
		names = append(names, r.name)
	}
	slices.Sort(names)
	return names
}

// list passes the names of queues that begin with prefix and come after a name, in order, until
// yield returns false.
func (g *registry) list(at place, prefix, after string, yield func(name string) bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	p := g.places[at]
	if p == nil {
		return
	}
	p.names.Ascend(max(prefix, after), func(name string) bool {
		if len(name) < len(prefix) || name[:len(prefix)] != prefix {
			return false
		}
		return name == after || yield(name)
	})
}

// deletedAt is when the latest queue of that name was deleted, 0 for never or long ago.
func (g *registry) deletedAt(at place, name string, since int64) int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.places[at]
	if p == nil {
		return 0
	}
	when := p.deleted[name]
	if when < since {
		delete(p.deleted, name)
		return 0
	}
	return when
}

// forgetDeleted makes the names of deleted queues free.
func (g *registry) forgetDeleted() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range g.places {
		clear(p.deleted)
	}
}

// all returns all queues, oldest first.
func (g *registry) all() []*resource {
	g.mu.RLock()
	defer g.mu.RUnlock()
	var all []*resource
	for _, p := range g.places {
		for _, r := range p.byName {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b *resource) int { return cmp.Compare(a.created, b.created) })
	return all
}
