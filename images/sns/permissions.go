package sns

import (
	"context"
	"encoding/json"
	"slices"

	"localcloud/gateway/aws"
)

// shareable are the actions of a topic that can be given to another account.
var shareable = map[string]bool{
	"*": true, "Publish": true, "Subscribe": true, "GetTopicAttributes": true, "SetTopicAttributes": true,
	"AddPermission": true, "RemovePermission": true, "DeleteTopic": true, "ListSubscriptionsByTopic": true,
	"Receive": true, "GetDataProtectionPolicy": true, "PutDataProtectionPolicy": true, "ListTagsForResource": true,
	"TagResource": true, "UntagResource": true,
}

// document is a policy whose statements are kept as they were written.
type document struct {
	Version   string
	ID        string `json:"Id,omitempty"`
	Statement []json.RawMessage
}

// grant is a statement as AddPermission writes it.
type grant struct {
	Sid       string
	Effect    string
	Principal struct{ AWS any }
	Action    any
	Resource  string
}

func (b *Backend) addPermission(ctx context.Context, in *AddPermissionInput) (*AddPermissionOutput, error) {
	for _, action := range in.ActionName {
		if !shareable[action] {
			return nil, invalid("Policy statement action out of service scope!")
		}
	}
	for _, id := range in.AWSAccountId {
		if !isAccount(id) {
			return nil, invalid("Policy Error: PrincipalNotFound")
		}
	}
	if in.Label == "" || len(in.ActionName) == 0 || len(in.AWSAccountId) == 0 {
		return nil, invalid("Label, ActionName and AWSAccountId Reason: no value for required parameter")
	}
	return &AddPermissionOutput{}, b.changePolicy(ctx, in.TopicArn, "AddPermission", func(t *topic, d *document) error {
		if d.index(in.Label) >= 0 {
			return invalid("Statement already exists")
		}
		a, _ := parseARN("TopicArn", t.ARN)
		g := grant{Sid: in.Label, Effect: "Allow", Resource: t.ARN}
		g.Principal.AWS = oneOrAll(in.AWSAccountId, func(id string) string {
			return "arn:" + aws.Partition(a.Region) + ":iam::" + id + ":root"
		})
		g.Action = oneOrAll(in.ActionName, func(action string) string { return "SNS:" + action })
		d.Statement = append(d.Statement, json.RawMessage(encode(g)))
		return nil
	})
}

func (b *Backend) removePermission(ctx context.Context, in *RemovePermissionInput) (*RemovePermissionOutput, error) {
	return &RemovePermissionOutput{}, b.changePolicy(ctx, in.TopicArn, "RemovePermission", func(_ *topic, d *document) error {
		if at := d.index(in.Label); at >= 0 {
			d.Statement = slices.Delete(d.Statement, at, at+1)
		}
		return nil
	})
}

func (b *Backend) changePolicy(ctx context.Context, topicARN, action string, f func(t *topic, d *document) error) error {
	return b.update(func() error {
		t, refusal := b.find(ctx, "TopicArn", topicARN, action)
		if refusal != nil {
			return refusal
		}
		var d document
		if err := d.read(t.policy()); err != nil {
			return err
		}
		if err := f(t, &d); err != nil {
			return err
		}
		text := ""
		if len(d.Statement) > 0 {
			text = encode(d)
		}
		t.Attributes = changed(t.Attributes, map[string]string{"Policy": text})
		b.record(change{Topic: t})
		return nil
	})
}

// read reads a policy, whose statement may stand alone.
func (d *document) read(text string) error {
	var in struct {
		Version   string
		ID        string `json:"Id"`
		Statement json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		return invalid("Policy Error: null")
	}
	d.Version, d.ID = in.Version, in.ID
	if json.Unmarshal(in.Statement, &d.Statement) != nil {
		d.Statement = []json.RawMessage{in.Statement}
	}
	return nil
}

// index is the place of the statement with that Sid, -1 for none.
func (d *document) index(sid string) int {
	return slices.IndexFunc(d.Statement, func(raw json.RawMessage) bool {
		var s struct{ Sid string }
		return json.Unmarshal(raw, &s) == nil && s.Sid == sid
	})
}

// oneOrAll is f of the only item, or the list of f of each.
func oneOrAll(items []string, f func(string) string) any {
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = f(item)
	}
	if len(out) == 1 {
		return out[0]
	}
	return out
}
