// Package headroom lets a small heap grow by a fixed amount between two garbage collections, instead
// of by its own size: a process that holds a few megabytes would otherwise collect many times a
// second under load. A large heap is collected as always.
package headroom

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Default is how much a small heap may grow.
const Default = 24 << 20

// Limits of the percentage that is set.
const (
	least = 100 // Go's own
	most  = 600
)

const live = "/gc/heap/live:bytes"

// Keep lets the heap grow by that many bytes, or by its own size where that is more, from the next
// collection on and for good. Where GOGC is set it does nothing.
func Keep(bytes uint64) {
	before := debug.SetGCPercent(least)
	if before != least { // the user has chosen
		debug.SetGCPercent(before)
		return
	}
	debug.SetGCPercent(percent(held(), bytes))
	arm(&beat{bytes})
}

// beat is garbage whose finalizer runs after each collection.
type beat struct{ bytes uint64 }

func arm(b *beat) {
	runtime.SetFinalizer(b, func(b *beat) {
		debug.SetGCPercent(percent(held(), b.bytes))
		arm(&beat{b.bytes})
	})
}

// held is the size of the heap that the last collection left.
func held() uint64 {
	sample := []metrics.Sample{{Name: live}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}

// percent is the growth in parts of what is held.
func percent(held, bytes uint64) int {
	if held == 0 {
		return most
	}
	return int(max(least, min(most, bytes*100/held)))
}
