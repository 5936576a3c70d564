package local

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// grace is how long a program has to end by itself.
const grace = 5 * time.Second

// holdFD is the supervisor's end of the pipe that its parent holds.
const holdFD = 3

// Supervise is the body of the hidden command that Options.Supervisor names: it runs a program and
// ends it, with all of its process group, when file descriptor 3 is closed at the other end, which
// also happens when the parent is killed. Its arguments are the path of the mark, the hash of the
// specification, and the program with its own arguments. It returns the exit code.
func Supervise(args []string) int {
	if len(args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: MARK HASH COMMAND...")
		return 2
	}
	syscall.CloseOnExec(holdFD)
	hold := os.NewFile(holdFD, "parent")
	signal.Ignore(syscall.SIGINT, syscall.SIGHUP)
	terminate := make(chan os.Signal, 1)
	signal.Notify(terminate, syscall.SIGTERM)

	// The kernel ends the program when the thread that started it ends; so it stays.
	runtime.LockOSThread()
	program := exec.Command(args[2], args[3:]...)
	program.Stdout, program.Stderr = os.Stdout, os.Stderr
	program.SysProcAttr = ownGroup()
	if err := program.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "start:", err)
		return 127
	}
	if err := writeMark(args[0], args[1], program.Process.Pid); err != nil {
		fmt.Fprintln(os.Stderr, "mark:", err)
	}
	ended := make(chan struct{})
	go func() {
		select {
		case <-closed(hold):
		case <-terminate:
		case <-ended:
			return
		}
		end(program.Process.Pid, ended)
	}()
	err := program.Wait()
	close(ended)
	_ = syscall.Kill(-program.Process.Pid, syscall.SIGKILL) // what it has started itself
	_ = removeMark(args[0])
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		fmt.Fprintln(os.Stderr, "ended:", exit)
		return max(exit.ExitCode(), 1)
	}
	return 0
}

// closed is closed when the other end of the pipe is.
func closed(hold *os.File) <-chan struct{} {
	c := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, hold)
		close(c)
	}()
	return c
}

// end ends a process group, gently first.
func end(group int, ended <-chan struct{}) {
	_ = syscall.Kill(-group, syscall.SIGTERM)
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
		_ = syscall.Kill(-group, syscall.SIGKILL)
	}
}
