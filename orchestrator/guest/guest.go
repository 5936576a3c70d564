// Package guest is what localcloud's own executable does inside a container: it serves a native
// backend to the gateway, or relays connections and names to it.
package guest

import (
	"context"
	"log/slog"

	"localcloud/gateway/aws"
	"localcloud/images"
)

// Options are what a guest gets from the executable that it is part of.
type Options struct {
	Image   func(name string) *images.Image // finds a native image; nil for unknown
	Service func(name string) *aws.Service  // finds a service by its model's name; nil for unknown
	Log     *slog.Logger
}

// Run is the body of the hidden command that docker.Options.Guest names. It returns when ctx ends.
func Run(ctx context.Context, args []string, options Options) error { panic("not written") }
