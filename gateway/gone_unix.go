//go:build unix

package gateway

import (
	"errors"
	"net"
	"syscall"
)

// canTell returns a function that reports whether the other side has closed a connection, nil where
// that cannot be told without reading.
func canTell(c net.Conn) func() bool {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	return func() bool {
		closed := false
		err := raw.Control(func(fd uintptr) {
			var b [1]byte
			n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
			waits := errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR)
			closed = n <= 0 && !waits
		})
		return closed || err != nil
	}
}
