//go:build unix

package transport

import (
	"net"
	"syscall"
)

// aliveness returns the function that tells of a connection whether it is open and silent.
func aliveness(c net.Conn) func() bool {
	socket, ok := c.(syscall.Conn)
	if !ok { // TLS, say: a closed connection is found out by the call
		return func() bool { return true }
	}
	control, err := socket.SyscallConn()
	if err != nil {
		return func() bool { return false }
	}
	var open bool
	look := func(fd uintptr) bool {
		var b [1]byte
		_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		open = err == syscall.EAGAIN || err == syscall.EWOULDBLOCK || err == syscall.EINTR
		return true
	}
	return func() bool { return control.Read(look) == nil && open }
}
