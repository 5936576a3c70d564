package sqs

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"localcloud/gateway/aws"
)

func (b *Backend) getQueueAttributes(ctx context.Context, in *GetQueueAttributesInput) (*GetQueueAttributesOutput, error) {
	r, err := b.reach(ctx, in.QueueUrl, "GetQueueAttributes")
	if err != nil {
		return nil, err
	}
	for _, name := range in.AttributeNames {
		if name != "All" && !knownAttribute(name) {
			return nil, unknownAttribute(name)
		}
	}
	if len(in.AttributeNames) == 0 {
		return &GetQueueAttributesOutput{}, nil
	}
	all := r.allAttributes()
	if slices.Contains(in.AttributeNames, "All") {
		return &GetQueueAttributesOutput{Attributes: all}, nil
	}
	out := &GetQueueAttributesOutput{}
	for _, name := range in.AttributeNames {
		if v, ok := all[name]; ok {
			if out.Attributes == nil {
				out.Attributes = make(map[string]string)
			}
			out.Attributes[name] = v
		}
	}
	return out, nil
}

// allAttributes are the attributes of a queue, those included that nobody sets.
func (r *resource) allAttributes() map[string]string {
	p := r.properties.Load()
	all := maps.Clone(p.attributes.values)
	counts := r.Counts()
	all["ApproximateNumberOfMessages"] = strconv.Itoa(counts.Visible)
	all["ApproximateNumberOfMessagesNotVisible"] = strconv.Itoa(counts.InFlight)
	all["ApproximateNumberOfMessagesDelayed"] = strconv.Itoa(counts.Delayed)
	all["CreatedTimestamp"] = strconv.FormatInt(r.created/second, 10)
	all["LastModifiedTimestamp"] = strconv.FormatInt(p.modified/second, 10)
	all["QueueArn"] = r.arn()
	if all["KmsMasterKeyId"] != "" && all["KmsDataKeyReusePeriodSeconds"] == "" {
		all["KmsDataKeyReusePeriodSeconds"] = "300"
	}
	return all
}

func (b *Backend) setQueueAttributes(ctx context.Context, in *SetQueueAttributesInput) (*SetQueueAttributesOutput, error) {
	r, err := b.reach(ctx, in.QueueUrl, "SetQueueAttributes")
	if err != nil {
		return nil, err
	}
	return &SetQueueAttributesOutput{}, b.change(ctx, r, func(p *properties) error {
		a, err := p.attributes.with(in.Attributes)
		if err != nil {
			return err
		}
		if in.Attributes["RedrivePolicy"] != "" {
			if err := b.checkRedrive(r.arn(), &a); err != nil {
				return err
			}
		}
		p.attributes = a
		return nil
	})
}

// change gives a queue other properties: f changes a copy, whose maps it must not change in place.
func (b *Backend) change(ctx context.Context, r *resource, f func(p *properties) error) error {
	b.changes.Lock()
	defer b.changes.Unlock()
	if b.registry.find(r.place, r.name) != r {
		return noQueue(aws.CallFrom(ctx))
	}
	p := *r.properties.Load()
	if err := f(&p); err != nil {
		return err
	}
	p.modified = b.now()
	b.registry.set(r, &p)
	r.Configure(b.configuration(&p.attributes, r.arn()))
	return b.records.Wait(b.keep(r))
}
