package sns

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"localcloud/gateway/aws"
	"localcloud/images"
)

// as is a context of a call of an account in us-east-1.
func as(account string) context.Context {
	return aws.WithCall(context.Background(), &aws.Call{
		Service: aws.Lookup("sns"), Protocol: aws.Query, Account: account, Region: "us-east-1", AccessKey: account,
		Principal: "arn:aws:iam::" + account + ":root", RequestID: "request", Scheme: "http", Host: "localhost:4566",
	})
}

var owner = as("000000000000")

func start(t testing.TB, env images.Env) *Backend {
	t.Helper()
	native, err := New(env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := native.Close(); err != nil {
			t.Error(err)
		}
	})
	return native.(*Backend)
}

func create(t testing.TB, b *Backend, name string) string {
	t.Helper()
	out, err := b.createTopic(owner, &CreateTopicInput{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return *out.TopicArn
}

func join(t testing.TB, b *Backend, topicARN, protocol, endpoint string) string {
	t.Helper()
	out, err := b.subscribe(owner, &SubscribeInput{TopicArn: topicARN, Protocol: protocol, Endpoint: &endpoint, ReturnSubscriptionArn: ptr(true)})
	if err != nil {
		t.Fatal(err)
	}
	return *out.SubscriptionArn
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

// TestEveryOperation calls every operation of the model and compares with what the documentation says.
func TestEveryOperation(t *testing.T) {
	text, err := os.ReadFile("../../docs/sns.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := make(map[string]string)
	for _, row := range regexp.MustCompile(`(?m)^\| ([A-Z]\w+) \| ([\w ]+) \|`).FindAllStringSubmatch(string(text), -1) {
		documented[row[1]] = row[2]
	}
	b := start(t, images.Env{})
	service := aws.Lookup("sns")
	for _, op := range service.Operations() {
		call := *aws.CallFrom(owner)
		call.Operation = op
		req, err := http.NewRequestWithContext(aws.WithCall(t.Context(), &call), http.MethodPost, "http://localhost/", strings.NewReader("Action="+op.Name))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := b.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		performed := resp.StatusCode != http.StatusNotImplemented
		if state := documented[op.Name]; state == "" || performed != (state != "501") {
			t.Errorf("%s is documented as %q and answers with %d: %s", op.Name, state, resp.StatusCode, body)
		}
		if resp.StatusCode >= 500 && performed {
			t.Errorf("%s fails without parameters: %d %s", op.Name, resp.StatusCode, body)
		}
		delete(documented, op.Name)
	}
	for name := range documented {
		t.Errorf("%s is documented and does not exist", name)
	}
}

// TestRefusedParameters checks the parameters that the documentation names as refused.
func TestRefusedParameters(t *testing.T) {
	b := start(t, images.Env{})
	arn := create(t, b, "topic")
	fifo, err := b.createTopic(owner, &CreateTopicInput{Name: "t.fifo", Attributes: map[string]string{"FifoTopic": "true"}})
	if err != nil {
		t.Fatal(err)
	}
	sub := join(t, b, arn, "sms", "+15551234567")
	archive := map[string]string{"FifoTopic": "true", "ArchivePolicy": `{"MessageRetentionPeriod":"30"}`}
	_, atCreation := b.createTopic(owner, &CreateTopicInput{Name: "a.fifo", Attributes: archive})
	_, later := b.setTopicAttributes(owner, &SetTopicAttributesInput{TopicArn: *fifo.TopicArn, AttributeName: "ArchivePolicy", AttributeValue: ptr(archive["ArchivePolicy"])})
	_, joining := b.subscribe(owner, &SubscribeInput{TopicArn: arn, Protocol: "sms", Endpoint: ptr("+15551234568"), Attributes: map[string]string{"ReplayPolicy": "{}"}})
	_, joined := b.setSubscriptionAttributes(owner, &SetSubscriptionAttributesInput{SubscriptionArn: sub, AttributeName: "ReplayPolicy", AttributeValue: ptr("{}")})
	for name, err := range map[string]error{
		"CreateTopic": atCreation, "SetTopicAttributes": later, "Subscribe": joining, "SetSubscriptionAttributes": joined,
	} {
		var e *aws.Error
		if !errors.As(err, &e) || e.Status != http.StatusNotImplemented {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAccess(t *testing.T) {
	b := start(t, images.Env{})
	arn := create(t, b, "topic")
	guest := as("111111111111")
	subscribe := func() string {
		_, err := b.subscribe(guest, &SubscribeInput{TopicArn: arn, Protocol: "sqs", Endpoint: ptr("arn:aws:sqs:us-east-1:111111111111:q")})
		return code(err)
	}
	if got := subscribe(); got != "AuthorizationError" {
		t.Fatalf("without a permission: %q", got)
	}
	if _, err := b.addPermission(owner, &AddPermissionInput{TopicArn: arn, Label: "l", AWSAccountId: []string{"111111111111"}, ActionName: []string{"Subscribe"}}); err != nil {
		t.Fatal(err)
	}
	if got := subscribe(); got != "" {
		t.Fatalf("with a permission: %q", got)
	}
	mine, err := b.listSubscriptions(guest, &ListSubscriptionsInput{})
	if err != nil || len(mine.Subscriptions) != 1 || *mine.Subscriptions[0].Owner != "111111111111" {
		t.Errorf("subscriptions of the guest: %v %v", mine, err)
	}
	if _, err := b.unsubscribe(as("222222222222"), &UnsubscribeInput{SubscriptionArn: *mine.Subscriptions[0].SubscriptionArn}); code(err) != "AuthorizationError" {
		t.Errorf("unsubscribed by a third: %v", err)
	}
	if _, err := b.unsubscribe(owner, &UnsubscribeInput{SubscriptionArn: *mine.Subscriptions[0].SubscriptionArn}); err != nil {
		t.Errorf("unsubscribed by the topic's owner: %v", err)
	}
}

func TestConfirmation(t *testing.T) {
	b := start(t, images.Env{})
	arn := create(t, b, "topic")
	sub := join(t, b, arn, "https", "https://example.org/")
	page := func(text string) (int, string) {
		w := httptest.NewRecorder()
		b.showToken(w, httptest.NewRequest(http.MethodGet, tokensPage+"/"+text, nil))
		return w.Code, w.Body.String()
	}
	if status, _ := page("nonsense"); status != http.StatusBadRequest {
		t.Errorf("token of nonsense: %d", status)
	}
	if status, _ := page(sub[:len(sub)-1] + "x"); status != http.StatusNotFound {
		t.Errorf("token of no subscription: %d", status)
	}
	_, body := page(sub)
	token := regexp.MustCompile(`[0-9a-f]{288}`).FindString(body)
	other := create(t, b, "other")
	if _, err := b.confirmSubscription(owner, &ConfirmSubscriptionInput{TopicArn: other, Token: token}); code(err) != "InvalidParameter" {
		t.Errorf("token of another topic: %v", err)
	}
	for range 2 { // a token holds when it is used again
		out, err := b.confirmSubscription(owner, &ConfirmSubscriptionInput{TopicArn: arn, Token: token})
		if err != nil || *out.SubscriptionArn != sub {
			t.Fatalf("confirm: %v %v", out, err)
		}
	}
	out, err := b.getTopicAttributes(owner, &GetTopicAttributesInput{TopicArn: arn})
	if err != nil || out.Attributes["SubscriptionsConfirmed"] != "1" || out.Attributes["SubscriptionsPending"] != "0" {
		t.Errorf("after the confirmation: %v %v", out, err)
	}
}

func TestOptOut(t *testing.T) {
	b := start(t, images.Env{})
	w := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodPost, optOutsPage, strings.NewReader(`{"phoneNumber":"+15551234567","accountId":"000000000000"}`))
	b.optOut(w, req.WithContext(owner))
	if w.Code != http.StatusOK {
		t.Fatal(w.Code, w.Body)
	}
	out, err := b.listPhoneNumbersOptedOut(owner, &ListPhoneNumbersOptedOutInput{})
	if err != nil || !slices.Equal(out.PhoneNumbers, []string{"+15551234567"}) {
		t.Errorf("opted out: %v %v", out, err)
	}
	if _, err := b.optInPhoneNumber(owner, &OptInPhoneNumberInput{PhoneNumber: "+15551234567"}); err != nil {
		t.Error(err)
	}
	opted, err := b.checkIfPhoneNumberIsOptedOut(owner, &CheckIfPhoneNumberIsOptedOutInput{PhoneNumber: "+15551234567"})
	if err != nil || *opted.IsOptedOut {
		t.Errorf("after the opt in: %v %v", opted, err)
	}
}

func TestRestart(t *testing.T) {
	env := images.Env{Dir: t.TempDir(), Persist: true}
	b := start(t, env)
	arn, gone := create(t, b, "topic"), create(t, b, "gone")
	join(t, b, arn, "sms", "+15551234567")
	join(t, b, arn, "email", "ann@example.org")
	join(t, b, gone, "sms", "+15551234567")
	ended := join(t, b, arn, "sms", "+15551234568")
	steps := []func() error{
		func() error {
			_, err := b.unsubscribe(owner, &UnsubscribeInput{SubscriptionArn: ended})
			return err
		},
		func() error { _, err := b.deleteTopic(owner, &DeleteTopicInput{TopicArn: gone}); return err },
		func() error {
			_, err := b.tagResource(owner, &TagResourceInput{ResourceArn: arn, Tags: []Tag{{Key: "k", Value: "v"}}})
			return err
		},
		func() error {
			_, err := b.setSMSAttributes(owner, &SetSMSAttributesInput{Attributes: map[string]string{"DefaultSMSType": "Promotional"}})
			return err
		},
		func() error {
			app, err := b.createPlatformApplication(owner, &CreatePlatformApplicationInput{Name: "app", Platform: "GCM", Attributes: map[string]string{"PlatformCredential": "c"}})
			if err != nil {
				return err
			}
			_, err = b.createPlatformEndpoint(owner, &CreatePlatformEndpointInput{PlatformApplicationArn: *app.PlatformApplicationArn, Token: "t"})
			return err
		},
		func() error { return b.setOptOut(place{"000000000000", "us-east-1"}, "+15551234567", true) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	for _, compacted := range []bool{false, true, false} {
		if compacted {
			if err := b.update(b.compact); err != nil {
				t.Fatal(err)
			}
		}
		before := b.dump()
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		b = start(t, env)
		if diff := cmp.Diff(before, b.dump()); diff != "" {
			t.Fatalf("compacted %v: after the restart (-before +after):\n%s", compacted, diff)
		}
	}
	if err := b.Reset(); err != nil {
		t.Fatal(err)
	}
	if left := b.dump(); len(left) != 0 {
		t.Errorf("after the reset: %v", left)
	}
}

// dump is what there is.
func (b *Backend) dump() []string {
	var out []string
	b.state.all(func(c change) {
		line := string(c.encode())
		if c.Topic != nil {
			line += fmt.Sprint(c.Topic.subscriptions.Len(), c.Topic.pending, len(c.Topic.byEndpoint))
		}
		out = append(out, line)
	})
	slices.Sort(out)
	return out
}

// BenchmarkTopics reads one of many topics and lists a page.
func BenchmarkTopics(b *testing.B) {
	for _, topics := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(topics), func(b *testing.B) {
			backend := start(b, images.Env{})
			arns := make([]string, topics)
			for i := range arns {
				arns[i] = create(b, backend, fmt.Sprint("topic-", i))
			}
			i := 0
			for b.Loop() {
				if _, err := backend.getTopicAttributes(owner, &GetTopicAttributesInput{TopicArn: arns[i%topics]}); err != nil {
					b.Fatal(err)
				}
				i += 7919
			}
		})
	}
}
