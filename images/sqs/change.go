package sqs

import (
	"context"
	"time"

	"localcloud/images/sqs/queue"
)

func (b *Backend) deleteMessage(ctx context.Context, in *DeleteMessageInput) (*DeleteMessageOutput, error) {
	r, err := b.reach(ctx, in.QueueUrl, "DeleteMessage")
	if err != nil {
		return nil, err
	}
	if in.ReceiptHandle == "" {
		return nil, missing("ReceiptHandle")
	}
	errs, err := r.Delete(in.ReceiptHandle)
	if err != nil {
		return nil, engineError(ctx, err)
	}
	if err := receiptError(errs[0], in.ReceiptHandle, 0); err != nil {
		return nil, err
	}
	return &DeleteMessageOutput{}, nil
}

func (b *Backend) deleteMessageBatch(ctx context.Context, in *DeleteMessageBatchInput) (*DeleteMessageBatchOutput, error) {
	r, err := b.reach(ctx, in.QueueUrl, "DeleteMessage")
	if err != nil {
		return nil, err
	}
	entries := in.Entries
	if err := checkBatch(ctx, "DeleteMessageBatchRequestEntry", len(entries), func(i int) string { return entries[i].Id }); err != nil {
		return nil, err
	}
	handles := make([]string, len(entries))
	for i := range entries {
		handles[i] = entries[i].ReceiptHandle
	}
	errs, err := r.Delete(handles...)
	if err != nil {
		return nil, engineError(ctx, err)
	}
	out := &DeleteMessageBatchOutput{}
	for i := range entries {
		if e := receiptError(errs[i], handles[i], 0); e != nil {
			out.Failed = append(out.Failed, failedEntry(entries[i].Id, e))
			continue
		}
		out.Successful = append(out.Successful, DeleteMessageBatchResultEntry{Id: entries[i].Id})
	}
	return out, nil
}

func (b *Backend) changeMessageVisibility(ctx context.Context, in *ChangeMessageVisibilityInput) (*ChangeMessageVisibilityOutput, error) {
	r, err := b.reach(ctx, in.QueueUrl, "ChangeMessageVisibility")
	if err != nil {
		return nil, err
	}
	if in.ReceiptHandle == "" {
		return nil, missing("ReceiptHandle")
	}
	if err := checkVisibility(in.VisibilityTimeout); err != nil {
		return nil, err
	}
	errs, err := r.ChangeVisibility(queue.Change{
		Handle: in.ReceiptHandle, Visibility: time.Duration(in.VisibilityTimeout) * time.Second,
	})
	if err != nil {
		return nil, engineError(ctx, err)
	}
	if err := receiptError(errs[0], in.ReceiptHandle, in.VisibilityTimeout); err != nil {
		return nil, err
	}
	return &ChangeMessageVisibilityOutput{}, nil
}

func (b *Backend) changeMessageVisibilityBatch(ctx context.Context, in *ChangeMessageVisibilityBatchInput) (*ChangeMessageVisibilityBatchOutput, error) {
	r, err := b.reach(ctx, in.QueueUrl, "ChangeMessageVisibility")
	if err != nil {
		return nil, err
	}
	entries := in.Entries
	if err := checkBatch(ctx, "ChangeMessageVisibilityBatchRequestEntry", len(entries), func(i int) string { return entries[i].Id }); err != nil {
		return nil, err
	}
	out := &ChangeMessageVisibilityBatchOutput{}
	var changes []queue.Change
	var asked []*ChangeMessageVisibilityBatchRequestEntry
	for i := range entries {
		e := &entries[i]
		if err := checkVisibilityEntry(e); err != nil {
			out.Failed = append(out.Failed, failedEntry(e.Id, err))
			continue
		}
		changes = append(changes, queue.Change{Handle: e.ReceiptHandle, Visibility: time.Duration(*e.VisibilityTimeout) * time.Second})
		asked = append(asked, e)
	}
	errs, err := r.ChangeVisibility(changes...)
	if err != nil {
		return nil, engineError(ctx, err)
	}
	for i, e := range asked {
		if err := receiptError(errs[i], e.ReceiptHandle, *e.VisibilityTimeout); err != nil {
			out.Failed = append(out.Failed, failedEntry(e.Id, err))
			continue
		}
		out.Successful = append(out.Successful, ChangeMessageVisibilityBatchResultEntry{Id: e.Id})
	}
	return out, nil
}

func checkVisibilityEntry(e *ChangeMessageVisibilityBatchRequestEntry) error {
	if e.VisibilityTimeout == nil {
		return missing("VisibilityTimeout")
	}
	return checkVisibility(*e.VisibilityTimeout)
}
