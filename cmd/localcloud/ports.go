package main

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// portTaken is an address that somebody else listens on.
type portTaken struct {
	address string
	holder  string // "nginx (process 4711)", "" where the system does not tell
}

func (e *portTaken) Error() string {
	if e.holder == "" {
		return fmt.Sprintf("%s is taken by another program", e.address)
	}
	return fmt.Sprintf("%s is taken by %s", e.address, e.holder)
}

// listen opens an address. Where it is taken, the error is a *portTaken that names who has it.
func listen(address string) (*net.TCPListener, error) {
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, &portTaken{address: address, holder: holderOf(address)}
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return l.(*net.TCPListener), nil
}
