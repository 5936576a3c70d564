package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// result is how one backend did in a suite.
type result struct {
	Backend string            `json:"backend"`
	Tests   map[string]string `json:"tests"` // "pass", "fail" or "skip", by name
	Passed  int               `json:"passed"`
	Failed  int               `json:"failed"`
	Seconds float64           `json:"seconds"`
	Error   string            `json:"error,omitempty"` // why the suite could not be run, or not to its end
	Log     string            `json:"log,omitempty"`   // what the failed tests said
}

// verify runs a suite against a backend.
func verify(ctx context.Context, o *options, s *suite, backend string) *result {
	r := &result{Backend: backend, Tests: make(map[string]string)}
	c, err := start(ctx, o, s.Service, backend)
	if err != nil {
		r.Error = err.Error()
		return r
	}
	if r.Error = c.missing(ctx, s.Service); r.Error == "" {
		began := time.Now()
		r.runSuite(ctx, o, s, c.url)
		r.Seconds = time.Since(began).Seconds()
	}
	if err := c.stop(); err != nil && r.Error == "" {
		r.Error = err.Error()
	}
	return r
}

// runSuite runs the suite's program against an endpoint.
func (r *result) runSuite(ctx context.Context, o *options, s *suite, endpoint string) {
	program, err := filepath.Abs(filepath.Join(o.suites, "conformance-"+s.Service))
	if err == nil {
		_, err = os.Stat(program)
	}
	if err != nil {
		r.Error = fmt.Sprintf("the suite is not built: %v (make suites builds it)", err)
		return
	}
	cmd := exec.CommandContext(ctx, program, "-test.v", "-test.timeout=5m", "-test.run="+s.Tests)
	cmd.Dir = filepath.Dir(program)
	cmd.Env = append(os.Environ(), "CONFORMANCE_ENDPOINT="+endpoint, "S3_ENDPOINT="+endpoint)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	r.read(out.String())
	if cut := endedEarly.FindString(out.String()); cut != "" {
		r.Error = "the suite ended early: " + strings.TrimSpace(cut)
	} else if err != nil && r.Failed == 0 {
		r.Error = fmt.Sprintf("the suite ended early: %v: %s", err, lastLine(out.String()))
	}
}

var endedEarly = regexp.MustCompile(`(?m)^panic: .*`)

var resultLine = regexp.MustCompile(`(?m)^ *--- (PASS|FAIL|SKIP): (\S+) \(`)

// read takes the results out of a test program's output. A test with parts counts by its parts.
func (r *result) read(out string) {
	found := resultLine.FindAllStringSubmatch(out, -1)
	for _, line := range found {
		name := line[2]
		whole := slices.ContainsFunc(found, func(other []string) bool { return strings.HasPrefix(other[2], name+"/") })
		if whole {
			continue
		}
		word := strings.ToLower(line[1])
		r.Tests[shortened(name)] = word
		switch word {
		case "pass":
			r.Passed++
		case "fail":
			r.Failed++
		}
	}
	if r.Failed > 0 {
		r.Log = out[max(0, len(out)-64<<10):]
	}
}

// shortened is a test's name without what all have in common.
func shortened(name string) string {
	name = strings.TrimPrefix(name, "TestEndpoint/")
	return strings.ReplaceAll(strings.TrimPrefix(name, "Test"), "_", " ")
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// comparison is how several backends did in one suite.
type comparison struct {
	Service string    `json:"service"`
	Results []*result `json:"results"`
}

// tests are the names of all tests, ordered.
func (c *comparison) tests() []string {
	var names []string
	for _, r := range c.Results {
		for name := range r.Tests {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// print writes the comparison as a table for people.
func (c *comparison) print(w io.Writer) {
	width := len(c.Service)
	for _, name := range c.tests() {
		width = max(width, len(name))
	}
	fmt.Fprintf(w, "%-*s", width, c.Service)
	for _, r := range c.Results {
		fmt.Fprintf(w, "  %-*s", columnWidth(r), r.Backend)
	}
	fmt.Fprintln(w)
	for _, name := range c.tests() {
		fmt.Fprintf(w, "%-*s", width, name)
		for _, r := range c.Results {
			fmt.Fprintf(w, "  %-*s", columnWidth(r), word(r.Tests[name]))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%-*s", width, "passed")
	for _, r := range c.Results {
		fmt.Fprintf(w, "  %-*s", columnWidth(r), r.score())
	}
	fmt.Fprintln(w)
	for _, r := range c.Results {
		if r.Error != "" {
			fmt.Fprintf(w, "%s: %s\n", r.Backend, r.Error)
		}
	}
	fmt.Fprintln(w)
}

func columnWidth(r *result) int { return max(len(r.Backend), len(r.score()), 6) }

// score is how many tests passed of those that were run.
func (r *result) score() string {
	if r.Error != "" && len(r.Tests) == 0 {
		return "not run"
	}
	return fmt.Sprintf("%d of %d", r.Passed, r.Passed+r.Failed)
}

func word(result string) string {
	switch result {
	case "pass":
		return "ok"
	case "fail":
		return "FAIL"
	case "skip":
		return "skip"
	default:
		return "-"
	}
}
