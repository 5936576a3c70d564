package backends

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// described is the configuration of the made-up backend.
func described() string {
	return `
project: described
backends:
  sqs:
    command: ["` + programs.madeup + `"]
    env: {PORT: "{port}"}
    probe: {path: /alive}
    account: fixed:999999999999
    region: nowhere-1
    sign: {access-key: madeup, secret-key: secret, region: nowhere-1}
    protocols: [query]
    delivers: false
`
}

func TestADescribedBackend(t *testing.T) {
	c := start(t, described())
	client := sqs.NewFromConfig(c.config("111122223333", "eu-west-1"))
	created, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q")})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := *created.QueueUrl, c.url+"/111122223333/q"; got != want {
		t.Errorf("URL %s, want %s", got, want)
	}
	got, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: created.QueueUrl, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"QueueArn":      "arn:aws:sqs:eu-west-1:111122223333:q",
		"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:d"}`,
	} {
		if got.Attributes[name] != want {
			t.Errorf("%s %s, want %s", name, got.Attributes[name], want)
		}
	}
	for name, want := range map[string]string{
		"missing": "NonExistentQueue: no arn:aws:sqs:eu-west-1:111122223333:missing",
		"garbage": "503, RequestID",
		"exit":    "503, RequestID",
	} {
		_, err := client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String(name)})
		if err == nil || !strings.Contains(err.Error(), want) || name != "missing" && !strings.Contains(err.Error(), "madeup") {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	if _, err := client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("q")}); err != nil {
		t.Errorf("after its exit: %v", err)
	}
	_, err = client.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: created.QueueUrl})
	if err == nil || !strings.Contains(err.Error(), "501") || !strings.Contains(err.Error(), "PurgeQueue of sqs is not supported by the backend madeup") {
		t.Errorf("an operation that it does not have: %v", err)
	}
}

func TestASlowBackendHoldsUpNobodyElse(t *testing.T) {
	c := start(t, described())
	slow := make(chan error, 1)
	go func() {
		_, err := sqs.NewFromConfig(c.config("111122223333", "eu-west-1")).GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("slow")})
		slow <- err
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	for range 20 {
		if _, err := sts.NewFromConfig(c.config("111122223333", "eu-west-1")).GetCallerIdentity(ctx, nil); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-slow:
		t.Error("the slow call was not slow")
	default:
	}
	if err := <-slow; err != nil {
		t.Error(err)
	}
}
