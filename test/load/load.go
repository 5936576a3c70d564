// Package load drives a server that speaks AWS APIs with raw keep-alive HTTP/1.1 over plain
// connections: no SDK and no net/http stand in the way, so that what is measured is the server.
//
// What it can do stands in one table, Workloads. To add a workload, add a line there.
package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Options say how a workload is driven.
type Options struct {
	Address     string        // host:port
	Connections int           // 0 for 8
	Warm        time.Duration // not measured; 0 for half a second
	Duration    time.Duration // measured; 0 for three seconds
}

// patience is how long a connection goes on past the end when no iteration was done in time.
const patience = 20 * time.Second

// Result is what a run has shown. An iteration may be several calls (Workload.Calls).
type Result struct {
	Iterations int
	Total      int // with those of the warm-up
	Errors     int
	First      error // the first of the errors
	Elapsed    time.Duration
	P50, P99   time.Duration // of an iteration
}

// Rate is the iterations a second.
func (r Result) Rate() float64 {
	if r.Elapsed == 0 {
		return 0
	}
	return float64(r.Iterations) / r.Elapsed.Seconds()
}

// Run drives a workload, which must be prepared, on all connections at once until its time is over.
func Run(ctx context.Context, w Workload, o Options) (Result, error) {
	if o.Connections == 0 {
		o.Connections = 8
	}
	if o.Warm == 0 {
		o.Warm = 500 * time.Millisecond
	}
	if o.Duration == 0 {
		o.Duration = 3 * time.Second
	}
	begin := time.Now().Add(o.Warm)
	end := begin.Add(o.Duration)
	workers := make([]worker, o.Connections)
	var wait sync.WaitGroup
	for i := range workers {
		wait.Go(func() { workers[i].run(ctx, w, o.Address, i, begin, end) })
	}
	wait.Wait()
	return sum(workers, max(o.Duration, time.Since(begin)))
}

// Prepare makes what a workload needs.
func Prepare(ctx context.Context, w Workload, address string) error {
	if w.Prepare == nil {
		return nil
	}
	c, err := Dial(ctx, address)
	if err != nil {
		return err
	}
	if err := errors.Join(c.limit(time.Now().Add(callTimeout)), w.Prepare(c), c.Close()); err != nil {
		return fmt.Errorf("prepare %s: %w", w.Name, err)
	}
	return nil
}

// worker is one connection with what it has seen.
type worker struct {
	histogram histogram
	total     int
	errors    int
	first     error
}

func (w *worker) run(ctx context.Context, load Workload, address string, number int, begin, end time.Time) {
	c, err := Dial(ctx, address)
	if err != nil {
		w.errors, w.first = 1, err
		return
	}
	defer func() {
		if c != nil {
			c.Close()
		}
	}()
	if err := c.limit(end.Add(2 * patience)); err != nil {
		w.errors, w.first = 1, err
		return
	}
	iterate := load.Worker(number)
	for ctx.Err() == nil {
		start := time.Now()
		if start.After(end) && (w.histogram.count > 0 || start.After(end.Add(patience))) {
			return
		}
		err := iterate(c)
		if err == nil {
			w.total++
			if start.After(begin) {
				w.histogram.add(time.Since(start))
			}
			continue
		}
		w.errors++
		if w.first == nil {
			w.first = err
		}
		if w.errors > 1000 {
			return
		}
		var answered *StatusError
		if !errors.As(err, &answered) { // the connection is of no more use
			c.Close()
			if time.Now().After(end) {
				return
			}
			if c, err = Dial(ctx, address); err != nil || c.limit(end.Add(2*patience)) != nil {
				return
			}
		}
	}
}

func sum(workers []worker, elapsed time.Duration) (Result, error) {
	r := Result{Elapsed: elapsed}
	var all histogram
	for i := range workers {
		all.merge(&workers[i].histogram)
		r.Errors += workers[i].errors
		r.Total += workers[i].total
		if r.First == nil {
			r.First = workers[i].first
		}
	}
	r.Iterations = all.count
	r.P50, r.P99 = all.quantile(0.5), all.quantile(0.99)
	if r.Iterations == 0 && r.First != nil {
		return r, fmt.Errorf("nothing succeeded: %w", r.First)
	}
	return r, nil
}
