//go:build !unix

package gateway

import "net"

// canTell is nil: here net/http finds out, by reading.
func canTell(net.Conn) func() bool { return nil }
