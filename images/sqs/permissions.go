package sqs

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"localcloud/gateway/aws"
)

// maxActions is how many actions AddPermission takes, and maxStatements how many statements a
// policy has.
const (
	maxActions    = 7
	maxStatements = 20
)

// shareable are the actions that AddPermission can give to another account.
var shareable = map[string]bool{
	"*": true, "SendMessage": true, "ReceiveMessage": true, "DeleteMessage": true, "ChangeMessageVisibility": true,
	"GetQueueAttributes": true, "GetQueueUrl": true, "ListDeadLetterSourceQueues": true, "PurgeQueue": true,
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
	r, err := b.reach(ctx, in.QueueUrl, "AddPermission")
	if err != nil {
		return nil, err
	}
	if err := checkPermission(in); err != nil {
		return nil, err
	}
	return &AddPermissionOutput{}, b.changePolicy(ctx, r, func(d *document) error {
		if d.index(in.Label) >= 0 {
			return invalidValue(in.Label, "Label", "Already exists.")
		}
		if len(d.Statement) >= maxStatements {
			return aws.Errorf("OverLimit", "%d Statements were found, maximum allowed is %d.", len(d.Statement)+1, maxStatements)
		}
		g := grant{Sid: in.Label, Effect: "Allow", Resource: r.arn()}
		g.Principal.AWS = oneOrAll(in.AWSAccountIds, func(id string) string {
			return "arn:" + aws.Partition(r.region) + ":iam::" + id + ":root"
		})
		g.Action = oneOrAll(in.Actions, func(action string) string { return "SQS:" + action })
		raw, err := json.Marshal(g)
		if err != nil {
			return err
		}
		d.Statement = append(d.Statement, raw)
		return nil
	})
}

func checkPermission(in *AddPermissionInput) error {
	switch {
	case in.Label == "":
		return missing("Label")
	case !validName(in.Label) || strings.HasSuffix(in.Label, fifoSuffix):
		return invalidValue(in.Label, "Label", "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	case len(in.AWSAccountIds) == 0:
		return missing("AWSAccountIds")
	case len(in.Actions) == 0:
		return missing("Actions")
	case len(in.Actions) > maxActions:
		return aws.Errorf("OverLimit", "%d Actions were found, maximum allowed is %d.", len(in.Actions), maxActions)
	}
	for _, action := range in.Actions {
		if !shareable[action] {
			reason := "Please refer to the appropriate WSDL for a list of valid actions."
			if ownerOnly[action] {
				reason = "Only the queue owner is allowed to invoke this action."
			}
			return invalidValue("SQS:"+action, "ActionName", reason)
		}
	}
	for _, id := range in.AWSAccountIds {
		if !isAccount(id) {
			return invalidValue("["+strings.Join(in.AWSAccountIds, ", ")+"]", "PrincipalId", "Unable to verify.")
		}
	}
	return nil
}

func (b *Backend) removePermission(ctx context.Context, in *RemovePermissionInput) (*RemovePermissionOutput, error) {
	r, err := b.reach(ctx, in.QueueUrl, "RemovePermission")
	if err != nil {
		return nil, err
	}
	if in.Label == "" {
		return nil, missing("Label")
	}
	return &RemovePermissionOutput{}, b.changePolicy(ctx, r, func(d *document) error {
		at := d.index(in.Label)
		if at < 0 {
			return invalidValue(in.Label, "Label", "can't find label.")
		}
		d.Statement = slices.Delete(d.Statement, at, at+1)
		return nil
	})
}

// changePolicy changes the policy of a queue; one without statements is none.
func (b *Backend) changePolicy(ctx context.Context, r *resource, f func(d *document) error) error {
	return b.change(ctx, r, func(p *properties) error {
		d := document{Version: "2008-10-17", ID: r.arn() + "/SQSDefaultPolicy"}
		if text := p.attributes.values["Policy"]; text != "" {
			if err := d.read(text); err != nil {
				return err
			}
		}
		if err := f(&d); err != nil {
			return err
		}
		text := ""
		if len(d.Statement) > 0 {
			raw, err := json.Marshal(d)
			if err != nil {
				return err
			}
			text = string(raw)
		}
		a, err := p.attributes.with(map[string]string{"Policy": text})
		if err != nil {
			return err
		}
		p.attributes = a
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
		return wrongValue("Policy")
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
