//go:build unix && !linux

package local

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// ownGroup lets a program lead a process group.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// startTime identifies the process among all that ever have its id: when it started. It is "" where
// no such process runs.
func startTime(pid int) string {
	out, err := exec.Command("ps", "-o", "lstart=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// marked finds nothing here: environments of other processes cannot be read; the marks on disk do.
func marked(_, _ string) map[int]string { return nil }
