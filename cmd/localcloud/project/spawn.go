package project

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
)

// Descriptors that the project's process inherits.
const (
	lockDescriptor   = 3
	socketDescriptor = 4
)

// Listen opens the control socket. The caller holds the lock, so that what stands there is stale.
func (d Dir) Listen() (*net.UnixListener, error) {
	path, err := d.socket()
	if err != nil {
		return nil, err
	}
	if err := remove(path); err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	listener.SetUnlinkOnClose(false) // Clean removes it
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("control socket: %w", err), listener.Close())
	}
	return listener, nil
}

// Spawn starts the project's process, detached from this one: the command (the executable and its
// hidden command) with lock and control socket as inherited descriptors and the log as its output.
// The lock belongs to the new process afterwards. The socket takes connections from now on.
func (d Dir) Spawn(lock *Lock, command ...string) (err error) {
	defer func() { err = errors.Join(err, lock.Release()) }()
	listener, err := d.Listen()
	if err != nil {
		return err
	}
	defer listener.Close()
	socket, err := listener.File()
	if err != nil {
		return fmt.Errorf("control socket: %w", err)
	}
	defer socket.Close()
	log, err := os.OpenFile(d.LogPath(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	defer log.Close()
	process := exec.Command(command[0], command[1:]...)
	process.Dir = "/"
	process.Stdout, process.Stderr = log, log
	process.ExtraFiles = []*os.File{lock.file, socket}
	process.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := process.Start(); err != nil {
		return fmt.Errorf("start the project's process: %w", err)
	}
	return process.Process.Release()
}

// Inherit returns the lock and the socket that Spawn passed to this process.
func Inherit() (*Lock, net.Listener, error) {
	syscall.CloseOnExec(lockDescriptor)
	syscall.CloseOnExec(socketDescriptor)
	socket := os.NewFile(socketDescriptor, "control socket")
	if socket == nil {
		return nil, nil, errors.New("no control socket was passed on: this command is started by `up`")
	}
	defer socket.Close()
	listener, err := net.FileListener(socket)
	if err != nil {
		return nil, nil, fmt.Errorf("inherit control socket: %w", err)
	}
	return &Lock{os.NewFile(lockDescriptor, lockName)}, listener, nil
}
