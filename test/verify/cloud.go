package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// cloud is a localcloud that runs for one suite.
type cloud struct {
	executable string
	dir        string
	project    string
	url        string
}

// start starts a localcloud whose service has the backend. The caller stops it.
func start(ctx context.Context, o *options, service, backend string) (*cloud, error) {
	executable, err := filepath.Abs(o.localcloud)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "localcloud-verify-")
	if err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	c := &cloud{executable: executable, dir: dir, project: "verify-" + filepath.Base(dir), url: "http://" + address}
	args := []string{"up", "--runtime", o.runtime, "--listen", address, "--services", service, "--backend", service + "=" + backend}
	if out, err := c.command(ctx, args...); err != nil {
		return nil, errors.Join(fmt.Errorf("up failed: %s", out), c.stop())
	}
	return c, nil
}

// command runs a command of localcloud in the project.
func (c *cloud) command(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.executable, append([]string{"--project", c.project}, args...)...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "LOCALCLOUD_STATE="+filepath.Join(c.dir, "state"))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return strings.TrimSpace(out.String()), err
}

// missing says why the backend of a service does not run; "" where it does, or will at its first call.
func (c *cloud) missing(ctx context.Context, service string) string {
	out, err := c.command(ctx, "status", "--json")
	if err != nil {
		return ""
	}
	var status struct {
		Backends []struct {
			State    string   `json:"state"`
			Reason   string   `json:"reason"`
			Services []string `json:"services"`
		} `json:"backends"`
	}
	if json.Unmarshal([]byte(out), &status) != nil {
		return ""
	}
	for _, b := range status.Backends {
		for _, name := range b.Services {
			if name == service && b.State == "failed" {
				return b.Reason
			}
		}
	}
	return ""
}

// stop ends it and removes all that was its.
func (c *cloud) stop() error {
	out, err := c.command(context.Background(), "down", "--volumes")
	if err != nil {
		err = fmt.Errorf("down failed: %s", out)
	}
	return errors.Join(err, os.RemoveAll(c.dir))
}

// freeAddress is a loopback address on which nobody listens.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	address := listener.Addr().String()
	return address, listener.Close()
}
