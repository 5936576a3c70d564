package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"localcloud/images"
	"localcloud/orchestrator"
	"localcloud/orchestrator/transport"
)

// child is an installed program that runs as a child process, behind its supervisor.
type child struct {
	*transport.Transport
	runtime *Runtime
	name    string
	address string
	command *exec.Cmd // the supervisor
	hold    *os.File  // the supervisor ends the program when this is closed
	log     string
	mark    string
	dir     string // removed at the end; "" where it stays
	done    chan struct{}

	once sync.Once
}

var (
	_ orchestrator.Instance = (*child)(nil)
	_ orchestrator.Drainer  = (*child)(nil)
	_ orchestrator.Executor = (*child)(nil)
)

func (r *Runtime) startChild(ctx context.Context, spec orchestrator.Spec, dir string) (orchestrator.Instance, error) {
	port, err := portFor(ctx, spec.Image)
	if err != nil {
		return nil, err
	}
	for _, folder := range spec.Image.Folders {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o700); err != nil {
			return nil, fmt.Errorf("make a folder of %s: %w", spec.Name, err)
		}
	}
	log, err := r.logFile(spec.Name)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	if err := trim(log); err != nil {
		return nil, err
	}
	c := &child{
		runtime: r, name: spec.Name,
		address: "127.0.0.1:" + strconv.Itoa(port),
		log:     log.Name(), mark: r.markPath(spec.Name), done: make(chan struct{}),
	}
	if !spec.Persist {
		c.dir = dir
	}
	if err := c.start(r, spec, dir, port, log); err != nil {
		return nil, err
	}
	c.Transport = orchestrator.Connect(c.address, spec.Image)
	go c.wait()
	go tend(c.log, c.done, r.options.Log)
	return c, nil
}

// start starts the supervisor, which starts the program.
func (c *child) start(r *Runtime, spec orchestrator.Spec, dir string, port int, log *os.File) error {
	if err := os.MkdirAll(filepath.Dir(c.mark), 0o700); err != nil {
		return fmt.Errorf("make the folder of marks: %w", err)
	}
	fill := spec.Fill(port, dir)
	args := append([]string{}, r.options.Supervisor[1:]...)
	args = append(args, c.mark, spec.Hash())
	for _, word := range spec.Image.Command {
		args = append(args, fill.Replace(word))
	}
	lives, hold, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make the supervisor's pipe: %w", err)
	}
	defer lives.Close()
	c.hold = hold
	c.command = exec.Command(r.options.Supervisor[0], args...)
	c.command.Dir = dir
	c.command.Stdout, c.command.Stderr = log, log
	c.command.ExtraFiles = []*os.File{lives}
	c.command.Env = append(environment(spec.Image, fill), r.markOf(spec))
	c.command.SysProcAttr = ownSession()
	if err := c.command.Start(); err != nil {
		return errors.Join(fmt.Errorf("start the supervisor of %s: %w", spec.Name, err), hold.Close())
	}
	return nil
}

// environment is this process's, with the image's over it. Where the user's own calls go is left out:
// a backend that makes AWS calls would make them to itself.
func environment(image *images.Image, fill *strings.Replacer) []string {
	list := slices.DeleteFunc(os.Environ(), func(pair string) bool { return strings.HasPrefix(pair, "AWS_ENDPOINT_URL") })
	for name, value := range image.Env {
		list = append(list, name+"="+fill.Replace(value))
	}
	return list
}

// wait waits for the supervisor, which ends with its program.
func (c *child) wait() {
	_ = c.command.Wait() // its last lines say more than its exit code
	c.Abort()
	close(c.done)
}

func (c *child) Address() string       { return c.address }
func (c *child) Done() <-chan struct{} { return c.done }

func (c *child) Logs(ctx context.Context, options orchestrator.LogOptions) (io.ReadCloser, error) {
	return readLog(ctx, c.log, options, c.done)
}

// Exec runs a command of this machine.
func (c *child) Exec(ctx context.Context, command []string) error {
	_, port, _ := strings.Cut(c.address, ":")
	fill := strings.NewReplacer("{port}", port, "{dir}", c.command.Dir)
	words := make([]string, len(command))
	for i, word := range command {
		words[i] = fill.Replace(word)
	}
	probe := exec.CommandContext(ctx, words[0], words[1:]...)
	probe.Dir, probe.Env = c.command.Dir, c.command.Env
	if out, err := probe.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", words[0], err, strings.TrimSpace(string(out)))
	}
	return nil
}

// Stop lets the supervisor end the program, and kills both when ctx ends.
func (c *child) Stop(ctx context.Context) error {
	var err error
	c.once.Do(func() { err = c.hold.Close() })
	select {
	case <-c.done:
	case <-ctx.Done():
		err = errors.Join(err, c.runtime.kill(c.name))
		<-c.done
	}
	err = errors.Join(err, removeMark(c.mark))
	if c.dir != "" {
		err = errors.Join(err, os.RemoveAll(c.dir))
	}
	return err
}
