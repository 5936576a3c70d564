package orchestrator

import (
	"slices"
	"strings"
)

// Status is how one backend stands.
type Status struct {
	Backend  string   `json:"backend"`
	Services []string `json:"services"` // that it answers; "*" for all that no other backend answers
	Runtime  string   `json:"runtime"`  // "address" where nothing is started, "none" where it cannot run
	Source   string   `json:"source"`   // "native", the image reference, the command or the address
	State    State    `json:"state"`
	Reason   string   `json:"reason,omitempty"` // why it has failed or died, or how far it is
	Address  string   `json:"address,omitempty"`
}

// Status returns the backends of the project, ordered by name, without waiting for anything.
func (o *Orchestrator) Status() []Status {
	set := o.backends.Load()
	var list []Status
	for _, u := range set.units {
		base := Status{Backend: u.image.Name, Services: u.services, Runtime: u.runtimeName(), Source: u.source(), State: Idle}
		if u.missing != nil {
			base.State, base.Reason = Failed, u.missing.Error()
		}
		slots := set.of(u)
		for _, s := range slots {
			list = append(list, s.status(base))
		}
		if len(slots) == 0 {
			list = append(list, base)
		}
	}
	slices.SortFunc(list, func(a, b Status) int { return strings.Compare(a.Backend, b.Backend) })
	return list
}

// of returns the slots of a unit.
func (s *backends) of(u *unit) []*slot {
	if only := s.slots[u]; only != nil {
		return []*slot{only}
	}
	many := s.many[u]
	if many == nil {
		return nil
	}
	many.mu.RLock()
	defer many.mu.RUnlock()
	var list []*slot
	for _, slot := range many.slots {
		list = append(list, slot)
	}
	return list
}

// status completes what is known of the unit by what is known of the instance.
func (s *slot) status(base Status) Status {
	base.Backend = s.spec.Name
	s.mu.Lock()
	base.State, base.Reason = s.state, s.reason
	s.mu.Unlock()
	if r := s.current.Load(); r != nil {
		base.State, base.Address, base.Reason = Ready, r.instance.Address(), ""
	}
	return base
}
