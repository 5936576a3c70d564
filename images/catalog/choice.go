package catalog

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/images"
)

// expand replaces the short form by what it stands for. "native" and "none" stay.
func (c Choice) expand() (Choice, error) {
	name := c.Name
	if name != "" && name != "native" && name != "none" {
		c.Name = ""
		switch {
		case strings.HasPrefix(name, "http://"), strings.HasPrefix(name, "https://"):
			c.Address = name
		case strings.ContainsAny(name, "/:@"):
			c.Image = name
		default:
			c.Entry = name
		}
	}
	switch c.Entry {
	case "native", "none":
		c.Name, c.Entry = c.Entry, ""
	}
	ways := 0
	for _, given := range []bool{c.Image != "", len(c.Command) > 0, c.Address != "", c.Name != ""} {
		if given {
			ways++
		}
	}
	switch {
	case ways > 1:
		return c, errors.New("give one of image, command, address and native")
	case ways == 0 && c.Entry == "":
		return c, errors.New("give an entry, an image, a command, an address or native")
	}
	return c, nil
}

// plain reports whether the choice changes nothing about the entry that it names.
func (c Choice) plain() bool {
	return c.Image == "" && len(c.Command) == 0 && c.Address == "" && len(c.Args) == 0 && c.Port == 0 &&
		c.Probe == "" && len(c.ProbeCommand) == 0 && c.ProbeTimeout == 0 && len(c.Env) == 0 && c.Volume == "" &&
		c.Memory == 0 && c.Account == "" && c.Region == "" && c.Sign == nil && len(c.Protocols) == 0 &&
		c.Delivers == nil && len(c.Settings) == 0
}

// apply changes the image as the choice says.
func (c Choice) apply(image *images.Image) error {
	if err := c.applySource(image); err != nil {
		return err
	}
	image.Services = append(slices.Clone(image.Services), c.Services...)
	if len(c.Args) > 0 {
		image.Args = c.Args
	}
	if c.Port < 0 || c.Port > 65535 {
		return fmt.Errorf("port %d is no port", c.Port)
	}
	if c.Port != 0 {
		image.Port = c.Port
	}
	c.applyProbe(image)
	if len(c.Env) > 0 {
		image.Env = maps.Clone(image.Env)
		if image.Env == nil {
			image.Env = map[string]string{}
		}
		maps.Copy(image.Env, c.Env)
	}
	if c.Volume != "" {
		if !path.IsAbs(c.Volume) {
			return fmt.Errorf("volume %q is no absolute path", c.Volume)
		}
		image.Volume = c.Volume
	}
	if c.Memory < 0 {
		return fmt.Errorf("memory %d is negative", c.Memory)
	}
	if c.Memory != 0 {
		image.Memory = c.Memory
	}
	if len(c.Settings) > 0 {
		if image.New == nil {
			return errors.New("settings are for native backends; use env")
		}
		image.Settings = c.Settings
	}
	return c.applyHabits(image)
}

// applySource changes where the image comes from.
func (c Choice) applySource(image *images.Image) error {
	if image.New != nil && (c.Image != "" || len(c.Command) > 0 || c.Address != "") {
		return fmt.Errorf("%s is native: it has no image, command or address", image.Name)
	}
	switch {
	case c.Image != "":
		image.Reference = c.Image
	case len(c.Command) > 0:
		image.Reference, image.Command = "", c.Command
		if c.Port == 0 && !strings.Contains(strings.Join(c.Command, " "), "{port}") && !hasPort(c.Env) {
			return errors.New("the command needs {port} where its port goes, or the backend a port")
		}
	case c.Address != "":
		u, err := url.Parse(c.Address)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("%q is no address: want http://host:port", c.Address)
		}
		image.Reference, image.Command, image.Address = "", nil, c.Address
	}
	return nil
}

func hasPort(env map[string]string) bool {
	for _, value := range env {
		if strings.Contains(value, "{port}") {
			return true
		}
	}
	return false
}

func (c Choice) applyProbe(image *images.Image) {
	if c.Probe != "" {
		image.Probe.Path, image.Probe.Command = c.Probe, nil
	}
	if len(c.ProbeCommand) > 0 {
		image.Probe.Command = c.ProbeCommand
	}
	if c.ProbeTimeout > 0 {
		image.Probe.Timeout = c.ProbeTimeout
	}
}

// applyHabits changes how the image is spoken to.
func (c Choice) applyHabits(image *images.Image) error {
	mode, value, _ := strings.Cut(c.Account, ":")
	switch {
	case c.Account == "":
	case c.Account == "key":
		image.Account = images.AccountMode{}
	case mode == "header" && value != "":
		image.Account = images.AccountMode{Header: value}
	case mode == "fixed" && isAccount(value):
		image.Account = images.AccountMode{Fixed: value}
	case c.Account == "instance":
		image.Account = images.AccountMode{Instance: true}
	default:
		return fmt.Errorf("account %q is none of key, header:NAME, fixed:ID (12 digits) and instance", c.Account)
	}
	if c.Region != "" {
		image.Region = c.Region
	}
	if c.Sign != nil {
		image.Sign = *c.Sign
	}
	if c.Delivers != nil {
		image.Delivers = *c.Delivers
	}
	if len(c.Protocols) > 0 {
		image.Protocols = nil
	}
	for _, name := range c.Protocols {
		protocol, ok := aws.ParseProtocol(name)
		if !ok {
			return fmt.Errorf("protocol %q is not known; there are query, ec2, json-1.0, json-1.1, rest-json, rest-xml and rpc-v2-cbor", name)
		}
		image.Protocols = append(image.Protocols, protocol)
	}
	return nil
}

func isAccount(id string) bool {
	return len(id) == 12 && strings.Trim(id, "0123456789") == ""
}
