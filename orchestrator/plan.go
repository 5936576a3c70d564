package orchestrator

import (
	"fmt"
	"sort"
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
	Refuse  Action = "refuse"  // it cannot run here; calls are refused
)

// Step is one line of a plan.
type Step struct {
	Action  Action `json:"action"`
	Backend string `json:"backend"` // Spec.Name
	Runtime string `json:"runtime"`
	Source  string `json:"source"`
	Reason  string `json:"reason,omitempty"`

	unit *unit // nil for Remove
	spec Spec
	left found // of Adopt, Replace and Remove: what is taken over or removed; without ID: none
}

// Plan is what has to be done to come from what runs to what is desired. It is printable.
type Plan struct {
	Steps []Step `json:"steps"` // ordered by backend

	desired Desired
	units   []*unit
}

// String is the plan as lines.
func (p *Plan) String() string {
	var b strings.Builder
	for _, s := range p.Steps {
		line := fmt.Sprintf("%-8s %-24s %-8s %s", s.Action, s.Backend, s.Runtime, s.Source)
		if s.Reason != "" {
			line += " (" + s.Reason + ")"
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// found is what a runtime has observed.
type found struct {
	Observed
	runtime Runtime
}

// compute is the plan as a pure function of what is desired, what this process runs, and what the
// runtimes have observed besides.
func compute(units []*unit, running []Spec, observed []found) []Step {
	var steps []Step
	byName := map[string]*unit{}
	for _, u := range units {
		byName[u.image.Name] = u
	}
	seen := map[string]bool{}
	for _, spec := range running {
		seen[spec.Name] = true
		steps = append(steps, ofRunning(byName[spec.Image.Name], spec))
	}
	for _, left := range observed {
		if seen[left.Name] {
			continue
		}
		step := ofLeft(ownerOf(byName, left.Observed), left)
		seen[left.Name] = step.Action != Remove
		steps = append(steps, step)
	}
	for _, u := range units {
		if !seen[u.image.Name] {
			steps = append(steps, ofUnit(u))
		}
	}
	sort.SliceStable(steps, func(i, j int) bool { return steps[i].Backend < steps[j].Backend })
	return steps
}

// ownerOf is the unit that an observed instance belongs to, or nil.
func ownerOf(byName map[string]*unit, left Observed) *unit {
	if left.Account == "" {
		if u := byName[left.Name]; u != nil && !u.image.Account.Instance {
			return u
		}
		return nil
	}
	for name, u := range byName {
		if u.image.Account.Instance && left.Name == instanceName(name, left.Account, left.Region) {
			return u
		}
	}
	return nil
}

// ofRunning decides about an instance that this process runs.
func ofRunning(u *unit, spec Spec) Step {
	if u == nil || u.missing != nil || u.image.Account.Instance != (spec.Account != "") {
		return Step{Action: Remove, Backend: spec.Name, Reason: "no longer configured", spec: spec}
	}
	wanted := u.spec(spec.Account, spec.Region)
	step := u.step(Keep, wanted, "")
	if wanted.Hash() != spec.Hash() {
		step.Action, step.Reason = Replace, "its configuration has changed"
	}
	return step
}

// ofLeft decides about an instance that an earlier process left behind.
func ofLeft(u *unit, left found) Step {
	remove := Step{
		Action: Remove, Backend: left.Name, Runtime: left.runtime.Name(), Reason: "no longer configured",
		spec: Spec{Name: left.Name}, left: left,
	}
	if u == nil || u.runtime != left.runtime {
		return remove
	}
	spec := u.spec(left.Account, left.Region)
	_, adopts := u.runtime.(Adopter)
	step := u.step(Replace, spec, "")
	step.left = left
	switch same := left.Hash == spec.Hash(); {
	case same && left.Running && adopts:
		step.Action = Adopt
	case left.Running && !same:
		step.Reason = "it was started another way"
	case left.Running:
		step.Reason = "it was left behind"
	case u.start && left.Account == "":
		step.Reason = "it has ended"
	default:
		remove.Reason = "it has ended"
		return remove
	}
	return step
}

// ofUnit decides about a backend of which nothing runs.
func ofUnit(u *unit) Step {
	spec := u.spec("", "")
	spec.Name = u.image.Name
	switch {
	case u.missing != nil:
		return u.step(Refuse, spec, u.missing.Error())
	case u.image.Account.Instance:
		return u.step(Later, spec, "one for each account and region")
	case u.start:
		return u.step(Start, spec, "")
	default:
		return u.step(Later, spec, "")
	}
}

func (u *unit) step(action Action, spec Spec, reason string) Step {
	return Step{
		Action: action, Backend: spec.Name, Runtime: u.runtimeName(), Source: u.source(), Reason: reason,
		unit: u, spec: spec,
	}
}
