package sqs

import (
	"fmt"
	"testing"

	"localcloud/images"
)

// BenchmarkWaiting passes a message through a queue in which others wait.
func BenchmarkWaiting(b *testing.B) {
	for _, waiting := range []int{1_000, 1_000_000} {
		b.Run(fmt.Sprint(waiting), func(b *testing.B) {
			backend, _ := start(b, images.Env{})
			url := create(b, backend, "q", nil)
			for i := range waiting {
				put(b, backend, url, fmt.Sprint("message ", i))
			}
			b.ReportAllocs()
			for b.Loop() {
				put(b, backend, url, "another message")
				for _, m := range takeOne(b, backend, url) {
					if _, err := backend.deleteMessage(owner, &DeleteMessageInput{QueueUrl: url, ReceiptHandle: *m.ReceiptHandle}); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkQueues sends to one of many queues.
func BenchmarkQueues(b *testing.B) {
	for _, queues := range []int{10, 20_000} {
		b.Run(fmt.Sprint(queues), func(b *testing.B) {
			backend, _ := start(b, images.Env{})
			urls := make([]string, queues)
			for i := range urls {
				urls[i] = create(b, backend, fmt.Sprint("queue-", i), nil)
			}
			i := 0
			for b.Loop() {
				put(b, backend, urls[i%queues], "message")
				i += 7919
			}
		})
	}
}

func takeOne(b testing.TB, backend *Backend, url string) []Message {
	out, err := backend.receiveMessage(owner, &ReceiveMessageInput{QueueUrl: url})
	if err != nil {
		b.Fatal(err)
	}
	return out.Messages
}

// BenchmarkPersistent passes messages through a queue with a log, from several callers at once.
func BenchmarkPersistent(b *testing.B) {
	backend, _ := start(b, images.Env{Dir: b.TempDir(), Persist: true})
	url := create(b, backend, "q", nil)
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			put(b, backend, url, "message")
			for _, m := range takeOne(b, backend, url) {
				if _, err := backend.deleteMessage(owner, &DeleteMessageInput{QueueUrl: url, ReceiptHandle: *m.ReceiptHandle}); err != nil {
					b.Error(err)
				}
			}
		}
	})
}
