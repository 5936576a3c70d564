package sqs

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/policy"
	"localcloud/images/sqs/queue"
)

// attributes are the attributes of a queue that its owner sets, as AWS writes them: by name, those
// that have a value. They are copied before a change.
type attributes struct {
	values map[string]string
	fifo   bool

	// What the values mean.
	delay, visibility, retention, wait time.Duration
	maxSize                            int
	contentDedup, groupScope           bool
	redrive                            redrivePolicy
	allow                              allowPolicy
	policy                             *policy.Policy
}

// Bounds and defaults of the attributes that are numbers.
var numbers = map[string]struct {
	least, most int
	standard    string
}{
	"DelaySeconds":                  {0, 900, "0"},
	"MaximumMessageSize":            {1024, 1 << 20, "1048576"},
	"MessageRetentionPeriod":        {60, 1209600, "345600"},
	"ReceiveMessageWaitTimeSeconds": {0, 20, "0"},
	"VisibilityTimeout":             {0, 43200, "30"},
	"KmsDataKeyReusePeriodSeconds":  {60, 86400, ""},
}

// fifoValues are the attributes of FIFO queues, with the values that they can have, the default first.
var fifoValues = map[string][]string{
	"ContentBasedDeduplication": {"false", "true"},
	"DeduplicationScope":        {"queue", "messageGroup"},
	"FifoThroughputLimit":       {"perQueue", "perMessageGroupId"},
}

// computed are the attributes that nobody sets.
var computed = map[string]bool{
	"QueueArn": true, "CreatedTimestamp": true, "LastModifiedTimestamp": true,
	"ApproximateNumberOfMessages": true, "ApproximateNumberOfMessagesNotVisible": true,
	"ApproximateNumberOfMessagesDelayed": true,
}

// settable are the other attributes that every queue has or can have.
var settable = map[string]bool{
	"Policy": true, "RedrivePolicy": true, "RedriveAllowPolicy": true, "KmsMasterKeyId": true, "SqsManagedSseEnabled": true,
}

func knownAttribute(name string) bool {
	_, number := numbers[name]
	_, fifo := fifoValues[name]
	return number || fifo || settable[name] || computed[name] || name == "FifoQueue"
}

func unknownAttribute(name string) error {
	return aws.Errorf("InvalidAttributeName", "Unknown Attribute %s.", name)
}

func wrongValue(name string) error {
	return aws.Errorf("InvalidAttributeValue", "Invalid value for the parameter %s.", name)
}

// defaultAttributes are those of a new queue.
func defaultAttributes(fifo bool) attributes {
	a := attributes{values: map[string]string{"SqsManagedSseEnabled": "true"}, fifo: fifo}
	for name, n := range numbers {
		if n.standard != "" {
			a.values[name] = n.standard
		}
	}
	if fifo {
		a.values["FifoQueue"] = "true"
		for name, values := range fifoValues {
			a.values[name] = values[0]
		}
	}
	a.understand()
	return a
}

// with returns the attributes after changes. It checks each, in the order of their names, and what
// they are together; what they say of other queues is checked by the caller.
func (a attributes) with(changes map[string]string) (attributes, error) {
	out := a
	out.values = maps.Clone(a.values)
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		if err := out.set(name, changes[name]); err != nil {
			return a, err
		}
	}
	if err := out.encryption(changes); err != nil {
		return a, err
	}
	if out.values["FifoThroughputLimit"] == "perMessageGroupId" && out.values["DeduplicationScope"] != "messageGroup" {
		return a, aws.Errorf("InvalidAttributeValue",
			"The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.")
	}
	out.understand()
	return out, nil
}

func (a *attributes) set(name, value string) error {
	if _, is := numbers[name]; is {
		return a.setNumber(name, value)
	}
	if values, is := fifoValues[name]; is {
		return a.setFIFO(name, value, values)
	}
	switch name {
	case "FifoQueue":
		return a.setType(value)
	case "Policy":
		return a.setText(name, value, func() error { return a.readPolicy(value) })
	case "RedrivePolicy":
		return a.setText(name, value, func() (err error) {
			a.redrive, err = parseRedrivePolicy(value)
			a.values[name] = a.redrive.normal(value)
			return err
		})
	case "RedriveAllowPolicy":
		return a.setText(name, value, func() (err error) { a.allow, err = parseAllowPolicy(value); return err })
	case "KmsMasterKeyId":
		return a.setText(name, value, func() error { return nil })
	case "SqsManagedSseEnabled":
		if value != "true" && value != "false" {
			return wrongValue(name)
		}
		a.values[name] = value
		return nil
	}
	return unknownAttribute(name)
}

func (a *attributes) setNumber(name, value string) error {
	bounds := numbers[name]
	n, err := strconv.Atoi(value)
	if err != nil || n < bounds.least || n > bounds.most {
		return wrongValue(name)
	}
	a.values[name] = strconv.Itoa(n)
	return nil
}

func (a *attributes) setFIFO(name, value string, values []string) error {
	switch {
	case a.fifo && slices.Contains(values, value):
		a.values[name] = value
		return nil
	case a.fifo:
		return wrongValue(name)
	case name == "ContentBasedDeduplication":
		return unknownAttribute(name)
	}
	return aws.Errorf("InvalidAttributeName", "You can specify the %s only when FifoQueue is set to true.", name)
}

func (a *attributes) setType(value string) error {
	switch {
	case !a.fifo:
		return unknownAttribute("FifoQueue")
	case value != "true":
		return aws.Errorf("InvalidAttributeValue",
			"Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.")
	}
	return nil
}

// setText sets an attribute that an empty text removes.
func (a *attributes) setText(name, value string, parse func() error) error {
	delete(a.values, name)
	switch name {
	case "Policy":
		a.policy = nil
	case "RedrivePolicy":
		a.redrive = redrivePolicy{}
	case "RedriveAllowPolicy":
		a.allow = allowPolicy{}
	}
	if value == "" {
		return nil
	}
	a.values[name] = value
	return parse()
}

func (a *attributes) readPolicy(text string) error {
	p, err := policy.Parse(text)
	if err != nil {
		return wrongValue("Policy")
	}
	a.policy = p
	return nil
}

// encryption sees to it that a queue is encrypted in one way only.
func (a *attributes) encryption(changes map[string]string) error {
	key, keyed := changes["KmsMasterKeyId"]
	managed, asked := changes["SqsManagedSseEnabled"]
	switch {
	case keyed && key != "" && asked && managed == "true":
		return aws.Errorf("InvalidAttributeName", "You can use one type of server-side encryption (SSE) at one time. "+
			"You can either enable KMS SSE or SQS SSE.")
	case keyed && key != "":
		a.values["SqsManagedSseEnabled"] = "false"
	case asked && managed == "true":
		delete(a.values, "KmsMasterKeyId")
		delete(a.values, "KmsDataKeyReusePeriodSeconds")
	}
	if a.values["KmsMasterKeyId"] == "" && a.values["KmsDataKeyReusePeriodSeconds"] == "300" {
		delete(a.values, "KmsDataKeyReusePeriodSeconds")
	}
	return nil
}

// understand reads the values, which are right.
func (a *attributes) understand() {
	seconds := func(name string) time.Duration {
		n, _ := strconv.Atoi(a.values[name])
		return time.Duration(n) * time.Second
	}
	a.delay, a.visibility = seconds("DelaySeconds"), seconds("VisibilityTimeout")
	a.retention, a.wait = seconds("MessageRetentionPeriod"), seconds("ReceiveMessageWaitTimeSeconds")
	a.maxSize, _ = strconv.Atoi(a.values["MaximumMessageSize"])
	a.contentDedup = a.values["ContentBasedDeduplication"] == "true"
	a.groupScope = a.values["DeduplicationScope"] == "messageGroup"
}

// deadLetters is the ARN of the dead-letter queue, "" for none.
func (a *attributes) deadLetters() string { return a.redrive.Target }

// configuration is what the attributes mean to the engine.
func (b *Backend) configuration(a *attributes, arn string) queue.Config {
	c := queue.Config{
		FIFO: a.fifo, Delay: a.delay, Visibility: a.visibility, Retention: a.retention,
		GroupScope: a.groupScope, MaxReceives: int(a.redrive.MaxReceives), ARN: arn,
	}
	target := a.deadLetters()
	c.DeadLetters = func() *queue.Queue {
		if r := b.registry.findARN(target); r != nil {
			return r.Queue
		}
		return nil
	}
	return c
}
