package sns

import (
	"context"
	"slices"

	"localcloud/gateway/aws"
)

// maxTags is how many tags a topic can have.
const maxTags = 50

func tagIndex(tags []Tag, key string) int {
	return slices.IndexFunc(tags, func(t Tag) bool { return t.Key == key })
}

// checkNewTags checks the tags of one request.
func checkNewTags(tags []Tag) *aws.Error {
	for i := range tags {
		if tagIndex(tags[:i], tags[i].Key) >= 0 {
			return invalid("Duplicated keys are not allowed.")
		}
	}
	if len(tags) > maxTags {
		return errTagLimit
	}
	return nil
}

var errTagLimit = &aws.Error{Code: "TagLimitExceeded", Status: 400,
	Message: "Could not complete request: tag quota of per resource exceeded"}

func (b *Backend) tagResource(ctx context.Context, in *TagResourceInput) (*TagResourceOutput, error) {
	if err := checkNewTags(in.Tags); err != nil {
		return nil, err
	}
	return &TagResourceOutput{}, b.update(func() error {
		t, err := b.tagged(ctx, in.ResourceArn, "TagResource")
		if err != nil {
			return err
		}
		tags := slices.Clone(t.Tags)
		for _, tag := range in.Tags {
			if i := tagIndex(tags, tag.Key); i >= 0 {
				tags[i] = tag
			} else {
				tags = append(tags, tag)
			}
		}
		if len(tags) > maxTags {
			return errTagLimit
		}
		t.Tags = tags
		b.record(change{Topic: t})
		return nil
	})
}

func (b *Backend) untagResource(ctx context.Context, in *UntagResourceInput) (*UntagResourceOutput, error) {
	return &UntagResourceOutput{}, b.update(func() error {
		t, err := b.tagged(ctx, in.ResourceArn, "UntagResource")
		if err != nil {
			return err
		}
		t.Tags = slices.DeleteFunc(slices.Clone(t.Tags), func(tag Tag) bool { return slices.Contains(in.TagKeys, tag.Key) })
		b.record(change{Topic: t})
		return nil
	})
}

func (b *Backend) listTagsForResource(ctx context.Context, in *ListTagsForResourceInput) (*ListTagsForResourceOutput, error) {
	out := &ListTagsForResourceOutput{Tags: []Tag{}}
	return out, b.view(func() error {
		t, err := b.tagged(ctx, in.ResourceArn, "ListTagsForResource")
		if err != nil {
			return err
		}
		out.Tags = append(out.Tags, t.Tags...)
		return nil
	})
}

// tagged is find with the error that the operations on tags have.
func (b *Backend) tagged(ctx context.Context, text, action string) (*topic, *aws.Error) {
	t, err := b.find(ctx, "ResourceArn", text, action)
	if err != nil && err.Code == "NotFound" {
		return nil, &aws.Error{Code: "ResourceNotFound", Message: "Resource does not exist", Status: 404}
	}
	return t, err
}
