package local

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"

	"localcloud/images"
)

// Ports of children are below those that systems give to outgoing connections, so that none takes
// one between the choice and the child's start.
const (
	firstPort = 20000
	lastPort  = 29999
)

// portFor is the port on which a program is to listen: a free one where its command has a place for
// it, else the image's own, which then has to be free.
func portFor(ctx context.Context, image *images.Image) (int, error) {
	if !takesPort(image) {
		if image.Port == 0 {
			return 0, errors.New("its command needs a {port}, or the backend a port")
		}
		if !isFree(ctx, image.Port) {
			return 0, fmt.Errorf("port %d is taken by another program: free it, or put {port} into the command", image.Port)
		}
		return image.Port, nil
	}
	for range 100 {
		port := firstPort + rand.IntN(lastPort-firstPort+1)
		if isFree(ctx, port) {
			return port, nil
		}
	}
	return 0, errors.New("no free port was found on 127.0.0.1")
}

func takesPort(image *images.Image) bool {
	has := func(s string) bool { return strings.Contains(s, "{port}") }
	if slices.ContainsFunc(image.Command, has) {
		return true
	}
	for _, value := range image.Env {
		if has(value) {
			return true
		}
	}
	return false
}

func isFree(ctx context.Context, port int) bool {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}
