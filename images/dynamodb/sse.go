package dynamodb

import (
	"strings"

	"localcloud/gateway/aws"
)

// defaultKey stands for the id of the account's own key for DynamoDB.
const defaultKey = "00000000-0000-4000-8000-000000000001"

// sseOf is the description of what a table's specification of encryption asks for: nil for the key
// that DynamoDB owns.
func sseOf(call *aws.Call, s *SSESpecification) (*SSEDescription, error) {
	if !deref(s.Enabled) {
		if s.SSEType != nil || s.KMSMasterKeyId != nil {
			return nil, invalid(invalidValues + "SSEType and KMSMasterKeyId can only be specified when Enabled is true")
		}
		return nil, nil
	}
	if deref(s.SSEType) == SSETypeAes256 {
		return nil, invalid(invalidValues + "Server-Side Encryption type AES256 is not supported")
	}
	key := deref(s.KMSMasterKeyId)
	switch {
	case key == "":
		key = "key/" + defaultKey
	case !strings.HasPrefix(key, "alias/") && !strings.HasPrefix(key, "arn:"):
		key = "key/" + key
	}
	if !strings.HasPrefix(key, "arn:") {
		key = call.ARN("kms", key)
	}
	return &SSEDescription{Status: ptr(SSEStatusEnabled), SSEType: ptr(SSETypeKms), KMSMasterKeyArn: &key}, nil
}
