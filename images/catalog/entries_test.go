package catalog

import (
	"strings"
	"testing"

	"localcloud/gateway/aws"
)

// TestEntriesAreWhole checks what an entry of third-party software must have, and that the operations
// it names exist.
func TestEntriesAreWhole(t *testing.T) {
	for _, image := range Images() {
		if image.New != nil {
			continue
		}
		t.Run(image.Name, func(t *testing.T) {
			if image.Command == nil || image.Install == "" || image.Port == 0 || image.Probe.Path == "" || image.Memory == 0 {
				t.Error("command, way to install, port, probe or memory limit is missing")
			}
			if strings.Contains(image.Reference, ":latest") || image.Reference != "" && !strings.Contains(image.Reference, ":") {
				t.Errorf("%s is not pinned", image.Reference)
			}
			if image.Account.Instance && !strings.Contains(text(image.Env), "{account}") {
				t.Error("an instance is not told its account")
			}
			if !strings.Contains(strings.Join(image.Command, " ")+text(image.Env), "{port}") {
				t.Error("the program is not told its port")
			}
			for _, pattern := range append(append(append([]string{}, image.Missing...), image.Operations...), image.Effects...) {
				if !exists(pattern) {
					t.Errorf("no operation is %s", pattern)
				}
			}
		})
	}
}

func text(env map[string]string) string {
	var all []string
	for _, value := range env {
		all = append(all, value)
	}
	return strings.Join(all, " ")
}

// exists reports whether an operation matches "service:Operation", with * in it.
func exists(pattern string) bool {
	name, operation, _ := strings.Cut(pattern, ":")
	service := aws.Lookup(name)
	if service == nil {
		return false
	}
	for _, op := range service.Operations() {
		if matched(operation, op.Name) {
			return true
		}
	}
	return false
}

func matched(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	if !strings.HasPrefix(name, parts[0]) || !strings.HasSuffix(name, parts[len(parts)-1]) {
		return false
	}
	for _, part := range parts {
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name = name[i+len(part):]
	}
	return true
}
