package sns

import (
	"context"
	"encoding/json"

	"localcloud/gateway/aws"
)

// maxProtection is how long a data protection policy can be.
const maxProtection = 30720

// Data protection policies would audit, mask or deny messages. Nothing applies them to what is
// published, so that none can be set, and every topic is one that has none.

func (b *Backend) putDataProtectionPolicy(ctx context.Context, in *PutDataProtectionPolicyInput) (*PutDataProtectionPolicyOutput, error) {
	return &PutDataProtectionPolicyOutput{}, b.view(func() error {
		if _, err := b.find(ctx, "ResourceArn", in.ResourceArn, "PutDataProtectionPolicy"); err != nil {
			return err
		}
		return checkProtection(in.DataProtectionPolicy)
	})
}

func (b *Backend) getDataProtectionPolicy(ctx context.Context, in *GetDataProtectionPolicyInput) (*GetDataProtectionPolicyOutput, error) {
	return &GetDataProtectionPolicyOutput{}, b.view(func() error {
		_, err := b.find(ctx, "ResourceArn", in.ResourceArn, "GetDataProtectionPolicy")
		return err
	})
}

// checkProtection takes the empty policy alone, which removes one.
func checkProtection(text string) error {
	if text == "" {
		return nil
	}
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
	return aws.NotImplemented(aws.Lookup("sns"), "Data protection policies are not supported by the native sns backend: nothing would apply them to messages.")
}
