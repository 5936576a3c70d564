package catalog

import (
	"time"

	"localcloud/images"
)

// Choice is how a configuration names the backend of a service. Of Name, Entry, Image, Command and
// Address at least one is set; the rest describes or changes the image.
type Choice struct {
	// Name is the short form: a catalog name, "native", an image reference (with a "/", ":" or "@")
	// or an address ("http://...").
	Name string

	Entry   string   // catalog name whose settings are used, with another Image or Command
	Image   string   // image reference
	Command []string // program of this machine; {port} and {dir} are replaced
	Address string   // of a backend that already runs

	Args         []string
	Port         int
	Probe        string        // path of an HTTP probe
	ProbeCommand []string      // command probe, instead
	ProbeTimeout time.Duration // 0 for one minute
	Env          map[string]string
	Volume       string
	Memory       int64             // bytes
	Services     []string          // that it answers, besides the one that it is chosen for
	Account      string            // "key", "header:NAME", "fixed:ID" or "instance"
	Region       string            // the only one it knows
	Sign         *images.Signing   // keys, where it checks signatures
	Protocols    []string          // by the names of aws.ParseProtocol
	Delivers     *bool             // it acts on other services by itself
	Settings     map[string]string // of a native backend
}

// Resolve turns the choices of a configuration, by service name and "*", into the image of every
// service that has one; "*" stands for all others. Services that one backend answers share its image.
// An error names the service and what is wrong.
func Resolve(choices map[string]Choice) (map[string]*images.Image, error) { panic("not written") }
