package orchestrator

import (
	"fmt"
	"strings"
)

// Action is what a plan does about one backend.
type Action string

// The actions.
const (
	Keep    Action = "keep"    // it runs as it should
	Adopt   Action = "adopt"   // an earlier process left it running as it should
	Start   Action = "start"   // at once
	Replace Action = "replace" // it runs, but another way than it should
	Later   Action = "later"   // starts at its first call
	Remove  Action = "remove"  // nobody asks for it any more
)

// Step is one line of a plan.
type Step struct {
	Action  Action `json:"action"`
	Backend string `json:"backend"`
	Runtime string `json:"runtime"`
	Source  string `json:"source"`
	Reason  string `json:"reason,omitempty"`
}

// Plan is what has to be done to come from what runs to what is desired. It is printable.
type Plan struct {
	Steps []Step

	desired Desired
}

// String is the plan as lines, ordered by backend.
func (p *Plan) String() string {
	var b strings.Builder
	for _, s := range p.Steps {
		fmt.Fprintf(&b, "%-8s %-24s %-7s %s", s.Action, s.Backend, s.Runtime, s.Source)
		if s.Reason != "" {
			fmt.Fprintf(&b, " (%s)", s.Reason)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
