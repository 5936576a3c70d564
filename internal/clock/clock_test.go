package clock

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAdvanceFiresWhatHasComeDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Clock
		start := c.Now()
		fired := make(chan time.Time, 1)
		c.After(time.Hour, func() { fired <- c.Now() })
		c.Advance(30 * time.Minute)
		synctest.Wait()
		if len(fired) != 0 {
			t.Fatal("fired half an hour early")
		}
		c.Advance(30 * time.Minute)
		synctest.Wait()
		if len(fired) != 1 {
			t.Fatal("did not fire")
		}
		if got := (<-fired).Sub(start); got != time.Hour {
			t.Errorf("fired after %v, want an hour", got)
		}
	})
}

func TestTimersFollowTheWallClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Clock
		c.Advance(24 * time.Hour)
		fired := make(chan struct{})
		c.After(time.Minute, func() { close(fired) })
		start := time.Now()
		<-fired
		if got := time.Since(start); got != time.Minute {
			t.Errorf("fired after %v, want a minute", got)
		}
	})
}

func TestAClockMovedBackPutsTimersOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Clock
		fired := make(chan struct{})
		c.After(time.Minute, func() { close(fired) })
		c.Advance(-time.Hour)
		start := time.Now()
		<-fired
		if got := time.Since(start); got != time.Hour+time.Minute {
			t.Errorf("fired after %v, want an hour and a minute", got)
		}
	})
}

func TestAStoppedTimerDoesNotFire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Clock
		timer := c.After(time.Minute, func() { t.Error("fired") })
		if !timer.Stop() {
			t.Error("Stop says that it was not armed")
		}
		if timer.Stop() {
			t.Error("a second Stop says that it was armed")
		}
		c.Advance(time.Hour)
		time.Sleep(time.Hour)
		if len(c.timers) != 0 {
			t.Errorf("%d timers are kept", len(c.timers))
		}
	})
}
