package project

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"
)

// ErrNotRunning says that the project has no process.
var ErrNotRunning = errors.New("the project is not running")

// Client speaks to the process of a project.
type Client struct {
	http *http.Client
}

// Connect returns a client of the project's process. It does not connect yet.
func (d Dir) Connect() (*Client, error) {
	path, err := d.socket()
	if err != nil {
		return nil, err
	}
	var dialer net.Dialer
	return &Client{&http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", path)
		},
	}}}, nil
}

// Status reads the process's status into value. Without a process the error is ErrNotRunning.
func (c *Client) Status(ctx context.Context, value any) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	resp, err := c.do(ctx, http.MethodGet, "/status", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(value)
}

// Plan reads what Up would do with a configuration into value.
func (c *Client) Plan(ctx context.Context, configuration, value any) error {
	body, err := json.Marshal(configuration)
	if err != nil {
		return err
	}
	resp, err := c.do(ctx, http.MethodPost, "/plan", body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return refusal(resp)
	}
	return json.NewDecoder(resp.Body).Decode(value)
}

// refusal is the failure in an answer.
func refusal(resp *http.Response) error {
	failure := new(Failure)
	if err := json.NewDecoder(resp.Body).Decode(failure); err != nil {
		return fmt.Errorf("the project's process answers with status %d", resp.StatusCode)
	}
	return failure
}

// Up sends a configuration and passes progress on until everything is ready.
func (c *Client) Up(ctx context.Context, configuration any, progress func(string)) error {
	body, err := json.Marshal(configuration)
	if err != nil {
		return err
	}
	return c.command(ctx, "/up", body, progress)
}

// Down ends the cloud; the process ends a moment after it.
func (c *Client) Down(ctx context.Context, volumes bool, progress func(string)) error {
	return c.command(ctx, "/down?volumes="+strconv.FormatBool(volumes), nil, progress)
}

// Drain ends the process and keeps all state.
func (c *Client) Drain(ctx context.Context) error {
	return c.command(ctx, "/drain", nil, func(string) {})
}

// Reset forgets the state of all backends.
func (c *Client) Reset(ctx context.Context) error {
	return c.command(ctx, "/reset", nil, func(string) {})
}

// Logs writes log lines to w.
func (c *Client) Logs(ctx context.Context, w io.Writer, backend string, tail int, follow bool) error {
	query := url.Values{"backend": {backend}, "tail": {strconv.Itoa(tail)}, "follow": {strconv.FormatBool(follow)}}
	resp, err := c.do(ctx, http.MethodGet, "/logs?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return refusal(resp)
	}
	_, err = io.Copy(w, resp.Body)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// command sends a command and reads its messages.
func (c *Client) command(ctx context.Context, path string, body []byte, progress func(string)) error {
	resp, err := c.do(ctx, http.MethodPost, path, body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	decoder := json.NewDecoder(resp.Body)
	for {
		var m Message
		err := decoder.Decode(&m)
		switch {
		case err != nil && ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return fmt.Errorf("the project's process ended before it had answered (see `localcloud logs`): %w", err)
		case m.Failure != nil:
			return m.Failure
		case m.Gone:
			return ErrNotRunning
		case m.Done:
			return nil
		default:
			progress(m.Progress)
		}
	}
}

func (c *Client) do(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://localcloud"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(r)
	if errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) {
		return nil, ErrNotRunning // the last: it ended before it took the connection
	}
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return resp, err
}
