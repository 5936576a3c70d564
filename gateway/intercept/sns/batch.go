package sns

import (
	"context"
	"net/http"

	"localcloud/gateway"
	"localcloud/gateway/aws"
)

const maxBatch = 10

func (g *Glue) publishBatch(ctx context.Context, call *gateway.Call) (*http.Response, error) {
	var in publishBatchInput
	if err := read(call, &in); err != nil {
		return nil, err
	}
	t, err := g.topic(ctx, call, "TopicArn", in.TopicArn)
	if err != nil {
		return nil, err
	}
	if err := checkBatch(in.PublishBatchRequestEntries); err != nil {
		return nil, err
	}
	out := publishBatchOutput{Successful: []batchResult{}, Failed: []batchError{}}
	inputs := make([]publishInput, len(in.PublishBatchRequestEntries))
	messages := make([]*message, len(inputs))
	for i, entry := range in.PublishBatchRequestEntries {
		inputs[i] = publishInput{
			TopicArn: &in.TopicArn, Message: entry.Message, Subject: entry.Subject, MessageStructure: entry.MessageStructure,
			MessageAttributes: entry.MessageAttributes, MessageDeduplicationId: entry.MessageDeduplicationId, MessageGroupId: entry.MessageGroupId,
		}
		if messages[i], err = g.newMessage(call, &inputs[i]); err != nil {
			return nil, err
		}
		if err := checkTopicRules(t, &inputs[i], messages[i]); err != nil {
			return nil, err
		}
	}
	for i, entry := range in.PublishBatchRequestEntries {
		published, err := g.toTopic(t, &inputs[i], messages[i])
		if err != nil {
			text := err.Error()
			out.Failed = append(out.Failed, batchError{Id: entry.Id, Code: "InternalError", Message: &text})
			continue
		}
		out.Successful = append(out.Successful, batchResult{Id: &entry.Id, MessageId: published.MessageId, SequenceNumber: published.SequenceNumber})
	}
	return answer(call, &out)
}

// checkBatch tests what concerns a batch as a whole.
func checkBatch(entries []publishBatchEntry) *aws.Error {
	switch {
	case len(entries) == 0:
		return &aws.Error{Code: "EmptyBatchRequest", Message: "The batch request doesn't contain any entries.", Status: 400}
	case len(entries) > maxBatch:
		return &aws.Error{Code: "TooManyEntriesInBatchRequest", Message: "The batch request contains more entries than permissible.", Status: 400}
	}
	size := 0
	seen := make(map[string]bool, len(entries))
	for _, entry := range entries {
		if err := checkEntryID(entry.Id); err != nil {
			return err
		}
		if seen[entry.Id] {
			return &aws.Error{Code: "BatchEntryIdsNotDistinct", Message: "Two or more batch entries in the request have the same Id.", Status: 400}
		}
		seen[entry.Id] = true
		size += len(entry.Message) + attributesSize(entry.MessageAttributes)
	}
	if size > maxMessage {
		return &aws.Error{Code: "BatchRequestTooLong", Message: "The length of all the messages put together is more than the limit.", Status: 400}
	}
	return nil
}

func checkEntryID(id string) *aws.Error {
	if len(id) > 80 {
		return &aws.Error{Code: "InvalidBatchEntryId", Message: "The Id of a batch entry in the batch request is too long: " + id, Status: 400}
	}
	for _, c := range id {
		if !isAlphanumeric(c) && c != '-' && c != '_' {
			return &aws.Error{Code: "InvalidBatchEntryId", Message: "The Id of a batch entry in the batch request contains an impermissible character: " + id, Status: 400}
		}
	}
	return nil
}
