package dynamodb

import (
	"context"
	"encoding/json"
	"strings"

	"localcloud/gateway/aws"
)

// maxPolicy is the size of a resource policy in bytes.
const maxPolicy = 20 * 1024

func newPolicy(text string) (*policyDefinition, error) {
	if len(text) > maxPolicy {
		return nil, aws.Errorf("LimitExceededException", "Subscriber limit exceeded: Resource-based policy size exceeds the limit of %d bytes", maxPolicy)
	}
	var document struct{ Statement any }
	if err := json.Unmarshal([]byte(text), &document); err != nil || document.Statement == nil {
		return nil, invalid("Resource-based policy provided is not a valid policy document")
	}
	return &policyDefinition{Text: text, Revision: newUUID()}, nil
}

// policyPlace finds the policy that an ARN names: the table's or its stream's.
func (b *Backend) policyPlace(ctx context.Context, arn string) (*table, func(*definition) **policyDefinition, error) {
	t, err := b.tableOfARN(aws.CallFrom(ctx), arn)
	if err != nil {
		return nil, nil, err
	}
	if !strings.Contains(arn, "/stream/") {
		return t, func(d *definition) **policyDefinition { return &d.Policy }, nil
	}
	if d := t.def.Load(); d.Stream == nil || d.streamARN() != arn {
		return nil, nil, aws.Errorf("ResourceNotFoundException", "Requested resource not found: Stream: %s not found", arn)
	}
	return t, func(d *definition) **policyDefinition { return &d.StreamPolicy }, nil
}

func noPolicy(arn string) *aws.Error {
	return aws.Errorf("PolicyNotFoundException", "Resource-based policy not found for the provided ResourceArn: %s", arn)
}

func (b *Backend) putResourcePolicy(ctx context.Context, in *PutResourcePolicyInput) (*PutResourcePolicyOutput, error) {
	t, of, err := b.policyPlace(ctx, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	policy, err := newPolicy(in.Policy)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	old := *of(t.def.Load())
	if expected := in.ExpectedRevisionId; expected != nil {
		switch {
		case *expected == "NO_POLICY" && old != nil, *expected != "NO_POLICY" && (old == nil || old.Revision != *expected):
			return nil, aws.Errorf("PolicyNotFoundException", "Resource-based policy not found for the provided ResourceArn or the revision id does not match: %s", in.ResourceArn)
		}
	}
	if old != nil && old.Text == policy.Text {
		policy.Revision = old.Revision
	}
	return &PutResourcePolicyOutput{RevisionId: &policy.Revision}, b.change(t, func(d *definition) { *of(d) = policy })
}

func (b *Backend) getResourcePolicy(ctx context.Context, in *GetResourcePolicyInput) (*GetResourcePolicyOutput, error) {
	t, of, err := b.policyPlace(ctx, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	policy := *of(t.def.Load())
	if policy == nil {
		return nil, noPolicy(in.ResourceArn)
	}
	return &GetResourcePolicyOutput{Policy: &policy.Text, RevisionId: &policy.Revision}, nil
}

func (b *Backend) deleteResourcePolicy(ctx context.Context, in *DeleteResourcePolicyInput) (*DeleteResourcePolicyOutput, error) {
	t, of, err := b.policyPlace(ctx, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	old := *of(t.def.Load())
	switch {
	case old == nil && in.ExpectedRevisionId != nil, old != nil && in.ExpectedRevisionId != nil && *in.ExpectedRevisionId != old.Revision:
		return nil, noPolicy(in.ResourceArn)
	case old == nil:
		return nil, nil
	}
	return &DeleteResourcePolicyOutput{RevisionId: &old.Revision}, b.change(t, func(d *definition) { *of(d) = nil })
}
