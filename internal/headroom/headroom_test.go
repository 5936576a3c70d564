package headroom

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestSmallHeapsMayGrowByTheHeadroom(t *testing.T) {
	for _, c := range []struct {
		held uint64
		want int
	}{{0, 600}, {1 << 20, 600}, {8 << 20, 300}, {24 << 20, 100}, {1 << 30, 100}} {
		if got := percent(c.held, 24<<20); got != c.want {
			t.Errorf("%d MB held: %d %%, want %d %%", c.held>>20, got, c.want)
		}
	}
}

func TestThePercentageFollowsTheHeap(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	Keep(16 << 20)
	ballast := make([]byte, 64<<20)
	for i := range ballast {
		ballast[i] = 1
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		runtime.GC()
		now := debug.SetGCPercent(100)
		debug.SetGCPercent(now)
		if now == 100 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d %% with 64 MB held", now)
		}
	}
	runtime.KeepAlive(ballast)
}

func TestTheUsersChoiceStays(t *testing.T) {
	before := debug.SetGCPercent(250)
	defer debug.SetGCPercent(before)
	Keep(Default)
	if now := debug.SetGCPercent(250); now != 250 {
		t.Errorf("the percentage is %d", now)
	}
}
