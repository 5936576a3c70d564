package wire

import (
	"errors"
	"net/http"
	"testing"

	"localcloud/gateway/aws"
)

// What AWS answered, word for word (aws-captures), to requests that its models rule out.
func TestValidationIsWordedAsAWSWordsIt(t *testing.T) {
	const role = "arn:aws:iam::123456789012:role/r"
	for _, test := range []struct {
		name, service, operation string
		in                       map[string]any
		code, message            string
	}{
		{"enumeration", "events", "CreateConnection", map[string]any{"Name": "n", "AuthorizationType": "INVALID_AUTH_TYPE", "AuthParameters": map[string]any{}},
			"ValidationException", "1 validation error detected: Value 'INVALID_AUTH_TYPE' at 'authorizationType' failed to satisfy constraint: Member must satisfy enum value set: [BASIC, OAUTH_CLIENT_CREDENTIALS, API_KEY]"},
		{"several", "events", "CreateConnection", map[string]any{"Name": "This should fail with two errors 123467890123412341234123412341234", "AuthorizationType": "INVALID", "AuthParameters": map[string]any{}},
			"ValidationException", "3 validation errors detected: Value 'This should fail with two errors 123467890123412341234123412341234' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+; Value 'This should fail with two errors 123467890123412341234123412341234' at 'name' failed to satisfy constraint: Member must have length less than or equal to 64; Value 'INVALID' at 'authorizationType' failed to satisfy constraint: Member must satisfy enum value set: [BASIC, OAUTH_CLIENT_CREDENTIALS, API_KEY]"},
		{"in a list", "events", "PutTargets", map[string]any{"Rule": "r", "Targets": []any{map[string]any{"Id": "!@#$@!#$", "Arn": role}}},
			"ValidationException", "1 validation error detected: Value '!@#$@!#$' at 'targets.1.member.id' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+"},
		{"too small", "kms", "GenerateRandom", map[string]any{"NumberOfBytes": 0},
			"ValidationException", "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		{"too large", "kms", "GenerateRandom", map[string]any{"NumberOfBytes": 1025},
			"ValidationException", "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024"},
		{"sensitive", "kms", "Encrypt", map[string]any{"KeyId": "k", "Plaintext": make([]byte, 4097)},
			"ValidationException", "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096"},
		{"null in a map", "sns", "Publish", map[string]any{"Message": "m", "MessageAttributes": map[string]any{"attr1": map[string]any{"StringValue": "v"}}},
			"ValidationError", "1 validation error detected: Value null at 'messageAttributes.attr1.member.dataType' failed to satisfy constraint: Member must not be null"},
		{"null in a map in a list", "sns", "PublishBatch", map[string]any{"TopicArn": "t", "PublishBatchRequestEntries": []any{
			map[string]any{"Id": "1", "Message": "m", "MessageAttributes": map[string]any{"attr1": map[string]any{"StringValue": "v"}}}}},
			"ValidationError", "1 validation error detected: Value null at 'publishBatchRequestEntries.1.member.messageAttributes.attr1.member.dataType' failed to satisfy constraint: Member must not be null"},
		{"null", "sns", "CreatePlatformApplication", map[string]any{"Name": "n", "Platform": "p"},
			"ValidationError", "1 validation error detected: Value null at 'attributes' failed to satisfy constraint: Member must not be null"},
		{"pattern", "sts", "AssumeRole", map[string]any{"RoleArn": role, "RoleSessionName": "Session1:2"},
			"ValidationError", "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*"},
		{"enumeration in a structure", "dynamodb", "UpdateKinesisStreamingDestination", map[string]any{"TableName": "t", "StreamArn": "arn:aws:kinesis:us-east-1:1:stream/abcdefghijklmn",
			"UpdateKinesisStreamingConfiguration": map[string]any{"ApproximateCreationDateTimePrecision": "SECOND"}},
			"ValidationException", "1 validation error detected: Value 'SECOND' at 'updateKinesisStreamingConfiguration.approximateCreationDateTimePrecision' failed to satisfy constraint: Member must satisfy enum value set: [MILLISECOND, MICROSECOND]"},
		{"empty list", "dynamodb", "ExecuteStatement", map[string]any{"Statement": "s", "Parameters": []any{}},
			"ValidationException", "1 validation error detected: Value '[]' at 'parameters' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"values of a map", "lambda", "CreateAlias", map[string]any{"FunctionName": "f", "Name": "n", "FunctionVersion": "1", "RoutingConfig": map[string]any{"AdditionalVersionWeights": map[string]any{"2": 2.0}}},
			"ValidationException", "1 validation error detected: Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]"},
		{"keys of a map", "lambda", "CreateAlias", map[string]any{"FunctionName": "f", "Name": "n", "FunctionVersion": "1", "RoutingConfig": map[string]any{"AdditionalVersionWeights": map[string]any{"$LATEST": 0.5}}},
			"ValidationException", "1 validation error detected: Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]"},
		{"a service's own code", "logs", "FilterLogEvents", map[string]any{"logGroupName": "g", "limit": 10001},
			"InvalidParameterException", "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000"},
		{"missing in SQS", "sqs", "SendMessage", map[string]any{"QueueUrl": "u"},
			"MissingParameter", "The request must contain the parameter MessageBody."},
	} {
		t.Run(test.name, func(t *testing.T) {
			op := aws.Lookup(test.service).Operation(test.operation)
			protocol := op.Service.Protocols[0]
			req, err := EncodeRequest(op, protocol, "localhost", test.in)
			if err != nil {
				t.Fatal(err)
			}
			call := &aws.Call{Service: op.Service, Operation: op, Protocol: protocol, Path: req.URL.EscapedPath()}
			err = DecodeRequest(call, req, &map[string]any{}, Options{Validate: true})
			var e *aws.Error
			if !errors.As(err, &e) || e.Code != test.code || e.Message != test.message {
				t.Errorf("got  %v\nwant %s: %s", err, test.code, test.message)
			} else if resp := EncodeError(call, req, e); resp.StatusCode != http.StatusBadRequest {
				t.Errorf("status %d", resp.StatusCode)
			}
		})
	}
}
