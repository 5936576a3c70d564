package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"localcloud/gateway/aws"
)

// maxHeader bounds the header of a request.
const maxHeader = 256 << 10

// tokenHeader is, with aws.CallHeader, what backends of our own in containers believe. Callers must
// not set either.
const tokenHeader = "X-Localcloud-Token"

// newServer makes the server of one listener. It speaks HTTP/1.1 and, where a connection begins with
// its preface, HTTP/2 without TLS.
func (g *Gateway) newServer(classicPort int) *http.Server {
	server := &http.Server{
		Handler:                      &acceptor{g, classicPort},
		MaxHeaderBytes:               maxHeader,
		ErrorLog:                     slog.NewLogLogger(g.log.Handler(), slog.LevelDebug),
		Protocols:                    new(http.Protocols),
		HTTP2:                        &http.HTTP2Config{MaxConcurrentStreams: 1000},
		ConnContext:                  connContext,
		DisableGeneralOptionsHandler: true,
	}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	return server
}

// acceptor is the handler of one listener.
type acceptor struct {
	gateway     *Gateway
	classicPort int
}

// ServeHTTP makes a call of the request, has it answered, and returns the answer.
func (a *acceptor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g := a.gateway
	if c, ok := r.Context().Value(connKey{}).(*conn); ok {
		c.begin(r.ProtoMajor > 1)
		defer c.end()
	}
	call := newCall(r)
	defer g.recovered(call)
	if r.ContentLength < 0 || r.ContentLength > smallBody {
		call.upload = watch(w, r.Body)
		r.Body = call.upload
	}
	refusal := g.identify(call, a.classicPort)
	ctx := g.begin(r.Context(), call)
	if refusal == nil {
		refusal = g.authenticate(ctx, call)
	}
	resp := g.lead(ctx, call, refusal)
	err := g.write(w, call, resp)
	if err != nil && call.cause == nil {
		call.cause = err
	}
	g.calls.write(ctx, call, resp.StatusCode)
	if err != nil { // the answer is cut short, and the caller must see that
		panic(http.ErrAbortHandler)
	}
}

// newCall is what can be said of a request before it is identified.
func newCall(r *http.Request) *Call {
	call := &Call{Request: r, started: time.Now()}
	call.RequestID = newRequestID()
	call.Scheme = "http"
	if r.TLS != nil {
		call.Scheme = "https"
	}
	call.Host = r.Host
	call.Account, call.Region = aws.DefaultAccount, aws.DefaultRegion
	call.Path = rawPath(r.RequestURI)
	keepPath(r, call.Path)
	delete(r.Header, aws.CallHeader)
	delete(r.Header, tokenHeader)
	return call
}

// rawPath is the path of a request target as it stands on the wire, without its query. A target in
// absolute form loses scheme and host.
func rawPath(target string) string {
	if len(target) == 0 || target[0] != '/' {
		if i := strings.Index(target, "://"); i > 0 {
			target = target[i+3:]
			if i = strings.IndexAny(target, "/?"); i < 0 {
				return "/"
			}
			target = target[i:]
		}
	}
	path, _, _ := strings.Cut(target, "?")
	if path == "" {
		return "/"
	}
	return path
}

// keepPath makes the URL of a request keep the path byte for byte: where its own escaping would
// alter it, the path becomes the URL's opaque part (behind a host where it begins with two slashes,
// as package url wants it).
func keepPath(r *http.Request, raw string) {
	r.URL.Scheme, r.URL.Host, r.URL.User, r.URL.Opaque = "", "", nil, ""
	switch {
	case r.URL.RawPath == "" && r.URL.Path != "", r.URL.EscapedPath() == raw:
	case strings.HasPrefix(raw, "//"):
		r.URL.Opaque = "//" + r.Host + raw
	default:
		r.URL.Opaque = raw
	}
}

// begin puts the call into the context that everything behind works under.
func (g *Gateway) begin(ctx context.Context, call *Call) context.Context {
	if call.started.IsZero() {
		call.started = time.Now()
	}
	ctx = aws.WithCall(ctx, &call.Call)
	call.Request = call.Request.WithContext(ctx)
	return ctx
}

// recovered keeps a panic inside one call; net/http then closes the connection.
func (g *Gateway) recovered(call *Call) {
	v := recover()
	if v == nil {
		return
	}
	if v != http.ErrAbortHandler {
		g.log.Error("panic", "request", call.RequestID, "error", v, "stack", string(debug.Stack()))
	}
	panic(http.ErrAbortHandler)
}
