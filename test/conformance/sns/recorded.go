package sns

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
)

// recorded is an error as AWS answered it, taken from the recordings of the LocalStack project
// (Apache-2.0).
type recorded struct {
	test string // name of the recording
	call func(t *testing.T, f *fixture) error
	want refusal
}

// fixture is what the recorded calls are about.
type fixture struct {
	*sns.Client
	topic, subscription, application, endpoint string
}

func newFixture(t *testing.T, c *sns.Client) *fixture {
	f := &fixture{Client: c, topic: topic(t, c, "errors", nil)}
	sub, err := c.Subscribe(t.Context(), &sns.SubscribeInput{TopicArn: &f.topic, Protocol: aws.String("sqs"), Endpoint: aws.String(queueARN),
		Attributes: map[string]string{"RawMessageDelivery": "true"}})
	check(t, err)
	f.subscription = *sub.SubscriptionArn
	app, err := c.CreatePlatformApplication(t.Context(), &sns.CreatePlatformApplicationInput{Name: aws.String(unique("app")), Platform: aws.String("ADM"),
		Attributes: map[string]string{"PlatformCredential": "a", "PlatformPrincipal": "b"}})
	check(t, err)
	f.application = *app.PlatformApplicationArn
	endpoint, err := c.CreatePlatformEndpoint(t.Context(), &sns.CreatePlatformEndpointInput{PlatformApplicationArn: &f.application, Token: aws.String("token_1")})
	check(t, err)
	f.endpoint = *endpoint.EndpointArn
	t.Cleanup(func() {
		_, _ = c.DeletePlatformApplication(t.Context(), &sns.DeletePlatformApplicationInput{PlatformApplicationArn: &f.application})
	})
	return f
}

func invalid(message string) refusal { return refusal{"InvalidParameter", message, 400} }
func missing(what string) refusal    { return refusal{"NotFound", what + " does not exist", 404} }

const (
	noTopic    = "arn:aws:sns:us-east-1:000000000000:suite-no-such-topic"
	noEndpoint = "arn:aws:sns:us-east-1:000000000000:endpoint/ADM/suite-app/00000000-0000-0000-0000-000000000000"
	noApp      = "arn:aws:sns:us-east-1:000000000000:app/ADM/suite-no-such-app"
	queueARN   = "arn:aws:sqs:us-east-1:000000000000:suite-queue"
	notInJSON  = "failed to parse JSON. Unexpected character ('i' (code 105)): was expecting double-quote to start field name\n" +
		" at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 2]"
)

func subscribe(protocol, endpoint string, attributes map[string]string) func(*testing.T, *fixture) error {
	return func(t *testing.T, f *fixture) error {
		_, err := f.Subscribe(t.Context(), &sns.SubscribeInput{TopicArn: &f.topic, Protocol: &protocol, Endpoint: &endpoint, Attributes: attributes})
		return err
	}
}

func subscribeTo(topicARN string) func(*testing.T, *fixture) error {
	return func(t *testing.T, f *fixture) error {
		_, err := f.Subscribe(t.Context(), &sns.SubscribeInput{TopicArn: &topicARN, Protocol: aws.String("sqs"), Endpoint: aws.String(queueARN)})
		return err
	}
}

func setSubscription(name, value string) func(*testing.T, *fixture) error {
	return func(t *testing.T, f *fixture) error {
		_, err := f.SetSubscriptionAttributes(t.Context(), &sns.SetSubscriptionAttributesInput{SubscriptionArn: &f.subscription, AttributeName: &name, AttributeValue: &value})
		return err
	}
}

func createTopic(name string, attributes map[string]string) func(*testing.T, *fixture) error {
	return func(t *testing.T, f *fixture) error {
		_, err := f.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: &name, Attributes: attributes})
		return err
	}
}

func unsubscribe(arn string) func(*testing.T, *fixture) error {
	return func(t *testing.T, f *fixture) error {
		_, err := f.Unsubscribe(t.Context(), &sns.UnsubscribeInput{SubscriptionArn: &arn})
		return err
	}
}

func getTopic(arn string) func(*testing.T, *fixture) error {
	return func(t *testing.T, f *fixture) error {
		_, err := f.GetTopicAttributes(t.Context(), &sns.GetTopicAttributesInput{TopicArn: &arn})
		return err
	}
}

func createApp(name, platform string, attributes map[string]string) func(*testing.T, *fixture) error {
	return func(t *testing.T, f *fixture) error {
		_, err := f.CreatePlatformApplication(t.Context(), &sns.CreatePlatformApplicationInput{Name: &name, Platform: &platform, Attributes: attributes})
		return err
	}
}

func createEndpoint(token string, attributes map[string]string) func(*testing.T, *fixture) error {
	return func(t *testing.T, f *fixture) error {
		_, err := f.CreatePlatformEndpoint(t.Context(), &sns.CreatePlatformEndpointInput{PlatformApplicationArn: &f.application, Token: &token, Attributes: attributes})
		return err
	}
}

func setEndpoint(arn string, attributes map[string]string) func(*testing.T, *fixture) error {
	return func(t *testing.T, f *fixture) error {
		if arn == "" {
			arn = f.endpoint
		}
		_, err := f.SetEndpointAttributes(t.Context(), &sns.SetEndpointAttributesInput{EndpointArn: &arn, Attributes: attributes})
		return err
	}
}

func setSMS(name, value string) func(*testing.T, *fixture) error {
	return func(t *testing.T, f *fixture) error {
		_, err := f.SetSMSAttributes(t.Context(), &sns.SetSMSAttributesInput{Attributes: map[string]string{name: value}})
		return err
	}
}

func confirm(token string) func(*testing.T, *fixture) error {
	return func(t *testing.T, f *fixture) error {
		_, err := f.ConfirmSubscription(t.Context(), &sns.ConfirmSubscriptionInput{TopicArn: &f.topic, Token: &token})
		return err
	}
}

func filter(policy string) func(*testing.T, *fixture) error {
	return subscribe("sqs", queueARN+"-2", map[string]string{"FilterPolicy": policy})
}

// recordedErrors is the table.
func recordedErrors() []recorded {
	long := strings.Repeat("a", 257)
	return []recorded{
		{"test_create_topic_name_constraints", createTopic("", nil), invalid("Invalid parameter: Topic Name")},
		{"test_create_topic_name_constraints", createTopic(long, nil), invalid("Invalid parameter: Topic Name")},
		{"test_create_topic_name_constraints", createTopic("suite.fifo", nil), invalid("Invalid parameter: Topic Name")},
		{"test_create_topic_name_constraints", createTopic("suite", map[string]string{"FifoTopic": "true"}), invalid("Invalid parameter: Topic Name")},
		{"test_create_topic_name_constraints", createTopic("suite!", nil), invalid("Invalid parameter: Topic Name")},
		{"test_create_topic_with_attributes", getTopic(noTopic), missing("Topic")},
		{"test_create_topic_with_attributes", getTopic("topic"), invalid("Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1")},
		{"test_cross_region_access", getTopic("arn:aws:sns:eu-west-1:000000000000:topic"), invalid("Invalid parameter: TopicArn")},
		{"test_create_topic_different_attrs", func(t *testing.T, f *fixture) error {
			return createTopic(f.topic[strings.LastIndex(f.topic, ":")+1:], map[string]string{"DisplayName": "other"})(t, f)
		}, invalid("Invalid parameter: Attributes Reason: Topic already exists with different attributes")},
		{"test_create_duplicate_topic_with_more_tags", func(t *testing.T, f *fixture) error {
			_, err := f.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String(f.topic[strings.LastIndex(f.topic, ":")+1:]),
				Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}})
			return err
		}, invalid("Invalid parameter: Tags Reason: Topic already exists with different tags")},
		{"test_tags", func(t *testing.T, f *fixture) error {
			tag := types.Tag{Key: aws.String("k"), Value: aws.String("v")}
			_, err := f.TagResource(t.Context(), &sns.TagResourceInput{ResourceArn: &f.topic, Tags: []types.Tag{tag, tag}})
			return err
		}, invalid("Invalid parameter: Duplicated keys are not allowed.")},
		{"test_topic_get_attributes_with_fifo_false", func(t *testing.T, f *fixture) error {
			_, err := f.SetTopicAttributes(t.Context(), &sns.SetTopicAttributesInput{TopicArn: &f.topic, AttributeName: aws.String("FifoTopic"), AttributeValue: aws.String("false")})
			return err
		}, invalid("Invalid parameter: AttributeName")},
		{"test_add_permission_errors", func(t *testing.T, f *fixture) error {
			_, err := f.AddPermission(t.Context(), &sns.AddPermissionInput{TopicArn: &f.topic, Label: aws.String("l"), AWSAccountId: []string{"000000000000"}, ActionName: []string{"Fly"}})
			return err
		}, invalid("Invalid parameter: Policy statement action out of service scope!")},
		{"test_subscribe_with_invalid_protocol", subscribe("test-protocol", "x", nil), invalid("Invalid parameter: Amazon SNS does not support this protocol string: test-protocol")},
		{"test_subscribe_unknown_sqs_queue", subscribe("sqs", "queue", nil), invalid("Invalid parameter: SQS endpoint ARN")},
		{"test_subscribe_sqs_queue_url", subscribe("sqs", "http://localhost:4566/000000000000/q", nil), invalid("Invalid parameter: SQS endpoint ARN")},
		{"test_subscribe_bad_sms", subscribe("sms", "invalid-number", nil), invalid("Invalid SMS endpoint: invalid-number")},
		{"test_subscribe_invalid_sms", subscribe("sms", "+15--551234567", nil), invalid("Invalid SMS endpoint: +15--551234567")},
		{"test_subscribe_invalid_sms", subscribe("sms", "NAA+15551234567", nil), invalid("Invalid SMS endpoint: NAA+15551234567")},
		{"test_subscribe_invalid_sms", subscribe("sms", "+15551234567.", nil), invalid("Invalid SMS endpoint: +15551234567.")},
		{"test_subscribe_invalid_sms", subscribe("sms", "/+15551234567", nil), invalid("Invalid SMS endpoint: /+15551234567")},
		{"test_validations_for_fifo", subscribe("sqs", queueARN+".fifo", nil), invalid("Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics")},
		{"test_subscribe_with_invalid_topic", subscribeTo(noTopic), missing("Topic")},
		{"test_subscribe_with_invalid_topic", subscribeTo("arn:aws:sns:us-east-1:000000000000"), invalid("Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 5")},
		{"test_create_subscriptions_with_attributes", subscribe("sqs", queueARN+"-2", map[string]string{"RawMessageDelivery": "wrongvalue"}),
			invalid("Invalid parameter: Attributes Reason: RawMessageDelivery: Invalid value [wrongvalue]. Must be true or false.")},
		{"test_subscribe_idempotency", subscribe("sqs", queueARN, map[string]string{"RawMessageDelivery": "false"}),
			invalid("Invalid parameter: Attributes Reason: Subscription already exists with different attributes")},
		{"test_validate_set_sub_attributes", setSubscription("FakeAttribute", "x"), invalid("Invalid parameter: AttributeName")},
		{"test_validate_set_sub_attributes", setSubscription("RawMessageDelivery", "test-ValUe"), invalid("Invalid parameter: RawMessageDelivery: Invalid value [test-ValUe]. Must be true or false.")},
		{"test_validate_set_sub_attributes", setSubscription("RawMessageDelivery", ""), invalid("Invalid parameter: RawMessageDelivery: Invalid value []. Must be true or false.")},
		{"test_validate_set_sub_attributes", setSubscription("RedrivePolicy", `{"deadLetterTargetArn":"fake-arn"}`), invalid("Invalid parameter: RedrivePolicy: deadLetterTargetArn is an invalid arn")},
		{"test_validate_set_sub_attributes", setSubscription("RedrivePolicy", "{invalidjson}"), invalid("Invalid parameter: RedrivePolicy: " + notInJSON)},
		{"test_validate_set_sub_attributes", setSubscription("FilterPolicy", "{invalidjson}"), invalid("Invalid parameter: FilterPolicy: " + notInJSON)},
		{"test_set_subscription_filter_policy_scope", setSubscription("FilterPolicyScope", "RandomValue"), invalid("Invalid parameter: FilterPolicyScope: Invalid value [RandomValue]. Please use either MessageBody or MessageAttributes")},
		{"test_sub_filter_policy_nested_property", setSubscription("FilterPolicy", `{"object":{"key":[{"prefix":"auto-"}]}}`), invalid("Invalid parameter: Filter policy scope MessageAttributes does not support nested filter policy")},
		{"test_sub_filter_policy_nested_property_constraints", setSubscription("FilterPolicy", `{"a":["v"],"b":["v"],"c":["v"],"d":["v"],"e":["v"],"f":["v"]}`), invalid("Invalid parameter: FilterPolicy: Filter policy can not have more than 5 keys")},
		{"test_validate_policy_string_operators", filter(`{"key":[]}`), invalid("Invalid parameter: Attributes Reason: FilterPolicy: Empty arrays are not allowed\n at [Source: (String)\"{\"key\":[]}\"; line: 1, column: 10]")},
		{"test_validate_policy", filter(`{"key":[["value"]]}`), invalid("Invalid parameter: Attributes Reason: FilterPolicy: Match value must be String, number, true, false, or null\n at [Source: (String)\"{\"key\":[[\"value\"]]}\"; line: 1, column: 10]")},
		{"test_get_subscription_attributes_error_not_exists", func(t *testing.T, f *fixture) error {
			_, err := f.GetSubscriptionAttributes(t.Context(), &sns.GetSubscriptionAttributesInput{SubscriptionArn: aws.String(noTopic + ":00000000-0000-0000-0000-000000000000")})
			return err
		}, missing("Subscription")},
		{"test_unsubscribe_wrong_arn_format", unsubscribe("randomstring"), invalid("Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1")},
		{"test_unsubscribe_wrong_arn_format", unsubscribe("arn:aws:sns:us-east-1:random"), invalid("Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 5")},
		{"test_unsubscribe_wrong_arn_format", unsubscribe("arn:aws:sns:us-east-1:111111111111:random"), invalid("Invalid parameter: SubscriptionId")},
		{"test_unsubscribe_wrong_arn_format", unsubscribe(""), invalid("Invalid parameter: SubscriptionArn Reason: no value for required parameter")},
		{"test_sns_confirm_subscription_wrong_token", confirm("randomtoken"), invalid("Invalid token")},
		{"test_sns_confirm_subscription_wrong_token", confirm(strings.Repeat("51b2ff3edb475b7d91550e0ab6edf0c1de2a34e6ebaf6c22", 6)), invalid("Invalid parameter: Token")},
		{"test_create_platform_application_invalid_name[empty]", createApp("", "ADM", map[string]string{"PlatformCredential": "a", "PlatformPrincipal": "b"}), invalid("Invalid parameter:  Reason: cannot be empty")},
		{"test_create_platform_application_invalid_name[too-long]", createApp(long, "ADM", map[string]string{"PlatformCredential": "a", "PlatformPrincipal": "b"}), invalid("Invalid parameter: " + long + " Reason: must be at most 256 characters long")},
		{"test_create_platform_application_invalid_name[invalid-char]", createApp("@name", "ADM", map[string]string{"PlatformCredential": "a", "PlatformPrincipal": "b"}), invalid("Invalid parameter: @name Reason: must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'")},
		{"test_create_platform_application_invalid_platform", createApp("suite", "AAA", map[string]string{"PlatformCredential": "a", "PlatformPrincipal": "b"}), invalid("Invalid parameter: Platform Reason: AAA is not supported")},
		{"test_create_platform_application_invalid_attributes", createApp("suite", "ADM", map[string]string{"PlatformPrincipal": "b"}), invalid("Invalid parameter: Attributes Reason: PlatformPrincipal attribute provided without PlatformCredential")},
		{"test_create_platform_application_invalid_attributes", createApp("suite", "ADM", map[string]string{"PlatformCredential": "a"}), invalid("Invalid parameter: Attributes Reason: PlatformCredential attribute provided without PlatformPrincipal")},
		{"test_get_platform_application_attributes_non_existing_app", func(t *testing.T, f *fixture) error {
			_, err := f.GetPlatformApplicationAttributes(t.Context(), &sns.GetPlatformApplicationAttributesInput{PlatformApplicationArn: aws.String(noApp)})
			return err
		}, missing("PlatformApplication")},
		{"test_create_platform_endpoint_idempotency", createEndpoint("token_1", map[string]string{"CustomUserData": "other"}), refusal{"InvalidParameter", "Invalid parameter: Token Reason: Endpoint {endpoint} already exists with the same Token, but different attributes.", 400}},
		{"test_create_platform_endpoint_with_invalid_attributes", createEndpoint("token_2", map[string]string{"InvalidKey": "x"}), invalid("Invalid parameter: Attributes Reason: Invalid attribute name: InvalidKey")},
		{"test_set_platform_endpoint_attributes_invalid_attributes", setEndpoint("", map[string]string{"CustomUserData": strings.Repeat("a", 2049)}), invalid("Invalid parameter: Attributes Reason: Invalid value for attribute: CustomUserData: must be at most 2048 bytes long in UTF-8 encoding")},
		{"test_set_platform_endpoint_attributes_invalid_arn", setEndpoint(noApp, map[string]string{"Enabled": "false"}), invalid("Invalid parameter: EndpointArn Reason: Wrong number of slashes in relative portion of the ARN.")},
		{"test_set_platform_endpoint_attributes_non_existent_endpoint", setEndpoint(noEndpoint, map[string]string{"Enabled": "false"}), missing("Endpoint")},
		{"test_set_invalid_sms_attributes[InvalidAttributeName]", setSMS("InvalidAttribute", "x"), invalid("InvalidAttribute is not a valid attribute")},
		{"test_set_invalid_sms_attributes[TooLongID]", setSMS("DefaultSenderID", "senderIdAbove11Characters"), invalid("DefaultSendID is not a valid attribute")},
		{"test_set_invalid_sms_attributes[NoLetterID]", setSMS("DefaultSenderID", "0123"), invalid("DefaultSendID is not a valid attribute")},
		{"test_set_invalid_sms_attributes[InvalidSMSType]", setSMS("DefaultSMSType", "Invalid"), invalid("DefaultSMSType is invalid")},
		{"test_opt_in_invalid_number", func(t *testing.T, f *fixture) error {
			_, err := f.OptInPhoneNumber(t.Context(), &sns.OptInPhoneNumberInput{PhoneNumber: aws.String("a phone")})
			return err
		}, invalid("Invalid parameter: PhoneNumber Reason: input incorrectly formatted")},
	}
}

// Errors provokes every recorded error.
func Errors(t *testing.T, c *sns.Client) {
	f := newFixture(t, c)
	for _, test := range recordedErrors() {
		t.Run(test.test, func(t *testing.T) {
			want := test.want
			want.Message = strings.ReplaceAll(want.Message, "{endpoint}", f.endpoint)
			if got := refusalOf(test.call(t, f)); got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}
