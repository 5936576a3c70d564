package orchestrator

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"localcloud/images"
)

// unit is one backend that is desired: an image, the services it answers and where it runs.
type unit struct {
	image    *images.Image
	services []string // ordered; "*" among them for the fallback
	runtime  Runtime  // nil for an address, and where missing is set
	missing  error    // why no runtime takes it
	start    bool     // at once
	fetch    bool     // its image, at once
	persist  bool
}

// spec is the instance of the unit for an account and region; both are "" unless it has one for each.
func (u *unit) spec(account, region string) Spec {
	s := Spec{Name: u.image.Name, Image: u.image, Persist: u.persist}
	if u.image.Account.Instance {
		s.Name, s.Account, s.Region = instanceName(u.image.Name, account, region), account, region
	}
	return s
}

func (u *unit) runtimeName() string {
	switch {
	case u.image.Address != "":
		return "address"
	case u.runtime != nil:
		return u.runtime.Name()
	default:
		return "none"
	}
}

func (u *unit) source() string { return Source(u.image, u.runtimeName()) }

// units lists the backends of what is desired, ordered by name.
func units(desired Desired, runtimes []Runtime) ([]*unit, error) {
	byImage := map[*images.Image]*unit{}
	byName := map[string]*unit{}
	for service, image := range desired.Images {
		if image == nil {
			continue
		}
		u := byImage[image]
		if u == nil {
			if other := byName[image.Name]; other != nil {
				return nil, fmt.Errorf("two different backends are called %s: of %s and of %s", image.Name, other.services[0], service)
			}
			u = &unit{image: image, persist: desired.Persist}
			u.runtime, u.missing = place(image, runtimes)
			byImage[image], byName[image.Name] = u, u
		}
		u.services = append(u.services, service)
	}
	for _, service := range desired.Start {
		if image := imageOf(desired, service); image != nil {
			byImage[image].start = true
		}
	}
	for _, service := range desired.Fetch {
		if image := imageOf(desired, service); image != nil {
			byImage[image].fetch = true
		}
	}
	list := make([]*unit, 0, len(byImage))
	for _, u := range byImage {
		sort.Strings(u.services)
		list = append(list, u)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].image.Name < list[j].image.Name })
	return list, nil
}

// imageOf is the image of a service, or nil where it has none or is not to be had.
func imageOf(desired Desired, service string) *images.Image {
	if desired.Strict && !slices.Contains(desired.Start, service) {
		return nil
	}
	if image, named := desired.Images[service]; named {
		return image
	}
	return desired.Images["*"]
}

// place finds the runtime of an image: the first that takes it. An address needs none.
func place(image *images.Image, runtimes []Runtime) (Runtime, error) {
	if image.Address != "" {
		return nil, nil
	}
	var reasons []string
	for _, r := range runtimes {
		err := r.Takes(image)
		if err == nil {
			return r, nil
		}
		reasons = append(reasons, err.Error())
	}
	return nil, fmt.Errorf("the backend %s cannot run here: %s", image.Name, strings.Join(reasons, "; "))
}
