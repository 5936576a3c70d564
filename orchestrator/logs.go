package orchestrator

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// Logs returns the lines of a backend by its name. The caller closes it.
func (o *Orchestrator) Logs(ctx context.Context, backend string, options LogOptions) (io.ReadCloser, error) {
	var names []string
	for _, s := range o.backends.Load().all() {
		if s.spec.Name == backend {
			return s.logs(ctx, options)
		}
		names = append(names, s.spec.Name)
	}
	return nil, fmt.Errorf("no backend is called %q; there are %s", backend, strings.Join(names, ", "))
}

func (s *slot) logs(ctx context.Context, options LogOptions) (io.ReadCloser, error) {
	s.mu.Lock()
	instance := s.instance
	s.mu.Unlock()
	if r := s.current.Load(); r != nil {
		instance = r.instance
	}
	if instance == nil {
		return nil, fmt.Errorf("the backend %s does not run", s.spec.Name)
	}
	return instance.Logs(ctx, options)
}
