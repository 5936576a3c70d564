package sqs

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images/sqs/queue"
)

func (b *Backend) createQueue(ctx context.Context, in *CreateQueueInput) (*CreateQueueOutput, error) {
	call := aws.CallFrom(ctx)
	at := place{call.Account, call.Region}
	if err := checkName(in.QueueName, in.Attributes["FifoQueue"] == "true"); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags, nil); err != nil {
		return nil, err
	}
	b.changes.Lock()
	defer b.changes.Unlock()
	if r := b.registry.find(at, in.QueueName); r != nil {
		if err := r.sameAs(in.Attributes); err != nil {
			return nil, err
		}
		return &CreateQueueOutput{QueueUrl: ptr(queueURL(call, at, r.name))}, nil
	}
	if wait := b.settings.recentlyDeleted; wait > 0 && b.registry.deletedAt(at, in.QueueName, b.now()-int64(wait)) > 0 {
		return nil, aws.Errorf("QueueDeletedRecently",
			"You must wait 60 seconds after deleting a queue before you can create another with the same name.")
	}
	a, err := b.newAttributes(at, in)
	if err != nil {
		return nil, err
	}
	now := b.now()
	r := &resource{place: at, name: in.QueueName, created: now}
	r.properties.Store(&properties{attributes: a, tags: maps.Clone(in.Tags), modified: now})
	r.Queue = queue.New(newQueueID(), b.clock, b.records, b.configuration(&a, r.arn()))
	added := b.keep(r)
	b.registry.add(r)
	if err := b.records.Wait(added); err != nil {
		return nil, err
	}
	return &CreateQueueOutput{QueueUrl: ptr(queueURL(call, at, r.name))}, nil
}

func (b *Backend) newAttributes(at place, in *CreateQueueInput) (attributes, error) {
	a, err := defaultAttributes(strings.HasSuffix(in.QueueName, fifoSuffix)).with(in.Attributes)
	if err != nil {
		return a, err
	}
	r := resource{place: at, name: in.QueueName}
	return a, b.checkRedrive(r.arn(), &a)
}

func checkName(name string, fifo bool) error {
	suffix := strings.HasSuffix(name, fifoSuffix)
	switch {
	case name == "":
		return missing("QueueName")
	case fifo && !suffix:
		return invalid("The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, " +
			"must end with .fifo suffix and be 1 to 80 in length.")
	case !validName(name), suffix && !fifo:
		return invalid("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	return nil
}

// sameAs compares the attributes of a second CreateQueue with those of the queue that there is.
func (r *resource) sameAs(wanted map[string]string) error {
	have := r.properties.Load().attributes
	then, err := have.with(wanted)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if then.values[name] != have.values[name] {
			return aws.Errorf("QueueNameExists",
				"A queue already exists with the same name and a different value for attribute %s", name)
		}
	}
	return nil
}

// newQueueID makes a number that no other queue has or ever had.
func newQueueID() uint64 {
	var raw [8]byte
	_, _ = rand.Read(raw[:]) // never fails
	return binary.BigEndian.Uint64(raw[:])
}

func (b *Backend) getQueueURL(ctx context.Context, in *GetQueueUrlInput) (*GetQueueUrlOutput, error) {
	call := aws.CallFrom(ctx)
	at := place{call.Account, call.Region}
	if in.QueueOwnerAWSAccountId != nil && *in.QueueOwnerAWSAccountId != "" {
		at.account = *in.QueueOwnerAWSAccountId
	}
	r := b.registry.find(at, in.QueueName)
	if r == nil {
		return nil, noQueue(call)
	}
	if err := permit(call, r, "GetQueueUrl"); err != nil {
		return nil, err
	}
	return &GetQueueUrlOutput{QueueUrl: ptr(queueURL(call, at, r.name))}, nil
}

// maxListed is how many queues a list holds at most.
const maxListed = 1000

func (b *Backend) listQueues(ctx context.Context, in *ListQueuesInput) (*ListQueuesOutput, error) {
	call := aws.CallFrom(ctx)
	at := place{call.Account, call.Region}
	most, after, err := page(in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ListQueuesOutput{}
	last := ""
	b.registry.list(at, value(in.QueueNamePrefix), after, func(name string) bool {
		if len(out.QueueUrls) == most {
			if in.MaxResults != nil {
				out.NextToken = ptr(pageToken(last))
			}
			return false
		}
		out.QueueUrls = append(out.QueueUrls, queueURL(call, at, name))
		last = name
		return true
	})
	return out, nil
}

func (b *Backend) listDeadLetterSourceQueues(ctx context.Context, in *ListDeadLetterSourceQueuesInput) (*ListDeadLetterSourceQueuesOutput, error) {
	r, err := b.reach(ctx, in.QueueUrl, "ListDeadLetterSourceQueues")
	if err != nil {
		return nil, err
	}
	most, after, err := page(in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ListDeadLetterSourceQueuesOutput{QueueUrls: []string{}}
	names := b.registry.sourcesOf(r.arn())
	from, found := slices.BinarySearch(names, after)
	if found {
		from++
	}
	for i, name := range names[from:] {
		if i == most {
			if in.MaxResults != nil {
				out.NextToken = ptr(pageToken(names[from+i-1]))
			}
			break
		}
		out.QueueUrls = append(out.QueueUrls, queueURL(aws.CallFrom(ctx), r.place, name))
	}
	return out, nil
}

// page reads the parameters of a list that is returned in pages.
func page(maxResults *int32, token *string) (most int, after string, err error) {
	most = maxListed
	if maxResults != nil {
		if *maxResults < 1 || *maxResults > maxListed {
			return 0, "", invalidValue(*maxResults, "MaxResults", "Must be an integer between 1 and 1000.")
		}
		most = int(*maxResults)
	}
	if token != nil && *token != "" {
		raw, err := base64.StdEncoding.DecodeString(*token)
		if err != nil || !validName(string(raw)) {
			return 0, "", invalid("Invalid or expired next token.")
		}
		after = string(raw)
	}
	return most, after, nil
}

func pageToken(last string) string { return base64.StdEncoding.EncodeToString([]byte(last)) }

func (b *Backend) deleteQueue(ctx context.Context, in *DeleteQueueInput) (*DeleteQueueOutput, error) {
	r, err := b.reach(ctx, in.QueueUrl, "DeleteQueue")
	if err != nil {
		return nil, err
	}
	b.changes.Lock()
	defer b.changes.Unlock()
	if b.registry.find(r.place, r.name) != r {
		return nil, noQueue(aws.CallFrom(ctx))
	}
	return &DeleteQueueOutput{}, b.remove(r)
}

// remove deletes a queue. changes is held.
func (b *Backend) remove(r *resource) error {
	added := b.keepGone(r)
	b.registry.remove(r, b.now())
	r.Close()
	return b.records.Wait(added)
}

func (b *Backend) purgeQueue(ctx context.Context, in *PurgeQueueInput) (*PurgeQueueOutput, error) {
	r, err := b.reach(ctx, in.QueueUrl, "PurgeQueue")
	if err != nil {
		return nil, err
	}
	now := b.now()
	if before := r.purged.Swap(now); before != 0 && now-before < int64(b.settings.purgeRetry) {
		r.purged.Store(before)
		return nil, aws.Errorf("PurgeQueueInProgress",
			"Only one PurgeQueue operation on %s is allowed every %d seconds.", r.name, b.settings.purgeRetry/time.Second)
	}
	return &PurgeQueueOutput{}, engineError(ctx, r.Purge())
}

func ptr[T any](v T) *T { return &v }

// value is what p points to, or the zero value.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
