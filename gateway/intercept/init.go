package intercept

// Stages tells how far the start is and what its scripts did.
type Stages struct {
	Boot, Start, Ready, Shutdown bool
	Scripts                      []Script
}

// Script is one init script.
type Script struct {
	Stage string `json:"stage"` // "BOOT", "START", "READY", "SHUTDOWN"
	Name  string `json:"name"`
	State string `json:"state"` // "UNKNOWN", "RUNNING", "SUCCESSFUL", "ERROR"
}
