// Package queue is the engine of one SQS queue: messages that wait, are delayed or are in flight,
// receivers that wait for them, order and deduplication of FIFO queues, and dead letters. It knows
// time, order and limits, but neither names nor the wire.
//
// Read message.go for what a message is, then queue.go, send.go, receive.go, wait.go and change.go
// in that order; fifo.go and dedup.go hold what only FIFO queues do, record.go and replay.go what is
// journalled.
//
// Every queue has one lock and at most one timer, and no message has a timer of its own: what has
// come due is found at the top of a heap when the queue is next used, and only while receivers wait
// does the timer watch that top.
package queue
