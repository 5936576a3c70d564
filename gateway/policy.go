package gateway

import (
	"fmt"
	"path"
	"strings"
	"sync"

	"localcloud/gateway/aws"
	"localcloud/images"
)

// policies remembers which operations of a service an image must not get, since its entry says so.
// What is remembered is bounded by the images of the configuration and the services of the tables.
type policies struct {
	refused sync.Map // policyKey to map[string]string: the reason by operation name
}

type policyKey struct {
	image   *images.Image
	service *aws.Service
}

// refusal is why an operation is not passed to a backend, nil where it is. performed are the
// operations whose effect our own glue performs.
func (p *policies) refusal(backend *images.Backend, call *Call, performed []string) error {
	image := backend.Image
	if image == nil || call.Operation == nil || len(image.Effects) == 0 && len(image.Missing) == 0 {
		return nil
	}
	key := policyKey{image, call.Service}
	known, ok := p.refused.Load(key)
	if !ok {
		known, _ = p.refused.LoadOrStore(key, refusedOperations(image, call.Service, performed))
	}
	reason, refused := known.(map[string]string)[call.Operation.Name]
	if !refused {
		return nil
	}
	return aws.NotImplemented(call.Service, fmt.Sprintf(reason, call.Service.Name, call.Operation.Name, backend.Name))
}

func refusedOperations(image *images.Image, service *aws.Service, performed []string) map[string]string {
	refused := make(map[string]string)
	for _, operation := range service.Operations() {
		name := service.Name + ":" + operation.Name
		switch {
		case matchesAny(image.Missing, name):
			refused[operation.Name] = "%s %s is not supported by the backend %s."
		case matchesAny(image.Effects, name) && !matchesAny(performed, name):
			refused[operation.Name] = "%s %s is not supported yet: its effect lies in other services, where the backend %s cannot act."
		}
	}
	return refused
}

// matchesAny reports whether one of the patterns ("s3:*Analytics*") covers an operation.
func matchesAny(patterns []string, operation string) bool {
	for _, pattern := range patterns {
		if pattern == operation {
			return true
		}
		if strings.ContainsAny(pattern, "*?") {
			if ok, err := path.Match(pattern, operation); ok && err == nil {
				return true
			}
		}
	}
	return false
}
