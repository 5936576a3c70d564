package sns

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/google/go-cmp/cmp"
)

// Behaviour is one thing that a backend must do.
type Behaviour struct {
	Name  string
	Check func(t *testing.T, c *sns.Client)
}

// Behaviours are all of them.
var Behaviours = []Behaviour{
	{"topics", topics},
	{"topic attributes", topicAttributes},
	{"delivery policy", deliveryPolicy},
	{"topics in pages", topicPages},
	{"permissions", permissions},
	{"tags", tagging},
	{"subscriptions", subscriptions},
	{"subscription attributes", subscriptionAttributes},
	{"subscriptions in pages", subscriptionPages},
	{"pending subscriptions", pendingSubscriptions},
	{"platform applications", applications},
	{"text messages", textMessages},
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// topic makes a topic that is deleted at the end of the test.
func topic(t *testing.T, c *sns.Client, name string, attributes map[string]string) string {
	t.Helper()
	out, err := c.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String(unique(name)), Attributes: attributes})
	check(t, err)
	t.Cleanup(func() { _, _ = c.DeleteTopic(context.Background(), &sns.DeleteTopicInput{TopicArn: out.TopicArn}) })
	return *out.TopicArn
}

func attributesOf(t *testing.T, c *sns.Client, topicARN string) map[string]string {
	t.Helper()
	out, err := c.GetTopicAttributes(t.Context(), &sns.GetTopicAttributesInput{TopicArn: &topicARN})
	check(t, err)
	return out.Attributes
}

func sameJSON(t *testing.T, what, got, want string) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		t.Errorf("%s %q: %v", what, got, err)
		return
	}
	check(t, json.Unmarshal([]byte(want), &w))
	if diff := cmp.Diff(w, g); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func topics(t *testing.T, c *sns.Client) {
	name := unique("topic")
	first, err := c.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: &name, Attributes: map[string]string{"DisplayName": "D"}})
	check(t, err)
	for _, attributes := range []map[string]string{nil, {"DisplayName": "D"}} {
		again, err := c.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: &name, Attributes: attributes})
		check(t, err)
		if *again.TopicArn != *first.TopicArn {
			t.Errorf("created again: %s", *again.TopicArn)
		}
	}
	for range 2 {
		_, err = c.DeleteTopic(t.Context(), &sns.DeleteTopicInput{TopicArn: first.TopicArn})
		check(t, err)
	}
	_, err = c.GetTopicAttributes(t.Context(), &sns.GetTopicAttributesInput{TopicArn: first.TopicArn})
	if got := refusalOf(err); got.Code != "NotFound" {
		t.Errorf("after its delete: %+v", got)
	}
}

func topicAttributes(t *testing.T, c *sns.Client) {
	arn := topic(t, c, "t.fifo", map[string]string{"FifoTopic": "true", "DisplayName": "TestTopic", "SignatureVersion": "2"})
	all := attributesOf(t, c, arn)
	sameJSON(t, "policy", all["Policy"], `{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow",
		"Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic",
		"SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"`+arn+`","Condition":{"StringEquals":{"AWS:SourceOwner":"000000000000"}}}]}`)
	sameJSON(t, "effective delivery policy", all["EffectiveDeliveryPolicy"], defaultDelivery)
	delete(all, "Policy")
	delete(all, "EffectiveDeliveryPolicy")
	want := map[string]string{
		"ContentBasedDeduplication": "false", "DisplayName": "TestTopic", "FifoTopic": "true", "Owner": "000000000000", "SignatureVersion": "2",
		"SubscriptionsConfirmed": "0", "SubscriptionsDeleted": "0", "SubscriptionsPending": "0", "TopicArn": arn,
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

const defaultDelivery = `{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,
	"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,
	"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}`

func deliveryPolicy(t *testing.T, c *sns.Client) {
	arn := topic(t, c, "t", nil)
	set := func(value string) map[string]string {
		t.Helper()
		_, err := c.SetTopicAttributes(t.Context(), &sns.SetTopicAttributesInput{TopicArn: &arn, AttributeName: aws.String("DeliveryPolicy"), AttributeValue: &value})
		check(t, err)
		return attributesOf(t, c, arn)
	}
	all := set(`{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":6,"numRetries":1}}}`)
	sameJSON(t, "policy", all["DeliveryPolicy"], `{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":6,"numRetries":1},"disableSubscriptionOverrides":false}}`)
	sameJSON(t, "effective policy", all["EffectiveDeliveryPolicy"], `{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":6,"numRetries":1,
		"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,
		"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}`)
	all = set("")
	if all["DeliveryPolicy"] != "" {
		t.Errorf("policy after it was removed: %s", all["DeliveryPolicy"])
	}
	sameJSON(t, "effective policy", all["EffectiveDeliveryPolicy"], defaultDelivery)
}

func topicPages(t *testing.T, c *sns.Client) {
	prefix := unique("page")
	want := make(map[string]bool)
	for i := range 105 {
		out, err := c.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String(fmt.Sprint(prefix, i))})
		check(t, err)
		want[*out.TopicArn] = true
		t.Cleanup(func() { _, _ = c.DeleteTopic(context.Background(), &sns.DeleteTopicInput{TopicArn: out.TopicArn}) })
	}
	pages := 0
	for p := sns.NewListTopicsPaginator(c, &sns.ListTopicsInput{}); p.HasMorePages(); pages++ {
		page, err := p.NextPage(t.Context())
		check(t, err)
		if len(page.Topics) > 100 {
			t.Errorf("page of %d topics", len(page.Topics))
		}
		for _, topic := range page.Topics {
			delete(want, *topic.TopicArn)
		}
	}
	if len(want) != 0 || pages < 2 {
		t.Errorf("%d pages, %d topics missing", pages, len(want))
	}
}

func permissions(t *testing.T, c *sns.Client) {
	arn := topic(t, c, "t", nil)
	before := attributesOf(t, c, arn)["Policy"]
	add := &sns.AddPermissionInput{TopicArn: &arn, Label: aws.String("test"), AWSAccountId: []string{"111111111111"}, ActionName: []string{"Publish"}}
	_, err := c.AddPermission(t.Context(), add)
	check(t, err)
	var policy struct{ Statement []map[string]any }
	check(t, json.Unmarshal([]byte(attributesOf(t, c, arn)["Policy"]), &policy))
	want := map[string]any{"Sid": "test", "Effect": "Allow", "Action": "SNS:Publish", "Resource": arn,
		"Principal": map[string]any{"AWS": "arn:aws:iam::111111111111:root"}}
	if len(policy.Statement) != 2 || cmp.Diff(want, policy.Statement[1]) != "" {
		t.Errorf("policy: %v", policy.Statement)
	}
	_, err = c.AddPermission(t.Context(), add)
	if got := refusalOf(err); got.Message != "Invalid parameter: Statement already exists" {
		t.Errorf("added again: %+v", got)
	}
	_, err = c.RemovePermission(t.Context(), &sns.RemovePermissionInput{TopicArn: &arn, Label: aws.String("test")})
	check(t, err)
	sameJSON(t, "policy", attributesOf(t, c, arn)["Policy"], before)
}

func tagging(t *testing.T, c *sns.Client) {
	arn := topic(t, c, "t", nil)
	tag := func(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }
	_, err := c.TagResource(t.Context(), &sns.TagResourceInput{ResourceArn: &arn, Tags: []types.Tag{tag("k1", "v1"), tag("k2", "v2")}})
	check(t, err)
	_, err = c.TagResource(t.Context(), &sns.TagResourceInput{ResourceArn: &arn, Tags: []types.Tag{tag("k2", "v2b")}})
	check(t, err)
	_, err = c.UntagResource(t.Context(), &sns.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"k1"}})
	check(t, err)
	out, err := c.ListTagsForResource(t.Context(), &sns.ListTagsForResourceInput{ResourceArn: &arn})
	check(t, err)
	if len(out.Tags) != 1 || *out.Tags[0].Key != "k2" || *out.Tags[0].Value != "v2b" {
		t.Errorf("tags: %v", out.Tags)
	}
}

func subscriptions(t *testing.T, c *sns.Client) {
	arn := topic(t, c, "t", nil)
	in := &sns.SubscribeInput{TopicArn: &arn, Protocol: aws.String("sqs"), Endpoint: aws.String(queueARN), Attributes: map[string]string{"RawMessageDelivery": "true"}}
	first, err := c.Subscribe(t.Context(), in)
	check(t, err)
	in.Attributes = nil
	again, err := c.Subscribe(t.Context(), in)
	check(t, err)
	if *again.SubscriptionArn != *first.SubscriptionArn {
		t.Errorf("subscribed again: %s", *again.SubscriptionArn)
	}
	list, err := c.ListSubscriptionsByTopic(t.Context(), &sns.ListSubscriptionsByTopicInput{TopicArn: &arn})
	check(t, err)
	if len(list.Subscriptions) != 1 || *list.Subscriptions[0].SubscriptionArn != *first.SubscriptionArn || *list.Subscriptions[0].Owner != "000000000000" {
		t.Errorf("subscriptions: %v", list.Subscriptions)
	}
	for range 2 {
		_, err = c.Unsubscribe(t.Context(), &sns.UnsubscribeInput{SubscriptionArn: first.SubscriptionArn})
		check(t, err)
	}
	all := attributesOf(t, c, arn)
	if all["SubscriptionsConfirmed"] != "0" || all["SubscriptionsDeleted"] != "1" {
		t.Errorf("attributes: %v", all)
	}
	second, err := c.Subscribe(t.Context(), in)
	check(t, err)
	_, err = c.DeleteTopic(t.Context(), &sns.DeleteTopicInput{TopicArn: &arn})
	check(t, err)
	_, err = c.GetSubscriptionAttributes(t.Context(), &sns.GetSubscriptionAttributesInput{SubscriptionArn: second.SubscriptionArn})
	check(t, err) // it stays, as an orphan
	_, err = c.Unsubscribe(t.Context(), &sns.UnsubscribeInput{SubscriptionArn: second.SubscriptionArn})
	check(t, err)
}

func subscriptionAttributes(t *testing.T, c *sns.Client) {
	arn := topic(t, c, "t", nil)
	sub, err := c.Subscribe(t.Context(), &sns.SubscribeInput{TopicArn: &arn, Protocol: aws.String("sqs"), Endpoint: aws.String(queueARN)})
	check(t, err)
	attributes := func() map[string]string {
		t.Helper()
		out, err := c.GetSubscriptionAttributes(t.Context(), &sns.GetSubscriptionAttributesInput{SubscriptionArn: sub.SubscriptionArn})
		check(t, err)
		delete(out.Attributes, "SubscriptionPrincipal")
		return out.Attributes
	}
	set := func(name, value string) {
		t.Helper()
		_, err := c.SetSubscriptionAttributes(t.Context(), &sns.SetSubscriptionAttributesInput{SubscriptionArn: sub.SubscriptionArn, AttributeName: &name, AttributeValue: &value})
		check(t, err)
	}
	want := map[string]string{
		"ConfirmationWasAuthenticated": "true", "Endpoint": queueARN, "Owner": "000000000000", "PendingConfirmation": "false", "Protocol": "sqs",
		"RawMessageDelivery": "false", "SubscriptionArn": *sub.SubscriptionArn, "TopicArn": arn,
	}
	if diff := cmp.Diff(want, attributes()); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	set("FilterPolicyScope", "MessageBody")
	if diff := cmp.Diff(want, attributes()); diff != "" {
		t.Errorf("a scope without a policy is shown (-want +got):\n%s", diff)
	}
	set("FilterPolicy", `{"object":{"key":[{"prefix":"auto-"}]}}`)
	want["FilterPolicyScope"], want["FilterPolicy"] = "MessageBody", `{"object":{"key":[{"prefix":"auto-"}]}}`
	if diff := cmp.Diff(want, attributes()); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func subscriptionPages(t *testing.T, c *sns.Client) {
	arn := topic(t, c, "t", nil)
	for i := range 101 {
		_, err := c.Subscribe(t.Context(), &sns.SubscribeInput{TopicArn: &arn, Protocol: aws.String("sms"), Endpoint: aws.String(fmt.Sprint("+1555123", 1000+i))})
		check(t, err)
	}
	first, err := c.ListSubscriptionsByTopic(t.Context(), &sns.ListSubscriptionsByTopicInput{TopicArn: &arn})
	check(t, err)
	second, err := c.ListSubscriptionsByTopic(t.Context(), &sns.ListSubscriptionsByTopicInput{TopicArn: &arn, NextToken: first.NextToken})
	check(t, err)
	if len(first.Subscriptions) != 100 || len(second.Subscriptions) != 1 || second.NextToken != nil {
		t.Errorf("pages of %d and %d", len(first.Subscriptions), len(second.Subscriptions))
	}
}

func pendingSubscriptions(t *testing.T, c *sns.Client) {
	arn := topic(t, c, "t", nil)
	out, err := c.Subscribe(t.Context(), &sns.SubscribeInput{TopicArn: &arn, Protocol: aws.String("email"), Endpoint: aws.String("ann@example.org")})
	check(t, err)
	if *out.SubscriptionArn != "pending confirmation" {
		t.Errorf("ARN: %s", *out.SubscriptionArn)
	}
	list, err := c.ListSubscriptionsByTopic(t.Context(), &sns.ListSubscriptionsByTopicInput{TopicArn: &arn})
	check(t, err)
	if *list.Subscriptions[0].SubscriptionArn != "PendingConfirmation" {
		t.Errorf("listed as %s", *list.Subscriptions[0].SubscriptionArn)
	}
	if got := attributesOf(t, c, arn)["SubscriptionsPending"]; got != "1" {
		t.Errorf("%s subscriptions pending", got)
	}
}

func applications(t *testing.T, c *sns.Client) {
	f := newFixture(t, c)
	app, err := c.GetPlatformApplicationAttributes(t.Context(), &sns.GetPlatformApplicationAttributesInput{PlatformApplicationArn: &f.application})
	check(t, err)
	if diff := cmp.Diff(map[string]string{"Enabled": "true"}, app.Attributes); diff != "" {
		t.Errorf("attributes of the application (-want +got):\n%s", diff)
	}
	_, err = c.SetEndpointAttributes(t.Context(), &sns.SetEndpointAttributesInput{EndpointArn: &f.endpoint, Attributes: map[string]string{"Enabled": "false"}})
	check(t, err)
	list, err := c.ListEndpointsByPlatformApplication(t.Context(), &sns.ListEndpointsByPlatformApplicationInput{PlatformApplicationArn: &f.application})
	check(t, err)
	if len(list.Endpoints) != 1 || list.Endpoints[0].Attributes["Enabled"] != "false" || list.Endpoints[0].Attributes["Token"] != "token_1" {
		t.Errorf("endpoints: %v", list.Endpoints)
	}
	for range 2 {
		_, err = c.DeleteEndpoint(t.Context(), &sns.DeleteEndpointInput{EndpointArn: &f.endpoint})
		check(t, err)
	}
	for range 2 {
		_, err = c.DeletePlatformApplication(t.Context(), &sns.DeletePlatformApplicationInput{PlatformApplicationArn: &f.application})
		check(t, err)
	}
	_, err = c.ListEndpointsByPlatformApplication(t.Context(), &sns.ListEndpointsByPlatformApplicationInput{PlatformApplicationArn: &f.application})
	if got := refusalOf(err); got != missing("PlatformApplication") {
		t.Errorf("after its delete: %+v", got)
	}
}

func textMessages(t *testing.T, c *sns.Client) {
	_, err := c.SetSMSAttributes(t.Context(), &sns.SetSMSAttributesInput{Attributes: map[string]string{"DefaultSMSType": "Promotional", "DefaultSenderID": "LSTest"}})
	check(t, err)
	out, err := c.GetSMSAttributes(t.Context(), &sns.GetSMSAttributesInput{Attributes: []string{"DefaultSMSType", "DefaultSenderID"}})
	check(t, err)
	if diff := cmp.Diff(map[string]string{"DefaultSMSType": "Promotional", "DefaultSenderID": "LSTest"}, out.Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	opted, err := c.CheckIfPhoneNumberIsOptedOut(t.Context(), &sns.CheckIfPhoneNumberIsOptedOutInput{PhoneNumber: aws.String("+15559876543")})
	check(t, err)
	if opted.IsOptedOut {
		t.Error("a number is opted out by itself")
	}
}
