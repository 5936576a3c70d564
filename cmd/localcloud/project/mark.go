package project

import (
	"encoding/json"
	"fmt"
	"os"
	"syscall"
	"time"
)

const markName = "process.json"

// Mark tells who runs the project.
type Mark struct {
	PID int `json:"pid"`
	// Start is the process's start as the system counts it, so that a process id which was used
	// again is not taken for ours; 0 where the system does not tell.
	Start   uint64    `json:"start"`
	Version string    `json:"version"`
	Build   string    `json:"build"` // identifies the executable
	Since   time.Time `json:"since"`
}

// WriteMark marks this process as the project's.
func (d Dir) WriteMark(version, build string) (Mark, error) {
	pid := os.Getpid()
	m := Mark{PID: pid, Start: startOf(pid), Version: version, Build: build, Since: time.Now().UTC().Truncate(time.Second)}
	return m, d.write(markName, m)
}

// Mark reads who ran the project last; ok is false where nobody is marked.
func (d Dir) Mark() (m Mark, ok bool) {
	return m, d.read(markName, &m) && m.PID > 0
}

// Alive reports whether the marked process still lives.
func (m Mark) Alive() bool {
	if m.PID <= 0 || syscall.Kill(m.PID, 0) != nil {
		return false
	}
	return startOf(m.PID) == m.Start
}

// Kill ends the marked process at once, if it lives.
func (m Mark) Kill() error {
	if !m.Alive() {
		return nil
	}
	return syscall.Kill(m.PID, syscall.SIGKILL)
}

// Choice is the runtime that was chosen for a project at its first `up`.
type Choice struct {
	Runtime string `json:"runtime"`
	Reason  string `json:"reason"`
	Kept    bool   `json:"kept,omitempty"` // there is state in it that was to survive
}

// Choice returns what was chosen; ok is false before the first `up`.
func (d Dir) Choice() (c Choice, ok bool) {
	return c, d.read("runtime.json", &c) && c.Runtime != ""
}

// Choose remembers a choice.
func (d Dir) Choose(c Choice) error { return d.write("runtime.json", c) }

// Forget drops the choice, unless state is kept that belongs to it and volumes is not set.
func (d Dir) Forget(volumes bool) error {
	if c, ok := d.Choice(); ok && c.Kept && !volumes {
		return nil
	}
	return remove(d.file("runtime.json"))
}

// write replaces a file whole.
func (d Dir) write(name string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	temporary := d.file(name + ".new")
	if err := os.WriteFile(temporary, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := os.Rename(temporary, d.file(name)); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func (d Dir) read(name string, value any) bool {
	text, err := os.ReadFile(d.file(name))
	return err == nil && json.Unmarshal(text, value) == nil
}
