package sqs

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images/sqs/queue"
)

func (b *Backend) startMessageMoveTask(ctx context.Context, in *StartMessageMoveTaskInput) (*StartMessageMoveTaskOutput, error) {
	source, err := b.taskQueue(ctx, in.SourceArn, "SourceArn", "StartMessageMoveTask")
	if err != nil {
		return nil, err
	}
	if len(b.registry.sourcesOf(source.arn())) == 0 {
		return nil, invalid("Source queue must be configured as a Dead Letter Queue.")
	}
	t := &task{
		ID: newMessageID().String(), Source: in.SourceArn, Destination: value(in.DestinationArn),
		Rate: value(in.MaxNumberOfMessagesPerSecond), Started: b.now(), Status: running,
		ToMove: int64(source.Counts().Visible),
	}
	if t.Destination != "" {
		destination, err := b.taskQueue(ctx, t.Destination, "DestinationArn", "SendMessage")
		if err != nil {
			return nil, err
		}
		if destination.properties.Load().attributes.fifo != source.properties.Load().attributes.fifo {
			return nil, invalid("The source and destination queues must be of the same type.")
		}
		if destination == source {
			return nil, invalid("Source queue arn and destination queue arn cannot be the same.")
		}
	}
	if n := in.MaxNumberOfMessagesPerSecond; n != nil && (*n < 1 || *n > 500) {
		return nil, invalidValue(*n, "MaxNumberOfMessagesPerSecond", "Must be between 1 and 500, if provided.")
	}
	if !b.tasks.add(t) {
		return nil, invalid("There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
	}
	if err := b.keepTask(t); err != nil {
		return nil, err
	}
	b.run(t)
	return &StartMessageMoveTaskOutput{TaskHandle: ptr(t.handle())}, nil
}

// taskQueue returns the queue of an ARN that is a parameter of a move task.
func (b *Backend) taskQueue(ctx context.Context, arn, parameter, action string) (*resource, error) {
	if arn == "" {
		return nil, missing(parameter)
	}
	if _, _, ok := parseARN(arn); !ok {
		return nil, invalid("You must use this format to specify the %s: arn:<partition>:<service>:<region>:<account-id>:<resource-id>", parameter)
	}
	r := b.registry.findARN(arn)
	if r == nil {
		return nil, notFound("The resource that you specified for the %s parameter doesn't exist.", parameter)
	}
	return r, permit(aws.CallFrom(ctx), r, action)
}

func (b *Backend) keepTask(t *task) error {
	if b.records == nil {
		return nil
	}
	b.tasks.mu.Lock()
	added := b.records.Add(record(recordTask, 0, t))
	b.tasks.mu.Unlock()
	return b.records.Wait(added)
}

// run moves messages in the background until there are no more, the task is cancelled, or the
// backend is closed; in that case it goes on when the log is replayed.
func (b *Backend) run(t *task) {
	ctx, cancel := context.WithCancel(b.running)
	b.tasks.update(t, func() { t.cancel = cancel })
	b.work.Go(func() {
		defer cancel()
		status, failure := b.move(ctx, t)
		if b.running.Err() != nil {
			return
		}
		b.tasks.update(t, func() { t.Status, t.Failure, t.cancel = status, failure, nil })
		if err := b.keepTask(t); err != nil {
			b.log.Error("sqs: the end of a message move task was not kept", "error", err)
		}
	})
}

// move is the work of a task. A message a moment is moved, so that their rate is that of the task.
func (b *Backend) move(ctx context.Context, t *task) (status, failure string) {
	begin := b.now()
	for moved := int64(0); ; moved++ {
		if t.Rate > 0 {
			due := begin + moved*second/int64(t.Rate)
			if !b.sleepUntil(ctx, due) {
				return cancelled, ""
			}
		}
		if ctx.Err() != nil {
			return cancelled, ""
		}
		source := b.registry.findARN(t.Source)
		if source == nil {
			return failed, nonExistentQueue
		}
		ok, err := source.Move(func(from string) *queue.Queue { return b.destination(t, from) }, newMessageID)
		switch {
		case errors.Is(err, queue.ErrNoDestination) && t.Destination == "":
			return failed, "CouldNotDetermineMessageSource"
		case errors.Is(err, queue.ErrNoDestination), errors.Is(err, queue.ErrClosed):
			return failed, nonExistentQueue
		case err != nil:
			b.log.Error("sqs: message move task", "source", t.Source, "error", err)
			return failed, "InternalError"
		case !ok:
			return completed, ""
		}
		b.tasks.update(t, func() { t.Moved++ })
	}
}

const nonExistentQueue = "AWS.SimpleQueueService.NonExistentQueue"

// destination is the queue that a task moves a message to which came from the queue with that ARN.
func (b *Backend) destination(t *task, from string) *queue.Queue {
	if t.Destination != "" {
		from = t.Destination
	}
	if r := b.registry.findARN(from); r != nil {
		return r.Queue
	}
	return nil
}

// sleepUntil waits for a moment of the backend's clock, and reports false where ctx is done before.
func (b *Backend) sleepUntil(ctx context.Context, due int64) bool {
	at := time.Unix(0, due)
	if !at.After(b.clock.Now()) {
		return ctx.Err() == nil
	}
	reached := make(chan struct{})
	timer := b.clock.At(at, func() { close(reached) })
	defer timer.Stop()
	select {
	case <-reached:
		return true
	case <-ctx.Done():
		return false
	}
}

func (b *Backend) cancelMessageMoveTask(ctx context.Context, in *CancelMessageMoveTaskInput) (*CancelMessageMoveTaskOutput, error) {
	if in.TaskHandle == "" {
		return nil, missing("TaskHandle")
	}
	var h handle
	raw, err := base64.StdEncoding.DecodeString(in.TaskHandle)
	if err != nil || json.Unmarshal(raw, &h) != nil || h.TaskID == "" {
		return nil, invalid("Value for parameter TaskHandle is invalid.")
	}
	if _, err := b.taskQueue(ctx, h.SourceARN, "SourceArn", "CancelMessageMoveTask"); err != nil {
		return nil, err
	}
	t := b.tasks.find(h.SourceARN, h.TaskID)
	if t == nil {
		return nil, notFound("Task does not exist.")
	}
	var cancel context.CancelFunc
	now := b.tasks.update(t, func() {
		if t.Status == running {
			t.Status, cancel = cancelling, t.cancel
		}
	})
	if cancel == nil {
		return nil, notFound("Only active tasks can be cancelled.")
	}
	cancel()
	return &CancelMessageMoveTaskOutput{ApproximateNumberOfMessagesMoved: &now.Moved}, nil
}

func (b *Backend) listMessageMoveTasks(ctx context.Context, in *ListMessageMoveTasksInput) (*ListMessageMoveTasksOutput, error) {
	if _, err := b.taskQueue(ctx, in.SourceArn, "SourceArn", "ListMessageMoveTasks"); err != nil {
		return nil, err
	}
	most := 1
	if n := in.MaxResults; n != nil {
		if *n < 1 || *n > maxTasks {
			return nil, invalidValue(*n, "MaxResults", "Must be between 1 and 10, if provided.")
		}
		most = int(*n)
	}
	out := &ListMessageMoveTasksOutput{Results: []ListMessageMoveTasksResultEntry{}}
	for _, t := range b.tasks.list(in.SourceArn, most) {
		out.Results = append(out.Results, t.entry())
	}
	return out, nil
}

func (t *task) entry() ListMessageMoveTasksResultEntry {
	e := ListMessageMoveTasksResultEntry{
		Status: &t.Status, SourceArn: &t.Source, ApproximateNumberOfMessagesMoved: &t.Moved,
		ApproximateNumberOfMessagesToMove: &t.ToMove, StartedTimestamp: ptr(t.Started / int64(time.Millisecond)),
	}
	if t.Status == running {
		e.TaskHandle = ptr(t.handle())
	}
	if t.Destination != "" {
		e.DestinationArn = &t.Destination
	}
	if t.Rate > 0 {
		e.MaxNumberOfMessagesPerSecond = &t.Rate
	}
	if t.Failure != "" {
		e.FailureReason = &t.Failure
	}
	return e
}
