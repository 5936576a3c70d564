package sqs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Behaviour is one thing that a backend must do.
type Behaviour struct {
	Name  string
	Check func(t *testing.T, c *Client)
}

// Behaviours are all of them.
var Behaviours = []Behaviour{
	{"life cycle", lifeCycle},
	{"accounts and regions", places},
	{"attributes", queueAttributes},
	{"lists in pages", pages},
	{"tags", tagging},
	{"permissions", permissions},
	{"message attributes", messageAttributes},
	{"batches", batches},
	{"visibility", visibility},
	{"long polling", longPolling},
	{"delay", delay},
	{"purge", purge},
	{"FIFO", fifo},
	{"expired receipt of FIFO", expiredReceipt},
	{"dead letters", deadLetters},
	{"move task", moveTask},
}

// queue makes a queue that is deleted at the end of the test.
func queue(t *testing.T, c *Client, name string, attributes Values) string {
	t.Helper()
	in := Values{"QueueName": unique(name)}
	if attributes != nil {
		in["Attributes"] = attributes
	}
	url := c.must(t, "CreateQueue", in)["QueueUrl"].(string)
	t.Cleanup(func() { _, _, _ = c.Do("DeleteQueue", Values{"QueueUrl": url}) })
	return url
}

func attribute(t *testing.T, c *Client, url, name string) string {
	t.Helper()
	all, _ := c.must(t, "GetQueueAttributes", Values{"QueueUrl": url, "AttributeNames": []string{name}})["Attributes"].(Values)
	value, _ := all[name].(string)
	return value
}

func send(t *testing.T, c *Client, url, body string, more ...any) Values {
	t.Helper()
	in := Values{"QueueUrl": url, "MessageBody": body}
	for i := 0; i+1 < len(more); i += 2 {
		in[more[i].(string)] = more[i+1]
	}
	return c.must(t, "SendMessage", in)
}

func receive(t *testing.T, c *Client, url string, more ...any) []Values {
	t.Helper()
	in := Values{"QueueUrl": url, "MaxNumberOfMessages": 10, "AttributeNames": []string{"All"}, "MessageAttributeNames": []string{"All"}}
	for i := 0; i+1 < len(more); i += 2 {
		in[more[i].(string)] = more[i+1]
	}
	list, _ := c.must(t, "ReceiveMessage", in)["Messages"].([]any)
	out := make([]Values, len(list))
	for i := range list {
		out[i] = list[i].(Values)
	}
	return out
}

func expect(t *testing.T, got []Values, want ...string) []Values {
	t.Helper()
	bodies := []string{}
	for _, m := range got {
		bodies = append(bodies, m["Body"].(string))
	}
	if diff := cmp.Diff(append([]string{}, want...), bodies); diff != "" {
		t.Fatalf("received (-want +got):\n%s", diff)
	}
	return got
}

func lifeCycle(t *testing.T, c *Client) {
	name := unique("q")
	url := c.must(t, "CreateQueue", Values{"QueueName": name})["QueueUrl"]
	if again := c.must(t, "CreateQueue", Values{"QueueName": name})["QueueUrl"]; again != url {
		t.Errorf("created again: %v, want %v", again, url)
	}
	if found := c.must(t, "GetQueueUrl", Values{"QueueName": name})["QueueUrl"]; found != url {
		t.Errorf("found: %v, want %v", found, url)
	}
	sent := send(t, c, url.(string), "message \r\n\t<&> ü 😀")
	got := expect(t, receive(t, c, url.(string)), "message \r\n\t<&> ü 😀")[0]
	if got["MessageId"] != sent["MessageId"] || got["MD5OfBody"] != sent["MD5OfMessageBody"] {
		t.Errorf("received %v, sent %v", got, sent)
	}
	for range 2 {
		c.must(t, "DeleteMessage", Values{"QueueUrl": url, "ReceiptHandle": got["ReceiptHandle"]})
	}
	send(t, c, name, "the name is as good as the URL")
	c.must(t, "DeleteQueue", Values{"QueueUrl": url})
	if _, failure, err := c.Do("GetQueueUrl", Values{"QueueName": name}); failure == nil {
		t.Errorf("the queue is still there: %v", err)
	}
}

func places(t *testing.T, c *Client) {
	url := queue(t, c, "q", nil)
	name := url[strings.LastIndex(url, "/")+1:]
	guest, elsewhere := c.as("111111111111", c.Region), c.as("", "eu-west-1")
	for what, other := range map[string]*Client{"account": guest, "region": elsewhere} {
		if list := other.must(t, "ListQueues", Values{"QueueNamePrefix": name})["QueueUrls"]; list != nil {
			t.Errorf("another %s sees %v", what, list)
		}
		if _, failure, err := other.Do("GetQueueUrl", Values{"QueueName": name}); failure == nil || failure.QueryCode != simple+"NonExistentQueue" {
			t.Errorf("another %s finds the queue: %v %v", what, failure, err)
		}
	}
	_, failure, err := guest.Do("SendMessage", Values{"QueueUrl": url, "MessageBody": "m"})
	if failure == nil || failure.QueryCode != "AccessDenied" || failure.Status != 403 {
		t.Errorf("send by a guest: %v %v", failure, err)
	}
	c.must(t, "AddPermission", Values{"QueueUrl": url, "Label": "guest", "AWSAccountIds": []string{"111111111111"}, "Actions": []string{"SendMessage", "GetQueueUrl"}})
	guest.must(t, "SendMessage", Values{"QueueUrl": url, "MessageBody": "from the guest"})
	guest.must(t, "GetQueueUrl", Values{"QueueName": name, "QueueOwnerAWSAccountId": "000000000000"})
	got := expect(t, receive(t, c, url), "from the guest")[0]
	if sender := got["Attributes"].(Values)["SenderId"]; sender != "111111111111" {
		t.Errorf("sender %v", sender)
	}
}

func queueAttributes(t *testing.T, c *Client) {
	url := queue(t, c, "q.fifo", Values{"FifoQueue": "true", "VisibilityTimeout": "20"})
	c.must(t, "SetQueueAttributes", Values{"QueueUrl": url, "Attributes": Values{"DelaySeconds": "3", "ContentBasedDeduplication": "true"}})
	all := c.must(t, "GetQueueAttributes", Values{"QueueUrl": url, "AttributeNames": []string{"All"}})["Attributes"].(Values)
	for _, name := range []string{"CreatedTimestamp", "LastModifiedTimestamp", "QueueArn"} {
		if all[name] == "" || all[name] == nil {
			t.Errorf("no %s", name)
		}
		delete(all, name)
	}
	want := Values{
		"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesDelayed": "0", "ApproximateNumberOfMessagesNotVisible": "0",
		"ContentBasedDeduplication": "true", "DeduplicationScope": "queue", "DelaySeconds": "3", "FifoQueue": "true",
		"FifoThroughputLimit": "perQueue", "MaximumMessageSize": "1048576", "MessageRetentionPeriod": "345600",
		"ReceiveMessageWaitTimeSeconds": "0", "SqsManagedSseEnabled": "true", "VisibilityTimeout": "20",
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	c.must(t, "SetQueueAttributes", Values{"QueueUrl": url, "Attributes": Values{"KmsMasterKeyId": "key"}})
	if got := attribute(t, c, url, "SqsManagedSseEnabled"); got != "false" {
		t.Errorf("with a key of KMS, SqsManagedSseEnabled is %q", got)
	}
	if none := c.must(t, "GetQueueAttributes", Values{"QueueUrl": url})["Attributes"]; none != nil {
		t.Errorf("attributes that nobody asked for: %v", none)
	}
}

func pages(t *testing.T, c *Client) {
	prefix := unique("list")
	for i := range 5 {
		c.must(t, "CreateQueue", Values{"QueueName": fmt.Sprint(prefix, i)})
		t.Cleanup(func() { _, _, _ = c.Do("DeleteQueue", Values{"QueueUrl": fmt.Sprint(prefix, i)}) })
	}
	var seen []any
	in := Values{"QueueNamePrefix": prefix, "MaxResults": 2}
	for range 3 {
		out := c.must(t, "ListQueues", in)
		page, _ := out["QueueUrls"].([]any)
		seen = append(seen, page...)
		if out["NextToken"] == nil {
			break
		}
		in["NextToken"] = out["NextToken"]
	}
	all := c.must(t, "ListQueues", Values{"QueueNamePrefix": prefix})["QueueUrls"]
	if diff := cmp.Diff(all, any(seen)); diff != "" || len(seen) != 5 {
		t.Errorf("pages (-all +pages):\n%s", diff)
	}
	if none := c.must(t, "ListQueues", Values{"QueueNamePrefix": prefix + "none"})["QueueUrls"]; none != nil {
		t.Errorf("queues that are not there: %v", none)
	}
}

func tagging(t *testing.T, c *Client) {
	url := queue(t, c, "q", nil)
	c.must(t, "TagQueue", Values{"QueueUrl": url, "Tags": Values{"a": "1", "b": "2", "c": ""}})
	c.must(t, "TagQueue", Values{"QueueUrl": url, "Tags": Values{"a": "3"}})
	c.must(t, "UntagQueue", Values{"QueueUrl": url, "TagKeys": []string{"b", "x"}})
	if diff := cmp.Diff(any(Values{"a": "3", "c": ""}), c.must(t, "ListQueueTags", Values{"QueueUrl": url})["Tags"]); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	c.must(t, "UntagQueue", Values{"QueueUrl": url, "TagKeys": []string{"a", "c"}})
	if none := c.must(t, "ListQueueTags", Values{"QueueUrl": url})["Tags"]; none != nil {
		t.Errorf("no tags: %v", none)
	}
}

func permissions(t *testing.T, c *Client) {
	url := queue(t, c, "q", nil)
	arn := attribute(t, c, url, "QueueArn")
	c.must(t, "AddPermission", Values{"QueueUrl": url, "Label": "one", "AWSAccountIds": []string{"111111111111", "668614515564"}, "Actions": []string{"ReceiveMessage"}})
	want := `{"Version":"2008-10-17","Id":"` + arn + `/SQSDefaultPolicy","Statement":[{"Sid":"one","Effect":"Allow",` +
		`"Principal":{"AWS":["arn:aws:iam::111111111111:root","arn:aws:iam::668614515564:root"]},"Action":"SQS:ReceiveMessage","Resource":"` + arn + `"}]}`
	if diff := cmp.Diff(want, attribute(t, c, url, "Policy")); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
	c.must(t, "RemovePermission", Values{"QueueUrl": url, "Label": "one"})
	if got := attribute(t, c, url, "Policy"); got != "" {
		t.Errorf("policy without statements: %s", got)
	}
}

func messageAttributes(t *testing.T, c *Client) {
	url := queue(t, c, "q", Values{"VisibilityTimeout": "0"})
	sent := send(t, c, url, "msg", "MessageAttributes", Values{
		"Help.Me": Values{"DataType": "String", "StringValue": "Me"},
		"Hello":   Values{"DataType": "String", "StringValue": "There"},
		"General": Values{"DataType": "String", "StringValue": "Kenobi"},
	})
	if got, want := sent["MD5OfMessageAttributes"], "4c360f3fdafd970e05fae2f149d997f5"; got != want {
		t.Errorf("digest of the attributes %v, want %v", got, want)
	}
	for _, test := range []struct {
		ask    []string
		digest any
		count  int
	}{
		{[]string{"All"}, "4c360f3fdafd970e05fae2f149d997f5", 3},
		{[]string{"*"}, "4c360f3fdafd970e05fae2f149d997f5", 3},
		{[]string{".*"}, "4c360f3fdafd970e05fae2f149d997f5", 3},
		{[]string{"Hello", "General"}, "fca026605781cb4126a1e9044df24232", 2},
		{[]string{"Foo", "Hello"}, "a311262e065454b75da111d535b8dacd", 1},
		{[]string{"Hel.*"}, "83fee93c1bcd8b9a5a923ffacdc636c7", 2},
		{[]string{"Foo", "Help"}, nil, 0},
		{[]string{"AWS."}, nil, 0},
	} {
		m := expect(t, receive(t, c, url, "MessageAttributeNames", test.ask), "msg")[0]
		attributes, _ := m["MessageAttributes"].(Values)
		if m["MD5OfMessageAttributes"] != test.digest || len(attributes) != test.count {
			t.Errorf("%v: %v %v", test.ask, m["MD5OfMessageAttributes"], attributes)
		}
	}
	trace := Values{"AWSTraceHeader": Values{"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"}}
	sent = send(t, c, url, "test", "MessageSystemAttributes", trace)
	if got, want := sent["MD5OfMessageSystemAttributes"], "5ae4d5d7636402d80f4eb6d213245a88"; got != want {
		t.Errorf("digest of the system attributes %v, want %v", got, want)
	}
}

func batches(t *testing.T, c *Client) {
	url := queue(t, c, "q", nil)
	entries := []Values{{"Id": "bad", "MessageBody": "\x01"}}
	for i := range 9 {
		entries = append(entries, Values{"Id": fmt.Sprint("e", i), "MessageBody": fmt.Sprint("m", i)})
	}
	out := c.must(t, "SendMessageBatch", Values{"QueueUrl": url, "Entries": entries})
	failed, _ := out["Failed"].([]any)
	if len(failed) != 1 {
		t.Fatalf("answer: %v", out)
	}
	bad := failed[0].(Values)
	if len(out["Successful"].([]any)) != 9 || bad["Id"] != "bad" || bad["Code"] != "InvalidMessageContents" {
		t.Errorf("answer: %v", out)
	}
	got := expect(t, receive(t, c, url), "m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8")
	var hide, remove []Values
	for i, m := range got {
		hide = append(hide, Values{"Id": fmt.Sprint(i), "ReceiptHandle": m["ReceiptHandle"], "VisibilityTimeout": 100})
		remove = append(remove, Values{"Id": fmt.Sprint(i), "ReceiptHandle": m["ReceiptHandle"]})
	}
	hide = append(hide, Values{"Id": "x", "ReceiptHandle": "garbage", "VisibilityTimeout": 1})
	remove = append(remove, Values{"Id": "x", "ReceiptHandle": "garbage"})
	nineOfTen := func(operation string, entries []Values) {
		t.Helper()
		out := c.must(t, operation, Values{"QueueUrl": url, "Entries": entries})
		done, _ := out["Successful"].([]any)
		failed, _ := out["Failed"].([]any)
		if len(done) != 9 || len(failed) != 1 || failed[0].(Values)["Code"] != "ReceiptHandleIsInvalid" {
			t.Errorf("%s: %v", operation, out)
		}
	}
	nineOfTen("ChangeMessageVisibilityBatch", hide)
	if got := attribute(t, c, url, "ApproximateNumberOfMessages"); got != "0" {
		t.Errorf("%s messages became visible", got)
	}
	nineOfTen("DeleteMessageBatch", remove)
	if got := attribute(t, c, url, "ApproximateNumberOfMessagesNotVisible"); got != "0" {
		t.Errorf("%s messages in flight", got)
	}
}

func visibility(t *testing.T, c *Client) {
	e := c.Endpoint
	url := queue(t, c, "q", Values{"VisibilityTimeout": "2"})
	send(t, c, url, "a")
	first := expect(t, receive(t, c, url), "a")[0]
	expect(t, receive(t, c, url))
	e.pass(time.Second)
	c.must(t, "ChangeMessageVisibility", Values{"QueueUrl": url, "ReceiptHandle": first["ReceiptHandle"], "VisibilityTimeout": 2})
	e.pass(time.Second)
	expect(t, receive(t, c, url))
	e.pass(time.Second)
	second := expect(t, receive(t, c, url), "a")[0]
	if second["ReceiptHandle"] == first["ReceiptHandle"] || second["Attributes"].(Values)["ApproximateReceiveCount"] != "2" {
		t.Errorf("second receive: %v", second)
	}
	c.must(t, "ChangeMessageVisibility", Values{"QueueUrl": url, "ReceiptHandle": first["ReceiptHandle"], "VisibilityTimeout": 0})
	expect(t, receive(t, c, url), "a")
}

func longPolling(t *testing.T, c *Client) {
	url := queue(t, c, "q", Values{"ReceiveMessageWaitTimeSeconds": "10"})
	go func() {
		time.Sleep(200 * time.Millisecond)
		_, _, _ = c.Do("SendMessage", Values{"QueueUrl": url, "MessageBody": "a"})
	}()
	start := time.Now()
	expect(t, receive(t, c, url), "a")
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("woke after %v", took)
	}
}

func delay(t *testing.T, c *Client) {
	url := queue(t, c, "q", Values{"DelaySeconds": "2"})
	send(t, c, url, "later")
	send(t, c, url, "now", "DelaySeconds", 0)
	if got := attribute(t, c, url, "ApproximateNumberOfMessagesDelayed"); got != "1" {
		t.Errorf("%s messages delayed", got)
	}
	expect(t, receive(t, c, url), "now")
	c.Endpoint.pass(2 * time.Second)
	expect(t, receive(t, c, url), "later")
}

func purge(t *testing.T, c *Client) {
	url := queue(t, c, "q", nil)
	send(t, c, url, "a")
	receive(t, c, url)
	send(t, c, url, "b")
	c.must(t, "PurgeQueue", Values{"QueueUrl": url})
	c.Endpoint.pass(time.Second)
	for _, name := range []string{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"} {
		if got := attribute(t, c, url, name); got != "0" {
			t.Errorf("%s is %s", name, got)
		}
	}
}

func fifo(t *testing.T, c *Client) {
	url := queue(t, c, "q.fifo", Values{"FifoQueue": "true", "ContentBasedDeduplication": "true"})
	var ids []any
	for _, m := range []string{"1a", "2a", "1b", "1b", "1c"} {
		out := send(t, c, url, m, "MessageGroupId", m[:1])
		ids = append(ids, out["MessageId"])
	}
	if ids[2] != ids[3] {
		t.Error("a duplicate has an id of its own")
	}
	first := expect(t, receive(t, c, url, "MaxNumberOfMessages", 2), "1a", "1b")
	expect(t, receive(t, c, url), "2a")
	if a := first[0]["Attributes"].(Values); a["MessageGroupId"] != "1" || a["SequenceNumber"] == nil || a["MessageDeduplicationId"] == nil {
		t.Errorf("attributes: %v", a)
	}
	for _, m := range first {
		c.must(t, "DeleteMessage", Values{"QueueUrl": url, "ReceiptHandle": m["ReceiptHandle"]})
	}
	expect(t, receive(t, c, url), "1c")
}

func expiredReceipt(t *testing.T, c *Client) {
	url := queue(t, c, "q.fifo", Values{"FifoQueue": "true", "ContentBasedDeduplication": "true", "VisibilityTimeout": "1"})
	send(t, c, url, "a", "MessageGroupId", "1")
	handle := expect(t, receive(t, c, url), "a")[0]["ReceiptHandle"]
	c.Endpoint.pass(time.Second)
	_, failure, err := c.Do("DeleteMessage", Values{"QueueUrl": url, "ReceiptHandle": handle})
	want := fmt.Sprintf("Value %v for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.", handle)
	if failure == nil || failure.QueryCode != "InvalidParameterValue" || failure.Message != want {
		t.Errorf("got %v (%v), want %s", failure, err, want)
	}
}

// deadLetterPair makes a queue whose messages become dead letters after one receive, and their queue.
func deadLetterPair(t *testing.T, c *Client) (source, dead string) {
	t.Helper()
	dead = queue(t, c, "dead", nil)
	source = queue(t, c, "source", Values{"VisibilityTimeout": "0",
		"RedrivePolicy": `{"deadLetterTargetArn":"` + attribute(t, c, dead, "QueueArn") + `","maxReceiveCount":1}`})
	return source, dead
}

func deadLetters(t *testing.T, c *Client) {
	source, dead := deadLetterPair(t, c)
	sent := send(t, c, source, "a")
	expect(t, receive(t, c, source), "a")
	expect(t, receive(t, c, source))
	got := expect(t, receive(t, c, dead), "a")[0]
	a := got["Attributes"].(Values)
	if got["MessageId"] != sent["MessageId"] || a["ApproximateReceiveCount"] != "2" || a["DeadLetterQueueSourceArn"] != attribute(t, c, source, "QueueArn") {
		t.Errorf("dead letter: %v", got)
	}
	list := c.must(t, "ListDeadLetterSourceQueues", Values{"QueueUrl": dead})["queueUrls"]
	if diff := cmp.Diff(any([]any{source}), list); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
}

func moveTask(t *testing.T, c *Client) {
	source, dead := deadLetterPair(t, c)
	for _, body := range []string{"a", "b"} {
		send(t, c, source, body)
	}
	receive(t, c, source)
	receive(t, c, source)
	arn := attribute(t, c, dead, "QueueArn")
	c.must(t, "StartMessageMoveTask", Values{"SourceArn": arn})
	deadline := time.Now().Add(10 * time.Second)
	for attribute(t, c, source, "ApproximateNumberOfMessages") != "2" && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	if _, failure, err := c.Do("ListMessageMoveTasks", Values{"SourceArn": arn}); failure != nil || err != nil {
		t.Errorf("list: %v %v", failure, err)
	}
	expect(t, receive(t, c, source), "a", "b")
}
