package sqs

import (
	"context"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/policy"
)

// ownerOnly are the operations that no policy can give to another account.
var ownerOnly = map[string]bool{
	"AddPermission": true, "CancelMessageMoveTask": true, "CreateQueue": true, "DeleteQueue": true,
	"ListMessageMoveTasks": true, "ListQueues": true, "ListQueueTags": true, "RemovePermission": true,
	"SetQueueAttributes": true, "StartMessageMoveTask": true, "TagQueue": true, "UntagQueue": true,
}

// reach returns the queue of a URL for an operation of the caller: it must exist, and where it
// belongs to another account its policy must allow the operation.
func (b *Backend) reach(ctx context.Context, address, action string) (*resource, error) {
	call := aws.CallFrom(ctx)
	if address == "" {
		return nil, missing("QueueUrl")
	}
	at, name, ok := parseURL(call, address)
	if !ok {
		return nil, aws.Errorf("InvalidAddress", "The address %s is not valid for this endpoint.", address)
	}
	r := b.registry.find(at, name)
	if r == nil {
		return nil, noQueue(call)
	}
	if err := permit(call, r, action); err != nil {
		return nil, err
	}
	return r, nil
}

// permit checks a call of another account against the queue's policy. Services of AWS itself (the
// gateway's deliveries) are let through: the glue that calls in their name has checked them.
func permit(call *aws.Call, r *resource, action string) error {
	if call.Account == r.account || strings.HasSuffix(call.Principal, ".amazonaws.com") {
		return nil
	}
	p := r.properties.Load().attributes.policy
	if !ownerOnly[action] && p.Allows(policy.Request{Call: call, Action: "sqs:" + action, Resource: r.arn()}) {
		return nil
	}
	principal := call.Principal
	if principal == "" {
		principal = "arn:" + call.Partition() + ":iam::" + call.Account + ":root"
	}
	return &aws.Error{
		Code: "AccessDenied", Status: 403,
		Message: "User: " + principal + " is not authorized to perform: sqs:" + strings.ToLower(action) +
			" on resource: " + r.arn() + " because no resource-based policy allows the sqs:" + strings.ToLower(action) + " action",
	}
}
