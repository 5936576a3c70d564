package project

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"time"
)

// The control socket speaks HTTP with small JSON: GET /status, GET /logs, POST /plan, and the commands
// POST /up, /down, /drain and /reset. The answers to commands are streams of Message, one JSON value a
// line; the last one has Done, Gone or Failure set. Access is by the socket's file mode alone.

// Cloud is what the control socket controls.
type Cloud interface {
	// Up makes the cloud what the configuration (JSON, of the caller's making) says and returns when
	// all that is wanted is ready. When ctx ends, what it began is undone.
	Up(ctx context.Context, configuration json.RawMessage, progress func(line string)) error
	// Plan is what Up would do with a configuration, as JSON. It changes nothing.
	Plan(ctx context.Context, configuration json.RawMessage) (any, error)
	// Down ends the cloud; what was to survive is removed only with volumes. The process ends after it.
	Down(ctx context.Context, volumes bool, progress func(line string)) error
	// Drain ends the cloud so that another process can take over: state is kept.
	Drain(ctx context.Context) error
	// Reset forgets the state of all backends.
	Reset(ctx context.Context) error
	// Empty reports whether nothing is up, so that there is no reason for the process to live.
	Empty() bool
	// Status is written as JSON.
	Status() any
	// Logs writes log lines of a backend, "" for the project's own log.
	Logs(ctx context.Context, w io.Writer, backend string, tail int, follow bool) error
}

// Message is one line of the answer to a command.
type Message struct {
	Progress string   `json:"progress,omitempty"`
	Done     bool     `json:"done,omitempty"`
	Gone     bool     `json:"gone,omitempty"` // the process is about to end and does nothing any more
	Failure  *Failure `json:"failure,omitempty"`
}

// Failure is an error as it crosses the control socket.
type Failure struct {
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"` // what the user can do about it
	Code    int    `json:"code"`           // exit code
}

func (f *Failure) Error() string { return f.Message }

// Control serves the control socket.
type Control struct {
	cloud   Cloud
	failure func(error) *Failure
	log     *slog.Logger
	server  *http.Server

	mu   sync.Mutex // one command at a time
	ends chan struct{}
	once sync.Once

	upMu sync.Mutex
	ups  map[*context.CancelFunc]struct{} // the ups under way, and those that wait for their turn
}

// NewControl returns the control of a cloud; failure makes an error into its form on the wire.
func NewControl(cloud Cloud, failure func(error) *Failure, log *slog.Logger) *Control {
	c := &Control{cloud: cloud, failure: failure, log: log, ends: make(chan struct{}), ups: make(map[*context.CancelFunc]struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", c.status)
	mux.HandleFunc("GET /logs", c.logs)
	mux.HandleFunc("POST /plan", c.plan)
	mux.HandleFunc("POST /up", c.up)
	mux.HandleFunc("POST /down", c.down)
	mux.HandleFunc("POST /drain", c.drain)
	mux.HandleFunc("POST /reset", c.reset)
	c.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelError)}
	return c
}

// Serve answers on the socket until Close.
func (c *Control) Serve(listener net.Listener) error {
	if err := c.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Ended is closed once a command has ended the cloud.
func (c *Control) Ended() <-chan struct{} { return c.ends }

// EndIfEmpty ends the process where nothing is up and no command is at work.
func (c *Control) EndIfEmpty() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cloud.Empty() {
		c.end()
	}
}

// Stop ends the cloud as a down without volumes does, unless a command has ended it already.
func (c *Control) Stop(ctx context.Context) error {
	c.interrupt()
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.ends:
		return nil
	default:
	}
	defer c.end()
	return c.cloud.Down(ctx, false, func(string) {})
}

// Close lets answers that are being written end, and closes the socket.
func (c *Control) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := c.server.Shutdown(ctx); err != nil {
		return c.server.Close()
	}
	return nil
}

func (c *Control) end() { c.once.Do(func() { close(c.ends) }) }

func (c *Control) status(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(c.cloud.Status())
}

func (c *Control) logs(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	tail, _ := strconv.Atoi(query.Get("tail"))
	out := &flushing{w: w}
	err := c.cloud.Logs(r.Context(), out, query.Get("backend"), tail, query.Get("follow") == "true")
	if err != nil && !out.begun {
		c.refuse(w, err)
	}
}

func (c *Control) plan(w http.ResponseWriter, r *http.Request) {
	body, err := configuration(w, r)
	if err != nil {
		return
	}
	c.mu.Lock()
	plan, err := c.cloud.Plan(r.Context(), body)
	c.mu.Unlock()
	if err != nil {
		c.refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(plan)
}

// refuse answers a request that is no command with a Failure.
func (c *Control) refuse(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusConflict)
	_ = json.NewEncoder(w).Encode(c.failure(err))
}

// configuration reads the body of a request.
func configuration(w http.ResponseWriter, r *http.Request) (json.RawMessage, error) {
	return io.ReadAll(http.MaxBytesReader(w, r.Body, 4<<20))
}

func (c *Control) up(w http.ResponseWriter, r *http.Request) {
	body, err := configuration(w, r)
	if err != nil {
		return
	}
	ctx, done := c.interruptible(r.Context())
	defer done()
	c.command(w, func(progress func(string)) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return c.cloud.Up(ctx, body, progress)
	})
	c.EndIfEmpty()
}

// interruptible makes the context of an up, which the end of the cloud interrupts.
func (c *Control) interruptible(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	c.upMu.Lock()
	defer c.upMu.Unlock()
	c.ups[&cancel] = struct{}{}
	return ctx, func() {
		cancel()
		c.upMu.Lock()
		defer c.upMu.Unlock()
		delete(c.ups, &cancel)
	}
}

// interrupt gives up the ups under way: a project that is to end need not get ready first.
func (c *Control) interrupt() {
	c.upMu.Lock()
	defer c.upMu.Unlock()
	for cancel := range c.ups {
		(*cancel)()
	}
}

func (c *Control) down(w http.ResponseWriter, r *http.Request) {
	c.interrupt()
	volumes := r.URL.Query().Get("volumes") == "true"
	c.command(w, func(progress func(string)) error {
		defer c.end()
		// Once begun it goes on, whether somebody waits for it or not.
		return c.cloud.Down(context.WithoutCancel(r.Context()), volumes, progress)
	})
}

func (c *Control) drain(w http.ResponseWriter, r *http.Request) {
	c.interrupt()
	c.command(w, func(func(string)) error {
		defer c.end()
		return c.cloud.Drain(context.WithoutCancel(r.Context()))
	})
}

func (c *Control) reset(w http.ResponseWriter, r *http.Request) {
	c.command(w, func(func(string)) error { return c.cloud.Reset(r.Context()) })
}

// command runs do, alone, and streams what it tells.
func (c *Control) command(w http.ResponseWriter, do func(progress func(string)) error) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	var mu sync.Mutex
	send := func(m Message) {
		mu.Lock()
		defer mu.Unlock()
		_ = json.NewEncoder(w).Encode(m) // who has gone away needs no answer
		_ = http.NewResponseController(w).Flush()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.ends:
		send(Message{Gone: true})
		return
	default:
	}
	if err := c.guard(do, func(line string) { send(Message{Progress: line}) }); err != nil {
		send(Message{Failure: c.failure(err)})
		return
	}
	send(Message{Done: true})
}

// guard runs do and makes a panic into an error, so that a fault of ours is told and ends nothing.
func (c *Control) guard(do func(progress func(string)) error, progress func(string)) (err error) {
	defer func() {
		if v := recover(); v != nil {
			c.log.Error("panic", "error", v, "stack", string(debug.Stack()))
			err = fmt.Errorf("internal error: %v (`localcloud logs` has the place)", v)
		}
	}()
	return do(progress)
}

// flushing passes every write on at once.
type flushing struct {
	w     http.ResponseWriter
	begun bool
}

func (f *flushing) Write(b []byte) (int, error) {
	f.begun = true
	n, err := f.w.Write(b)
	if err == nil {
		err = http.NewResponseController(f.w).Flush()
	}
	return n, err
}
