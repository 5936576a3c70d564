// Package guest is what localcloud's own executable does inside a container: it serves a native
// backend to the gateway, or relays connections and names to it.
package guest

import (
	"context"
	"fmt"
	"log/slog"
	"os/signal"
	"syscall"

	"localcloud/gateway/aws"
	"localcloud/images"
)

// Options are what a guest gets from the executable that it is part of.
type Options struct {
	Image   func(name string) *images.Image // finds a native image; nil for unknown
	Service func(name string) *aws.Service  // finds a service by its model's name; nil for unknown
	Log     *slog.Logger
}

// Run is the body of the hidden command that docker.Options.Guest names: "native" with the name of
// an image, or "relay" with its flags. It returns when ctx ends or the container is told to stop.
func Run(ctx context.Context, args []string, options Options) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if len(args) == 0 {
		return fmt.Errorf("a guest is native or relay")
	}
	switch args[0] {
	case "native":
		return runNative(ctx, args[1:], options)
	case "relay":
		return runRelay(ctx, args[1:], options.Log)
	default:
		return fmt.Errorf("a guest is native or relay, not %q", args[0])
	}
}
