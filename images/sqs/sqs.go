// Package sqs is the native backend of Amazon SQS: every operation of the model for standard and
// FIFO queues, by account and region, in memory with an append log where persistence is on.
//
// The engine of one queue is the package queue below. Here stands what surrounds it: sqs.go makes
// the backend, registry.go finds queues, address.go reads and writes their URLs, attributes.go and
// redrive.go know their attributes, access.go who may do what; each operation stands in the file of
// its group (lifecycle, queueattributes, tags, permissions, send, receive, change, move with tasks),
// messages.go is the page for looking at messages, and persist.go keeps it all. One more operation is
// a function in such a file and a line in operations.
package sqs

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images"
	"localcloud/images/native"
	"localcloud/images/sqs/queue"
	"localcloud/internal/clock"
	"localcloud/internal/journal"
)

// Image is the catalog's entry of this backend.
func Image() *images.Image {
	return &images.Image{Name: "sqs", Services: []string{"sqs"}, New: New}
}

// Backend is a running SQS. Safe for concurrent use.
type Backend struct {
	*native.Server
	clock    *clock.Clock
	log      *slog.Logger
	settings settings

	journal *journal.Log // nil without persistence
	records *queue.Log   // nil without persistence
	// compaction is held while the log is compacted.
	compaction sync.Mutex

	// changes orders what happens to queues as a whole: create, delete, attributes, tags, tasks.
	changes  sync.Mutex
	registry registry
	tasks    tasks

	stop    context.CancelFunc // ends the background work
	running context.Context    // of the background work; done once stop was called
	work    sync.WaitGroup
}

var (
	_ images.Native   = (*Backend)(nil)
	_ images.Resetter = (*Backend)(nil)
)

// New starts the backend. Its settings are those of settings.go.
func New(env images.Env) (images.Native, error) {
	b := &Backend{clock: env.Clock, log: env.Log}
	if b.clock == nil {
		b.clock = &clock.Clock{}
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if b.settings, err = parseSettings(env.Settings); err != nil {
		return nil, err
	}
	b.running, b.stop = context.WithCancel(context.Background())
	b.registry.init()
	b.tasks.init()
	if env.Persist {
		if err := b.open(env.Dir); err != nil {
			return nil, err
		}
	}
	b.Server = native.NewServer(aws.Lookup("sqs"), b.operations(),
		native.Log(b.log), native.Page(messagesPage, http.HandlerFunc(b.messages)))
	return b, nil
}

func (b *Backend) operations() []native.Operation {
	return []native.Operation{
		native.Op("AddPermission", b.addPermission),
		native.Op("CancelMessageMoveTask", b.cancelMessageMoveTask),
		native.Op("ChangeMessageVisibility", b.changeMessageVisibility),
		native.Op("ChangeMessageVisibilityBatch", b.changeMessageVisibilityBatch),
		native.Op("CreateQueue", b.createQueue),
		native.Op("DeleteMessage", b.deleteMessage),
		native.Op("DeleteMessageBatch", b.deleteMessageBatch),
		native.Op("DeleteQueue", b.deleteQueue),
		native.Op("GetQueueAttributes", b.getQueueAttributes),
		native.Op("GetQueueUrl", b.getQueueURL),
		native.Op("ListDeadLetterSourceQueues", b.listDeadLetterSourceQueues),
		native.Op("ListMessageMoveTasks", b.listMessageMoveTasks),
		native.Op("ListQueueTags", b.listQueueTags),
		native.Op("ListQueues", b.listQueues),
		native.Op("PurgeQueue", b.purgeQueue),
		native.Op("ReceiveMessage", b.receiveMessage),
		native.Op("RemovePermission", b.removePermission),
		native.Op("SendMessage", b.sendMessage),
		native.Op("SendMessageBatch", b.sendMessageBatch),
		native.Op("SetQueueAttributes", b.setQueueAttributes),
		native.Op("StartMessageMoveTask", b.startMessageMoveTask),
		native.Op("TagQueue", b.tagQueue),
		native.Op("UntagQueue", b.untagQueue),
	}
}

// Close ends waiting receives and the background work and closes the log.
func (b *Backend) Close() error {
	b.stop()
	b.work.Wait()
	for _, r := range b.registry.all() {
		r.Close()
	}
	if b.journal == nil {
		return nil
	}
	return b.journal.Close()
}

// Reset deletes all queues and tasks of all accounts.
func (b *Backend) Reset() error {
	if err := b.removeAll(); err != nil || b.journal == nil {
		return err
	}
	_, err := b.compact() // the log forgets as well
	return err
}

func (b *Backend) removeAll() error {
	b.changes.Lock()
	defer b.changes.Unlock()
	b.tasks.forget()
	for _, r := range b.registry.all() {
		if err := b.remove(r); err != nil {
			return err
		}
	}
	b.registry.forgetDeleted()
	return nil
}

// now is the backend's time in nanoseconds since 1970.
func (b *Backend) now() int64 { return b.clock.Now().UnixNano() }

const second = int64(time.Second)
