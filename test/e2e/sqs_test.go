package e2e

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

func TestSQSWithTheSDKForGo(t *testing.T) {
	c := start(t)
	t.Run("the life of a queue", func(t *testing.T) { lifeOfAQueue(t, c) })
	t.Run("ten thousand messages come exactly once", func(t *testing.T) { exactlyOnce(t, c, 10_000) })
	t.Run("a long poll wakes when a message is sent", func(t *testing.T) { longPoll(t, c) })
	t.Run("accounts and regions do not see one another", func(t *testing.T) { apart(t, c) })
}

func newQueue(t *testing.T, c *cloud, name string) (*sqs.Client, *string) {
	t.Helper()
	client := sqs.NewFromConfig(c.config(account, "us-east-1"))
	created, err := client.CreateQueue(background(t), &sqs.CreateQueueInput{QueueName: &name})
	if err != nil {
		t.Fatal(err)
	}
	if want := c.URL + "/" + account + "/" + name; *created.QueueUrl != want {
		t.Errorf("queue URL %s, want %s", *created.QueueUrl, want)
	}
	return client, created.QueueUrl
}

func lifeOfAQueue(t *testing.T, c *cloud) {
	ctx := background(t)
	client, url := newQueue(t, c, "life")
	sent, err := client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: url, MessageBody: aws.String("hello <&> é"),
		MessageAttributes: map[string]types.MessageAttributeValue{"n": {DataType: aws.String("Number"), StringValue: aws.String("1")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	// The SDK checks the digests of body and attributes by itself.
	got, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: url, MessageAttributeNames: []string{"All"}})
	if err != nil || len(got.Messages) != 1 {
		t.Fatalf("received %v, %v", got, err)
	}
	if m := got.Messages[0]; *m.MessageId != *sent.MessageId || *m.Body != "hello <&> é" || *m.MessageAttributes["n"].StringValue != "1" {
		t.Errorf("received %+v", m)
	}
	if _, err := client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: got.Messages[0].ReceiptHandle}); err != nil {
		t.Error(err)
	}
	if _, err := client.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: url}); err != nil {
		t.Error(err)
	}
	_, err = client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("too late")})
	var missing *types.QueueDoesNotExist
	if !errors.As(err, &missing) {
		t.Errorf("a queue that was deleted answers %v, want QueueDoesNotExist", err)
	}
	_, err = client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("\x00")})
	var refused smithy.APIError
	if !errors.As(err, &refused) {
		t.Errorf("a body that is not allowed answers %v", err)
	}
}

// exactlyOnce has 8 producers send and 8 consumers receive and delete.
func exactlyOnce(t *testing.T, c *cloud, messages int) {
	const workers = 8
	client, url := newQueue(t, c, "load")
	ctx, cancel := context.WithCancel(background(t))
	defer cancel()
	var mu sync.Mutex
	seen := make(map[string]int)
	var work sync.WaitGroup
	for first := range workers {
		work.Go(func() {
			for n := first; n < messages; n += workers {
				if _, err := client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String(strconv.Itoa(n))}); err != nil {
					t.Errorf("send %d: %v", n, err)
					return
				}
			}
		})
		work.Go(func() {
			for ctx.Err() == nil {
				got, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 5})
				if err != nil {
					if ctx.Err() == nil {
						t.Errorf("receive: %v", err)
					}
					return
				}
				for _, m := range got.Messages {
					if _, err := client.DeleteMessage(context.WithoutCancel(ctx), &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: m.ReceiptHandle}); err != nil {
						t.Errorf("delete: %v", err)
						return
					}
					mu.Lock()
					seen[*m.Body]++
					all := len(seen) == messages
					mu.Unlock()
					if all {
						cancel()
					}
				}
			}
		})
	}
	work.Wait()
	if len(seen) != messages {
		t.Errorf("%d messages came, want %d", len(seen), messages)
	}
	for body, times := range seen {
		if times != 1 {
			t.Errorf("message %s came %d times", body, times)
		}
	}
	left, err := client.GetQueueAttributes(background(t), &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil {
		t.Fatal(err)
	}
	if n, m := left.Attributes["ApproximateNumberOfMessages"], left.Attributes["ApproximateNumberOfMessagesNotVisible"]; n != "0" || m != "0" {
		t.Errorf("%s and %s messages are left", n, m)
	}
}

// longPoll measures how soon after a send a waiting receive has the message: the best of five, since
// the machine has other work too.
func longPoll(t *testing.T, c *cloud) {
	client, url := newQueue(t, c, "poll")
	ctx := background(t)
	best := time.Hour
	for i := range 5 {
		arrived := make(chan time.Time, 1)
		go func() {
			got, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: 10})
			if err != nil || len(got.Messages) != 1 {
				t.Errorf("received %v, %v", got, err)
			}
			arrived <- time.Now()
		}()
		select { // the poll has to be waiting
		case <-arrived:
			t.Fatal("the poll did not wait")
		case <-time.After(200 * time.Millisecond):
		}
		if _, err := client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String(fmt.Sprint(i))}); err != nil {
			t.Fatal(err)
		}
		sent := time.Now()
		best = min(best, (<-arrived).Sub(sent))
	}
	if best > 50*time.Millisecond {
		t.Errorf("a long poll woke %v after the send", best)
	}
}

func apart(t *testing.T, c *cloud) {
	ctx := background(t)
	for _, account := range []string{"111111111111", "222222222222"} {
		for _, region := range []string{"us-east-1", "eu-west-1"} {
			config := c.config(account, region)
			client := sqs.NewFromConfig(config)
			if _, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("same")}); err != nil {
				t.Fatal(err)
			}
			list, err := client.ListQueues(ctx, &sqs.ListQueuesInput{})
			if err != nil || len(list.QueueUrls) != 1 || list.QueueUrls[0] != c.URL+"/"+account+"/same" {
				t.Errorf("%s %s: queues %v, %v", account, region, list, err)
			}
			who, err := sts.NewFromConfig(config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
			if err != nil || *who.Account != account {
				t.Errorf("%s: caller %v, %v", account, who, err)
			}
		}
	}
}
