package guest

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images"
	"localcloud/internal/clock"
)

// How a native backend in a container is reached.
const (
	Port        = 4566                    // it listens there
	Dir         = "/data"                 // its directory: a volume where its state is to survive
	ReadyPath   = "/_localcloud/ready"    // answers 204 to everybody
	TokenHeader = "X-Localcloud-Token"    //nolint:gosec // the name of the header that carries the project's token
	controlPath = "/_localcloud/control/" // requests with the token and without a call
	ResetPath   = controlPath + "reset"
)

// Environment of a native backend's container.
const (
	TokenVariable    = "LOCALCLOUD_TOKEN"    // every request has to carry it
	SettingsVariable = "LOCALCLOUD_SETTINGS" // images.Env.Settings as JSON
	PersistVariable  = "LOCALCLOUD_PERSIST"  // "true" or "false"
)

// stopTimeout bounds how long calls in flight may take once the container is told to stop.
const stopTimeout = 4 * time.Second

func runNative(ctx context.Context, args []string, options Options) error {
	if len(args) != 1 {
		return errors.New("native takes the name of an image")
	}
	image := options.Image(args[0])
	if image == nil || image.New == nil {
		return fmt.Errorf("no native backend is called %q", args[0])
	}
	persist, _ := strconv.ParseBool(os.Getenv(PersistVariable)) // unset is false
	var settings map[string]string
	if text := os.Getenv(SettingsVariable); text != "" {
		if err := json.Unmarshal([]byte(text), &settings); err != nil {
			return fmt.Errorf("read %s: %w", SettingsVariable, err)
		}
	}
	backend, err := image.New(images.Env{
		Dir: Dir, Persist: persist, Log: options.Log, Clock: new(clock.Clock), Settings: settings,
	})
	if err != nil {
		return fmt.Errorf("start %s: %w", image.Name, err)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", ":"+strconv.Itoa(Port))
	if err != nil {
		return errors.Join(err, backend.Close())
	}
	options.Log.Info("serving", "backend", image.Name)
	handler := &handler{backend: backend, token: os.Getenv(TokenVariable), service: options.Service, log: options.Log}
	return errors.Join(serve(ctx, listener, handler), backend.Close())
}

// serve answers until ctx ends, and then lets calls in flight end.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 1 << 20}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	err := server.Shutdown(stopping)
	if errors.Is(err, context.DeadlineExceeded) { // a long poll, say
		err = server.Close()
	}
	<-served
	return err
}

// handler passes calls of the gateway on to a native backend.
type handler struct {
	backend images.Native
	token   string
	service func(name string) *aws.Service
	log     *slog.Logger
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text := r.Header.Get(aws.CallHeader)
	switch {
	case r.URL.Path == ReadyPath && text == "":
		w.WriteHeader(http.StatusNoContent)
		return
	case subtle.ConstantTimeCompare([]byte(r.Header.Get(TokenHeader)), []byte(h.token)) != 1 || h.token == "":
		http.Error(w, "this is a backend of localcloud; calls go through its gateway", http.StatusForbidden)
		return
	case text == "":
		h.control(w, r)
		return
	}
	var call aws.Call
	if err := call.UnmarshalHeader(text, h.service); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Header.Del(aws.CallHeader)
	r.Header.Del(TokenHeader)
	resp, err := h.backend.RoundTrip(r.WithContext(aws.WithCall(r.Context(), &call)))
	if err != nil {
		h.log.Error("call failed", "request", call.RequestID, "error", err)
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h.answer(w, r, resp)
}

// control does what the project wants of a backend beside calls.
func (h *handler) control(w http.ResponseWriter, r *http.Request) {
	resetter, ok := h.backend.(images.Resetter)
	if r.URL.Path != ResetPath || r.Method != http.MethodPost || !ok {
		http.Error(w, "not supported", http.StatusNotImplemented)
		return
	}
	if err := resetter.Reset(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// answer writes the backend's answer as it is: nothing is guessed, bodies stream, trailers follow.
func (h *handler) answer(w http.ResponseWriter, r *http.Request, resp *http.Response) {
	defer resp.Body.Close()
	header := w.Header()
	maps.Copy(header, resp.Header)
	if _, set := header["Content-Type"]; !set {
		header["Content-Type"] = nil
	}
	if resp.ContentLength >= 0 && r.Method != http.MethodHead {
		header.Set("Content-Length", strconv.FormatInt(resp.ContentLength, 10))
	}
	announced := len(resp.Trailer)
	for name := range resp.Trailer {
		header.Add("Trailer", name)
	}
	w.WriteHeader(resp.StatusCode)
	var err error
	if resp.ContentLength >= 0 {
		_, err = io.Copy(w, resp.Body)
	} else {
		err = stream(w, resp.Body)
	}
	if err != nil {
		panic(http.ErrAbortHandler) // the client must not take what it got for the whole
	}
	for name, values := range resp.Trailer {
		if announced == 0 {
			name = http.TrailerPrefix + name
		}
		header[name] = values
	}
}

// stream copies a body of unknown length and sends each piece at once.
func stream(w http.ResponseWriter, body io.Reader) error {
	control := http.NewResponseController(w)
	buffer := make([]byte, 32<<10)
	for {
		n, err := body.Read(buffer)
		if n > 0 {
			if _, err := w.Write(buffer[:n]); err != nil {
				return err
			}
			if err := control.Flush(); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
