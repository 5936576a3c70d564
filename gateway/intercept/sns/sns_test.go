package sns

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"localcloud/gateway"
	"localcloud/gateway/aws"
	"localcloud/gateway/store"
	"localcloud/internal/clock"
)

const (
	topicARN = "arn:aws:sns:us-east-1:000000000000:orders"
	fifoARN  = "arn:aws:sns:us-east-1:000000000000:orders.fifo"
)

// cloud answers the calls of the glue as backends of SNS and SQS would.
type cloud struct {
	mu            sync.Mutex
	topics        map[string]map[string]string
	subscriptions map[string]map[string]string // attributes by ARN
	order         []string
	sent          map[string][]sendMessageInput // by queue ARN
	loads         int
	down          map[string]error // by queue ARN
}

func newCloud() *cloud {
	return &cloud{
		topics: map[string]map[string]string{topicARN: {}, fifoARN: {"FifoTopic": "true"}}, subscriptions: map[string]map[string]string{},
		sent: map[string][]sendMessageInput{}, down: map[string]error{},
	}
}

func (c *cloud) subscribe(topic, protocol, endpoint string, attributes map[string]string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	arn := fmt.Sprintf("%s:%d", topic, len(c.order))
	all := map[string]string{"Protocol": protocol, "Endpoint": endpoint, "TopicArn": topic, "PendingConfirmation": "false"}
	for name, value := range attributes {
		all[name] = value
	}
	c.subscriptions[arn] = all
	c.order = append(c.order, arn)
	return arn
}

func (c *cloud) call(_ context.Context, _, operation, account, region string, in, out any) error {
	switch operation {
	case "GetTopicAttributes":
		c.mu.Lock()
		defer c.mu.Unlock()
		c.loads++
		attributes, ok := c.topics[in.(*topicInput).TopicArn]
		if !ok {
			return notFound("Topic")
		}
		out.(*attributesOutput).Attributes = attributes
	case "ListSubscriptionsByTopic":
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, arn := range c.order {
			if s := c.subscriptions[arn]; s["TopicArn"] == in.(*topicInput).TopicArn {
				protocol, endpoint := s["Protocol"], s["Endpoint"]
				page := out.(*subscriptionsOutput)
				page.Subscriptions = append(page.Subscriptions, subscriptionEntry{SubscriptionArn: &arn, Protocol: &protocol, Endpoint: &endpoint})
			}
		}
	case "GetSubscriptionAttributes":
		c.mu.Lock()
		defer c.mu.Unlock()
		out.(*attributesOutput).Attributes = c.subscriptions[in.(*subscriptionInput).SubscriptionArn]
	case "Subscribe":
		s := in.(*subscribeInput)
		arn := c.subscribe(s.TopicArn, s.Protocol, *s.Endpoint, s.Attributes)
		out.(*subscribeOutput).SubscriptionArn = &arn
	case "SendMessage":
		message := in.(*sendMessageInput)
		name := message.QueueUrl[strings.LastIndexByte(message.QueueUrl, '/')+1:]
		arn := "arn:aws:sqs:" + region + ":" + account + ":" + name
		c.mu.Lock()
		defer c.mu.Unlock()
		if err := c.down[arn]; err != nil {
			return err
		}
		c.sent[arn] = append(c.sent[arn], *message)
	default:
		return fmt.Errorf("unexpected %s", operation)
	}
	return nil
}

func queueARN(name string) string { return "arn:aws:sqs:us-east-1:000000000000:" + name }

func start(t *testing.T, c *cloud) *Glue {
	t.Helper()
	kept, err := store.Open("")
	if err != nil {
		t.Fatal(err)
	}
	g, err := New(Options{
		Store: kept, Call: c.call, Token: func(context.Context, string) (string, bool) { return "", false },
		Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Clock: new(clock.Clock),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g
}

// do sends an operation through the glue; handled is false where it goes on to the backend.
func do(t *testing.T, g *Glue, operation string, form url.Values) (body string, handled bool, err error) {
	t.Helper()
	form.Set("Action", operation)
	req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	service := aws.Lookup("sns")
	call := &gateway.Call{Call: aws.Call{
		Service: service, Operation: service.Operation(operation), Protocol: aws.Query, Account: aws.DefaultAccount,
		Region: aws.DefaultRegion, AccessKey: "test", Scheme: "http", Host: "localhost:4566", Path: "/", RequestID: "1",
	}, Request: req}
	resp, err := g.ForwardRequest(t.Context(), call)
	if err != nil || resp == nil {
		return "", false, err
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	return string(content), true, err
}

func publish(t *testing.T, g *Glue, form url.Values) {
	t.Helper()
	body, handled, err := do(t, g, "Publish", form)
	if err != nil || !handled || !strings.Contains(body, "<MessageId>") {
		t.Fatalf("Publish: %q, %v, %v", body, handled, err)
	}
}

func flush(t *testing.T, g *Glue) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := g.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestPublishReachesEveryQueueThatWantsIt(t *testing.T) {
	c := newCloud()
	c.subscribe(topicARN, "sqs", queueARN("plain"), nil)
	c.subscribe(topicARN, "sqs", queueARN("raw"), map[string]string{"RawMessageDelivery": "true"})
	c.subscribe(topicARN, "sqs", queueARN("wanted"), map[string]string{"FilterPolicy": `{"kind":["new"]}`})
	c.subscribe(topicARN, "sqs", queueARN("unwanted"), map[string]string{"FilterPolicy": `{"kind":["old"]}`})
	c.subscribe(topicARN, "sqs", queueARN("body"), map[string]string{"FilterPolicy": `{"n":[{"numeric":[">",1]}]}`, "FilterPolicyScope": "MessageBody"})
	c.subscribe(topicARN, "sqs", "arn:aws:sqs:eu-west-1:111111111111:far", nil)
	g := start(t, c)
	publish(t, g, url.Values{
		"TopicArn": {topicARN}, "Message": {`{"n":2}`}, "Subject": {"hello"}, "MessageAttributes.entry.1.Name": {"kind"},
		"MessageAttributes.entry.1.Value.DataType": {"String"}, "MessageAttributes.entry.1.Value.StringValue": {"new"},
	})
	flush(t, g)
	var got []string
	for arn, messages := range c.sent {
		got = append(got, fmt.Sprint(arn[strings.LastIndexByte(arn, ':')+1:], len(messages)))
	}
	if diff := cmp.Diff(map[string]bool{"plain1": true, "raw1": true, "wanted1": true, "body1": true, "far1": true}, set(got)); diff != "" {
		t.Error(diff)
	}
	raw := c.sent[queueARN("raw")][0]
	if raw.MessageBody != `{"n":2}` || *raw.MessageAttributes["kind"].StringValue != "new" {
		t.Errorf("raw: got %+v", raw)
	}
	var e envelope
	if err := json.Unmarshal([]byte(c.sent[queueARN("plain")][0].MessageBody), &e); err != nil {
		t.Fatal(err)
	}
	if e.Type != "Notification" || *e.Subject != "hello" || e.Message != `{"n":2}` || e.TopicArn != topicARN || e.MessageAttributes["kind"].Value != "new" {
		t.Errorf("got %+v", e)
	}
	if c.loads != 1 {
		t.Errorf("the topic was read %d times, want once", c.loads)
	}
}

func set(all []string) map[string]bool {
	s := make(map[string]bool)
	for _, one := range all {
		s[one] = true
	}
	return s
}

func TestPassingCallsKeepWhatIsKnownRight(t *testing.T) {
	c := newCloud()
	g := start(t, c)
	publish(t, g, url.Values{"TopicArn": {topicARN}, "Message": {"before"}})
	c.subscribe(topicARN, "sqs", queueARN("late"), nil)
	service := aws.Lookup("sns")
	call := &gateway.Call{Call: aws.Call{Service: service, Operation: service.Operation("Subscribe"), Account: aws.DefaultAccount, Region: aws.DefaultRegion}}
	if err := g.ReturnResponse(t.Context(), call, &http.Response{StatusCode: 200}); err != nil {
		t.Fatal(err)
	}
	publish(t, g, url.Values{"TopicArn": {topicARN}, "Message": {"after"}})
	flush(t, g)
	if got := len(c.sent[queueARN("late")]); got != 1 {
		t.Errorf("got %d messages, want the one after the subscription", got)
	}
}

func TestMessagesOfFIFOTopicsKeepOrderAndComeOnce(t *testing.T) {
	c := newCloud()
	c.subscribe(fifoARN, "sqs", queueARN("q.fifo"), map[string]string{"RawMessageDelivery": "true"})
	g := start(t, c)
	var first string
	for i := range 20 {
		for range 2 {
			form := url.Values{"TopicArn": {fifoARN}, "Message": {fmt.Sprint(i)}, "MessageGroupId": {"g"}, "MessageDeduplicationId": {fmt.Sprint(i)}}
			body, _, err := do(t, g, "Publish", form)
			if err != nil {
				t.Fatal(err)
			}
			_, rest, _ := strings.Cut(body, "<PublishResult>")
			result, _, _ := strings.Cut(rest, "</PublishResult>")
			if first == "" {
				first = result
			} else if first != result {
				t.Fatalf("a repeated message is answered %q, want %q", result, first)
			} else {
				first = ""
			}
		}
	}
	flush(t, g)
	var got []string
	for _, m := range c.sent[queueARN("q.fifo")] {
		got = append(got, m.MessageBody)
	}
	var want []string
	for i := range 20 {
		want = append(want, fmt.Sprint(i))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRefusals(t *testing.T) {
	g := start(t, newCloud())
	long := strings.Repeat("x", maxMessage+1)
	for _, test := range []struct {
		name, operation string
		form            url.Values
		want            string
	}{
		{"no message", "Publish", url.Values{"TopicArn": {topicARN}, "Message": {""}}, "InvalidParameter: Invalid parameter: Empty message"},
		{"no target", "Publish", url.Values{"Message": {"x"}}, "InvalidParameter: Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter"},
		{"an ARN that is none", "Publish", url.Values{"TopicArn": {"a:b"}, "Message": {"x"}}, "InvalidParameter: Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 2"},
		{"no such topic", "Publish", url.Values{"TopicArn": {topicARN + "x"}, "Message": {"x"}}, "NotFound: Topic does not exist"},
		{"another region", "Publish", url.Values{"TopicArn": {strings.Replace(topicARN, "us-east-1", "eu-west-1", 1)}, "Message": {"x"}}, "InvalidParameter: Invalid parameter: TopicArn"},
		{"a long message", "Publish", url.Values{"TopicArn": {topicARN}, "Message": {long}}, "InvalidParameter: Invalid parameter: Message too long"},
		{"an empty subject", "Publish", url.Values{"TopicArn": {topicARN}, "Message": {"x"}, "Subject": {""}}, "InvalidParameter: Invalid parameter: Subject"},
		{"a structure that is no JSON", "Publish", url.Values{"TopicArn": {topicARN}, "Message": {"x"}, "MessageStructure": {"json"}}, "InvalidParameter: Invalid parameter: Message Structure - JSON message body failed to parse"},
		{"a structure without default", "Publish", url.Values{"TopicArn": {topicARN}, "Message": {`{"sqs":"x"}`}, "MessageStructure": {"json"}}, "InvalidParameter: Invalid parameter: Message Structure - No default entry in JSON message body"},
		{"no group", "Publish", url.Values{"TopicArn": {fifoARN}, "Message": {"x"}}, "InvalidParameter: Invalid parameter: The MessageGroupId parameter is required for FIFO topics"},
		{"no deduplication", "Publish", url.Values{"TopicArn": {fifoARN}, "Message": {"x"}, "MessageGroupId": {"g"}}, "InvalidParameter: Invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"},
		{"deduplication without FIFO", "Publish", url.Values{"TopicArn": {topicARN}, "Message": {"x"}, "MessageDeduplicationId": {"d"}}, "InvalidParameter: Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type"},
		{"a bad telephone number", "Publish", url.Values{"PhoneNumber": {"+1a234"}, "Message": {"x"}}, "InvalidParameter: Invalid parameter: PhoneNumber Reason: +1a234 is not valid to publish to"},
		{"a bad attribute name", "Publish", url.Values{"TopicArn": {topicARN}, "Message": {"x"}, "MessageAttributes.entry.1.Name": {"attr^1"}, "MessageAttributes.entry.1.Value.DataType": {"String"}, "MessageAttributes.entry.1.Value.StringValue": {"v"}}, "ParameterValueInvalid: Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots."},
		{"a bad attribute type", "Publish", url.Values{"TopicArn": {topicARN}, "Message": {"x"}, "MessageAttributes.entry.1.Name": {"attr1"}, "MessageAttributes.entry.1.Value.DataType": {"Text"}, "MessageAttributes.entry.1.Value.StringValue": {"v"}}, "ParameterValueInvalid: The message attribute 'attr1' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."},
		{"two entries of one id", "PublishBatch", url.Values{"TopicArn": {topicARN}, "PublishBatchRequestEntries.member.1.Id": {"a"}, "PublishBatchRequestEntries.member.1.Message": {"x"}, "PublishBatchRequestEntries.member.2.Id": {"a"}, "PublishBatchRequestEntries.member.2.Message": {"x"}}, "BatchEntryIdsNotDistinct: Two or more batch entries in the request have the same Id."},
		{"a bad entry id", "PublishBatch", url.Values{"TopicArn": {topicARN}, "PublishBatchRequestEntries.member.1.Id": {"message.id"}, "PublishBatchRequestEntries.member.1.Message": {"x"}}, "InvalidBatchEntryId: The Id of a batch entry in the batch request contains an impermissible character: message.id"},
		{"a function as subscriber", "Subscribe", url.Values{"TopicArn": {topicARN}, "Protocol": {"lambda"}, "Endpoint": {"arn:aws:lambda:us-east-1:000000000000:function:f"}}, "InternalFailure: Deliveries of sns to lambda are not supported yet: the subscription would never get a message."},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := do(t, g, test.operation, test.form)
			var refused *aws.Error
			if !errors.As(err, &refused) || refused.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestAQueueThatIsGoneLeavesItsMessagesToTheDeadLetters(t *testing.T) {
	c := newCloud()
	c.subscribe(topicARN, "sqs", queueARN("gone"), map[string]string{"RedrivePolicy": `{"deadLetterTargetArn":"` + queueARN("dead") + `"}`, "RawMessageDelivery": "true"})
	c.down[queueARN("gone")] = &aws.Error{Code: "QueueDoesNotExist", Message: "gone", Status: 400}
	g := start(t, c)
	publish(t, g, url.Values{"TopicArn": {topicARN}, "Message": {"x"}})
	flush(t, g)
	dead := c.sent[queueARN("dead")]
	if len(dead) != 1 || dead[0].MessageBody != "x" || *dead[0].MessageAttributes["ErrorMessage"].StringValue != "QueueDoesNotExist: gone" {
		t.Errorf("got %+v", dead)
	}
	if counts := g.Counts(); counts.DeadLettered != 1 || counts.Dropped != 0 {
		t.Errorf("got %+v", counts)
	}
}

func TestBatch(t *testing.T) {
	c := newCloud()
	c.subscribe(topicARN, "sqs", queueARN("q"), map[string]string{"RawMessageDelivery": "true"})
	g := start(t, c)
	form := url.Values{"TopicArn": {topicARN}}
	for i := range 10 {
		form.Set(fmt.Sprintf("PublishBatchRequestEntries.member.%d.Id", i+1), fmt.Sprint("id", i))
		form.Set(fmt.Sprintf("PublishBatchRequestEntries.member.%d.Message", i+1), fmt.Sprint("text", i))
	}
	body, _, err := do(t, g, "PublishBatch", form)
	if err != nil || strings.Count(body, "<MessageId>") != 10 {
		t.Fatalf("got %q, %v", body, err)
	}
	flush(t, g)
	if got := len(c.sent[queueARN("q")]); got != 10 {
		t.Errorf("got %d messages, want 10", got)
	}
}
