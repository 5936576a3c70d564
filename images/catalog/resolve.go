package catalog

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"localcloud/images"
)

// Choice is how a configuration names the backend of a service. Of Name, Entry, Image, Command and
// Address at least one is set; the rest describes or changes the image.
type Choice struct {
	// Name is the short form: a catalog name, "native", "none" (calls are refused), an image reference
	// (with a "/", ":" or "@") or an address ("http://...").
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
// service that has one; "*" stands for all others, and a nil image for a service that is refused.
// Services that one backend answers share its image. A service that the configuration does not name
// goes to the catalog's default, but follows the service whose backend answers it by default:
// dynamodbstreams goes where dynamodb goes. An error names the service and what is wrong.
func Resolve(choices map[string]Choice) (map[string]*images.Image, error) {
	r := &resolver{entries: entries(), result: map[string]*images.Image{}}
	services := slices.Sorted(maps.Keys(choices))
	for _, service := range services {
		image, err := r.image(service, choices[service])
		if err != nil {
			return nil, fmt.Errorf("backend of %s: %w", service, err)
		}
		r.result[service] = image
	}
	for _, service := range services {
		r.follow(service, choices[service].Services)
	}
	r.fill()
	return r.result, nil
}

// resolver resolves the choices of one configuration.
type resolver struct {
	entries []*images.Image
	result  map[string]*images.Image
	made    []made
}

// made is an image that a choice has led to.
type made struct {
	choice Choice
	image  *images.Image
}

// image is the image that a choice means. Equal choices share it.
func (r *resolver) image(service string, c Choice) (*images.Image, error) {
	c, err := c.expand()
	if err != nil || c.Name == "none" {
		return nil, err
	}
	base, err := r.base(service, c)
	if err != nil {
		return nil, err
	}
	if c.plain() {
		return base, nil
	}
	for _, m := range r.made {
		if reflect.DeepEqual(m.choice, c) {
			return m.image, nil
		}
	}
	image := *base
	if err := c.apply(&image); err != nil {
		return nil, err
	}
	if c.Address != "" && c.Entry == "" {
		image.Name = service
	}
	image.Name = r.unique(image.Name, service)
	r.made = append(r.made, made{c, &image})
	return &image, nil
}

// base is the entry that a choice builds on; an empty image for one that the user describes.
func (r *resolver) base(service string, c Choice) (*images.Image, error) {
	switch {
	case c.Name == "native":
		return r.native(service)
	case c.Entry != "":
		return r.entry(service, c.Entry)
	case c.Image != "":
		for _, e := range r.entries {
			if e.Reference != "" && repository(e.Reference) == repository(c.Image) {
				return e, nil
			}
		}
		return &images.Image{Name: nameOf(repository(c.Image)), Services: []string{service}}, nil
	case len(c.Command) > 0:
		return &images.Image{Name: nameOf(c.Command[0]), Services: []string{service}}, nil
	default:
		return &images.Image{Services: []string{service}}, nil
	}
}

func (r *resolver) native(service string) (*images.Image, error) {
	var known []string
	for _, e := range r.entries {
		if e.New == nil {
			continue
		}
		if slices.Contains(e.Services, service) {
			return e, nil
		}
		known = append(known, e.Services...)
	}
	return nil, fmt.Errorf("there is no native backend of %s, but of %s", service, list(known))
}

func (r *resolver) entry(service, name string) (*images.Image, error) {
	var known []string
	for _, e := range r.entries {
		known = append(known, e.Name)
		if e.Name != name {
			continue
		}
		if service != "*" && !slices.Contains(e.Services, service) && !slices.Contains(e.Services, "*") {
			return nil, fmt.Errorf("%s does not answer %s, but %s", name, service, list(e.Services))
		}
		return e, nil
	}
	if near := nearest(name, known); near != "" {
		return nil, fmt.Errorf("no backend is called %q; did you mean %q?", name, near)
	}
	return nil, fmt.Errorf("no backend is called %q; there are %s", name, list(known))
}

// unique is a name that no other backend has.
func (r *resolver) unique(name, service string) string {
	taken := func(name string) bool {
		return slices.ContainsFunc(r.made, func(m made) bool { return m.image.Name == name }) ||
			slices.ContainsFunc(slices.Collect(maps.Values(r.result)), func(i *images.Image) bool { return i != nil && i.Name == name })
	}
	if taken(name) && service != "*" {
		name += "-" + service
	}
	for i, base := 2, name; taken(name); i++ {
		name = fmt.Sprintf("%s-%d", base, i)
	}
	return name
}

// follow gives services that were not chosen for the backend of one that was: those that the user
// lists, and those that go with it by default. One that its backend does not answer is refused, since
// what it would be about is not in the default's hands.
func (r *resolver) follow(service string, also []string) {
	image := r.result[service]
	for _, other := range also {
		if _, chosen := r.result[other]; !chosen {
			r.result[other] = image
		}
	}
	if image != nil && service != "*" {
		for _, other := range image.Services { // what nobody else answers
			if _, chosen := r.result[other]; !chosen && other != "*" && r.home(other) == nil {
				r.result[other] = image
			}
		}
	}
	home := r.home(service)
	if home == nil || home == image {
		return
	}
	for _, other := range home.Services {
		if _, chosen := r.result[other]; chosen {
			continue
		}
		r.result[other] = nil
		if image != nil && (slices.Contains(image.Services, other) || slices.Contains(image.Services, "*")) {
			r.result[other] = image
		}
	}
}

// home is the entry that answers a service by default; nil where only "*" does.
func (r *resolver) home(service string) *images.Image {
	if service == "*" {
		return nil
	}
	for _, e := range r.entries {
		if slices.Contains(e.Services, service) && !e.Alternative {
			return e
		}
	}
	return nil
}

// fill gives every service that is left to the catalog's default.
func (r *resolver) fill() {
	for _, e := range r.entries {
		if e.Alternative {
			continue
		}
		for _, service := range e.Services {
			if _, chosen := r.result[service]; chosen {
				continue
			}
			r.result[service] = r.distinct(e, service)
		}
	}
}

// distinct is the entry, under another name where a changed copy of it has taken its own.
func (r *resolver) distinct(e *images.Image, service string) *images.Image {
	if other := r.named(e.Name); other == nil || other == e {
		return e
	}
	if service == "*" {
		service = "default"
	}
	copied := *e
	copied.Name = r.unique(e.Name, service)
	return &copied
}

func (r *resolver) named(name string) *images.Image {
	for _, image := range r.result {
		if image != nil && image.Name == name {
			return image
		}
	}
	return nil
}
