package config

import (
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

const defaultPort = "4566"

// Options says where a configuration comes from.
type Options struct {
	// File is the path of the file; "" for LOCALCLOUD_FILE, else the nearest localcloud.yaml in Folder
	// or above it, else none. "-" for none.
	File   string
	Folder string         // the working directory
	Flags  *pflag.FlagSet // flags with the names of settings; nil for none
	Known  Known
}

// Load reads, merges and checks. An unusable configuration is an *Error that names every problem.
func Load(o Options) (*Config, error) {
	c := &Config{Folder: o.Folder}
	f, err := c.read(o)
	if err != nil {
		return nil, err
	}
	derived, fromEnv, notes := fromLocalStack(os.Environ(), o.Known)
	c.Notes = notes
	m, err := merge(f, derived, o.Flags)
	if err != nil {
		return nil, err
	}
	v := validator{merged: m, file: f, known: o.Known}
	v.names(c)
	v.gateway(c)
	v.services(c)
	v.backends(c, fromEnv)
	v.behaviour(c)
	if len(v.problems) > 0 {
		return nil, &Error{Problems: v.problems}
	}
	return c, nil
}

// read finds and decodes the file and sets where it lies.
func (c *Config) read(o Options) (*file, error) {
	path := o.File
	if path == "" {
		path = os.Getenv("LOCALCLOUD_FILE")
	}
	if path == "" {
		path = Find(o.Folder)
	}
	if path == "" || path == "-" {
		return new(file), nil
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(o.Folder, path)
	}
	c.File, c.Folder = path, filepath.Dir(path)
	return readFile(path)
}

// validator gathers the problems of a configuration.
type validator struct {
	merged
	file     *file
	known    Known
	problems []string
}

func (v *validator) problem(format string, args ...any) {
	v.problems = append(v.problems, fmt.Sprintf(format, args...))
}

var projectName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,40}$`)

// names sets the project's name.
func (v *validator) names(c *Config) {
	c.Project = v.text("project")
	switch {
	case c.Project == "" && c.File == "":
		c.Project = "default"
	case c.Project == "":
		c.Project = nameOfFolder(c.Folder)
	case !projectName.MatchString(c.Project):
		v.problem("project %q: want small letters, digits, - and _, at most 41, a letter or digit first", c.Project)
	}
}

// nameOfFolder makes a folder's name into a project's name.
func nameOfFolder(folder string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, strings.ToLower(filepath.Base(folder)))
	name = strings.TrimLeft(name, "-_")
	if name = name[:min(len(name), 41)]; name == "" {
		return "default"
	}
	return name
}

// gateway sets where the gateway listens and what it calls itself.
func (v *validator) gateway(c *Config) {
	listen := v.list("listen")
	if len(listen) == 0 {
		listen = []string{defaultListen()}
	}
	for _, text := range listen {
		address, err := parseListen(text)
		if err != nil {
			v.problem("listen %q: %v", text, err)
			continue
		}
		if !slices.Contains(c.Listen, address) {
			c.Listen = append(c.Listen, address)
		}
	}
	c.ClassicPorts = v.boolean("classic-ports")
	if c.Host = v.text("host"); strings.ContainsAny(c.Host, "/ @") {
		v.problem("host %q: want a host name, with :port or without", c.Host)
	}
	c.CORSOrigins, c.NoCORS = v.list("cors-origins"), v.boolean("no-cors")
	c.QueueURLs = v.choice("queue-urls", "dynamic", "standard", "domain", "path", "off")
}

// defaultListen is loopback, or everything where localcloud is itself the container that people reach.
func defaultListen() string {
	if os.Getenv("LOCALCLOUD_CONTAINER") != "" {
		return "0.0.0.0:" + defaultPort
	}
	return "127.0.0.1:" + defaultPort
}

// parseListen takes the forms of LocalStack: "ip:port", ":port", "ip", "[v6]:port", and a port alone.
func parseListen(text string) (string, error) {
	host, port := text, defaultPort
	if _, err := strconv.Atoi(text); err == nil {
		host, port = "127.0.0.1", text
	} else if h, p, err := net.SplitHostPort(text); err == nil {
		host, port = h, p
	}
	host = strings.Trim(host, "[]")
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return "", fmt.Errorf("port %q: want a number up to 65535", port)
	}
	if host == "" {
		host = "0.0.0.0"
	}
	if host != "localhost" && net.ParseIP(host) == nil {
		return "", fmt.Errorf("%q is no IP address", host)
	}
	return net.JoinHostPort(host, port), nil
}

// composites are names that LocalStack takes for several services.
var composites = map[string][]string{
	"serverless": {"cloudformation", "cloudwatch", "iam", "sts", "lambda", "dynamodb", "apigateway", "s3"},
	"cognito":    {"cognito-idp", "cognito-identity"},
	"timestream": {"timestream-query", "timestream-write"},
}

// services sets what is started at once. A port behind a name, as LocalStack had it, is passed over.
func (v *validator) services(c *Config) {
	c.Strict, c.Eager = v.boolean("strict"), v.boolean("eager")
	for _, item := range v.list("services") {
		name := item
		if i := strings.IndexAny(item, ":="); i >= 0 {
			name = item[:i]
		}
		names := composites[name]
		if names == nil {
			names = []string{name}
		}
		for _, name := range names {
			if !slices.Contains(v.known.Services, name) {
				v.problem("unknown service %q%s", name, suggestion(name, v.known.Services))
			} else if !slices.Contains(c.Services, name) {
				c.Services = append(c.Services, name)
			}
		}
	}
	if c.Strict && len(c.Services) == 0 {
		c.Strict = false
		c.Notes = append(c.Notes, "strict has no effect: no services are listed, so all are allowed")
	}
}

// backends sets the backend of each service: of the file, over it those of the environment, over
// them those of the command line.
func (v *validator) backends(c *Config, fromEnv map[string]string) {
	all := maps.Clone(v.file.Backends)
	if all == nil {
		all = make(map[string]fileBackend)
	}
	for service, address := range fromEnv {
		all[service] = fileBackend{Address: address}
	}
	for _, text := range v.list("backend") {
		service, b, err := parseBackend(text)
		if err != nil {
			v.problem("%v", err)
			continue
		}
		all[service] = b
	}
	for _, service := range slices.Sorted(maps.Keys(all)) {
		if service != "*" && !slices.Contains(v.known.Services, service) {
			v.problem("backends: unknown service %q%s", service, suggestion(service, v.known.Services))
			continue
		}
		b := all[service]
		checked, err := b.check(service, v.known)
		if err != nil {
			v.problem("backends: %s: %v", service, err)
			continue
		}
		if c.Backends == nil {
			c.Backends = make(map[string]Backend)
		}
		c.Backends[service] = checked
	}
}

// behaviour sets how localcloud goes about its work.
func (v *validator) behaviour(c *Config) {
	c.Runtime = v.choice("runtime", "auto", "docker", "local")
	c.Persistence = v.boolean("persistence")
	c.Signatures = v.choice("signatures", "ignore", "verify")
	c.Log = v.level()
}

func (v *validator) boolean(name string) bool {
	value, ok := v.truth(name)
	if !ok {
		v.problem("%s %q: want true or false", name, v.text(name))
	}
	return value
}

func (v *validator) choice(name string, choices ...string) string {
	value := v.text(name)
	if !slices.Contains(choices, value) {
		v.problem("%s %q: want %s or %s", name, value, strings.Join(choices[:len(choices)-1], ", "), choices[len(choices)-1])
	}
	return value
}

// level takes LocalStack's names of levels as well.
func (v *validator) level() string {
	switch value := strings.ToLower(v.text("log")); value {
	case "trace", "trace-internal":
		return "debug"
	case "warning":
		return "warn"
	case "debug", "info", "warn", "error":
		return value
	default:
		return v.choice("log", "debug", "info", "warn", "error")
	}
}

// Name is the project's name without a look at the rest of the configuration, for commands that must
// work whatever it says. The file is the one of the project, "" for none.
func Name(o Options) (name string, err error) {
	c := &Config{Folder: o.Folder}
	f, err := c.read(o)
	if err != nil && (o.Flags == nil || !o.Flags.Changed("project")) && os.Getenv("LOCALCLOUD_PROJECT") == "" {
		return "", err
	}
	if f == nil {
		f = new(file)
	}
	m, err := merge(f, nil, o.Flags)
	if err != nil {
		return "", err
	}
	v := validator{merged: m, file: f}
	if v.names(c); len(v.problems) > 0 {
		return "", &Error{Problems: v.problems}
	}
	return c.Project, nil
}
