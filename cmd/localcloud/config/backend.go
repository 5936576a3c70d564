package config

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"localcloud/gateway/aws"
)

// fileBackend is one entry under "backends": a string (a catalog name, an image reference, an address,
// "native", or "none" for a service that is refused), a list (a command of this machine) or a mapping.
type fileBackend struct {
	Entry    string            `yaml:"entry"`
	Image    string            `yaml:"image"`
	Command  []string          `yaml:"command"`
	Address  string            `yaml:"address"`
	Args     []string          `yaml:"args"`
	Port     int               `yaml:"port"`
	Probe    *Probe            `yaml:"probe"`
	Env      map[string]string `yaml:"env"`
	Volume   string            `yaml:"volume"`
	Memory   string            `yaml:"memory"`
	Services []string          `yaml:"services"`
	Settings map[string]string `yaml:"settings"`

	Account   string   `yaml:"account"`
	Region    string   `yaml:"region"`
	Sign      *Keys    `yaml:"sign"`
	Protocols []string `yaml:"protocols"`
	Delivers  *bool    `yaml:"delivers"`
}

// UnmarshalYAML takes the three forms.
func (b *fileBackend) UnmarshalYAML(unmarshal func(any) error) error {
	var word string
	if unmarshal(&word) == nil {
		b.setWord(word)
		return nil
	}
	var command []string
	if unmarshal(&command) == nil {
		b.Command = command
		return nil
	}
	type mapping fileBackend
	return unmarshal((*mapping)(b))
}

// setWord takes the string form: by its shape an address, an image reference or a name.
func (b *fileBackend) setWord(word string) {
	switch {
	case strings.Contains(word, "://"):
		b.Address = word
	case strings.ContainsAny(word, "/:@"):
		b.Image = word
	default:
		b.Entry = word
	}
}

// parseBackend reads SERVICE=BACKEND as the flag --backend has it.
func parseBackend(text string) (service string, b fileBackend, err error) {
	service, value, ok := strings.Cut(text, "=")
	if !ok || service == "" || value == "" {
		return "", b, fmt.Errorf("--backend %s: want SERVICE=BACKEND", text)
	}
	if value[0] != '[' && value[0] != '{' {
		b.setWord(value)
		return service, b, nil
	}
	var wrapped struct {
		Value fileBackend `yaml:"value"`
	}
	if err := yaml.UnmarshalWithOptions([]byte("value: "+value), &wrapped, yaml.Strict()); err != nil {
		return "", b, fmt.Errorf("--backend %s: %s", service, firstLine(err.Error()))
	}
	return service, wrapped.Value, nil
}

// check turns b into a Backend; service is the key it stands under.
func (b *fileBackend) check(service string, known Known) (Backend, error) {
	memory, err := parseBytes(b.Memory)
	if err != nil {
		return Backend{}, err
	}
	out := Backend{
		Image: b.Image, Command: b.Command, Address: b.Address, Args: b.Args, Port: b.Port, Probe: b.Probe,
		Env: b.Env, Volume: b.Volume, Memory: memory, Services: b.Services, Settings: b.Settings,
		Account: b.Account, Region: b.Region, Sign: b.Sign, Protocols: b.Protocols, Delivers: b.Delivers,
	}
	if b.Entry == "native" {
		out.Native = true
	} else {
		out.Entry = b.Entry
	}
	if err := out.checkKind(); err != nil {
		return Backend{}, err
	}
	if out.Native && service != "*" && !slices.Contains(known.Natives, service) {
		return Backend{}, fmt.Errorf("there is no native backend of %s; native are: %s", service, strings.Join(known.Natives, ", "))
	}
	if out.Entry != "" && out.Entry != "none" && !slices.Contains(known.Images, out.Entry) {
		return Backend{}, fmt.Errorf("unknown backend %q%s (`localcloud images list` names all)", out.Entry, suggestion(out.Entry, known.Images))
	}
	for _, s := range out.Services {
		if s != "*" && !slices.Contains(known.Services, s) {
			return Backend{}, fmt.Errorf("unknown service %q%s", s, suggestion(s, known.Services))
		}
	}
	return out, out.checkValues()
}

// checkKind tests that exactly one kind of backend is named; an entry may have another image or command.
func (b *Backend) checkKind() error {
	kinds := 0
	for _, set := range [...]bool{b.Native, b.Image != "", len(b.Command) > 0, b.Address != ""} {
		if set {
			kinds++
		}
	}
	switch {
	case kinds == 0 && b.Entry == "":
		return fmt.Errorf("one of entry, image, command and address is needed")
	case kinds > 1, b.Entry != "" && (b.Native || b.Address != ""):
		return fmt.Errorf("image, command, address and native exclude one another, and entry goes with image or command only")
	}
	return nil
}

func (b *Backend) checkValues() error {
	if b.Address != "" {
		u, err := url.Parse(b.Address)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return fmt.Errorf("address %q: want http://host:port or https://host:port", b.Address)
		}
	}
	if b.Port < 0 || b.Port > 65535 {
		return fmt.Errorf("port %d: want 1 to 65535", b.Port)
	}
	if b.Probe != nil && b.Probe.Seconds < 0 {
		return fmt.Errorf("probe: seconds: %d is negative", b.Probe.Seconds)
	}
	if b.Volume != "" && b.Volume[0] != '/' {
		return fmt.Errorf("volume %q: want an absolute path inside the container", b.Volume)
	}
	if err := b.checkAccount(); err != nil {
		return err
	}
	for _, name := range b.Protocols {
		if _, ok := aws.ParseProtocol(name); !ok {
			return fmt.Errorf("unknown protocol %q: want query, ec2, json-1.0, json-1.1, rest-json, rest-xml or rpc-v2-cbor", name)
		}
	}
	if len(b.Settings) > 0 && (b.Image != "" || len(b.Command) > 0 || b.Address != "") {
		return fmt.Errorf("settings are for native backends; env is for others")
	}
	return nil
}

// checkAccount tests how the backend learns the account of a call.
func (b *Backend) checkAccount() error {
	kind, value, _ := strings.Cut(b.Account, ":")
	switch {
	case b.Account == "", b.Account == "key", b.Account == "instance":
	case kind == "header" && value != "":
	case kind == "fixed" && len(value) == 12 && strings.Trim(value, "0123456789") == "":
	default:
		return fmt.Errorf("account %q: want key, instance, header:NAME or fixed:123456789012", b.Account)
	}
	return nil
}

// parseBytes reads a size: "268435456", "256MiB", "256m", "1GB"; "" is 0. All units are powers of 1024.
func parseBytes(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	digits := strings.TrimRight(text, "BbIiKkMmGgTt ")
	unit := strings.ToLower(strings.TrimSpace(text[len(digits):]))
	shift, ok := map[string]int{"": 0, "b": 0, "k": 10, "kb": 10, "kib": 10, "m": 20, "mb": 20, "mib": 20, "g": 30, "gb": 30, "gib": 30, "t": 40, "tb": 40, "tib": 40}[unit]
	n, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || n <= 0 || n > (1<<62)>>shift {
		return 0, fmt.Errorf("memory %q: want a size like 256MiB", text)
	}
	return n << shift, nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
