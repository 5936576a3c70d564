package local

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"localcloud/orchestrator"
)

// markVariable is set in the environment of a supervisor and all that it starts: the state directory,
// the name of the instance, its account and region, and its hash, with "|" between.
const markVariable = "LOCALCLOUD_INSTANCE"

// mark is the file that a supervisor keeps about its program.
type mark struct {
	Hash       string  `json:"hash"`
	Supervisor process `json:"supervisor"`
	Program    process `json:"program"`
}

// process is a process id with what tells it from others that get the same id later.
type process struct {
	PID   int    `json:"pid"`
	Start string `json:"start"`
}

func processOf(pid int) process { return process{pid, startTime(pid)} }

// runs reports whether that very process still runs.
func (p process) runs() bool { return p.PID > 1 && p.Start != "" && startTime(p.PID) == p.Start }

func (r *Runtime) markPath(name string) string {
	return filepath.Join(r.options.Dir, "children", name+".json")
}

func (r *Runtime) markOf(spec orchestrator.Spec) string {
	return markVariable + "=" + strings.Join([]string{r.options.Dir, spec.Name, spec.Account, spec.Region, spec.Hash()}, "|")
}

func writeMark(path, hash string, program int) error {
	text, err := json.Marshal(mark{Hash: hash, Supervisor: processOf(os.Getpid()), Program: processOf(program)})
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}

func removeMark(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove mark: %w", err)
	}
	return nil
}

func readMark(path string) (mark, error) {
	var m mark
	text, err := os.ReadFile(path)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("mark %s: %w", path, err)
	}
	return m, nil
}

// kill kills the processes of an instance, its supervisor included, and waits until they are gone.
func (r *Runtime) kill(name string) error {
	observed, err := r.Observe(context.Background())
	if err != nil {
		return err
	}
	for _, o := range observed {
		if o.Name != name {
			continue
		}
		if left := awaitEnd(context.Background(), signalAll(processes(o.ID), syscall.SIGKILL)); len(left) > 0 {
			return fmt.Errorf("kill %s: process %d does not end", name, left[0].PID)
		}
	}
	return nil
}

// Observe finds the children that run, whoever started them, by their marks. The ID is the list of
// their processes.
func (r *Runtime) Observe(context.Context) ([]orchestrator.Observed, error) {
	byName := map[string]*orchestrator.Observed{}
	add := func(name, hash string, p process) *orchestrator.Observed {
		o := byName[name]
		if o == nil {
			o = &orchestrator.Observed{Name: name, Hash: hash}
			byName[name] = o
		}
		if p.runs() {
			o.Running = true
			o.ID = strings.TrimPrefix(o.ID+","+strconv.Itoa(p.PID)+"="+p.Start, ",")
		}
		return o
	}
	paths, err := filepath.Glob(r.markPath("*"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		m, err := readMark(path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			r.options.Log.Warn("a mark of a child cannot be read", "error", err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		add(name, m.Hash, m.Supervisor)
		add(name, m.Hash, m.Program)
	}
	for pid, rest := range marked(markVariable, r.options.Dir+"|") {
		if part := strings.Split(rest, "|"); len(part) == 4 {
			o := add(part[0], part[3], processOf(pid))
			o.Account, o.Region = part[1], part[2]
		}
	}
	list := make([]orchestrator.Observed, 0, len(byName))
	for _, o := range byName {
		list = append(list, *o)
	}
	slices.SortFunc(list, func(a, b orchestrator.Observed) int { return cmp.Compare(a.Name, b.Name) })
	return list, nil
}

// processes reads the ID of an observed instance.
func processes(id string) []process {
	var list []process
	for item := range strings.SplitSeq(id, ",") {
		pid, start, _ := strings.Cut(item, "=")
		if n, err := strconv.Atoi(pid); err == nil {
			list = append(list, process{n, start})
		}
	}
	return list
}

// Remove ends the processes of what was left behind, gently first, and removes its mark.
func (r *Runtime) Remove(ctx context.Context, left orchestrator.Observed) error {
	alive := processes(left.ID)
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if alive = signalAll(alive, signal); len(alive) == 0 {
			break
		}
		alive = awaitEnd(ctx, alive)
	}
	if len(alive) > 0 {
		return fmt.Errorf("end what was left of %s: process %d does not end", left.Name, alive[0].PID)
	}
	return errors.Join(removeMark(r.markPath(left.Name)), os.RemoveAll(filepath.Join(r.options.Dir, "run", left.Name)))
}

// signalAll signals those that still run, and returns them.
func signalAll(list []process, signal syscall.Signal) []process {
	list = slices.DeleteFunc(list, func(p process) bool { return !p.runs() })
	for _, p := range list {
		_ = syscall.Kill(p.PID, signal) // one that has just ended is no error
	}
	return list
}

// awaitEnd waits for processes that are not our children, and returns those that go on.
func awaitEnd(ctx context.Context, list []process) []process {
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		list = slices.DeleteFunc(list, func(p process) bool { return !p.runs() })
		if len(list) == 0 {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return list
		}
	}
}
