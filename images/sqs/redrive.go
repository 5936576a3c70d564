package sqs

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// redrivePolicy says where messages go that were received too often. The zero value: nowhere.
type redrivePolicy struct {
	Target      string
	MaxReceives int64
}

// parseRedrivePolicy reads the attribute RedrivePolicy. The number may be written as a text.
func parseRedrivePolicy(text string) (redrivePolicy, error) {
	wrong := func(reason string) (redrivePolicy, error) {
		return redrivePolicy{}, invalidValue(text, "RedrivePolicy", reason)
	}
	fields, err := jsonObject(text)
	if err != nil {
		return wrong("Redrive policy is not a valid JSON map.")
	}
	for name := range fields {
		if name != "deadLetterTargetArn" && name != "maxReceiveCount" {
			return wrong("Only following attributes are supported: [deadLetterTargetArn, maxReceiveCount].")
		}
	}
	target, hasTarget := fields["deadLetterTargetArn"].(string)
	count, hasCount := fields["maxReceiveCount"]
	switch {
	case !hasCount:
		return wrong("Redrive policy does not contain mandatory attribute: maxReceiveCount.")
	case !hasTarget:
		return wrong("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.")
	}
	written := strings.TrimSpace(jsonText(count))
	n, err := strconv.ParseInt(written, 10, 64)
	if err != nil || n < 1 || n > 1000 {
		return wrong("Invalid value for maxReceiveCount: " + written + ", valid values are from 1 to 1000 both inclusive.")
	}
	if _, _, ok := parseARN(target); !ok {
		return wrong("Invalid value for deadLetterTargetArn.")
	}
	return redrivePolicy{target, n}, nil
}

// normal is the attribute as it is kept: a number that was written as a text becomes one.
func (p redrivePolicy) normal(text string) string {
	if fields, err := jsonObject(text); err == nil {
		if _, quoted := fields["maxReceiveCount"].(string); quoted {
			return `{"deadLetterTargetArn":"` + p.Target + `","maxReceiveCount":` + strconv.FormatInt(p.MaxReceives, 10) + `}`
		}
	}
	return text
}

// allowPolicy says which queues can have a queue as their dead-letter queue. The zero value: all of
// its account and region.
type allowPolicy struct {
	Permission string
	Sources    []string
}

// parseAllowPolicy reads the attribute RedriveAllowPolicy.
func parseAllowPolicy(text string) (allowPolicy, error) {
	wrong := func(reason string) (allowPolicy, error) {
		return allowPolicy{}, invalidValue(text, "RedriveAllowPolicy", reason)
	}
	var in struct {
		RedrivePermission *string  `json:"redrivePermission"`
		SourceQueueArns   []string `json:"sourceQueueArns"`
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil || in.RedrivePermission == nil || decoder.More() {
		return wrong("Amazon SQS can't create the redrive allow policy, as it’s in an unsupported format.")
	}
	p := allowPolicy{*in.RedrivePermission, in.SourceQueueArns}
	switch {
	case p.Permission != "allowAll" && p.Permission != "denyAll" && p.Permission != "byQueue":
		return wrong("Amazon SQS can't create the redrive allow policy. Specify one of the following values for redrivePermission: allowAll, denyAll, byQueue.")
	case p.Permission != "byQueue" && in.SourceQueueArns != nil:
		return wrong("Amazon SQS can't create the redrive allow policy. You can specify sourceQueueArns only when the redrivePermission parameter is set to byQueue.")
	case p.Permission == "byQueue" && (len(p.Sources) == 0 || len(p.Sources) > 10):
		return wrong("Amazon SQS can't create the redrive allow policy. The number of sourceQueueArns must be from 1 to 10.")
	}
	for _, arn := range p.Sources {
		if _, _, ok := parseARN(arn); !ok {
			return wrong("Amazon SQS can't create the redrive allow policy. A value of sourceQueueArns is not the ARN of a queue.")
		}
	}
	return p, nil
}

func (p allowPolicy) allows(source string) bool {
	switch p.Permission {
	case "denyAll":
		return false
	case "byQueue":
		return slices.Contains(p.Sources, source)
	}
	return true
}

// checkRedrive checks what the redrive policy of the queue of that ARN says of its dead-letter queue.
func (b *Backend) checkRedrive(arn string, a *attributes) error {
	target := a.deadLetters()
	if target == "" {
		return nil
	}
	wrong := func(reason string) error { return invalidValue(a.values["RedrivePolicy"], "RedrivePolicy", reason) }
	r := b.registry.findARN(target)
	at, _, _ := parseARN(arn)
	switch {
	case r == nil:
		return wrong("Dead letter target does not exist.")
	case r.place != at:
		return wrong("Dead letter target must be in the same account and region as the source queue.")
	case r.properties.Load().attributes.fifo != a.fifo:
		return wrong("Dead-letter queue must be same type of queue as the source.")
	case !r.properties.Load().attributes.allow.allows(arn):
		return wrong("The dead-letter queue's redrive allow policy does not permit this source queue.")
	}
	return nil
}

// jsonObject reads a JSON object; numbers stay as they are written.
func jsonObject(text string) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return nil, err
	}
	if object == nil || decoder.More() {
		return nil, errNoObject
	}
	return object, nil
}

var errNoObject = errors.New("sqs: not a JSON object")

// jsonText is a JSON value as a message shows it.
func jsonText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(raw)
}
