package runtimetest

import (
	"bufio"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"localcloud/orchestrator"
)

func startsOnce(t *testing.T, target Target) {
	p := open(t, target, "once")
	p.mustUp(t, desire(serving(t, target, "hello"), false))
	if state := p.Status()[0].State; state != orchestrator.Idle {
		t.Errorf("before the first call: %s, want idle", state)
	}
	answers := make([]string, 20)
	var work sync.WaitGroup
	for i := range answers {
		work.Go(func() {
			answer, err := p.call(t.Context(), "/who")
			if err != nil {
				t.Errorf("call: %v", err)
			}
			answers[i] = answer
		})
	}
	work.Wait()
	for _, answer := range answers {
		if answer != answers[0] || !strings.HasPrefix(answer, "hello ") {
			t.Errorf("answers %q and %q, want one backend", answer, answers[0])
		}
	}
	if state := p.Status()[0].State; state != orchestrator.Ready {
		t.Errorf("after the first call: %s, want ready", state)
	}
}

func startsAtOnce(t *testing.T, target Target) {
	p := open(t, target, "atonce")
	desired := desire(serving(t, target, "hello"), true)
	p.mustUp(t, desired)
	if state := p.Status()[0].State; state != orchestrator.Ready {
		t.Errorf("after up: %s, want ready", state)
	}
	before := p.mustCall(t, "/who")
	p.mustUp(t, desired)
	if after := p.mustCall(t, "/who"); after != before {
		t.Errorf("up twice started another: %q, then %q", before, after)
	}
}

func readsLogs(t *testing.T, target Target) {
	p := open(t, target, "logs")
	p.mustUp(t, desire(serving(t, target, "hello"), true))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	logs, err := p.Logs(ctx, "server", orchestrator.LogOptions{Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	defer logs.Close()
	lines := bufio.NewScanner(logs)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "serving on port") {
		t.Errorf("first line %q, want serving on port ...", lines.Text())
	}
	p.mustCall(t, "/slow")
	if !lines.Scan() || lines.Text() != "a slow call" {
		t.Errorf("line after a call %q, want a slow call", lines.Text())
	}
	tail, err := p.Logs(ctx, "server", orchestrator.LogOptions{Tail: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer tail.Close()
	last := bufio.NewScanner(tail)
	if !last.Scan() || last.Text() != "a slow call" || last.Scan() {
		t.Errorf("the last line is %q", last.Text())
	}
}

func restarts(t *testing.T, target Target) {
	p := open(t, target, "restarts")
	p.mustUp(t, desire(serving(t, target, "hello"), false))
	before := p.mustCall(t, "/who")
	if _, err := p.call(t.Context(), "/die"); err == nil {
		t.Error("the call that killed the backend got an answer")
	}
	if died := p.await(t, orchestrator.Died); !strings.Contains(died.Err.Error(), "I was told to die") {
		t.Errorf("the event does not hold the last lines: %v", died.Err)
	}
	if after := p.mustCall(t, "/who"); after == before {
		t.Errorf("still %q after its end", after)
	}
}

func replaces(t *testing.T, target Target) {
	p := open(t, target, "replaces")
	p.mustUp(t, desire(serving(t, target, "first"), true))
	slow := make(chan string)
	go func() {
		answer, err := p.call(t.Context(), "/slow")
		if err != nil {
			answer = err.Error()
		}
		slow <- answer
	}()
	lines, err := p.Logs(t.Context(), "server", orchestrator.LogOptions{Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	defer lines.Close()
	for scanner := bufio.NewScanner(lines); scanner.Scan() && scanner.Text() != "a slow call"; {
	}
	p.mustUp(t, desire(serving(t, target, "second"), true))
	if answer := <-slow; !strings.HasPrefix(answer, "first ") {
		t.Errorf("the call in flight got %q", answer)
	}
	if answer := p.mustCall(t, "/who"); !strings.HasPrefix(answer, "second ") {
		t.Errorf("after the change %q answers", answer)
	}
}

func survivors(t *testing.T, target Target) {
	killed := open(t, target, "survivors")
	killed.mustUp(t, desire(serving(t, target, "hello"), true))
	before := killed.mustCall(t, "/who")

	next := open(t, target, "survivors")
	plan, err := next.Plan(t.Context(), desire(serving(t, target, "hello"), true))
	if err != nil {
		t.Fatal(err)
	}
	action := plan.Steps[0].Action
	if err := next.Run(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	after := next.mustCall(t, "/who")
	if same := after == before; same != (action == orchestrator.Adopt) {
		t.Errorf("%s, and %q became %q", action, before, after)
	}
	observed, err := next.runtime.Observe(t.Context())
	if err != nil || len(observed) != 1 {
		t.Errorf("found %v, %v; want one instance", observed, err)
	}
	changed := open(t, target, "survivors")
	changed.mustUp(t, desire(serving(t, target, "changed"), true))
	if answer := changed.mustCall(t, "/who"); !strings.HasPrefix(answer, "changed ") {
		t.Errorf("after a change %q answers", answer)
	}
}

func downs(t *testing.T, target Target) {
	p, other := open(t, target, "downs"), open(t, target, "other")
	p.mustUp(t, desire(serving(t, target, "hello"), true))
	other.mustUp(t, desire(serving(t, target, "hello"), true))
	before := other.mustCall(t, "/who")

	later := open(t, target, "downs") // knows of nothing that runs
	if err := later.Down(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if left, err := p.runtime.Observe(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	if after := other.mustCall(t, "/who"); after != before {
		t.Errorf("the other project's backend was replaced: %q, then %q", before, after)
	}
}
