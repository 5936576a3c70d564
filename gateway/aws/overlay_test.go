package aws_test

import (
	"testing"

	"localcloud/gateway/aws"
)

func TestSQSHasItsQueryProtocol(t *testing.T) {
	sqs := aws.Lookup("sqs")
	if !sqs.Speaks(aws.JSON10) || !sqs.Speaks(aws.Query) {
		t.Errorf("protocols: %v", sqs.Protocols)
	}
	for operation, wrapper := range map[string]string{"SendMessage": "SendMessageResult", "DeleteQueue": ""} {
		op := sqs.Operation(operation)
		if op.ResultWrapper != wrapper || (wrapper == "") != (op.Output() == nil) {
			t.Errorf("%s: wrapper %q, output %v", operation, op.ResultWrapper, op.Output())
		}
	}
	for _, test := range []struct{ operation, member, key, want string }{
		{"CreateQueue", "Attributes", "Name", "Attribute"},
		{"CreateQueue", "tags", "Key", "Tag"},
		{"TagQueue", "Tags", "Key", "Tag"},
		{"SendMessage", "MessageAttributes", "Name", "MessageAttribute"},
		{"SendMessage", "MessageSystemAttributes", "Name", "MessageSystemAttribute"},
		{"SendMessageBatch", "Entries", "", "SendMessageBatchRequestEntry"},
		{"ReceiveMessage", "AttributeNames", "", "AttributeName"},
		{"UntagQueue", "TagKeys", "", "TagKey"},
	} {
		m := sqs.Operation(test.operation).Input().Member(test.member)
		if m.QueryWireName() != test.want || !m.Flattened || m.WireName() != test.member {
			t.Errorf("%s.%s: %+v", test.operation, test.member, m)
		}
		if test.key != "" && (m.Shape.Key.QueryName != test.key || m.Shape.Elem.QueryName != "Value") {
			t.Errorf("%s.%s: key %+v", test.operation, test.member, m.Shape.Key)
		}
	}
	if m := sqs.Operation("ReceiveMessage").Output().Member("Messages"); m.QueryName != "Message" {
		t.Errorf("Messages: %+v", m)
	}
}

func TestSQSErrorsHaveTheirQueryCodes(t *testing.T) {
	sqs := aws.Lookup("sqs")
	e := sqs.Exception("AWS.SimpleQueueService.NonExistentQueue")
	if e == nil || e.Name != "QueueDoesNotExist" || e.Error.Code != "" || e.Error.Status != 400 || !e.Error.SenderFault {
		t.Errorf("got %+v", e)
	}
	if e := sqs.Exception("OverLimit"); e.Error.Status != 403 {
		t.Errorf("got %+v", e)
	}
}
