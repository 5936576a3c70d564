package dynamodb

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images/dynamodb/attr"
	"localcloud/images/dynamodb/engine"
	"localcloud/internal/clock"
)

// expiredPage is where a DELETE removes expired items at once.
const expiredPage = "/_aws/dynamodb/expired"

// sweepEvery is how often expired items are looked for.
const sweepEvery = time.Minute

// expiry removes expired items in the background.
type expiry struct {
	mu      sync.Mutex
	timer   *clock.Timer
	stopped bool
	running sync.WaitGroup
}

func (e *expiry) start(b *Backend) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stopped = false
	e.timer = b.clock.After(sweepEvery, func() { e.run(b) })
}

func (e *expiry) run(b *Backend) {
	e.mu.Lock()
	if e.stopped {
		e.mu.Unlock()
		return
	}
	e.running.Add(1)
	e.mu.Unlock()
	defer e.running.Done()
	if _, err := b.sweep(); err != nil {
		b.log.Error("expired items could not be removed", "error", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.stopped {
		e.timer.Reset(b.now().Add(sweepEvery))
	}
}

// stop waits for a sweep that is under way.
func (e *expiry) stop() {
	e.mu.Lock()
	e.stopped = true
	if e.timer != nil {
		e.timer.Stop()
	}
	e.mu.Unlock()
	e.running.Wait()
}

// sweep deletes expired items of all tables and returns how many they were.
func (b *Backend) sweep() (deleted int, err error) {
	for _, t := range b.tables.all() {
		for {
			n, err := b.sweepTable(t)
			deleted += n
			if errors.Is(err, engine.ErrDropped) {
				break
			}
			if err != nil {
				return deleted, err
			}
			if n == 0 {
				break
			}
		}
	}
	return deleted, nil
}

// sweepTable deletes some expired items of a table, as DynamoDB itself.
func (b *Backend) sweepTable(t *table) (deleted int, err error) {
	x := t.expiry.Load()
	if x == nil {
		return 0, nil
	}
	now := b.now()
	for _, key := range x.Expired(now, 1000) {
		change, err := t.items.Update(key, func(old engine.Record) (attr.Map, error) {
			if old != "" && x.Overdue(old, now) {
				return "", nil
			}
			return old.Item(), nil
		}, engine.Options{Service: true})
		if err != nil {
			return deleted, err
		}
		if change.Old != "" && change.New == "" {
			deleted++
		}
	}
	return deleted, nil
}

// deleteExpired answers DELETE on expiredPage.
func (b *Backend) deleteExpired(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodDelete {
		w.Header().Set("Allow", http.MethodDelete)
		http.Error(w, "only DELETE", http.StatusMethodNotAllowed)
		return
	}
	n, err := b.sweep()
	if err != nil {
		b.log.Error("expired items could not be removed", "error", err)
		http.Error(w, "expired items could not be removed", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]int{"ExpiredItems": n}) // the client may be gone
}

func (b *Backend) updateTimeToLive(ctx context.Context, in *UpdateTimeToLiveInput) (*UpdateTimeToLiveOutput, error) {
	t, err := b.tableNamed(aws.CallFrom(ctx), in.TableName)
	if err != nil {
		return nil, err
	}
	spec := in.TimeToLiveSpecification
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.def.Load().TTL
	switch {
	case spec.AttributeName == "":
		return nil, invalid("1 validation error detected: Value '' at 'timeToLiveSpecification.attributeName' failed to satisfy constraint: Member must have length greater than or equal to 1")
	case spec.Enabled && now == spec.AttributeName:
		return nil, invalid("TimeToLive is already enabled")
	case spec.Enabled && now != "", !spec.Enabled && now != "" && now != spec.AttributeName:
		return nil, invalid("TimeToLive is active on a different AttributeName: current AttributeName is " + now)
	case !spec.Enabled && now == "":
		return nil, invalid("TimeToLive is already disabled")
	}
	attribute := spec.AttributeName
	if !spec.Enabled {
		attribute = ""
	}
	t.setExpiry(attribute)
	err = b.change(t, func(d *definition) { d.TTL, d.TTLChanged = attribute, b.now() })
	return &UpdateTimeToLiveOutput{TimeToLiveSpecification: spec}, err
}

func (b *Backend) describeTimeToLive(ctx context.Context, in *DescribeTimeToLiveInput) (*DescribeTimeToLiveOutput, error) {
	t, err := b.tableNamed(aws.CallFrom(ctx), in.TableName)
	if err != nil {
		return nil, err
	}
	d := t.def.Load()
	out := &TimeToLiveDescription{TimeToLiveStatus: ptr(TimeToLiveStatusDisabled)}
	if d.TTL != "" {
		out.TimeToLiveStatus, out.AttributeName = ptr(TimeToLiveStatusEnabled), &d.TTL
	}
	return &DescribeTimeToLiveOutput{TimeToLiveDescription: out}, nil
}
