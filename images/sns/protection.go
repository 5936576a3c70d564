package sns

import (
	"context"
	"encoding/json"

	"localcloud/gateway/aws"
)

// maxProtection is how long a data protection policy can be.
const maxProtection = 30720

// Data protection policies are kept and returned. What they would do to messages (audit, mask, deny
// them) is up to whoever publishes.

func (b *Backend) putDataProtectionPolicy(ctx context.Context, in *PutDataProtectionPolicyInput) (*PutDataProtectionPolicyOutput, error) {
	if in.DataProtectionPolicy != "" {
		if err := checkProtection(in.DataProtectionPolicy); err != nil {
			return nil, err
		}
	}
	return &PutDataProtectionPolicyOutput{}, b.update(func() error {
		t, err := b.find(ctx, "ResourceArn", in.ResourceArn, "PutDataProtectionPolicy")
		if err != nil {
			return err
		}
		t.Protection = in.DataProtectionPolicy
		b.record(change{Topic: t})
		return nil
	})
}

func (b *Backend) getDataProtectionPolicy(ctx context.Context, in *GetDataProtectionPolicyInput) (*GetDataProtectionPolicyOutput, error) {
	out := &GetDataProtectionPolicyOutput{}
	return out, b.view(func() error {
		t, err := b.find(ctx, "ResourceArn", in.ResourceArn, "GetDataProtectionPolicy")
		if err != nil {
			return err
		}
		if t.Protection != "" {
			out.DataProtectionPolicy = ptr(t.Protection)
		}
		return nil
	})
}

func checkProtection(text string) *aws.Error {
	var p struct {
		Name, Version string
		Statement     []json.RawMessage
	}
	switch err := json.Unmarshal([]byte(text), &p); {
	case len(text) > maxProtection:
		return invalid("DataProtectionPolicy Reason: the policy is longer than %d bytes", maxProtection)
	case err != nil:
		return invalid("DataProtectionPolicy Reason: the policy is not a valid JSON document")
	case p.Name == "" || len(p.Statement) == 0:
		return invalid("DataProtectionPolicy Reason: the policy needs a Name and a Statement")
	}
	return nil
}
