package s3events

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"localcloud/gateway"
	"localcloud/gateway/aws"
	"localcloud/gateway/aws/wire"
)

// putInput is PutBucketNotificationConfiguration.
type putInput struct {
	Bucket                    string
	ExpectedBucketOwner       *string
	SkipDestinationValidation *bool
	NotificationConfiguration *notification
}

type notification struct {
	TopicConfigurations          []topicConfiguration
	QueueConfigurations          []queueConfiguration
	LambdaFunctionConfigurations []lambdaConfiguration
	EventBridgeConfiguration     *struct{}
}

type topicConfiguration struct {
	Id       *string
	TopicArn string
	Events   []string
	Filter   *filter
}

type queueConfiguration struct {
	Id       *string
	QueueArn string
	Events   []string
	Filter   *filter
}

type lambdaConfiguration struct {
	Id                *string
	LambdaFunctionArn string
}

type filter struct{ Key *keyFilter }

type keyFilter struct{ FilterRules []filterRule }

type filterRule struct{ Name, Value *string }

func (g *Glue) put(ctx context.Context, call *gateway.Call) (*http.Response, error) {
	var in putInput
	if err := wire.DecodeRequest(&call.Call, call.Request, &in, wire.Options{}); err != nil {
		return nil, err
	}
	if err := g.bucketExists(ctx, call, in.Bucket, in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	c, err := read(call, in.NotificationConfiguration)
	if err != nil {
		return nil, err
	}
	if in.SkipDestinationValidation == nil || !*in.SkipDestinationValidation {
		if err := g.checkDestinations(ctx, c.Rules); err != nil {
			return nil, err
		}
	}
	if err := g.keep(in.Bucket, c); err != nil {
		return nil, err
	}
	if err := g.sendTests(call, in.Bucket, c.Rules); err != nil {
		return nil, err
	}
	return wire.EncodeResponse(&call.Call, call.Request, nil)
}

// checkDestinations refuses queues and topics that are not there.
func (g *Glue) checkDestinations(ctx context.Context, rules []rule) error {
	detail := make(map[string]any)
	for i := range rules {
		parts := strings.SplitN(rules[i].ARN, ":", 6)
		var err error
		what := "queue"
		if parts[2] == "sqs" {
			err = g.options.Call(ctx, "sqs", "GetQueueUrl", parts[4], parts[3], map[string]any{"QueueName": parts[5]}, &struct{ QueueUrl *string }{})
		} else {
			what = "topic"
			err = g.options.Call(ctx, "sns", "GetTopicAttributes", parts[4], parts[3], map[string]any{"TopicArn": rules[i].ARN}, &struct{ Attributes map[string]string }{})
		}
		var refused *aws.Error
		switch {
		case err == nil:
		case errors.As(err, &refused) && refused.Status < 500:
			n := len(detail)/2 + 1
			detail[fmt.Sprintf("ArgumentName%d", n)] = rules[i].ARN
			detail[fmt.Sprintf("ArgumentValue%d", n)] = "The destination " + what + " does not exist"
		default:
			return err
		}
	}
	if len(detail) > 0 {
		return argument("Unable to validate the following destination configurations", detail)
	}
	return nil
}

func (g *Glue) get(ctx context.Context, call *gateway.Call) (*http.Response, error) {
	bucket, _ := bucketAndKey(call.Path)
	var owner *string
	if expected := call.Request.Header.Get("X-Amz-Expected-Bucket-Owner"); expected != "" {
		owner = &expected
	}
	if err := g.bucketExists(ctx, call, bucket, owner); err != nil {
		return nil, err
	}
	c, _ := g.configurations.Get(bucket)
	out := new(notification)
	for i := range c.Rules {
		c.Rules[i].describe(out)
	}
	return wire.EncodeResponse(&call.Call, call.Request, out)
}

// bucketExists asks the backend of S3; its refusal is the caller's.
func (g *Glue) bucketExists(ctx context.Context, call *gateway.Call, bucket string, owner *string) error {
	in := map[string]any{"Bucket": bucket}
	if owner != nil {
		in["ExpectedBucketOwner"] = *owner
	}
	err := g.options.Call(ctx, "s3", "HeadBucket", call.Account, call.Region, in, &struct{ BucketRegion *string }{})
	var refused *aws.Error
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound { // a HEAD has no body to say so
		return &aws.Error{Code: "NoSuchBucket", Message: "The specified bucket does not exist", Status: 404, Detail: map[string]any{"BucketName": bucket}}
	}
	return err
}

// keep makes c the configuration of a bucket; one without rules is none.
func (g *Glue) keep(bucket string, c *configuration) error {
	if len(c.Rules) == 0 {
		return g.configurations.Delete(bucket)
	}
	return g.configurations.Put(bucket, *c)
}

func deprecated(call *gateway.Call) error {
	return aws.NotImplemented(call.Service, call.Operation.Name+" is deprecated and not supported; use its successor with NotificationConfiguration.")
}
