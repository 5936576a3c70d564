package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// upgrade passes a 101 answer on: from there on the connection is a stream in both directions, until
// either side ends it or the gateway shuts down.
func (g *Gateway) upgrade(w http.ResponseWriter, call *Call, resp *http.Response) error {
	backend, ok := resp.Body.(io.ReadWriteCloser)
	if !ok {
		resp.Body.Close()
		return errors.New("the backend switched protocols on a connection that cannot be written to")
	}
	defer backend.Close()
	removeHopHeaders(resp.Header)
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return fmt.Errorf("switch protocols: %w", err)
	}
	defer conn.Close()
	resp.Body = nil // Write must not read the stream
	if err := errors.Join(resp.Write(buffered), buffered.Flush()); err != nil {
		return fmt.Errorf("switch protocols: %w", err)
	}
	ctx, cancel := context.WithCancel(g.closing)
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		conn.Close()
		backend.Close()
	})
	defer stop()
	ended := make(chan error, 2)
	go func() {
		_, err := io.Copy(backend, buffered)
		ended <- err
	}()
	go func() {
		_, err := io.Copy(conn, backend)
		ended <- err
	}()
	<-ended
	cancel() // ends the other direction
	<-ended
	return nil
}
