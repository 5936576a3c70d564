package main

import (
	"testing"

	"localcloud/cmd/localcloud/config"
)

func TestTheHostInAnswersHasThePortThatIsServed(t *testing.T) {
	for name, c := range map[string]struct{ host, queueURLs, want string }{
		"it follows the caller unless told otherwise": {"", "dynamic", ""},
		"LocalStack's forms have LocalStack's name":   {"", "standard", "localhost.localstack.cloud:4567"},
		"a name without a port":                       {"localstack", "dynamic", "localstack:4567"},
		"a name with a port":                          {"localstack:80", "path", "localstack:80"},
	} {
		if got := publicHost(&config.Config{Host: c.host, QueueURLs: c.queueURLs}, "127.0.0.1:4567"); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
