package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"localcloud/gateway/adapt"
	"localcloud/internal/clock"
)

// Signatures says how far the signatures of calls are checked. Expiry of presigned URLs always is.
type Signatures string

// The settings; the zero value is IgnoreSignatures.
const (
	IgnoreSignatures Signatures = "ignore" // any key and secret will do
	VerifySignatures Signatures = "verify" // anonymous, or rightly signed with a known key
)

// Secrets finds the secret of an access key, and the principal (an ARN) that it belongs to, "" for
// the root of the key's account. It reports whether the key is known.
type Secrets func(ctx context.Context, accessKey string) (secret, principal string, known bool)

// Config is what a gateway is made of.
type Config struct {
	Backends Backends
	// Identify fills in what a call asks for: service, operation, protocol, account, region, access key
	// and path. An error refuses the call; it may come with what could be told. nil for an Identifier
	// that knows nothing of the project.
	Identify func(call *Call, classicPort int) error
	// Log gets one line a call, and what goes wrong inside; nil for nobody.
	Log *slog.Logger
	// Clock tells when presigned URLs expire; nil for the wall clock.
	Clock      *clock.Clock
	Signatures Signatures
	// Secrets are the keys of VerifySignatures; nil for any key with the secret "test".
	Secrets Secrets
	// Adapter speaks to third-party backends; nil for one that keeps what it has to know in memory.
	Adapter *adapt.Adapter
}

// Gateway takes calls on any number of listeners and answers them. Safe for concurrent use once the
// first listener is served.
type Gateway struct {
	config  Config
	log     *slog.Logger
	calls   callLog
	all     []Interceptor // of identified, authenticated calls
	early   []Interceptor // of refused requests
	closing context.Context
	close   context.CancelFunc

	conns    connections
	lastRoot atomic.Pointer[rootUser]

	mu      sync.Mutex
	servers map[*http.Server]struct{}
	closed  bool
}

// New returns a gateway without interceptors, which serves nothing yet.
func New(config Config) *Gateway {
	g := &Gateway{config: config, log: config.Log, servers: make(map[*http.Server]struct{})}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	g.calls.handler = g.log.Handler()
	if g.config.Clock == nil {
		g.config.Clock = new(clock.Clock)
	}
	if g.config.Identify == nil {
		g.config.Identify = NewIdentifier(nil, "localhost", "localhost.localstack.cloud").Identify
	}
	if g.config.Secrets == nil {
		g.config.Secrets = anySecret
	}
	if g.config.Adapter == nil {
		g.config.Adapter = adapt.New(adapt.Config{Clock: g.config.Clock})
	}
	g.closing, g.close = context.WithCancel(context.Background())
	return g
}

// Use puts interceptors behind those that are in use. It must not be called once a listener is served
// or Do was called.
func (g *Gateway) Use(interceptors ...Interceptor) {
	for _, i := range interceptors {
		g.all = append(g.all, i)
		if _, ok := i.(Early); ok {
			g.early = append(g.early, i)
		}
	}
}

// Serve takes calls from a listener until Shutdown, then returns nil; any other end is an error. It
// closes the listener. classicPort is the number of a classic port (4576 was SQS), which decides what
// nothing else in a request tells; 0 for the gateway's own ports.
func (g *Gateway) Serve(listener net.Listener, classicPort int) error {
	server := g.newServer(classicPort)
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		return listener.Close()
	}
	g.servers[server] = struct{}{}
	g.mu.Unlock()
	if err := server.Serve(g.conns.watch(g.closing, listener, server.Handler.(*acceptor))); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown closes the listeners at once and returns when the calls in flight have ended. When ctx
// ends first, what is left is cut off and its error returned. Streams that were upgraded (101) end at
// once.
func (g *Gateway) Shutdown(ctx context.Context) error {
	g.mu.Lock()
	g.closed = true
	servers := make([]*http.Server, 0, len(g.servers))
	for server := range g.servers {
		servers = append(servers, server)
	}
	g.mu.Unlock()
	g.close()
	errs := make([]error, len(servers))
	var wait sync.WaitGroup
	for i, server := range servers {
		wait.Go(func() {
			if errs[i] = server.Shutdown(ctx); errs[i] != nil {
				errs[i] = errors.Join(errs[i], server.Close())
			}
		})
	}
	g.conns.drain()
	wait.Wait()
	return errors.Join(append(errs, g.conns.wait(ctx))...)
}

// Do answers a call that is already identified (service, operation, protocol, account, region,
// principal, Path), as if it had come to a listener: through the interceptors to its backend. Glue
// calls other services this way. A refusal is an answer, not an error; the error is that of ctx. The
// caller closes the answer's body.
func (g *Gateway) Do(ctx context.Context, call *Call) (*http.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if call.RequestID == "" {
		call.RequestID = newRequestID()
	}
	ctx = g.begin(ctx, call)
	resp := g.lead(ctx, call, nil)
	if err := ctx.Err(); err != nil {
		resp.Body.Close()
		return nil, err
	}
	g.calls.write(ctx, call, resp.StatusCode)
	return resp, nil
}
