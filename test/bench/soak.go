package main

import (
	"context"
	"fmt"
	"time"

	"localcloud/test/load"
)

// soak drives the workloads one after the other, each for the duration, again and again until it is
// interrupted (with -rounds, so many times), and prints the memory after each.
func soak(ctx context.Context, o options, s *subject) error {
	fmt.Printf("idle: %.1f MiB resident\n", float64(s.idle)/(1<<20))
	for round := 1; round <= o.rounds && ctx.Err() == nil; round++ {
		for _, w := range load.Workloads() {
			if !o.only.MatchString(w.Name) || ctx.Err() != nil {
				continue
			}
			err := load.Prepare(ctx, w, s.address)
			if err != nil {
				fmt.Printf("round %d, %s: %v\n", round, w.Name, err)
				continue
			}
			result, err := load.Run(ctx, w, load.Options{Address: s.address, Connections: o.connections, Duration: o.duration})
			if err != nil {
				fmt.Printf("round %d, %s: %v\n", round, w.Name, err)
				continue
			}
			fmt.Printf("%s round %d, %s: %.0f calls a second, %d errors, p99 %v, %.1f MiB resident\n", time.Now().Format(time.TimeOnly),
				round, w.Name, result.Rate()*float64(w.Calls), result.Errors, result.P99, float64(resident(s.pid))/(1<<20))
		}
	}
	return nil
}
