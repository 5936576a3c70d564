package sns

// The members of SNS and SQS messages that this glue reads and writes, by the names of the models.

type publishInput struct {
	TopicArn, TargetArn, PhoneNumber *string
	Message                          string
	Subject, MessageStructure        *string
	MessageAttributes                map[string]attributeValue
	MessageDeduplicationId           *string
	MessageGroupId                   *string
}

type publishOutput struct{ MessageId, SequenceNumber *string }

type publishBatchInput struct {
	TopicArn                   string
	PublishBatchRequestEntries []publishBatchEntry
}

type publishBatchEntry struct {
	Id, Message                            string
	Subject, MessageStructure              *string
	MessageAttributes                      map[string]attributeValue
	MessageDeduplicationId, MessageGroupId *string
}

type publishBatchOutput struct {
	Successful []batchResult
	Failed     []batchError
}

type batchResult struct{ Id, MessageId, SequenceNumber *string }

type batchError struct {
	Id, Code    string
	Message     *string
	SenderFault bool
}

type attributeValue struct {
	DataType    string
	StringValue *string
	BinaryValue []byte
}

type topicInput struct {
	TopicArn  string
	NextToken *string
}

type attributesOutput struct{ Attributes map[string]string }

type subscriptionInput struct{ SubscriptionArn string }

type subscriptionsOutput struct {
	Subscriptions []subscriptionEntry
	NextToken     *string
}

type subscriptionEntry struct{ SubscriptionArn, Protocol, Endpoint *string }

type subscribeInput struct {
	TopicArn              string
	Protocol              string
	Endpoint              *string
	Attributes            map[string]string
	ReturnSubscriptionArn *bool
}

type subscribeOutput struct{ SubscriptionArn *string }

type confirmInput struct {
	TopicArn, Token           string
	AuthenticateOnUnsubscribe *string
}

type endpointInput struct{ EndpointArn string }

type sendMessageInput struct {
	QueueUrl, MessageBody                  string
	MessageAttributes                      map[string]attributeValue
	MessageSystemAttributes                map[string]attributeValue
	MessageDeduplicationId, MessageGroupId *string
}
