package moto

import (
	"slices"
	"strings"
	"testing"

	"localcloud/gateway/aws"
)

func TestEffectsNameOperationsThatExist(t *testing.T) {
	for i, name := range effects {
		service, operation, _ := strings.Cut(name, ":")
		if s := aws.Lookup(service); s == nil || s.Operation(operation) == nil {
			t.Errorf("AWS has no %s", name)
		}
		if slices.Contains(effects[:i], name) {
			t.Errorf("%s stands twice", name)
		}
	}
}
