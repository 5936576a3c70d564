package local

import "syscall"

// ownSession detaches a supervisor from the terminal, whose Ctrl-C is for the parent alone.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
