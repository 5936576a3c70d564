package dynamodb

import (
	"context"
	"maps"
	"slices"

	"localcloud/gateway/aws"
)

// Limits of tags.
const (
	maxTags    = 50
	tagsOnPage = 100
)

// mergeTags adds tags to those that a resource has.
func mergeTags(old map[string]string, tags []Tag) (map[string]string, error) {
	merged := maps.Clone(old)
	if merged == nil {
		merged = make(map[string]string)
	}
	seen := make(map[string]bool)
	for _, tag := range tags {
		if seen[tag.Key] {
			return nil, invalid("One or more parameter values were invalid: Duplicate tag key: " + tag.Key)
		}
		seen[tag.Key] = true
		merged[tag.Key] = tag.Value
	}
	if len(merged) > maxTags {
		return nil, invalidf("One or more parameter values were invalid: Too many tags: the limit is %d", maxTags)
	}
	return merged, nil
}

func tagList(tags map[string]string) []Tag {
	list := make([]Tag, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, Tag{Key: key, Value: tags[key]})
	}
	return list
}

func (b *Backend) tagResource(ctx context.Context, in *TagResourceInput) (*TagResourceOutput, error) {
	t, err := b.tableOfARN(aws.CallFrom(ctx), in.ResourceArn)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	tags, err := mergeTags(t.def.Load().Tags, in.Tags)
	if err != nil {
		return nil, err
	}
	return nil, b.change(t, func(d *definition) { d.Tags = tags })
}

func (b *Backend) untagResource(ctx context.Context, in *UntagResourceInput) (*UntagResourceOutput, error) {
	t, err := b.tableOfARN(aws.CallFrom(ctx), in.ResourceArn)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return nil, b.change(t, func(d *definition) {
		d.Tags = maps.Clone(d.Tags)
		for _, key := range in.TagKeys {
			delete(d.Tags, key)
		}
	})
}

func (b *Backend) listTags(ctx context.Context, in *ListTagsOfResourceInput) (*ListTagsOfResourceOutput, error) {
	t, err := b.tableOfARN(aws.CallFrom(ctx), in.ResourceArn)
	if err != nil {
		return nil, err
	}
	list := tagList(t.def.Load().Tags)
	if start := deref(in.NextToken); start != "" {
		at := slices.IndexFunc(list, func(tag Tag) bool { return tag.Key > start })
		if at < 0 {
			at = len(list)
		}
		list = list[at:]
	}
	out := &ListTagsOfResourceOutput{Tags: list}
	if len(list) > tagsOnPage {
		out.Tags, out.NextToken = list[:tagsOnPage], &list[tagsOnPage-1].Key
	}
	return out, nil
}
