package orchestrator

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"localcloud/gateway/aws"
	"localcloud/images"
)

// backends is one state of the configuration, as calls see it. It is replaced as a whole.
type backends struct {
	desired Desired
	units   []*unit
	slots   map[*unit]*slot // of units with one instance
	many    map[*unit]*instances

	bindings sync.Map // of *aws.Service: *binding, made at the first call
}

// instances are the slots of a backend that has one for each account and region.
type instances struct {
	mu    sync.RWMutex
	slots map[[2]string]*slot
	make  func(account, region string) *slot
}

// binding is what is known of the calls of one service.
type binding struct {
	slot    *slot      // nil where refusal or many is set
	many    *instances // one instance for each account and region
	refusal *aws.Error // for all operations
	refused map[string]*aws.Error
}

// Backend finds the backend of a call and starts it where it does not run; gateway.Backends
// describes it. An error is an *aws.Error, or the context's.
func (o *Orchestrator) Backend(ctx context.Context, service *aws.Service, operation, account, region string) (*images.Backend, error) {
	set := o.backends.Load()
	var b *binding
	if known, ok := set.bindings.Load(service); ok {
		b = known.(*binding)
	} else {
		known, _ := set.bindings.LoadOrStore(service, set.bind(service))
		b = known.(*binding)
	}
	if b.refusal != nil {
		return nil, b.refusal
	}
	if b.refused != nil {
		if refusal := b.refused[operation]; refusal != nil {
			return nil, refusal
		}
	}
	if b.many != nil {
		s, err := b.many.slot(account, region)
		if err != nil {
			return nil, err
		}
		return s.backend(ctx)
	}
	return b.slot.backend(ctx)
}

// bind finds out what answers a service, and what of it is refused.
func (s *backends) bind(service *aws.Service) *binding {
	image := imageOf(s.desired, service.Name)
	i := slices.IndexFunc(s.units, func(u *unit) bool { return u.image == image })
	if image == nil || i < 0 {
		return &binding{refusal: aws.NotImplemented(service, s.whyNot(service))}
	}
	u := s.units[i]
	if u.missing != nil {
		return &binding{refusal: aws.NotImplemented(service, fmt.Sprintf("%s is not available: %v.", service.Name, u.missing))}
	}
	return &binding{slot: s.slots[u], many: s.many[u], refused: refused(service, image, s.desired.Performed)}
}

// whyNot says why a service has no backend, and how it gets one.
func (s *backends) whyNot(service *aws.Service) string {
	if s.desired.Strict && !slices.Contains(s.desired.Start, service.Name) {
		return fmt.Sprintf("%s is not enabled in this project, which is strict: add it to its services.", service.Name)
	}
	return fmt.Sprintf("No backend is configured for %s: choose one with --backend %s=... or under backends in localcloud.yaml.", service.Name, service.Name)
}

// refused lists the operations of a service that its backend lacks, and those whose effect lies
// elsewhere and that nobody performs. It is nil where there are none.
func refused(service *aws.Service, image *images.Image, performed []string) map[string]*aws.Error {
	if len(image.Missing) == 0 && len(image.Effects) == 0 && image.Operations == nil {
		return nil
	}
	list := map[string]*aws.Error{}
	for _, operation := range service.Operations() {
		name := service.Name + ":" + operation.Name
		switch {
		case matches(image.Missing, name), image.Operations != nil && !matches(image.Operations, name):
			list[operation.Name] = aws.NotImplemented(service, fmt.Sprintf("%s of %s is not supported by the backend %s.", operation.Name, service.Name, image.Name))
		case matches(image.Effects, name) && !matches(performed, name):
			list[operation.Name] = aws.NotImplemented(service, fmt.Sprintf(
				"%s of %s is not supported: its effect lies in other services, and the backend %s would only imitate it inside itself.", operation.Name, service.Name, image.Name))
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list
}

// matches reports whether one of the patterns ("s3:*Analytics*") matches the operation.
func matches(patterns []string, operation string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		if !strings.Contains(pattern, "*") {
			return pattern == operation
		}
		ok, err := path.Match(pattern, operation)
		return ok && err == nil
	})
}

// maxInstances bounds how many processes or containers the accounts and regions of calls can start.
const maxInstances = 64

// slot is the slot for an account and region, made where it is new.
func (i *instances) slot(account, region string) (*slot, error) {
	key := [2]string{account, region}
	i.mu.RLock()
	s := i.slots[key]
	i.mu.RUnlock()
	if s != nil {
		return s, nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if s := i.slots[key]; s != nil {
		return s, nil
	}
	if len(i.slots) >= maxInstances {
		return nil, aws.Unavailable(fmt.Sprintf("This backend runs once for each account and region, and %d of them run already.", maxInstances))
	}
	s = i.make(account, region)
	i.slots[key] = s
	return s, nil
}

// all returns every slot of the set.
func (s *backends) all() []*slot {
	var list []*slot
	for _, slot := range s.slots {
		list = append(list, slot)
	}
	for _, many := range s.many {
		many.mu.RLock()
		for _, slot := range many.slots {
			list = append(list, slot)
		}
		many.mu.RUnlock()
	}
	slices.SortFunc(list, func(a, b *slot) int { return strings.Compare(a.spec.Name, b.spec.Name) })
	return list
}
