package sns

import (
	"context"
	"regexp"
	"strings"

	"localcloud/gateway/aws"
)

const fifoSuffix = ".fifo"

var topicName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,256}$`)

// validTopic reports whether a topic can have that name: up to 256 letters, digits, hyphens and
// underscores, the suffix of FIFO topics included.
func validTopic(name string, fifo bool) bool {
	base, suffixed := strings.CutSuffix(name, fifoSuffix)
	return suffixed == fifo && len(name) <= 256 && topicName.MatchString(base)
}

func (b *Backend) createTopic(ctx context.Context, in *CreateTopicInput) (*CreateTopicOutput, error) {
	if !validTopic(in.Name, in.Attributes["FifoTopic"] == "true") {
		return nil, invalid("Topic Name")
	}
	if err := checkNewTags(in.Tags); err != nil {
		return nil, err
	}
	at := here(ctx)
	t := &topic{ARN: at.arn(in.Name), Tags: in.Tags}
	err := b.update(func() error {
		if old := b.state.topic(arn{text: t.ARN, place: at}); old != nil {
			return old.sameAs(in)
		}
		attributes, err := t.with(in.Attributes)
		if err != nil {
			return atCreation(err)
		}
		if err := checkProtection(value(in.DataProtectionPolicy)); err != nil {
			return err
		}
		t.Attributes = attributes
		b.state.putTopic(t)
		b.record(change{Topic: t})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &CreateTopicOutput{TopicArn: &t.ARN}, nil
}

// atCreation words the error of an attribute as CreateTopic and Subscribe do.
func atCreation(err *aws.Error) *aws.Error {
	if rest, found := strings.CutPrefix(err.Message, "Invalid parameter: "); found {
		return invalid("Attributes Reason: %s", rest)
	}
	return err
}

// unsetAttributes are what attributes mean that were not set.
var unsetAttributes = map[string]string{
	"ContentBasedDeduplication": "false", "SignatureVersion": "1", "TracingConfig": "PassThrough", "FifoThroughputScope": "Topic",
}

// sameAs compares what a second CreateTopic asks for with the topic that there is.
func (t *topic) sameAs(in *CreateTopicInput) error {
	for name, value := range in.Attributes {
		if name == "FifoTopic" {
			continue // said by the name
		}
		have, set := t.Attributes[name]
		if !set {
			have = unsetAttributes[name]
		}
		if have != value {
			return invalid("Attributes Reason: Topic already exists with different attributes")
		}
	}
	for _, tag := range in.Tags {
		if i := tagIndex(t.Tags, tag.Key); i < 0 || t.Tags[i].Value != tag.Value {
			return invalid("Tags Reason: Topic already exists with different tags")
		}
	}
	return nil
}

func (b *Backend) deleteTopic(ctx context.Context, in *DeleteTopicInput) (*DeleteTopicOutput, error) {
	a, refusal := own(ctx, "TopicArn", in.TopicArn)
	if refusal != nil {
		return nil, refusal
	}
	return &DeleteTopicOutput{}, b.update(func() error {
		t := b.state.topic(a)
		if t == nil {
			return nil
		}
		if err := permit(ctx, t, "DeleteTopic"); err != nil {
			return err
		}
		b.state.removeTopic(a)
		b.record(change{TopicGone: a.text})
		return nil
	})
}

func (b *Backend) listTopics(ctx context.Context, in *ListTopicsInput) (*ListTopicsOutput, error) {
	after, refusal := pageAfter(in.NextToken)
	if refusal != nil {
		return nil, refusal
	}
	out := &ListTopicsOutput{Topics: []Topic{}}
	return out, b.view(func() error {
		b.state.seen(here(ctx)).topics.Ascend(after, func(text string, t *topic) bool {
			switch {
			case text == after:
				return true
			case len(out.Topics) == pageSize:
				out.NextToken = pageToken(*out.Topics[pageSize-1].TopicArn)
				return false
			}
			out.Topics = append(out.Topics, Topic{TopicArn: &t.ARN})
			return true
		})
		return nil
	})
}
