// Package config turns localcloud.yaml, the environment and the command line into one validated
// configuration of plain values. Flags stand over the environment, the environment over the file, the
// file over the defaults. What it does not understand it refuses or reports; it ignores nothing.
//
// One more setting is a field of file (file.go), a line in settings (merge.go), a field of Config and
// its check in validate.go.
package config

import (
	"maps"
	"slices"
)

// Config is a validated configuration.
type Config struct {
	Project string `json:"project"`
	// File is the absolute path of the file that was read, "" for none; Folder is where relative
	// paths start.
	File   string `json:"file,omitempty"`
	Folder string `json:"folder"`

	Runtime string `json:"runtime"` // "auto", "docker" or "local"
	// Listen holds the addresses of the gateway, host:port each; the first one is the address that is
	// printed. Port 0 takes a free port.
	Listen       []string `json:"listen"`
	ClassicPorts bool     `json:"classic-ports,omitempty"`
	// Host is the host[:port] of addresses in answers; "" follows the name that the caller used.
	Host      string `json:"host,omitempty"`
	QueueURLs string `json:"queue-urls"` // "dynamic", "standard", "domain", "path" or "off"

	// Services are started at once, and with Strict nothing else is; Eager starts every service whose
	// backend is native.
	Services []string `json:"services,omitempty"`
	Strict   bool     `json:"strict,omitempty"`
	Eager    bool     `json:"eager,omitempty"`
	// Backends by service name, "*" for every service that has none of its own. A service that is not
	// here has the catalog's default.
	Backends map[string]Backend `json:"backends,omitempty"`

	// CORSOrigins are further origins that browsers may call from, "*" for all; NoCORS leaves CORS out.
	CORSOrigins []string `json:"cors-origins,omitempty"`
	NoCORS      bool     `json:"no-cors,omitempty"`

	Persistence bool   `json:"persistence,omitempty"`
	Signatures  string `json:"signatures"` // "ignore" or "verify"
	Log         string `json:"log"`        // "debug", "info", "warn" or "error"

	// Notes are sentences for the user: settings of LocalStack that have no meaning here.
	Notes []string `json:"-"`
}

// Backend says what answers the calls of a service. Exactly one of Native, Entry, Image, Command and
// Address is set, except that Image or Command may stand beside Entry: the entry's settings with
// another reference or program. The entry "none" refuses the service. The other fields, where they are
// set, override the entry's.
type Backend struct {
	Native  bool     `json:"native,omitempty"`
	Entry   string   `json:"entry,omitempty"`
	Image   string   `json:"image,omitempty"`
	Command []string `json:"command,omitempty"`
	Address string   `json:"address,omitempty"`

	Args     []string          `json:"args,omitempty"`
	Port     int               `json:"port,omitempty"`
	Probe    *Probe            `json:"probe,omitempty"`
	Env      map[string]string `json:"env,omitempty"`
	Volume   string            `json:"volume,omitempty"`
	Memory   int64             `json:"memory,omitempty"` // bytes
	Services []string          `json:"services,omitempty"`
	// Settings are passed to a native backend, which refuses those it does not know.
	Settings map[string]string `json:"settings,omitempty"`

	Account   string   `json:"account,omitempty"` // "key", "instance", "header:NAME", "fixed:ID"; "" for the entry's
	Region    string   `json:"region,omitempty"`  // the only one it knows
	Sign      *Keys    `json:"sign,omitempty"`
	Protocols []string `json:"protocols,omitempty"`
	Delivers  *bool    `json:"delivers,omitempty"` // it acts on other services by itself
}

// Keys are what a backend that checks signatures accepts.
type Keys struct {
	AccessKey string `json:"access-key" yaml:"access-key"`
	SecretKey string `json:"secret-key" yaml:"secret-key"`
	Region    string `json:"region,omitempty" yaml:"region"`
}

// Probe tells when a described backend is ready.
type Probe struct {
	Path    string   `json:"path,omitempty" yaml:"path"`
	Command []string `json:"command,omitempty" yaml:"command"`
	Seconds int      `json:"seconds,omitempty" yaml:"seconds"`
}

// Known is what names in a configuration are checked against.
type Known struct {
	Services []string // model names of all AWS services
	Images   []string // names of the catalog
	Natives  []string // those of Services that have a native backend
}

// Error is a configuration that cannot be used. Each problem is one line, where it can be with the
// file's name, line and column in front.
type Error struct{ Problems []string }

func (e *Error) Error() string {
	text := ""
	for i, problem := range e.Problems {
		if i > 0 {
			text += "\n"
		}
		text += problem
	}
	return text
}

// BackendNames returns the keys of c.Backends in order, "*" last.
func (c *Config) BackendNames() []string {
	names := slices.Sorted(maps.Keys(c.Backends))
	if len(names) > 0 && names[0] == "*" {
		names = append(names[1:], "*")
	}
	return names
}
