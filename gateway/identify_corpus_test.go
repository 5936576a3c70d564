package gateway

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"localcloud/gateway/aws"
)

// sent is one request of the corpus, as testdata/identify/make.py has botocore make it.
type sent struct {
	Service, Operation, Method, Target, Body string
	Headers                                  map[string]string
}

func corpus(t *testing.T) []sent {
	t.Helper()
	file, err := os.Open("testdata/identify/requests.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, 1<<20)
	var all []sent
	for lines.Scan() {
		var s sent
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		if s.Service != "" {
			all = append(all, s)
		}
	}
	return all
}

func (s *sent) call(t *testing.T) *Call {
	t.Helper()
	var head strings.Builder
	fmt.Fprintf(&head, "%s %s HTTP/1.1", s.Method, s.Target)
	for name, value := range s.Headers {
		fmt.Fprintf(&head, "\n%s: %s", name, value)
	}
	if s.Body != "" {
		head.WriteString("\n\n" + s.Body)
	}
	return request(t, head.String())
}

func TestIdentifyCorpus(t *testing.T) {
	services, counts := make(map[string]bool), make(map[string]int)
	all := corpus(t)
	for i := range all {
		s := &all[i]
		services[s.Service] = true
		call := s.call(t)
		err := testIdentifier.Identify(call, 0)
		got := strings.Fields(outcome(call) + " ")
		if err == nil && len(got) > 0 && got[0] == s.Service+"."+s.Operation {
			counts["identified"]++
			continue
		}
		t.Errorf("%s.%s (%s %s): got %v, %v", s.Service, s.Operation, s.Method, s.Target, got, err)
	}
	t.Logf("%d services, %d requests: %v", len(services), len(all), counts)
	if len(services) != len(aws.Services()) {
		t.Errorf("%d services in the corpus, %d in the tables", len(services), len(aws.Services()))
	}
}

var _ = http.MethodGet
