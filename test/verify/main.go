// Command localcloud-verify runs the conformance suite of a service against backends and prints what
// passes, side by side with the native one. It is a program of its own so that the clients which the
// suites use do not swell localcloud; `localcloud verify` starts it.
//
// The suites are the test programs of test/conformance, built beside it (make suites). One more suite
// is a package there and a line in suites.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
)

const usage = `usage: localcloud-verify [flags] [SERVICE...]

Runs the conformance suite of each service against its native backend and those that --backend names.

`

// options are what a run is asked for.
type options struct {
	services   []string
	backends   map[string][]string // by service
	matrix     bool
	runtime    string
	localcloud string // the executable
	suites     string // the folder of the suites' programs
	asJSON     bool
	markdown   string // file that gets the tables
	only       string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		err = run(ctx, o, os.Stdout, os.Stderr)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "localcloud-verify:", err)
		os.Exit(1)
	}
}

func parse(args []string) (*options, error) {
	o := &options{backends: make(map[string][]string)}
	beside := "."
	if self, err := os.Executable(); err == nil {
		beside = filepath.Dir(self)
	}
	flags := flag.NewFlagSet("localcloud-verify", flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	flags.Func("backend", "`SERVICE=BACKEND` to run the suite against; may be repeated", func(text string) error {
		service, backend, ok := strings.Cut(text, "=")
		if !ok || service == "" || backend == "" {
			return errors.New("want SERVICE=BACKEND")
		}
		o.backends[service] = append(o.backends[service], backend)
		return nil
	})
	flags.BoolVar(&o.matrix, "matrix", false, "every service that has a suite, with every backend of the catalog that answers it")
	flags.StringVar(&o.runtime, "runtime", "local", "where backends run: local or docker")
	flags.StringVar(&o.localcloud, "localcloud", filepath.Join(beside, "localcloud"), "the localcloud to test")
	flags.StringVar(&o.suites, "suites", filepath.Join(beside, "conformance"), "the folder of the suites' programs")
	flags.BoolVar(&o.asJSON, "json", false, "print JSON")
	flags.StringVar(&o.markdown, "markdown", "", "also write the tables into this `file`, between its marks")
	flags.StringVar(&o.only, "only", "", "run only these backends (names with commas)")
	// Flags may stand behind services.
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		args = flags.Args()
		if len(args) > 0 {
			o.services, args = append(o.services, args[0]), args[1:]
		}
	}
	return o, o.complete()
}

// complete checks what was asked for and fills in what follows from it.
func (o *options) complete() error {
	if o.matrix {
		for _, s := range suites {
			o.services = append(o.services, s.Service)
			o.backends[s.Service] = s.Backends
		}
	}
	for service := range o.backends {
		if !slices.Contains(o.services, service) {
			o.services = append(o.services, service)
		}
	}
	if len(o.services) == 0 {
		return fmt.Errorf("name a service: %s", strings.Join(services(), ", "))
	}
	for _, service := range o.services {
		if suiteOf(service) == nil {
			return fmt.Errorf("there is no suite of %s, but of %s", service, strings.Join(services(), ", "))
		}
	}
	return nil
}

// run runs everything and prints it.
func run(ctx context.Context, o *options, stdout, stderr io.Writer) error {
	var all []*comparison
	for _, service := range o.services {
		c := &comparison{Service: service}
		for _, backend := range o.columns(service) {
			fmt.Fprintf(stderr, "%s: %s ...\n", service, backend)
			result := verify(ctx, o, suiteOf(service), backend)
			c.Results = append(c.Results, result)
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		all = append(all, c)
		if !o.asJSON {
			c.print(stdout)
		}
	}
	if o.asJSON {
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(all); err != nil {
			return err
		}
	}
	if o.markdown != "" {
		return writeMarkdown(o.markdown, o.runtime, all)
	}
	return nil
}

// columns are the backends that a suite is run against: the native one first.
func (o *options) columns(service string) []string {
	var list []string
	if suiteOf(service).Native {
		list = append(list, "native")
	}
	for _, backend := range o.backends[service] {
		if !slices.Contains(list, backend) && (o.only == "" || slices.Contains(strings.Split(o.only, ","), backend)) {
			list = append(list, backend)
		}
	}
	return list
}
