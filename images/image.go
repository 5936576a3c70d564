// Package images says what a backend image is: how the backend of one or more AWS services is
// packaged, started and probed, and what its habits are. Every backend has a folder below; the list
// of all is images/catalog.
package images

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"localcloud/gateway/aws"
	"localcloud/internal/clock"
)

// Image is one entry of the catalog, or a backend that the user described.
type Image struct {
	Name     string   // catalog name: "moto", "sqs" (a native backend has the name of its service)
	Services []string // services it can answer, by model name; "*" for everything

	// Alternative says that it is used where it is chosen by name only, and is never a default.
	Alternative bool

	// New makes the native backend; nil for third-party software.
	New func(Env) (Native, error)

	Reference string   // pinned container image reference; "" where there is none
	Command   []string // installed program, for the local runtime; orchestrator.Spec.Fill says what is replaced
	Install   string   // how the program is installed ("pip install 'moto[server]'"), for messages
	// Address of a backend that already runs ("http://10.0.0.5:4567"); nothing is started.
	Address string

	Args   []string          // arguments of the container, replacing its own; {port} is replaced
	Port   int               // port inside the container
	Probe  Probe             // tells when it is ready
	Env    map[string]string // for container and command
	Volume string            // path inside the container that holds its data; "" for none
	// Folders are made in the data directory of an installed program before it starts.
	Folders []string
	Memory  int64 // limit in bytes; 0 for none
	// User and Writable let a container run with less than its image asks for: User ("65534:65534")
	// replaces the image's user; with Writable, a list of paths that may be empty, the root file
	// system is read-only but for these (in memory) and the Volume. nil leaves it writable.
	User     string
	Writable []string
	// Settings of a native backend in the configuration: Env.Settings.
	Settings map[string]string

	Protocols []aws.Protocol // that it speaks; nil for all of its services'
	Account   AccountMode
	Region    string // the only region it knows; "" where it takes the caller's
	Sign      Signing
	// Names are the account and region that it writes into ARNs and URLs where these are not the
	// call's; both ways they are exchanged for the call's. Zero: Account.Fixed and Region.
	Names Names
	// Lenient says that it does not check requests against the model of its API; the gateway then does.
	Lenient bool
	// Chunked says that it takes bodies in aws-chunked framing without signatures, with trailers.
	// Others get what is framed.
	Chunked bool

	// Delivers says that it acts on other services by itself when configuration tells it to.
	Delivers bool
	// Effects lists operations ("cloudformation:CreateStack") whose effect lies in another service:
	// refused until glue of our own performs them.
	Effects []string
	// Missing lists operations ("s3:PutBucketNotificationConfiguration", "s3:*Analytics*") that it
	// does not have; they are answered with 501 without asking it. Operations, where it is not nil,
	// lists what it has instead ("dynamodb:PutItem"); all else is missing.
	Missing, Operations []string
}

// Probe tells when a backend is ready to take calls.
type Probe struct {
	Path    string        // HTTP: GET answers below 500; "" for TCP
	Command []string      // run inside; overrides Path
	Timeout time.Duration // 0 for one minute
}

// AccountMode is how a backend learns the account of a call. The zero value is by access key.
type AccountMode struct {
	Header   string // name of a header that carries it
	Fixed    string // the only account it knows
	Instance bool   // one instance of the backend an account and region
	// Admit makes an account known to the backend, which is reached by the round tripper, and returns
	// the key pair that it has there. It is called before the first call of an account, and again
	// where the backend was started anew; an account that is known already is no error. nil for none.
	Admit func(ctx context.Context, backend http.RoundTripper, account string) (Signing, error)
}

// Names are the words of a backend for the account and the region of every call; "" for the call's own.
type Names struct{ Account, Region string }

// Signing is the key pair that a backend which checks signatures accepts; zero where it does not check.
type Signing struct{ AccessKey, SecretKey, Region string }

// Native is a running native backend. RoundTrip answers one call, whose aws.Call is in the request's
// context; it must not keep the request after the answer's body is closed. Safe for concurrent use.
// Close ends its goroutines and flushes its state.
type Native interface {
	http.RoundTripper
	io.Closer
}

// Backend is a running backend as the gateway sees it.
type Backend struct {
	http.RoundTripper        // takes the call's request; its URL's host does not matter
	Image             *Image // what the backend is and what its habits are
	Name              string // for logs and messages: the catalog name, or the reference, command or address
}

// Resetter is a Native that can forget all of its state at once.
type Resetter interface{ Reset() error }

// Env is what a native backend gets from whoever starts it.
type Env struct {
	// Dir is a directory of its own. With Persist it survives restarts; without, it is empty at the
	// start and is removed after Close by whoever made it.
	Dir      string
	Persist  bool
	Log      *slog.Logger
	Clock    *clock.Clock
	Settings map[string]string // of the backend in the configuration; unknown keys are an error
}
