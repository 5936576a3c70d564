package intercept

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"localcloud/gateway"
)

// pages answers the gateway's own paths: /_localcloud/status, those that tools know from LocalStack,
// and a greeting for whoever opens the root in a browser.
type pages struct {
	options Options
	started time.Time
	session string

	mu    sync.Mutex
	extra map[string]any // what was put to the health page
}

var _ gateway.Early = (*pages)(nil)

func newPages(o Options) *pages {
	return &pages{options: o, started: time.Now(), session: newSession(), extra: make(map[string]any)}
}

// maxPage bounds the body that is sent to a page.
const maxPage = 1 << 20

// Early makes it see requests for which there is no service.
func (*pages) Early() {}

// ReturnResponse does nothing.
func (*pages) ReturnResponse(context.Context, *gateway.Call, *http.Response) error { return nil }

// ForwardRequest answers requests for a page.
func (p *pages) ForwardRequest(ctx context.Context, call *gateway.Call) (*http.Response, error) {
	if call.Service != nil {
		return nil, nil
	}
	method, path := call.Request.Method, call.Path
	switch {
	case path == "/" && (method == http.MethodGet || method == http.MethodHead) && asksNothing(call.Request):
		return p.greeting(), nil
	case path == "/_localcloud/status":
		return p.get(method, func() (*http.Response, error) { return p.status(ctx) })
	case path == "/_localstack/health":
		return p.health(call)
	case path == "/_localstack/info":
		return p.get(method, p.info)
	case path == "/_localstack/init", strings.HasPrefix(path, "/_localstack/init/"):
		return p.get(method, func() (*http.Response, error) { return p.init(strings.TrimPrefix(path, "/_localstack/init")) })
	case path == "/_localstack/plugins":
		return p.get(method, func() (*http.Response, error) { return respondJSON(http.StatusOK, map[string]any{}) })
	case path == "/_localstack/state/reset":
		return p.reset(ctx, method)
	}
	return nil, nil
}

// get lets only GET and HEAD pass.
func (p *pages) get(method string, page func() (*http.Response, error)) (*http.Response, error) {
	if method != http.MethodGet && method != http.MethodHead {
		return notAllowed("GET, HEAD"), nil
	}
	return page()
}

func notAllowed(methods string) *http.Response {
	resp := respond(http.StatusMethodNotAllowed, "", "")
	resp.Header.Set("Allow", methods)
	return resp
}

// asksNothing reports whether a request is one that a person makes with a browser, not a client of AWS.
func asksNothing(r *http.Request) bool {
	return r.URL.RawQuery == "" && r.Header.Get("Authorization") == ""
}

func (p *pages) greeting() *http.Response {
	return respond(http.StatusOK, "text/plain; charset=utf-8", "localcloud "+p.options.Version+" is running. It speaks the APIs of AWS: "+
		"give this address to a client as its endpoint URL.\nState of the services: /_localcloud/status\n")
}

func (p *pages) status(ctx context.Context) (*http.Response, error) {
	if p.options.Status != nil {
		return respondJSON(http.StatusOK, p.options.Status(ctx))
	}
	return respondJSON(http.StatusOK, map[string]any{"version": p.options.Version, "uptime": p.uptime()})
}

func (p *pages) uptime() int { return int(time.Since(p.started) / time.Second) }

func (p *pages) info() (*http.Response, error) {
	_, err := os.Stat("/.dockerenv")
	return respondJSON(http.StatusOK, map[string]any{
		"version": p.options.Version, "edition": "community", "is_license_activated": false,
		"session_id": p.session, "machine_id": "localcloud", "system": runtime.GOOS + "-" + runtime.GOARCH,
		"is_docker": err == nil, "server_time_utc": time.Now().UTC().Format("2006-01-02T15:04:05"), "uptime": p.uptime(),
	})
}

func (p *pages) reset(ctx context.Context, method string) (*http.Response, error) {
	switch {
	case method != http.MethodPost:
		return notAllowed("POST"), nil
	case p.options.Reset == nil:
		return respond(http.StatusNotImplemented, "text/plain; charset=utf-8", "state cannot be reset here\n"), nil
	}
	if err := p.options.Reset(ctx); err != nil {
		return nil, fmt.Errorf("reset: %w", err)
	}
	return respond(http.StatusOK, "", ""), nil
}

// health is LocalStack's health page: tools ask it for readiness and leave marks on it.
func (p *pages) health(call *gateway.Call) (*http.Response, error) {
	switch call.Request.Method {
	case http.MethodGet:
		return p.healthState()
	case http.MethodHead:
		return respond(http.StatusOK, "", ""), nil
	case http.MethodPut:
		return p.putHealth(call.Request.Body)
	case http.MethodPost:
		return p.postHealth(call.Request.Body)
	}
	return notAllowed("GET, HEAD, POST, PUT"), nil
}

func (p *pages) healthState() (*http.Response, error) {
	services := map[string]string{}
	if p.options.Services != nil {
		services = p.options.Services()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	state := map[string]any{"services": services, "edition": "community", "version": p.options.Version}
	for key, value := range p.extra {
		state[key] = value
	}
	return respondJSON(http.StatusOK, state)
}

// putHealth keeps values for later readers; a key "a:b" stands for b in a.
func (p *pages) putHealth(body io.Reader) (*http.Response, error) {
	var values map[string]any
	if err := json.NewDecoder(io.LimitReader(body, maxPage)).Decode(&values); err != nil || values == nil {
		return respond(http.StatusBadRequest, "text/plain; charset=utf-8", "invalid request"), nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, value := range values {
		if len(p.extra) >= 1000 {
			break
		}
		outer, inside, nested := strings.Cut(key, ":")
		if !nested {
			p.extra[key] = value
			continue
		}
		within, ok := p.extra[outer].(map[string]any)
		if !ok {
			within = make(map[string]any)
			p.extra[outer] = within
		}
		within[inside] = value
	}
	return respondJSON(http.StatusOK, map[string]string{"status": "OK"})
}

// postHealth would restart or end LocalStack; no request ends this process.
func (p *pages) postHealth(body io.Reader) (*http.Response, error) {
	var order struct{ Action string }
	raw, err := io.ReadAll(io.LimitReader(body, maxPage))
	if err != nil || !json.Valid(raw) {
		return respond(http.StatusBadRequest, "text/plain; charset=utf-8", "invalid request"), nil
	}
	// Other JSON than an object is no order either.
	if json.Unmarshal(raw, &order) == nil && (order.Action == "restart" || order.Action == "kill") {
		return respond(http.StatusNotImplemented, "text/plain; charset=utf-8",
			"no request ends or restarts localcloud; use `localcloud down` and `localcloud up`\n"), nil
	}
	return respond(http.StatusOK, "text/plain; charset=utf-8", "ok"), nil
}
