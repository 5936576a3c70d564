package gateway

import (
	"testing"

	"localcloud/gateway/aws"
)

func TestExceptionsNameWhatExists(t *testing.T) {
	for _, name := range preferred {
		if aws.Lookup(name) == nil {
			t.Errorf("preferred: no service %q", name)
		}
	}
	for name := range openServices {
		if aws.Lookup(name) == nil {
			t.Errorf("openServices: no service %q", name)
		}
	}
	for alias, names := range scopeAliases {
		for _, name := range names {
			if aws.Lookup(name) == nil {
				t.Errorf("scopeAliases: %s: no service %q", alias, name)
			}
		}
	}
	for port, name := range classicPorts {
		if testIdentifier.scopes[name] == nil {
			t.Errorf("classicPorts: %d: no signing name %q", port, name)
		}
	}
}

func TestEveryParameterOfARouteHasABit(t *testing.T) {
	var walk func(n *node)
	walk = func(n *node) {
		for _, r := range n.routes {
			if len(r.names) >= maxNames {
				t.Errorf("%d names at %s", len(r.names), r.list[0].op.URI)
			}
		}
		for _, child := range n.literals {
			walk(child)
		}
		if n.label != nil {
			walk(n.label)
		}
		for _, g := range n.greedy {
			walk(g.end)
		}
	}
	for _, s := range testIdentifier.scopes {
		walk(&s.routes().root)
	}
}
