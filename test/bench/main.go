// Command bench measures localcloud against a ceiling: a bare net/http handler that reads the same
// requests and answers them with the same bytes, driven by the same load generator in the same run.
// It prints a Markdown table of ratios. The workloads are those of package load.
//
//	go run ./test/bench [-only sqs] [-duration 3s] [-subject moto=127.0.0.1:5000]
//
// main.go is the run, subject.go what is measured, ceiling.go and direct.go the servers that the
// command runs as children of itself, table.go the output, soak.go a long run that watches memory.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"time"

	"localcloud/test/load"
)

// options are the flags of the command.
type options struct {
	binary      string
	only        *regexp.Regexp
	duration    time.Duration
	rounds      int
	connections int
	docker      bool
	moto        bool
	subjects    []string
	soak        bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) == 3 && os.Args[1] == "child" { // see child.go
		exit(serveChild(os.Args[2]))
		return
	}
	exit(run(ctx, parse()))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parse() options {
	o := options{}
	var only string
	flag.StringVar(&o.binary, "binary", "bin/localcloud", "the localcloud to measure")
	flag.StringVar(&only, "only", "", "measure the workloads whose name matches this expression")
	flag.DurationVar(&o.duration, "duration", 2*time.Second, "time of one measurement")
	flag.IntVar(&o.rounds, "rounds", 3, "measurements of each subject, in turn; the best counts")
	flag.IntVar(&o.connections, "connections", 8, "connections of the load generator")
	flag.BoolVar(&o.docker, "docker", false, "measure the docker runtime too")
	flag.BoolVar(&o.moto, "moto", false, "measure the installed moto_server too")
	flag.BoolVar(&o.soak, "soak", false, "run load for a long time and watch memory instead")
	flag.Func("subject", "also measure what answers at NAME=HOST:PORT; may be repeated", func(s string) error {
		if !strings.Contains(s, "=") {
			return fmt.Errorf("%q is not NAME=HOST:PORT", s)
		}
		o.subjects = append(o.subjects, s)
		return nil
	})
	flag.Parse()
	var err error
	if o.only, err = regexp.Compile("(?i)" + only); err != nil {
		exit(err)
	}
	return o
}

// run measures each workload on each subject.
func run(ctx context.Context, o options) error {
	subjects, end, err := startSubjects(ctx, o)
	defer end()
	if err != nil {
		return err
	}
	if o.soak {
		return soak(ctx, o, subjects[0])
	}
	fmt.Printf("%s/%s, %d CPUs, %s, %d connections, best of %d times %v; calls a second, and their part of the ceiling\n\n",
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), o.connections, o.rounds, o.duration)
	table := newTable(subjects)
	for _, w := range load.Workloads() {
		if !o.only.MatchString(w.Name) {
			continue
		}
		if err := measure(ctx, o, w, subjects, table); err != nil {
			return err
		}
	}
	table.footer()
	return ctx.Err()
}

// measure drives one workload on the ceiling and the subjects in turn, several times.
func measure(ctx context.Context, o options, w load.Workload, subjects []*subject, table *table) error {
	ceiling, err := startCeiling(ctx, w, subjects)
	if err != nil {
		table.skip(w, err)
		return ctx.Err()
	}
	defer ceiling.stop()
	all := append([]*subject{ceiling}, subjects...)
	best := make([]outcome, len(all))
	errs := make([]error, len(all))
	for range o.rounds {
		for i, s := range all {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if s.skips(w) || errs[i] != nil {
				continue
			}
			result, err := once(ctx, o, w, s)
			if errs[i] = err; err == nil && result.Rate() > best[i].Rate() {
				result.cpu = min(result.cpu, or(best[i].cpu, result.cpu))
				best[i] = result
			}
		}
	}
	table.row(w, best, errs)
	return nil
}

// outcome is what one subject has shown.
type outcome struct {
	load.Result
	cpu time.Duration // of the server, for one call; 0 where it cannot be told
}

// once drives a workload on one subject.
func once(ctx context.Context, o options, w load.Workload, s *subject) (outcome, error) {
	if err := load.Prepare(ctx, w, s.address); err != nil {
		return outcome{}, err
	}
	before := cpuTime(s.pid)
	result, err := load.Run(ctx, w, load.Options{Address: s.address, Connections: o.connections, Duration: o.duration})
	if err == nil && result.Errors > result.Iterations/100 {
		err = fmt.Errorf("%d errors: %w", result.Errors, result.First)
	}
	out := outcome{Result: result}
	if result.Total > 0 {
		out.cpu = (cpuTime(s.pid) - before) / time.Duration(result.Total*w.Calls)
	}
	return out, err
}

func or(a, b time.Duration) time.Duration {
	if a != 0 {
		return a
	}
	return b
}
