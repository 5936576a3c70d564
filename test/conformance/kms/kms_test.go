// Package kms_test holds what a backend of the Key Management Service must do for its clients.
package kms_test

import (
	"testing"

	"localcloud/test/conformance/steps"
)

// TestEndpoint runs the suite against a running endpoint.
func TestEndpoint(t *testing.T) { suite.Run(t, steps.Endpoint(t)) }

var suite = steps.Suite{Service: "kms", Target: "TrentService", JSON: "1.1", Steps: []steps.Step{
	{Name: "create", Operation: "CreateKey", In: `{"Description":"d"}`,
		Want: []string{`"KeyState":"Enabled"`, `"KeySpec":"SYMMETRIC_DEFAULT"`, `"Arn":"arn:aws:kms:{region}:{account}:key/`}, Save: map[string]string{"key": `"KeyId":"([^"]+)"`}},
	{Name: "describe", Operation: "DescribeKey", In: `{"KeyId":"{key}"}`, Want: []string{`"Description":"d"`, `"AWSAccountId":"{account}"`}},
	{Name: "describe by ARN", Operation: "DescribeKey", In: `{"KeyId":"arn:aws:kms:{region}:{account}:key/{key}"}`, Want: []string{`"KeyId":"{key}"`}},
	{Name: "describe none", Operation: "DescribeKey", In: `{"KeyId":"00000000-0000-0000-0000-000000000000"}`, Code: "NotFoundException"},
	{Name: "of another account", Operation: "DescribeKey", In: `{"KeyId":"{key}"}`, Account: "444455556666", Code: "NotFoundException"},
	{Name: "alias", Operation: "CreateAlias", In: `{"AliasName":"alias/a-{run}","TargetKeyId":"{key}"}`},
	{Name: "alias again", Operation: "CreateAlias", In: `{"AliasName":"alias/a-{run}","TargetKeyId":"{key}"}`, Code: "AlreadyExistsException"},
	{Name: "encrypt", Operation: "Encrypt", In: `{"KeyId":"alias/a-{run}","Plaintext":"c2VjcmV0","EncryptionContext":{"a":"b"}}`,
		Save: map[string]string{"text": `"CiphertextBlob":"([^"]+)"`}},
	{Name: "decrypt", Operation: "Decrypt", In: `{"CiphertextBlob":"{text}","EncryptionContext":{"a":"b"}}`, Want: []string{`"Plaintext":"c2VjcmV0"`}},
	{Name: "decrypt in another context", Operation: "Decrypt", In: `{"CiphertextBlob":"{text}"}`, Code: "InvalidCiphertextException"},
	{Name: "decrypt garbage", Operation: "Decrypt", In: `{"CiphertextBlob":"Z2FyYmFnZQ=="}`, Code: "InvalidCiphertextException"},
	{Name: "data key", Operation: "GenerateDataKey", In: `{"KeyId":"{key}","KeySpec":"AES_256"}`, Want: []string{`"Plaintext":"`},
		Save: map[string]string{"datakey": `"CiphertextBlob":"([^"]+)"`}},
	{Name: "decrypt the data key", Operation: "Decrypt", In: `{"CiphertextBlob":"{datakey}"}`, Want: []string{`"Plaintext":"`}},
	{Name: "sign key", Operation: "CreateKey", In: `{"KeyUsage":"SIGN_VERIFY","KeySpec":"ECC_NIST_P256"}`, Save: map[string]string{"signer": `"KeyId":"([^"]+)"`}},
	{Name: "sign", Operation: "Sign", In: `{"KeyId":"{signer}","Message":"c2VjcmV0","SigningAlgorithm":"ECDSA_SHA_256"}`, Save: map[string]string{"signature": `"Signature":"([^"]+)"`}},
	{Name: "verify", Operation: "Verify", In: `{"KeyId":"{signer}","Message":"c2VjcmV0","SigningAlgorithm":"ECDSA_SHA_256","Signature":"{signature}"}`, Want: []string{`"SignatureValid":true`}},
	{Name: "verify another message", Operation: "Verify", In: `{"KeyId":"{signer}","Message":"b3RoZXI=","SigningAlgorithm":"ECDSA_SHA_256","Signature":"{signature}"}`, Code: "KMSInvalidSignatureException"},
	{Name: "disable", Operation: "DisableKey", In: `{"KeyId":"{key}"}`},
	{Name: "encrypt with a disabled key", Operation: "Encrypt", In: `{"KeyId":"{key}","Plaintext":"c2VjcmV0"}`, Code: "DisabledException"},
	{Name: "schedule deletion", Operation: "ScheduleKeyDeletion", In: `{"KeyId":"{key}","PendingWindowInDays":7}`, Want: []string{`"DeletionDate":`}},
	{Name: "use what is to be deleted", Operation: "Encrypt", In: `{"KeyId":"{key}","Plaintext":"c2VjcmV0"}`, Code: "KMSInvalidStateException"},
}}
