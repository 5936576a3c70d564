package sqs

import (
	"fmt"
	"strings"
	"testing"
)

// Recorded is an error as AWS answered it. Those with a Test are taken from the recordings of the
// LocalStack project (Apache-2.0); the others follow the API reference.
type Recorded struct {
	Test      string // name of the recording
	Operation string
	Input     Values // "standard" and "fifo" as QueueUrl, SourceArn and the like stand for queues of the suite
	Code      string // as in JSON
	QueryCode string
	Message   string // {queue} stands for the name of the queue
	Status    int
}

const (
	invalidValue   = "InvalidParameterValueException"
	invalidQuery   = "InvalidParameterValue"
	batchID        = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long."
	tooMany        = "Maximum number of entries per request are 10. You have sent 20."
	simple         = "AWS.SimpleQueueService."
	wrongID        = "can only include alphanumeric and punctuation characters. 1 to 128 in length."
	noDedup        = "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
	foreignARN     = "arn:aws:sqs:us-east-1:000000000000:suite-no-such-queue"
	maxMessageSize = 1 << 20
)

// invalid is a recorded InvalidParameterValue.
func invalid(test, operation string, input Values, message string) Recorded {
	return Recorded{test, operation, input, invalidValue, invalidQuery, message, 400}
}

// entries makes a batch of n entries with those members.
func entries(n int, members Values) []Values {
	out := make([]Values, n)
	for i := range out {
		out[i] = Values{"Id": fmt.Sprint("entry-", i)}
		for name, value := range members {
			out[i][name] = value
		}
	}
	return out
}

// RecordedErrors is the table.
func RecordedErrors() []Recorded {
	long := strings.Repeat("a", 129)
	table := []Recorded{
		invalid("test_send_receive_max_number_of_messages", "ReceiveMessage", Values{"QueueUrl": "standard", "MaxNumberOfMessages": 11},
			"Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."),
		invalid("test_send_receive_wait_time_seconds", "ReceiveMessage", Values{"QueueUrl": "standard", "WaitTimeSeconds": 21},
			"Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."),
		invalid("test_send_receive_wait_time_seconds", "ReceiveMessage", Values{"QueueUrl": "standard", "WaitTimeSeconds": -1},
			"Value -1 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."),
		invalid("test_send_oversized_message", "SendMessage", Values{"QueueUrl": "standard", "MessageBody": strings.Repeat("a", maxMessageSize-7),
			"MessageAttributes": Values{"k": Values{"DataType": "String", "StringValue": "x"}}},
			"One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."),
		{"test_send_message_batch_with_oversized_contents", "SendMessageBatch", Values{"QueueUrl": "standard", "Entries": []Values{
			{"Id": "1", "MessageBody": strings.Repeat("a", maxMessageSize)}, {"Id": "2", "MessageBody": "a"}}},
			"BatchRequestTooLong", simple + "BatchRequestTooLong", "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.", 400},
		{"test_create_queue_with_different_attributes_raises_exception", "CreateQueue", Values{"QueueName": "standard", "Attributes": Values{"DelaySeconds": "2"}},
			"QueueNameExists", "QueueAlreadyExists", "A queue already exists with the same name and a different value for attribute DelaySeconds", 400},
		{"test_create_fifo_queue_with_different_attributes_raises_error", "CreateQueue", Values{"QueueName": "fifo", "Attributes": Values{"FifoQueue": "true", "ContentBasedDeduplication": "true"}},
			"QueueNameExists", "QueueAlreadyExists", "A queue already exists with the same name and a different value for attribute ContentBasedDeduplication", 400},
		invalid("test_fifo_queue_send_message_with_delay_seconds_fails", "SendMessage", Values{"QueueUrl": "fifo", "MessageBody": "m", "MessageGroupId": "1", "MessageDeduplicationId": "1", "DelaySeconds": 2},
			"Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type."),
		{"test_too_many_entries_in_batch_request", "SendMessageBatch", Values{"QueueUrl": "standard", "Entries": entries(20, Values{"MessageBody": "m"})},
			"TooManyEntriesInBatchRequest", simple + "TooManyEntriesInBatchRequest", tooMany, 400},
		{"test_delete_message_batch_with_too_large_batch", "DeleteMessageBatch", Values{"QueueUrl": "standard", "Entries": entries(20, Values{"ReceiptHandle": "h"})},
			"TooManyEntriesInBatchRequest", simple + "TooManyEntriesInBatchRequest", tooMany, 400},
		{"test_change_message_visibility_batch_with_too_large_batch", "ChangeMessageVisibilityBatch", Values{"QueueUrl": "standard", "Entries": entries(20, Values{"ReceiptHandle": "h", "VisibilityTimeout": 123})},
			"TooManyEntriesInBatchRequest", simple + "TooManyEntriesInBatchRequest", tooMany, 400},
		{"test_invalid_batch_id", "SendMessageBatch", Values{"QueueUrl": "standard", "Entries": []Values{{"Id": "message:1", "MessageBody": "m"}}},
			"InvalidBatchEntryId", simple + "InvalidBatchEntryId", batchID, 400},
		{"test_delete_message_batch_invalid_msg_id", "DeleteMessageBatch", Values{"QueueUrl": "standard", "Entries": []Values{{"Id": "", "ReceiptHandle": "h"}}},
			"InvalidBatchEntryId", simple + "InvalidBatchEntryId", batchID, 400},
		{"test_delete_message_batch_invalid_msg_id", "DeleteMessageBatch", Values{"QueueUrl": "standard", "Entries": []Values{{"Id": strings.Repeat("testLongId", 10), "ReceiptHandle": "h"}}},
			"InvalidBatchEntryId", simple + "InvalidBatchEntryId", batchID, 400},
		invalid("test_send_batch_missing_deduplication_id_for_fifo_queue", "SendMessageBatch", Values{"QueueUrl": "fifo", "Entries": []Values{
			{"Id": "1", "MessageBody": "m", "MessageGroupId": "g", "MessageDeduplicationId": "d"}, {"Id": "2", "MessageBody": "m", "MessageGroupId": "g"}}}, noDedup),
		invalid("test_send_batch_missing_message_group_id_for_fifo_queue", "SendMessageBatch", Values{"QueueUrl": "fifo", "Entries": []Values{
			{"Id": "1", "MessageBody": "m", "MessageDeduplicationId": "d"}}}, "The request must contain the parameter MessageGroupId."),
		invalid("test_posting_to_fifo_requires_deduplicationid_group_id", "SendMessage", Values{"QueueUrl": "fifo", "MessageBody": "m", "MessageGroupId": "g"}, noDedup),
		{"test_posting_to_fifo_requires_deduplicationid_group_id", "SendMessage", Values{"QueueUrl": "fifo", "MessageBody": "m", "MessageDeduplicationId": "d"},
			"MissingRequiredParameterException", "MissingParameter", "The request must contain the parameter MessageGroupId.", 400},
		invalid("test_send_message_with_empty_string_attribute", "SendMessage", Values{"QueueUrl": "standard", "MessageBody": "m",
			"MessageAttributes": Values{"ErrorDetails": Values{"DataType": "String", "StringValue": ""}}},
			"Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'."),
		{"test_send_empty_message", "SendMessage", Values{"QueueUrl": "standard", "MessageBody": ""},
			"MissingRequiredParameterException", "MissingParameter", "The request must contain the parameter MessageBody.", 400},
		{"test_set_unsupported_attribute_fifo", "SetQueueAttributes", Values{"QueueUrl": "standard", "Attributes": Values{"FifoQueue": "true"}},
			"InvalidAttributeName", "InvalidAttributeName", "Unknown Attribute FifoQueue.", 400},
		{"test_set_unsupported_attribute_fifo", "SetQueueAttributes", Values{"QueueUrl": "fifo", "Attributes": Values{"FifoQueue": "false"}},
			"InvalidAttributeValue", "InvalidAttributeValue", "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.", 400},
		{"test_create_standard_queue_with_fifo_attribute_raises_error", "CreateQueue", Values{"QueueName": "suite-new", "Attributes": Values{"FifoQueue": "false"}},
			"InvalidAttributeName", "InvalidAttributeName", "Unknown Attribute FifoQueue.", 400},
		{"test_create_standard_queue_with_fifo_attribute_raises_error", "CreateQueue", Values{"QueueName": "suite-new", "Attributes": Values{"ContentBasedDeduplication": "true"}},
			"InvalidAttributeName", "InvalidAttributeName", "Unknown Attribute ContentBasedDeduplication.", 400},
		{"test_create_standard_queue_with_fifo_attribute_raises_error", "CreateQueue", Values{"QueueName": "suite-new", "Attributes": Values{"DeduplicationScope": "queue"}},
			"InvalidAttributeName", "InvalidAttributeName", "You can specify the DeduplicationScope only when FifoQueue is set to true.", 400},
		{"test_create_standard_queue_with_fifo_attribute_raises_error", "CreateQueue", Values{"QueueName": "suite-new", "Attributes": Values{"FifoThroughputLimit": "perQueue"}},
			"InvalidAttributeName", "InvalidAttributeName", "You can specify the FifoThroughputLimit only when FifoQueue is set to true.", 400},
		{"test_sse_kms_and_sqs_are_mutually_exclusive", "SetQueueAttributes", Values{"QueueUrl": "standard", "Attributes": Values{"KmsMasterKeyId": "key", "SqsManagedSseEnabled": "true"}},
			"InvalidAttributeName", "InvalidAttributeName", "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.", 400},
		invalid("test_sqs_permission_lifecycle", "RemovePermission", Values{"QueueUrl": "standard", "Label": "nobody"},
			"Value nobody for parameter Label is invalid. Reason: can't find label."),
		invalid("test_source_needs_redrive_policy", "StartMessageMoveTask", Values{"SourceArn": "standard"},
			"Source queue must be configured as a Dead Letter Queue."),
		{"test_destination_needs_to_exist", "ListMessageMoveTasks", Values{"SourceArn": foreignARN},
			"ResourceNotFoundException", "ResourceNotFoundException", "The resource that you specified for the SourceArn parameter doesn't exist.", 404},
		invalid("test_cancel_with_invalid_task_handle", "CancelMessageMoveTask", Values{"TaskHandle": "foobared"},
			"Value for parameter TaskHandle is invalid."),
		{"test_cancel_with_invalid_source_arn_in_task_handle", "CancelMessageMoveTask",
			Values{"TaskHandle": "eyJ0YXNrSWQiOiIxMGY2ZWQ1YS0xMjM0IiwgInNvdXJjZUFybiI6ImFybjphd3M6c3FzOnVzLWVhc3QtMTowMDAwMDAwMDAwMDA6c3VpdGUtbm8tc3VjaC1xdWV1ZSJ9"},
			"ResourceNotFoundException", "ResourceNotFoundException", "The resource that you specified for the SourceArn parameter doesn't exist.", 404},
		invalid("", "CreateQueue", Values{"QueueName": "suite!"}, "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"),
		invalid("", "CreateQueue", Values{"QueueName": "suite.fifo"}, "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"),
		{"", "SetQueueAttributes", Values{"QueueUrl": "standard", "Attributes": Values{"VisibilityTimeout": "43201"}},
			"InvalidAttributeValue", "InvalidAttributeValue", "Invalid value for the parameter VisibilityTimeout.", 400},
		{"", "GetQueueAttributes", Values{"QueueUrl": "standard", "AttributeNames": []string{"Speed"}},
			"InvalidAttributeName", "InvalidAttributeName", "Unknown Attribute Speed.", 400},
		{"test_delete_message_with_illegal_receipt_handle", "DeleteMessage", Values{"QueueUrl": "standard", "ReceiptHandle": "garbage"},
			"ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", `The input receipt handle "garbage" is not a valid receipt handle.`, 404},
		{"", "SendMessageBatch", Values{"QueueUrl": "standard", "Entries": append(entries(1, Values{"MessageBody": "m"}), entries(1, Values{"MessageBody": "m"})...)},
			"BatchEntryIdsNotDistinct", simple + "BatchEntryIdsNotDistinct", "Id entry-0 repeated.", 400},
		{"", "SendMessage", Values{"QueueUrl": "standard", "MessageBody": "\x08"}, "InvalidMessageContents", "InvalidMessageContents",
			"Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF", 400},
		invalid("", "SetQueueAttributes", Values{"QueueUrl": "standard", "Attributes": Values{"RedrivePolicy": `{"deadLetterTargetArn":"` + foreignARN + `","maxReceiveCount":1}`}},
			`Value {"deadLetterTargetArn":"`+foreignARN+`","maxReceiveCount":1} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.`),
		invalid("", "SetQueueAttributes", Values{"QueueUrl": "standard", "Attributes": Values{"RedrivePolicy": `{"deadLetterTargetArn":"` + foreignARN + `","maxReceiveCount":0}`}},
			`Value {"deadLetterTargetArn":"`+foreignARN+`","maxReceiveCount":0} for parameter RedrivePolicy is invalid. Reason: Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive.`),
	}
	for _, id := range []string{"", long, "group 123"} {
		table = append(table,
			invalid("test_send_message_to_standard_queue_with_invalid_message_group_id", "SendMessage", Values{"QueueUrl": "standard", "MessageBody": "m", "MessageGroupId": id},
				"Value "+id+" for parameter MessageGroupId is invalid. Reason: MessageGroupId "+wrongID),
			invalid("test_message_deduplication_id_invalid", "SendMessage", Values{"QueueUrl": "fifo", "MessageBody": "m", "MessageGroupId": "g", "MessageDeduplicationId": id},
				"Value "+id+" for parameter MessageDeduplicationId is invalid. Reason: MessageDeduplicationId "+wrongID))
	}
	return table
}

// Errors provokes every recorded error.
func Errors(t *testing.T, c *Client) {
	urls := map[string]string{
		"standard": queue(t, c, "standard", nil),
		"fifo":     queue(t, c, "errors.fifo", Values{"FifoQueue": "true"}),
	}
	for i, want := range RecordedErrors() {
		t.Run(fmt.Sprint(i, " ", want.Operation, " ", want.Test), func(t *testing.T) {
			in := make(Values)
			for name, value := range want.Input {
				if url := urls[fmt.Sprint(value)]; url != "" {
					switch value = url; name {
					case "QueueName":
						value = url[strings.LastIndex(url, "/")+1:]
					case "SourceArn":
						value = attribute(t, c, url, "QueueArn")
					}
				}
				in[name] = value
			}
			out, got, err := c.Do(want.Operation, in)
			if got == nil {
				t.Fatalf("answered with %v, %v", out, err)
			}
			code := want.Code
			if c.Query {
				code = ""
			}
			if got.Code != code || got.QueryCode != want.QueryCode || got.Message != want.Message || got.Status != want.Status {
				t.Errorf("got %s %v\nwant %s %d %s: %s", got.Code, got, code, want.Status, want.QueryCode, want.Message)
			}
		})
	}
	noQueue(t, c)
}

// noQueue checks the one error that the protocols word differently.
func noQueue(t *testing.T, c *Client) {
	want := "The specified queue does not exist."
	if c.Query {
		want = "The specified queue does not exist for this wsdl version."
	}
	_, got, err := c.Do("GetQueueUrl", Values{"QueueName": "suite-no-such-queue"})
	if got == nil || got.QueryCode != simple+"NonExistentQueue" || got.Message != want || got.Status != 400 {
		t.Errorf("no such queue: %v %v", got, err)
	}
}
