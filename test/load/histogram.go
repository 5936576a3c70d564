package load

import (
	"math/bits"
	"time"
)

// histogram counts durations in buckets that are at most a sixty-fourth wide.
type histogram struct {
	counts [64 * 64]int
	count  int
}

const fraction = 6 // bits below the highest one that a bucket keeps

func (h *histogram) add(d time.Duration) {
	h.counts[bucket(uint64(d))]++
	h.count++
}

func bucket(v uint64) int {
	if v < 1<<fraction {
		return int(v)
	}
	shift := bits.Len64(v) - fraction - 1
	return (shift+1)<<fraction + int(v>>shift) - 1<<fraction
}

// lower is the smallest value of a bucket.
func lower(bucket int) uint64 {
	if bucket < 1<<fraction {
		return uint64(bucket)
	}
	shift := bucket>>fraction - 1
	return uint64(bucket&(1<<fraction-1)+1<<fraction) << shift
}

func (h *histogram) merge(other *histogram) {
	for i, n := range other.counts {
		h.counts[i] += n
	}
	h.count += other.count
}

// quantile is the duration below which a part q of all lie.
func (h *histogram) quantile(q float64) time.Duration {
	left := int(q * float64(h.count))
	for i, n := range h.counts {
		if left < n {
			return time.Duration(lower(i))
		}
		left -= n
	}
	return 0
}
