// Command sibling is a program in a container beside localcloud: it gets a queue's URL from the
// endpoint it is given, as an application would, and uses that URL as it is.
//
//	sibling ENDPOINT QUEUE
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run prints the URL, receives the message that waits in the queue and sends one back.
func run(endpoint, queue string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	config := aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("000000000000", "test", "")}
	client := sqs.NewFromConfig(config, func(o *sqs.Options) { o.BaseEndpoint = &endpoint })
	found, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &queue})
	if err != nil {
		return err
	}
	fmt.Println(*found.QueueUrl)
	got, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: found.QueueUrl, WaitTimeSeconds: 5})
	if err != nil {
		return err
	}
	if len(got.Messages) != 1 {
		return fmt.Errorf("%d messages, want one", len(got.Messages))
	}
	if _, err := client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: found.QueueUrl, ReceiptHandle: got.Messages[0].ReceiptHandle}); err != nil {
		return err
	}
	_, err = client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: found.QueueUrl, MessageBody: aws.String("back: " + *got.Messages[0].Body)})
	return err
}
