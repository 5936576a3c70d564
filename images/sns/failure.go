package sns

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/pattern"
	"localcloud/gateway/aws/policy"
)

// invalid is the error of a parameter that has a wrong value.
func invalid(format string, args ...any) *aws.Error {
	return refused("Invalid parameter: "+format, args...)
}

// refused is the same error with a message of another form.
func refused(format string, args ...any) *aws.Error {
	return &aws.Error{Code: "InvalidParameter", Message: fmt.Sprintf(format, args...), Status: 400}
}

func notFound(what string) *aws.Error {
	return &aws.Error{Code: "NotFound", Message: what + " does not exist", Status: 404}
}

// malformed is what AWS says of a text that is no JSON, as the parser of filter policies words it.
func malformed(text string) string {
	_, err := pattern.Compile(text, pattern.EventBridge)
	var e *pattern.Error
	if errors.As(err, &e) && strings.HasPrefix(e.Message, "failed to parse JSON") {
		return e.Error()
	}
	return "failed to parse JSON."
}

// permit checks a call of another account against the policy of a topic. Services of AWS itself are
// let through.
func permit(ctx context.Context, t *topic, action string) *aws.Error {
	call := aws.CallFrom(ctx)
	a, _ := parseARN("TopicArn", t.ARN)
	if call.Account == a.Account || strings.HasSuffix(call.Principal, ".amazonaws.com") {
		return nil
	}
	p, err := policy.Parse(t.policy())
	if err == nil && p.Allows(policy.Request{Call: call, Action: "SNS:" + action, Resource: t.ARN}) {
		return nil
	}
	who := call.Principal
	if who == "" {
		who = "arn:" + call.Partition() + ":iam::" + call.Account + ":root"
	}
	return &aws.Error{Code: "AuthorizationError", Status: 403,
		Message: fmt.Sprintf("User: %s is not authorized to perform: SNS:%s on resource: %s because no resource-based policy allows the SNS:%s action",
			who, action, t.ARN, action)}
}

// find returns the topic of an ARN for an operation of the caller. The lock is held.
func (b *Backend) find(ctx context.Context, parameter, text, action string) (*topic, *aws.Error) {
	a, err := own(ctx, parameter, text)
	if err != nil {
		return nil, err
	}
	t := b.state.topic(a)
	if t == nil {
		return nil, notFound("Topic")
	}
	return t, permit(ctx, t, action)
}
