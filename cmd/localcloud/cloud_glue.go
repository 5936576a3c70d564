package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"localcloud/cmd/localcloud/project"
	"localcloud/gateway"
	"localcloud/gateway/adapt"
	"localcloud/gateway/aws"
	"localcloud/gateway/intercept/s3events"
	"localcloud/gateway/intercept/sns"
	"localcloud/gateway/store"
	"localcloud/internal/clock"
)

// performed lists the operations whose effects the glue performs, whichever backend holds their state.
var performed = sns.Performed

// glue is what connects services: it outlives gateways, which are made anew when settings change.
type glue struct {
	dir     string
	persist bool
	store   *store.Store
	adapter *adapt.Adapter
	sns     *sns.Glue
	s3      *s3events.Glue
}

// openGlue sees to it that there is glue, which keeps its state where that is wanted.
func (c *cloud) openGlue(persist bool) error {
	if c.glue != nil && c.glue.persist == persist {
		return nil
	}
	if err := c.closeGlue(context.Background(), true); err != nil {
		return err
	}
	g, err := newGlue(glueFolder(c.dir), persist, c.gateway.Load, c.logger, &c.clock)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.glue = g
	c.mu.Unlock()
	return nil
}

// glueFolder is where the glue of a project keeps its state.
func glueFolder(dir project.Dir) string { return filepath.Join(dir.Path, "glue") }

// closeGlue ends the glue once what is on its way has arrived, within a deadline.
func (c *cloud) closeGlue(ctx context.Context, keep bool) error {
	c.mu.Lock()
	g := c.glue
	c.glue = nil
	c.mu.Unlock()
	if g == nil {
		return nil
	}
	g.flush(ctx)
	return g.close(keep)
}

// newGlue opens the glue with its state in a folder.
func newGlue(dir string, persist bool, g gatewayNow, log *slog.Logger, clock *clock.Clock) (*glue, error) {
	if !persist {
		if err := os.RemoveAll(dir); err != nil { // of a process that was killed
			return nil, err
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	all := &glue{dir: dir, persist: persist}
	kept := ""
	if persist {
		kept = filepath.Join(dir, "store")
	}
	var err error
	if all.store, err = store.Open(kept); err != nil {
		return nil, err
	}
	regions, err := store.OpenBucket[string](all.store, adapt.RegionsBucket)
	if err != nil {
		return nil, errors.Join(err, all.store.Close())
	}
	all.adapter = adapt.New(adapt.Config{Clock: clock, Regions: regions})
	all.sns, err = sns.New(sns.Options{
		Call: g.caller("sns.amazonaws.com"), Token: g.subscriptionToken, Store: all.store,
		Dir: filepath.Join(dir, "sns"), Persist: persist, Log: log, Clock: clock,
	})
	if err != nil {
		return nil, errors.Join(err, all.store.Close())
	}
	all.s3, err = s3events.New(s3events.Options{
		Call: g.caller("s3.amazonaws.com"), Store: all.store, Dir: filepath.Join(dir, "s3"), Persist: persist, Log: log, Clock: clock,
	})
	if err != nil {
		return nil, errors.Join(err, all.sns.Close(), all.store.Close())
	}
	return all, nil
}

// flushDeadline bounds how long an orderly end waits for messages on their way.
const flushDeadline = 5 * time.Second

// flush waits for messages on their way, while there still are backends to take them.
func (g *glue) flush(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, flushDeadline)
	defer cancel()
	_ = g.s3.Flush(ctx) // what is left is logged, and kept where state is kept
	_ = g.sns.Flush(ctx)
}

// close ends all background work. What is not to be kept is removed.
func (g *glue) close(keep bool) error {
	err := errors.Join(g.s3.Close(), g.sns.Close(), g.store.Close())
	if !g.persist || !keep {
		err = errors.Join(err, os.RemoveAll(g.dir))
	}
	return err
}

// reset forgets all state.
func (g *glue) reset() error {
	g.sns.Reset()
	return g.store.Reset()
}

// gatewayNow is the gateway that answers calls at the moment, nil for none.
type gatewayNow func() *gateway.Gateway

// caller calls operations through the gateway as a service.
func (now gatewayNow) caller(principal string) func(ctx context.Context, service, operation, account, region string, in, out any) error {
	return func(ctx context.Context, service, operation, account, region string, in, out any) error {
		g := now()
		if g == nil {
			return aws.Unavailable("the project is starting or stopping")
		}
		caller := gateway.Caller{Gateway: g}
		return caller.Call(ctx, gateway.Target{
			Service: service, Operation: operation, Account: account, Region: region, Principal: principal, Hops: 1,
		}, in, out)
	}
}

const tokenPages = "/_aws/sns/subscription-tokens/"

// subscriptionToken asks the backend of SNS for the token of a pending subscription.
func (now gatewayNow) subscriptionToken(ctx context.Context, arn string) (string, bool) {
	g := now()
	if g == nil {
		return "", false
	}
	path := tokenPages + url.PathEscape(arn)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost:4566"+path, http.NoBody)
	if err != nil {
		return "", false
	}
	service := aws.Lookup("sns")
	call := &gateway.Call{Request: req, Call: aws.Call{
		Service: service, Protocol: service.Protocols[0], Account: aws.DefaultAccount, Region: aws.DefaultRegion,
		Scheme: "http", Host: req.Host, Path: path, Hops: 1,
	}}
	resp, err := g.Do(ctx, call)
	if err != nil {
		return "", false
	}
	defer resp.Body.Close()
	var page struct {
		Token string `json:"subscription_token"`
	}
	if resp.StatusCode != http.StatusOK || json.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(&page) != nil {
		return "", false
	}
	return page.Token, page.Token != ""
}
