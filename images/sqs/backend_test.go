package sqs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"localcloud/gateway/aws"
	"localcloud/images"
	"localcloud/internal/clock"
)

// as is a context of a call of an account in us-east-1.
func as(account string) context.Context {
	return aws.WithCall(context.Background(), &aws.Call{
		Service: aws.Lookup("sqs"), Protocol: aws.JSON10, Account: account, Region: "us-east-1",
		Principal: "arn:aws:iam::" + account + ":root", RequestID: "request", Scheme: "http", Host: "localhost:4566",
	})
}

var owner = as("000000000000")

func start(t testing.TB, env images.Env) (*Backend, *clock.Clock) {
	t.Helper()
	clk := &clock.Clock{}
	env.Clock = clk
	native, err := New(env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := native.Close(); err != nil {
			t.Error(err)
		}
	})
	return native.(*Backend), clk
}

func create(t testing.TB, b *Backend, name string, attributes map[string]string) string {
	t.Helper()
	out, err := b.createQueue(owner, &CreateQueueInput{QueueName: name, Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	return *out.QueueUrl
}

func put(t testing.TB, b *Backend, url, body string) *SendMessageOutput {
	t.Helper()
	in := &SendMessageInput{QueueUrl: url, MessageBody: body}
	if url[len(url)-len(fifoSuffix):] == fifoSuffix {
		in.MessageGroupId, in.MessageDeduplicationId = ptr("g"), ptr(body)
	}
	out, err := b.sendMessage(owner, in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func take(t testing.TB, b *Backend, url string, visibility int32) []Message {
	t.Helper()
	out, err := b.receiveMessage(owner, &ReceiveMessageInput{
		QueueUrl: url, MaxNumberOfMessages: ptr(int32(10)), VisibilityTimeout: &visibility, AttributeNames: []string{"All"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Messages
}

func attribute(t testing.TB, b *Backend, url, name string) string {
	t.Helper()
	out, err := b.getQueueAttributes(owner, &GetQueueAttributesInput{QueueUrl: url, AttributeNames: []string{name}})
	if err != nil {
		t.Fatal(err)
	}
	return out.Attributes[name]
}

// code is the code of an AWS error, "" for none.
func code(err error) string {
	var e *aws.Error
	if errors.As(err, &e) {
		return e.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestQueueURLs(t *testing.T) {
	call := &aws.Call{Account: "111111111111", Region: "eu-west-1"}
	for _, test := range []struct {
		url  string
		at   place
		name string
	}{
		{"http://localhost:4566/000000000000/q", place{"000000000000", "eu-west-1"}, "q"},
		{"https://localhost:4566/000000000000/q/", place{"000000000000", "eu-west-1"}, "q"},
		{"http://sqs.us-east-2.localhost.localstack.cloud:4566/000000000000/q.fifo", place{"000000000000", "us-east-2"}, "q.fifo"},
		{"https://sqs.us-gov-west-1.amazonaws.com/000000000000/q", place{"000000000000", "us-gov-west-1"}, "q"},
		{"http://queue.localhost.localstack.cloud:4566/000000000000/q", place{"000000000000", "us-east-1"}, "q"},
		{"http://eu-central-1.queue.localhost.localstack.cloud:4566/000000000000/q", place{"000000000000", "eu-central-1"}, "q"},
		{"http://localhost:4566/queue/ap-south-1/000000000000/q", place{"000000000000", "ap-south-1"}, "q"},
		{"http://queue:4566/000000000000/q", place{"000000000000", "eu-west-1"}, "q"},
		{"/000000000000/q", place{"000000000000", "eu-west-1"}, "q"},
		{"q", place{"111111111111", "eu-west-1"}, "q"},
		{"", place{}, ""}, {"http://", place{}, ""}, {"http://localhost", place{}, ""}, {"http://localhost/", place{}, ""},
		{"http://localhost/q", place{}, ""}, {"http://localhost/1/q", place{}, ""}, {"q!", place{}, ""},
		{"http://localhost/000000000000/q/more", place{}, ""}, {"http://localhost/queue/nowhere/000000000000/q", place{}, ""},
	} {
		at, name, ok := parseURL(call, test.url)
		if ok != (test.name != "") || ok && (at != test.at || name != test.name) {
			t.Errorf("%s: %v %q %v", test.url, at, name, ok)
		}
	}
}

func TestRegionOfURL(t *testing.T) {
	b, _ := start(t, images.Env{})
	create(t, b, "q", nil)
	elsewhere := as("000000000000")
	call := *aws.CallFrom(elsewhere)
	call.Region = "eu-west-1"
	elsewhere = aws.WithCall(context.Background(), &call)
	if _, err := b.sendMessage(elsewhere, &SendMessageInput{QueueUrl: "http://localhost/000000000000/q", MessageBody: "x"}); code(err) != "QueueDoesNotExist" {
		t.Errorf("region of the caller: %v", err)
	}
	if _, err := b.sendMessage(elsewhere, &SendMessageInput{QueueUrl: "http://sqs.us-east-1.localhost/000000000000/q", MessageBody: "x"}); err != nil {
		t.Errorf("region of the URL: %v", err)
	}
}

func TestAccess(t *testing.T) {
	b, _ := start(t, images.Env{})
	url := create(t, b, "q", nil)
	guest := as("111111111111")
	send := func() string {
		_, err := b.sendMessage(guest, &SendMessageInput{QueueUrl: url, MessageBody: "x"})
		return code(err)
	}
	if got := send(); got != "AccessDenied" {
		t.Fatalf("without a policy: %q", got)
	}
	if _, err := b.addPermission(owner, &AddPermissionInput{
		QueueUrl: url, Label: "guest", AWSAccountIds: []string{"111111111111"}, Actions: []string{"SendMessage"},
	}); err != nil {
		t.Fatal(err)
	}
	if got := send(); got != "" {
		t.Fatalf("with a permission: %q", got)
	}
	if _, err := b.receiveMessage(guest, &ReceiveMessageInput{QueueUrl: url}); code(err) != "AccessDenied" {
		t.Fatalf("receive: %v", err)
	}
	for policy, want := range map[string]string{
		`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"}]}`:                                                 "",
		`{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":["SQS:Send*"]}}`:                       "",
		`{"Statement":{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"*"}}`:                                                   "AccessDenied",
		`{"Statement":{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"*"}}`:                                          "AccessDenied",
		`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*"},{"Effect":"Deny","Principal":"*","Action":"sqs:SendMessage"}]}`:       "AccessDenied",
		`{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:sqs:us-east-1:000000000000:other"}}`:                "AccessDenied",
		`{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}}`:                  "AccessDenied",
		`{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"111111111111"}}}}`: "",
		`{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"Strange":{"aws:PrincipalAccount":"111111111111"}}}}`:      "AccessDenied",
	} {
		if _, err := b.setQueueAttributes(owner, &SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"Policy": policy}}); err != nil {
			t.Errorf("%s: %v", policy, err)
			continue
		}
		if got := send(); got != want {
			t.Errorf("%s: %q, want %q", policy, got, want)
		}
	}
	if _, err := b.deleteQueue(guest, &DeleteQueueInput{QueueUrl: url}); code(err) != "AccessDenied" {
		t.Errorf("delete by a guest: %v", err)
	}
}

func TestMoveTaskRate(t *testing.T) {
	b, clk := start(t, images.Env{})
	dead := create(t, b, "dead", nil)
	source := create(t, b, "source", map[string]string{
		"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":1}`,
	})
	for i := range 5 {
		put(t, b, source, fmt.Sprint(i))
	}
	take(t, b, source, 0)
	take(t, b, source, 0)
	if got := attribute(t, b, dead, "ApproximateNumberOfMessages"); got != "5" {
		t.Fatalf("%s dead letters", got)
	}
	started, err := b.startMessageMoveTask(owner, &StartMessageMoveTaskInput{
		SourceArn: "arn:aws:sqs:us-east-1:000000000000:dead", MaxNumberOfMessagesPerSecond: ptr(int32(1)),
	})
	if err != nil {
		t.Fatal(err)
	}
	list := func() ListMessageMoveTasksResultEntry {
		out, err := b.listMessageMoveTasks(owner, &ListMessageMoveTasksInput{SourceArn: "arn:aws:sqs:us-east-1:000000000000:dead"})
		if err != nil || len(out.Results) != 1 {
			t.Fatal(out, err)
		}
		return out.Results[0]
	}
	for list().ApproximateNumberOfMessagesMoved == nil || *list().ApproximateNumberOfMessagesMoved < 1 {
	}
	clk.Advance(3e9)
	for *list().ApproximateNumberOfMessagesMoved < 4 {
	}
	if _, err := b.cancelMessageMoveTask(owner, &CancelMessageMoveTaskInput{TaskHandle: *started.TaskHandle}); err != nil {
		t.Fatal(err)
	}
	for *list().Status != cancelled {
	}
	if got := attribute(t, b, source, "ApproximateNumberOfMessages"); got != "4" {
		t.Errorf("%s messages are back", got)
	}
}

func TestSettings(t *testing.T) {
	b, clk := start(t, images.Env{Settings: map[string]string{"SQS_DELAY_PURGE_RETRY": "1", "delay_recently_deleted": "60s"}})
	url := create(t, b, "q", nil)
	purge := func() string {
		_, err := b.purgeQueue(owner, &PurgeQueueInput{QueueUrl: url})
		return code(err)
	}
	if got := purge() + purge(); got != "PurgeQueueInProgress" {
		t.Errorf("two purges: %q", got)
	}
	clk.Advance(60e9)
	if got := purge(); got != "" {
		t.Errorf("a minute later: %q", got)
	}
	if _, err := b.deleteQueue(owner, &DeleteQueueInput{QueueUrl: url}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.createQueue(owner, &CreateQueueInput{QueueName: "q"}); code(err) != "QueueDeletedRecently" {
		t.Errorf("create again: %v", err)
	}
	clk.Advance(60e9)
	create(t, b, "q", nil)
	if _, err := New(images.Env{Settings: map[string]string{"speed": "high"}}); err == nil {
		t.Error("an unknown setting is accepted")
	}
}

func TestRedrivePolicy(t *testing.T) {
	b, _ := start(t, images.Env{})
	create(t, b, "dead", nil)
	create(t, b, "dead.fifo", map[string]string{"FifoQueue": "true"})
	create(t, b, "closed", map[string]string{"RedriveAllowPolicy": `{"redrivePermission":"denyAll"}`})
	create(t, b, "choosy", map[string]string{
		"RedriveAllowPolicy": `{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:000000000000:q"]}`})
	url, other := create(t, b, "q", nil), create(t, b, "other", nil)
	set := func(url, policy string) string {
		_, err := b.setQueueAttributes(owner, &SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"RedrivePolicy": policy}})
		return code(err)
	}
	const arn = "arn:aws:sqs:us-east-1:000000000000:"
	for policy, want := range map[string]string{
		`{"deadLetterTargetArn":"` + arn + `dead","maxReceiveCount":5}`:      "",
		`{"deadLetterTargetArn":"` + arn + `choosy","maxReceiveCount":1000}`: "",
		`{"deadLetterTargetArn":"` + arn + `dead","maxReceiveCount":0}`:      "InvalidParameterValue",
		`{"deadLetterTargetArn":"` + arn + `dead","maxReceiveCount":1001}`:   "InvalidParameterValue",
		`{"deadLetterTargetArn":"` + arn + `dead","maxReceiveCount":"many"}`: "InvalidParameterValue",
		`{"deadLetterTargetArn":"` + arn + `dead"}`:                          "InvalidParameterValue",
		`{"maxReceiveCount":5}`:                                                                 "InvalidParameterValue",
		`{"deadLetterTargetArn":"dead","maxReceiveCount":5}`:                                    "InvalidParameterValue",
		`{"deadLetterTargetArn":"` + arn + `dead","maxReceiveCount":5,"more":1}`:                "InvalidParameterValue",
		`{"deadLetterTargetArn":"` + arn + `none","maxReceiveCount":5}`:                         "InvalidParameterValue",
		`{"deadLetterTargetArn":"` + arn + `dead.fifo","maxReceiveCount":5}`:                    "InvalidParameterValue",
		`{"deadLetterTargetArn":"` + arn + `closed","maxReceiveCount":5}`:                       "InvalidParameterValue",
		`{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:000000000000:dead","maxReceiveCount":5}`: "InvalidParameterValue",
		`nonsense`: "InvalidParameterValue",
		``:         "",
	} {
		if got := set(url, policy); got != want {
			t.Errorf("%s: %q, want %q", policy, got, want)
		}
	}
	if got := set(other, `{"deadLetterTargetArn":"`+arn+`choosy","maxReceiveCount":5}`); got != "InvalidParameterValue" {
		t.Errorf("a queue that is not chosen: %q", got)
	}
	if got := set(url, `{"deadLetterTargetArn":"`+arn+`dead","maxReceiveCount":"5"}`); got != "" {
		t.Errorf("a number as a text: %q", got)
	}
	if got, want := attribute(t, b, url, "RedrivePolicy"), `{"deadLetterTargetArn":"`+arn+`dead","maxReceiveCount":5}`; got != want {
		t.Errorf("kept as %s, want %s", got, want)
	}
}

// TestDeletedDeadLetterQueue: messages stay where they are while there is no queue for dead letters.
func TestDeletedDeadLetterQueue(t *testing.T) {
	b, _ := start(t, images.Env{})
	dead := create(t, b, "dead", nil)
	url := create(t, b, "q", map[string]string{
		"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":1}`})
	if _, err := b.deleteQueue(owner, &DeleteQueueInput{QueueUrl: dead}); err != nil {
		t.Fatal(err)
	}
	put(t, b, url, "m")
	for range 3 {
		if got := take(t, b, url, 0); len(got) != 1 {
			t.Fatalf("received %v", got)
		}
	}
	dead = create(t, b, "dead", nil)
	if got := take(t, b, url, 0); len(got) != 0 {
		t.Errorf("received %v", got)
	}
	if got := take(t, b, dead, 0); len(got) != 1 {
		t.Errorf("dead letters: %v", got)
	}
}

func TestMessageAttributeRules(t *testing.T) {
	b, _ := start(t, images.Env{})
	url := create(t, b, "q", nil)
	text := func(kind, value string) MessageAttributeValue {
		return MessageAttributeValue{DataType: kind, StringValue: &value}
	}
	send := func(attributes map[string]MessageAttributeValue) string {
		_, err := b.sendMessage(owner, &SendMessageInput{QueueUrl: url, MessageBody: "m", MessageAttributes: attributes})
		return code(err)
	}
	for name, want := range map[string]string{
		"plain": "", "attr.1øßä": "", "a-b_c.d": "", strings.Repeat("L", 256): "",
		strings.Repeat("L", 257): "InvalidParameterValue", "aWs.x": "InvalidParameterValue", "AMAZON.x": "InvalidParameterValue",
		".x": "InvalidParameterValue", "x.": "InvalidParameterValue", "x..y": "InvalidParameterValue", "x!": "InvalidParameterValue",
		`x"`: "InvalidParameterValue", "x§": "InvalidParameterValue", "x(": "InvalidParameterValue", "x?": "InvalidParameterValue", "": "InvalidParameterValue",
	} {
		if got := send(map[string]MessageAttributeValue{name: text("String", "v")}); got != want {
			t.Errorf("name %q: %q, want %q", name, got, want)
		}
	}
	for _, test := range []struct {
		value MessageAttributeValue
		want  string
	}{
		{text("String.label", "v"), ""}, {text("Number", "-1.5e10"), ""}, {text("Number.int", "7"), ""},
		{MessageAttributeValue{DataType: "Binary.png", BinaryValue: []byte{0}}, ""},
		{text("String", ""), "InvalidParameterValue"}, {text("Invalid", "v"), "InvalidParameterValue"}, {text("", "v"), "InvalidParameterValue"},
		{text("Number", "seven"), "InvalidParameterValue"}, {text("Number", "0x10"), "InvalidParameterValue"}, {text("Number", "Inf"), "InvalidParameterValue"},
		{text("Number."+strings.Repeat("L", 256), "1"), "InvalidParameterValue"}, {text("String", "a\x08b"), "InvalidParameterValue"},
		{MessageAttributeValue{DataType: "Binary", StringValue: ptr("v")}, "InvalidParameterValue"},
		{MessageAttributeValue{DataType: "String", StringListValues: []string{"v"}}, "UnsupportedOperation"},
	} {
		if got := send(map[string]MessageAttributeValue{"a": test.value}); got != test.want {
			t.Errorf("value %+v: %q, want %q", test.value, got, test.want)
		}
	}
	many := make(map[string]MessageAttributeValue)
	for i := range 11 {
		many[fmt.Sprint("a", i)] = text("String", "v")
	}
	if got := send(many); got != "InvalidParameterValue" {
		t.Errorf("eleven attributes: %q", got)
	}
}
