package orchestrator

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"

	"localcloud/images"
	"localcloud/orchestrator/transport"
)

// address is the instance of a backend that already runs somewhere: nothing is started or ended.
type address struct {
	*transport.Transport
	host string
}

var _ Instance = (*address)(nil)

func newAddress(image *images.Image) (Instance, error) {
	text := image.Address
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%q is no address of a backend: want http://host:port", text)
	}
	host := u.Host
	if u.Port() == "" {
		host = net.JoinHostPort(u.Hostname(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	}
	t := Connect(host, image)
	t.TLS = u.Scheme == "https"
	return &address{t, host}, nil
}

func (a *address) Address() string       { return a.host }
func (a *address) Done() <-chan struct{} { return nil }

func (a *address) Logs(context.Context, LogOptions) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("")), nil
}

func (a *address) Stop(context.Context) error { return a.Close() }
