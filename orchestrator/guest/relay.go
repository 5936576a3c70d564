package guest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// RelayArgs are the arguments of a relay: it takes connections on port and passes them on to target
// (host:port), and answers DNS queries for the names, and all below them, with its own address.
func RelayArgs(port int, target string, names []string) []string {
	return []string{"relay", "-listen", strconv.Itoa(port), "-target", target, "-names", strings.Join(names, ",")}
}

// dialTimeout bounds how long the gateway may take to accept a connection.
const dialTimeout = 5 * time.Second

func runRelay(ctx context.Context, args []string, log *slog.Logger) error {
	flags := flag.NewFlagSet("relay", flag.ContinueOnError)
	port := flags.Int("listen", 0, "port to take connections on")
	target := flags.String("target", "", "host:port that they are passed on to")
	names := flags.String("names", "", "names that resolve to this relay, with commas between")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", ":"+strconv.Itoa(*port))
	if err != nil {
		return err
	}
	resolver, err := listenDNS(ctx, strings.Split(*names, ","), log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	log.Info("relaying", "port", *port, "target", *target, "names", *names)
	relay := &relay{target: *target, log: log}
	var work sync.WaitGroup
	work.Go(func() { resolver.serve(ctx) })
	work.Go(func() { relay.serve(ctx, listener) })
	<-ctx.Done()
	err = errors.Join(listener.Close(), resolver.close())
	work.Wait()
	return err
}

// relay passes TCP connections on, byte for byte.
type relay struct {
	target string
	log    *slog.Logger
}

// serve takes connections until ctx ends, which cuts those that are open.
func (r *relay) serve(ctx context.Context, listener net.Listener) {
	var work sync.WaitGroup
	defer work.Wait()
	for {
		conn, err := listener.Accept()
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			r.log.Warn("accept", "error", err)
			if !pause(ctx, 100*time.Millisecond) { // out of file descriptors, say
				return
			}
			continue
		}
		work.Go(func() {
			if err := r.pass(ctx, conn); err != nil {
				r.log.Warn("a connection could not be passed on", "error", err)
			}
		})
	}
}

// pause waits, and reports whether ctx lives on.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// pass connects a client with the target until both have ended.
func (r *relay) pass(ctx context.Context, client net.Conn) error {
	defer client.Close()
	dialer := net.Dialer{Timeout: dialTimeout}
	target, err := dialer.DialContext(ctx, "tcp", r.target)
	if err != nil {
		return fmt.Errorf("reach the gateway: %w", err)
	}
	defer target.Close()
	stop := context.AfterFunc(ctx, func() {
		client.Close()
		target.Close()
	})
	defer stop()
	var work sync.WaitGroup
	work.Go(func() { oneWay(target, client) })
	work.Go(func() { oneWay(client, target) })
	work.Wait()
	return nil
}

// oneWay copies until the source ends, and tells the destination. A source that breaks breaks both.
func oneWay(to, from net.Conn) {
	_, err := io.Copy(to, from)
	half, ok := to.(interface{ CloseWrite() error })
	if err != nil || !ok || half.CloseWrite() != nil {
		to.Close()
		from.Close()
	}
}
