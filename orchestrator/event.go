package orchestrator

import "fmt"

// State is where a backend stands in its life.
type State string

// The states. A backend that has not been asked for is Idle; Failed and Died are followed by
// Starting at the next call.
const (
	Idle     State = "idle"
	Pulling  State = "pulling"
	Building State = "building"
	Starting State = "starting"
	Ready    State = "ready"
	Draining State = "draining"
	Stopped  State = "stopped"
	Failed   State = "failed"
	Died     State = "died"
)

// Event tells that a backend has come to a state, or how far it is there.
type Event struct {
	Backend     string // Spec.Name
	State       State
	Text        string // what is being done: "motoserver/moto:5.2.3"
	Done, Total int64  // bytes of Pulling and Building; 0 where unknown
	Err         error  // of Failed and Died
}

// String is the event as a plain line.
func (e Event) String() string {
	line := e.Backend + ": " + string(e.State)
	if e.Text != "" {
		line += " " + e.Text
	}
	if e.Total > 0 {
		line += fmt.Sprintf(", %d %%", 100*e.Done/e.Total)
	}
	if e.Err != nil {
		line += ": " + e.Err.Error()
	}
	return line
}
