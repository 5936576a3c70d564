package delivery

import "time"

// enqueue puts an entry into its queue and sees to it that a worker comes; mu is held.
func (q *Queues) enqueue(e entry) {
	target := q.queues[e.message.Target]
	if target == nil {
		target = newQueue(q.options, e.message.Target)
		q.queues[e.message.Target] = target
	}
	q.pending++
	if err := target.push(e); err != nil {
		q.work.Go(func() { q.giveUp(e, err) })
		return
	}
	if target.workers < q.options.Workers {
		target.workers++
		q.work.Go(func() { q.run(target) })
	}
}

// run delivers what a queue holds until nothing is left that may be taken.
func (q *Queues) run(target *queue) {
	for {
		q.mu.Lock()
		e, ok, err := target.pop()
		if !ok {
			target.workers--
			if target.workers == 0 && target.empty() {
				delete(q.queues, target.name)
			}
			q.mu.Unlock()
			if err != nil {
				q.options.Log.Error("spilled deliveries are lost", "target", target.name, "error", err)
			}
			return
		}
		q.mu.Unlock()
		finished := q.deliver(e)
		q.mu.Lock()
		target.release(e)
		if !finished { // closing; the journal keeps it
			target.workers--
			q.mu.Unlock()
			return
		}
		q.mu.Unlock()
	}
}

// deliver makes attempts until the message is done with; false when the queues close before.
func (q *Queues) deliver(e entry) bool {
	for attempt := 1; ; attempt++ {
		verdict, err := q.options.Deliver(q.ctx, e.message)
		if q.ctx.Err() != nil && verdict != Done {
			return false
		}
		if q.options.Observe != nil {
			q.options.Observe(e.message, attempt, verdict, err)
		}
		switch verdict {
		case Done:
			q.delivered.Add(1)
			q.finish(e)
			return true
		case Give:
			q.giveUp(e, err)
			return true
		}
		wait, again := q.options.Backoff(e.message, attempt+1)
		if !again {
			q.giveUp(e, err)
			return true
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-q.ctx.Done():
			timer.Stop()
			return false
		}
	}
}

func (q *Queues) giveUp(e entry, cause error) {
	if q.options.GiveUp != nil && q.options.GiveUp(q.ctx, e.message, cause) {
		q.dead.Add(1)
	} else {
		q.dropped.Add(1)
		q.options.Log.Error("delivery given up", "target", e.message.Target, "error", cause)
	}
	q.finish(e)
}

// finish forgets a message that is done with.
func (q *Queues) finish(e entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pending--
	if q.log != nil {
		q.log.Add(encodeDone(e.id))
		if q.pending == 0 && q.log.Size() > compactAt {
			q.compact()
		}
	}
	if q.pending == 0 {
		q.idle.Broadcast()
	}
}

const compactAt = 16 << 20

// compact empties the journal; mu is held and nothing is pending.
func (q *Queues) compact() {
	snapshot, err := q.log.Begin()
	if err == nil {
		err = snapshot.Commit()
	}
	if err != nil {
		q.options.Log.Error("compact journal of deliveries", "error", err)
	}
}
