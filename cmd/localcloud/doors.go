package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"localcloud/cmd/localcloud/config"
	"localcloud/gateway"
)

// doors are the ports of the gateway. A port stays open as long as it is wanted, also while one
// gateway takes over from another because its settings have changed: each gateway serves a handle of
// its own on the same socket.
type doors struct {
	log *slog.Logger

	mu       sync.Mutex
	list     []*door
	gateway  *gateway.Gateway
	settings string         // of the gateway; another text means another gateway
	work     sync.WaitGroup // gateways that serve or end
}

// door is one port.
type door struct {
	wanted   string // as configured
	classic  int    // number of the classic port; 0 for the gateway's own ports
	inside   bool   // on the network of containers, not among those the user named
	listener *net.TCPListener
	handle   net.Listener // what the gateway serves; nil for nothing yet
}

// address is where the door is; port 0 has become a free one.
func (d *door) address() string { return d.listener.Addr().String() }

// Classic ports, one a service, of LocalStack before it had one port for all.
const firstClassic, lastClassic = 4567, 4599

// open opens the ports that the configuration names beside those that are open. Where one cannot be
// opened, nothing has changed.
func (d *doors) open(cfg *config.Config) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var opened []*door
	for _, want := range wantedDoors(cfg) {
		if d.find(want.wanted) != nil {
			continue
		}
		var err error
		if want.listener, err = listen(want.wanted); err != nil {
			for _, other := range opened {
				other.listener.Close()
			}
			return err
		}
		opened = append(opened, want)
	}
	d.list = append(d.list, opened...)
	return nil
}

// wantedDoors are the ports that a configuration names.
func wantedDoors(cfg *config.Config) []*door {
	var list []*door
	for _, address := range cfg.Listen {
		list = append(list, &door{wanted: address})
	}
	if !cfg.ClassicPorts {
		return list
	}
	host, _, _ := net.SplitHostPort(cfg.Listen[0])
	for port := firstClassic; port <= lastClassic; port++ {
		address := net.JoinHostPort(host, strconv.Itoa(port))
		if !slices.Contains(cfg.Listen, address) {
			list = append(list, &door{wanted: address, classic: port})
		}
	}
	return list
}

func (d *doors) find(wanted string) *door {
	if i := slices.IndexFunc(d.list, func(door *door) bool { return door.wanted == wanted }); i >= 0 {
		return d.list[i]
	}
	return nil
}

// serve has every open port answered by a gateway with the settings given, and closes those that the
// configuration does not name. make makes that gateway; it is called where the settings differ.
func (d *doors) serve(cfg *config.Config, settings string, make func() *gateway.Gateway) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	wanted := wantedDoors(cfg)
	d.list = slices.DeleteFunc(d.list, func(old *door) bool {
		if old.inside || slices.ContainsFunc(wanted, func(w *door) bool { return w.wanted == old.wanted }) {
			return false
		}
		old.close()
		return true
	})
	// The ports in the configuration's order: the first is the one that is shown.
	slices.SortStableFunc(d.list, func(a, b *door) int { return rank(wanted, a) - rank(wanted, b) })
	if d.gateway == nil || d.settings != settings {
		if old := d.gateway; old != nil {
			d.work.Go(func() { d.retire(old) })
		}
		d.gateway, d.settings = make(), settings
		for _, door := range d.list {
			door.handle = nil // the old gateway closes its own
		}
	}
	for _, door := range d.list {
		if err := d.answer(door); err != nil {
			return err
		}
	}
	return nil
}

func rank(wanted []*door, d *door) int {
	if i := slices.IndexFunc(wanted, func(w *door) bool { return w.wanted == d.wanted }); i >= 0 {
		return i
	}
	return len(wanted)
}

// openInside opens a port on the network of containers, unless one that is open takes its
// connections. One of an earlier address is closed.
func (d *doors) openInside(address string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, port, _ := net.SplitHostPort(address)
	if d.find(address) != nil || d.find(net.JoinHostPort("0.0.0.0", port)) != nil || d.find(net.JoinHostPort("::", port)) != nil {
		return nil
	}
	d.list = slices.DeleteFunc(d.list, func(old *door) bool {
		if old.inside {
			old.close()
		}
		return old.inside
	})
	listener, err := listen(address)
	if err != nil {
		return err
	}
	inside := &door{wanted: address, inside: true, listener: listener}
	d.list = append(d.list, inside)
	return d.answer(inside)
}

// answer has the gateway serve a door, once; mu is held.
func (d *doors) answer(door *door) error {
	if door.handle != nil {
		return nil
	}
	file, err := door.listener.File()
	if err != nil {
		return fmt.Errorf("listen on %s: %w", door.wanted, err)
	}
	defer file.Close()
	handle, err := net.FileListener(file)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", door.wanted, err)
	}
	door.handle = handle
	g := d.gateway
	d.work.Go(func() {
		if err := g.Serve(handle, door.classic); err != nil && !errors.Is(err, net.ErrClosed) {
			d.log.Error("a port is no longer served", "address", door.wanted, "error", err)
		}
	})
	return nil
}

// close ends the door; the connections that came through it go on.
func (d *door) close() {
	d.listener.Close()
	if d.handle != nil {
		d.handle.Close()
	}
}

// drainTime is how long calls in flight have when a gateway ends: more than a long poll takes.
const drainTime = 25 * time.Second

// retire ends a gateway that another one has replaced.
func (d *doors) retire(old *gateway.Gateway) {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if err := old.Shutdown(ctx); err != nil {
		d.log.Warn("calls were cut off while the gateway was replaced", "error", err)
	}
}

// shut closes all ports; calls in flight have a moment to end.
func (d *doors) shut(ctx context.Context) error {
	d.mu.Lock()
	g := d.gateway
	for _, door := range d.list {
		door.listener.Close()
	}
	d.list, d.gateway = nil, nil
	d.mu.Unlock()
	var err error
	if g != nil {
		ctx, cancel := context.WithTimeout(ctx, shutTime)
		defer cancel()
		if err = g.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
			err = nil // long polls are cut off: nobody waits for their answers when the cloud goes down
		}
	}
	d.work.Wait()
	return err
}

// shutTime is how long calls in flight have when the cloud goes down.
const shutTime = 3 * time.Second

// addresses are the ports that the user named, as they came out.
func (d *doors) addresses() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []string
	for _, door := range d.list {
		if !door.inside && door.classic == 0 {
			list = append(list, door.address())
		}
	}
	return list
}
