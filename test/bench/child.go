package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
)

// child is this executable in another process: a server that lives until its standard input ends, so
// that it never outlives the run.
type child struct {
	address string
	command *exec.Cmd
	input   io.WriteCloser
}

// startChild starts a server of the given kind with what it is to know.
func startChild(ctx context.Context, kind string, settings any) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{command: exec.CommandContext(ctx, self, "child", kind)}
	c.command.Stderr = os.Stderr
	if c.input, err = c.command.StdinPipe(); err != nil {
		return nil, err
	}
	output, err := c.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.command.Start(); err != nil {
		return nil, err
	}
	line := ""
	err = json.NewEncoder(c.input).Encode(settings)
	if err == nil {
		line, err = bufio.NewReader(output).ReadString('\n')
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", kind, err), c.stop())
	}
	c.address = strings.TrimSpace(line)
	return c, nil
}

func (c *child) stop() error { return errors.Join(c.input.Close(), c.command.Wait()) }

// serveChild is the child's side.
func serveChild(kind string) error {
	input := json.NewDecoder(os.Stdin)
	handler, err := handlerOf(kind, input)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // until the parent ends
		server.Close()
	}()
	fmt.Println(listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func handlerOf(kind string, input *json.Decoder) (http.Handler, error) {
	switch kind {
	case "ceiling":
		return newCeiling(input)
	case "direct":
		return newDirect(input)
	}
	return nil, fmt.Errorf("no child %q", kind)
}
