package aws

// What the models lack is written here by hand, one function a service, each with its reason.

// applyOverlay completes services right after their index is read; what it says of operations and
// shapes is applied when those are unpacked.
func applyOverlay(services map[string]*Service) {
	if sqs := services["sqs"]; sqs != nil {
		overlaySQS(sqs)
	}
	if s3 := services["s3"]; s3 != nil { // its model names the namespace of requests only
		s3.XMLNamespace = "http://s3.amazonaws.com/doc/2006-03-01/"
	}
}

// then adds a step after the unpacking of a service's operations and of its shapes.
func (s *Service) then(operations func([]*Operation), shapes func()) {
	loadOperations, loadShapes := s.loadOperations, s.loadShapes
	s.loadOperations = func() []*Operation {
		list := loadOperations()
		operations(list)
		return list
	}
	s.loadShapes = func() {
		loadShapes()
		shapes()
	}
}

// overlaySQS adds the query protocol of API version 2012-11-05. Amazon's model has been of the JSON
// protocol alone since 2023, but the service still speaks both, and older SDKs and plain HTTP clients
// still send query. Names and codes are those of AWS's own model of both (the traits xmlName,
// xmlFlattened and awsQueryError of the Smithy model, as in aws-sdk-js-v3 client-sqs).
func overlaySQS(s *Service) {
	s.Protocols = []Protocol{JSON10, Query}
	s.XMLNamespace = "http://queue.amazonaws.com/doc/2012-11-05/"
	s.then(sqsOperations, func() { sqsShapes(s) })
}

// sqsWithoutResult lists the operations whose answer has no result element.
var sqsWithoutResult = map[string]bool{
	"AddPermission": true, "ChangeMessageVisibility": true, "DeleteMessage": true, "DeleteQueue": true,
	"PurgeQueue": true, "RemovePermission": true, "SetQueueAttributes": true, "TagQueue": true, "UntagQueue": true,
}

func sqsOperations(operations []*Operation) {
	for _, op := range operations {
		if !sqsWithoutResult[op.Name] {
			op.ResultWrapper = op.Name + "Result"
		}
	}
}

// sqsQueryNames are the names of lists and maps in query messages, which are all flattened. A list
// that is not here has the name of the structure it holds ("SendMessageBatchRequestEntry").
var sqsQueryNames = map[string]string{
	"AWSAccountIds": "AWSAccountId", "Actions": "ActionName", "AttributeNames": "AttributeName",
	// AWS gives this one the name of its predecessor, so that a query names both.
	"MessageSystemAttributeNames": "AttributeName",
	"MessageAttributeNames":       "MessageAttributeName", "TagKeys": "TagKey",
	"QueueUrls": "QueueUrl", "queueUrls": "QueueUrl", "Attributes": "Attribute", "Tags": "Tag", "tags": "Tag",
	"MessageAttributes": "MessageAttribute", "MessageSystemAttributes": "MessageSystemAttribute",
	"StringListValues": "StringListValue", "BinaryListValues": "BinaryListValue",
}

// sqsErrors are the codes of the query protocol and the statuses; an exception that is not here has
// its own name and 400.
var sqsErrors = map[string]ErrorTrait{
	"BatchEntryIdsNotDistinct":     {QueryCode: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", Status: 400},
	"BatchRequestTooLong":          {QueryCode: "AWS.SimpleQueueService.BatchRequestTooLong", Status: 400},
	"EmptyBatchRequest":            {QueryCode: "AWS.SimpleQueueService.EmptyBatchRequest", Status: 400},
	"InvalidAddress":               {QueryCode: "InvalidAddress", Status: 404},
	"InvalidBatchEntryId":          {QueryCode: "AWS.SimpleQueueService.InvalidBatchEntryId", Status: 400},
	"InvalidSecurity":              {QueryCode: "InvalidSecurity", Status: 403},
	"KmsAccessDenied":              {QueryCode: "KMS.AccessDeniedException", Status: 400},
	"KmsDisabled":                  {QueryCode: "KMS.DisabledException", Status: 400},
	"KmsInvalidKeyUsage":           {QueryCode: "KMS.InvalidKeyUsageException", Status: 400},
	"KmsInvalidState":              {QueryCode: "KMS.InvalidStateException", Status: 400},
	"KmsNotFound":                  {QueryCode: "KMS.NotFoundException", Status: 400},
	"KmsOptInRequired":             {QueryCode: "KMS.OptInRequired", Status: 403},
	"KmsThrottled":                 {QueryCode: "KMS.ThrottlingException", Status: 400},
	"MessageNotInflight":           {QueryCode: "AWS.SimpleQueueService.MessageNotInflight", Status: 400},
	"OverLimit":                    {QueryCode: "OverLimit", Status: 403},
	"PurgeQueueInProgress":         {QueryCode: "AWS.SimpleQueueService.PurgeQueueInProgress", Status: 403},
	"QueueDeletedRecently":         {QueryCode: "AWS.SimpleQueueService.QueueDeletedRecently", Status: 400},
	"QueueDoesNotExist":            {QueryCode: "AWS.SimpleQueueService.NonExistentQueue", Status: 400},
	"QueueNameExists":              {QueryCode: "QueueAlreadyExists", Status: 400},
	"ReceiptHandleIsInvalid":       {QueryCode: "ReceiptHandleIsInvalid", Status: 404},
	"RequestThrottled":             {QueryCode: "RequestThrottled", Status: 403},
	"ResourceNotFoundException":    {QueryCode: "ResourceNotFoundException", Status: 404},
	"TooManyEntriesInBatchRequest": {QueryCode: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", Status: 400},
	"UnsupportedOperation":         {QueryCode: "AWS.SimpleQueueService.UnsupportedOperation", Status: 400},
}

func sqsShapes(s *Service) {
	seen := make(map[*Shape]bool)
	for _, op := range s.ordered {
		for _, message := range [...]*Shape{op.input, op.output} {
			sqsNames(message, seen)
		}
		for _, e := range op.errors {
			trait := sqsErrors[e.Name]
			trait.SenderFault = true
			e.Error = trait
		}
	}
}

func sqsNames(s *Shape, seen map[*Shape]bool) {
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	for i := range s.Members {
		m := &s.Members[i]
		switch m.Shape.Kind {
		case List, Map:
			m.Flattened = true
			m.QueryName = sqsQueryNames[m.Name]
			if m.QueryName == "" {
				m.QueryName = m.Shape.Elem.Shape.Name
			}
		}
		sqsNames(m.Shape, seen)
	}
	if s.Kind == Map {
		s.Key.QueryName, s.Elem.QueryName = "Name", "Value"
		if tags := s.Elem.Shape.Kind == String && len(s.Key.Shape.Enum) == 0; tags {
			s.Key.QueryName = "Key"
		}
	}
	if s.Elem != nil {
		sqsNames(s.Elem.Shape, seen)
	}
}
