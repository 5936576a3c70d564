package sqs

import (
	"context"
	"maps"
	"unicode/utf8"
)

// maxTags is how many tags a queue can have.
const maxTags = 50

func (b *Backend) tagQueue(ctx context.Context, in *TagQueueInput) (*TagQueueOutput, error) {
	r, err := b.reach(ctx, in.QueueUrl, "TagQueue")
	if err != nil {
		return nil, err
	}
	if len(in.Tags) == 0 {
		return nil, missing("Tags")
	}
	return &TagQueueOutput{}, b.change(ctx, r, func(p *properties) error {
		if err := checkTags(in.Tags, p.tags); err != nil {
			return err
		}
		tags := make(map[string]string, len(p.tags)+len(in.Tags))
		maps.Copy(tags, p.tags)
		maps.Copy(tags, in.Tags)
		p.tags = tags
		return nil
	})
}

func (b *Backend) untagQueue(ctx context.Context, in *UntagQueueInput) (*UntagQueueOutput, error) {
	r, err := b.reach(ctx, in.QueueUrl, "UntagQueue")
	if err != nil {
		return nil, err
	}
	if len(in.TagKeys) == 0 {
		return nil, missing("TagKeys")
	}
	return &UntagQueueOutput{}, b.change(ctx, r, func(p *properties) error {
		p.tags = maps.Clone(p.tags)
		for _, key := range in.TagKeys {
			delete(p.tags, key)
		}
		return nil
	})
}

func (b *Backend) listQueueTags(ctx context.Context, in *ListQueueTagsInput) (*ListQueueTagsOutput, error) {
	r, err := b.reach(ctx, in.QueueUrl, "ListQueueTags")
	if err != nil {
		return nil, err
	}
	out := &ListQueueTagsOutput{}
	if tags := r.properties.Load().tags; len(tags) > 0 {
		out.Tags = tags
	}
	return out, nil
}

// checkTags checks tags that are to be added to those that there are.
func checkTags(added, present map[string]string) error {
	count := len(present)
	for key, value := range added {
		if _, replaced := present[key]; !replaced {
			count++
		}
		if n := utf8.RuneCountInString(key); n < 1 || n > 128 {
			return invalid("Tag keys must be between 1 and 128 characters in length.")
		}
		if utf8.RuneCountInString(value) > 256 {
			return invalid("Tag values must be between 0 and 256 characters in length.")
		}
	}
	if count > maxTags {
		return invalid("Too many tags: a queue can have at most %d.", maxTags)
	}
	return nil
}
