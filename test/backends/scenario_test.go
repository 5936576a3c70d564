package backends

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// combinations are the backends with which the scenario is played, with the programs that they need.
var combinations = []struct {
	name, backends string
	programs       []string
}{
	{"native", "{}", nil},
	{"versitygw", "{s3: versitygw}", []string{"versitygw"}},
	{"elasticmq", "{sqs: elasticmq}", []string{"elasticmq-server"}},
	{"versitygw, elasticmq", "{s3: versitygw, sqs: elasticmq}", []string{"versitygw", "elasticmq-server"}},
	{"versitygw, topics of moto, elasticmq", "{s3: versitygw, sns: moto, sqs: elasticmq}", []string{"versitygw", "elasticmq-server", "moto_server"}},
	{"moto", "{s3: moto, sns: moto, sqs: moto}", []string{"moto_server"}},
}

// TestAnObjectBecomesAMessage puts an object into a bucket that notifies a topic with a queue behind
// it, in two accounts and regions at once: each gets its own message and no other.
func TestAnObjectBecomesAMessage(t *testing.T) {
	for _, combination := range combinations {
		t.Run(combination.name, func(t *testing.T) {
			for _, program := range combination.programs {
				if _, err := exec.LookPath(program); err != nil {
					t.Skipf("%s is not installed (test/images/install)", program)
				}
			}
			c := start(t, "project: scenario\nbackends: "+combination.backends+"\n")
			places := []*place{
				{cloud: c, account: "111122223333", region: "eu-west-1"},
				{cloud: c, account: "444455556666", region: "us-east-1"},
			}
			for _, p := range places {
				p.prepare(t)
			}
			for _, p := range places {
				p.put(t, "object of "+p.account)
			}
			for _, p := range places {
				p.expect(t, "object+of+"+p.account)
			}
		})
	}
}

// place is an account in a region.
type place struct {
	*cloud
	account, region string
	queue           string
}

func (p *place) bucket() string { return "bucket-" + p.account }

// prepare makes queue, topic and bucket, and connects them.
func (p *place) prepare(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	config := p.config(p.account, p.region)
	queues, topics, buckets := sqs.NewFromConfig(config), sns.NewFromConfig(config), p.s3()
	queue, err := queues.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("events")})
	must(t, err)
	p.queue = *queue.QueueUrl
	attributes, err := queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: queue.QueueUrl, AttributeNames: []types.QueueAttributeName{"QueueArn"}})
	must(t, err)
	if got, want := attributes.Attributes["QueueArn"], fmt.Sprintf("arn:aws:sqs:%s:%s:events", p.region, p.account); got != want {
		t.Fatalf("queue %s, want %s", got, want)
	}
	topic, err := topics.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("events")})
	must(t, err)
	if got, want := *topic.TopicArn, fmt.Sprintf("arn:aws:sns:%s:%s:events", p.region, p.account); got != want {
		t.Fatalf("topic %s, want %s", got, want)
	}
	_, err = topics.Subscribe(ctx, &sns.SubscribeInput{
		TopicArn: topic.TopicArn, Protocol: aws.String("sqs"), Endpoint: aws.String(attributes.Attributes["QueueArn"]),
		Attributes: map[string]string{"RawMessageDelivery": "true"},
	})
	must(t, err)
	create := &s3.CreateBucketInput{Bucket: aws.String(p.bucket())}
	if p.region != "us-east-1" {
		create.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(p.region)}
	}
	_, err = buckets.CreateBucket(ctx, create)
	must(t, err)
	_, err = buckets.PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{
		Bucket: create.Bucket, SkipDestinationValidation: aws.Bool(true),
		NotificationConfiguration: &s3types.NotificationConfiguration{TopicConfigurations: []s3types.TopicConfiguration{{
			TopicArn: topic.TopicArn, Events: []s3types.Event{"s3:ObjectCreated:*"},
		}}},
	})
	must(t, err)
}

func (p *place) s3() *s3.Client {
	return s3.NewFromConfig(p.config(p.account, p.region), func(o *s3.Options) { o.UsePathStyle = true })
}

func (p *place) put(t *testing.T, key string) {
	t.Helper()
	_, err := p.s3().PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(p.bucket()), Key: aws.String(key), Body: strings.NewReader("content")})
	must(t, err)
}

// expect receives one message that holds the text, and no other.
func (p *place) expect(t *testing.T, text string) {
	t.Helper()
	client := sqs.NewFromConfig(p.config(p.account, p.region))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	found := 0
	for wait := int32(5); ; wait = 1 {
		out, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(p.queue), WaitTimeSeconds: wait, MaxNumberOfMessages: 10})
		must(t, err)
		for _, m := range out.Messages {
			switch {
			case strings.Contains(*m.Body, text) && strings.Contains(*m.Body, `"awsRegion":"`+p.region+`"`):
				found++
			case strings.Contains(*m.Body, "s3:TestEvent"):
			default:
				t.Errorf("%s got %s", p.account, *m.Body)
			}
			_, err := client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String(p.queue), ReceiptHandle: m.ReceiptHandle})
			must(t, err)
		}
		if len(out.Messages) == 0 && found > 0 {
			break
		}
	}
	if found != 1 {
		t.Errorf("%s got %d messages of its object", p.account, found)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
