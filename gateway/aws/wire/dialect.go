package wire

import (
	"errors"

	"localcloud/gateway/aws"
)

// dialect is in what one service differs from others of its protocol. One more service is a line in
// dialects.
type dialect struct {
	// typePrefix stands before the name of modelled errors in __type ("com.amazonaws.sqs#").
	typePrefix string
	// coral: errors of the framework (not of the model) have its prefix and spelling.
	coral bool
	// jsonCodes are the names that errors of the query protocol which are not in the model have in JSON.
	jsonCodes map[string]string
	// javaName is the package that messages name structures with.
	javaName string
	crc32    bool // answers carry x-amz-crc32
	s3       bool // errors have S3's form

	validation validation
	// requiredMaps: of a map that must not be empty the service says "The x parameter is required for Y".
	requiredMaps bool
	// validationCode overrides the code of validation errors.
	validationCode string
	// enumOrder is the order in which messages list the values of an enumeration, by shape, where it
	// is not the model's.
	enumOrder map[string]string
}

// validation is how a service checks requests against its model.
type validation uint8

const (
	// validateAll reports all violations: "2 validation errors detected: Value ...".
	validateAll validation = iota
	// validateNone leaves all to the service.
	validateNone
	// validateMissing reports the first required member that is missing: "The request must contain
	// the parameter X."; all else is left to the service.
	validateMissing
)

var plainDialect = &dialect{}

var dialects = map[string]*dialect{
	"sqs": {
		typePrefix: "com.amazonaws.sqs#", coral: true, validation: validateMissing,
		jsonCodes: map[string]string{
			"InvalidParameterValue": "InvalidParameterValueException",
			"MissingParameter":      "MissingRequiredParameterException",
			"AccessDenied":          "AccessDeniedException",
		},
	},
	"dynamodb": {
		typePrefix: "com.amazonaws.dynamodb.v20120810#", javaName: "com.amazonaws.dynamodb.v20120810.", coral: true, crc32: true,
		enumOrder: dynamodbEnums, requiredMaps: true,
	},
	"dynamodbstreams": {
		typePrefix: "com.amazonaws.dynamodb.v20120810#", javaName: "com.amazonaws.dynamodb.v20120810.", coral: true, crc32: true,
	},
	"s3":   {s3: true, validation: validateNone},
	"ec2":  {validation: validateMissing},
	"logs": {validationCode: "InvalidParameterException"},
}

// dynamodbEnums: as dynalite, whose cases were run against the service, has them.
var dynamodbEnums = map[string]string{
	"ReturnValue":                 "ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW",
	"ReturnConsumedCapacity":      "INDEXES, TOTAL, NONE",
	"ReturnItemCollectionMetrics": "SIZE, NONE",
	"ScalarAttributeType":         "B, N, S",
	"ProjectionType":              "ALL, INCLUDE, KEYS_ONLY",
	"Select":                      "SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES",
	"ConditionalOperator":         "OR, AND",
	"ComparisonOperator":          "IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS",
}

func dialectOf(call *aws.Call) *dialect { return dialectOfService(call.Service) }

func dialectOfService(s *aws.Service) *dialect {
	if s != nil {
		if d := dialects[s.Name]; d != nil {
			return d
		}
	}
	return plainDialect
}

// coralTypes are the prefixes of the errors that AWS's framework makes itself.
var coralTypes = map[string]string{
	"ValidationException":                 "com.amazon.coral.validate#",
	"SerializationException":              "com.amazon.coral.service#",
	"UnknownOperationException":           "com.amazon.coral.service#",
	"InternalFailure":                     "com.amazon.coral.service#",
	"AccessDeniedException":               "com.amazon.coral.service#",
	"UnrecognizedClientException":         "com.amazon.coral.service#",
	"MissingAuthenticationTokenException": "com.amazon.coral.service#",
	"IncompleteSignatureException":        "com.amazon.coral.service#",
	"InvalidSignatureException":           "com.amazon.coral.service#",
	"ThrottlingException":                 "com.amazon.coral.availability#",
	"InvalidParameterValueException":      "com.amazon.coral.service#",
	"MissingRequiredParameterException":   "com.amazon.coral.service#",
}

// typeName is the value of __type.
func (d *dialect) typeName(f *failure) string {
	if d.coral && f.shape == nil {
		return coralTypes[f.code] + f.code
	}
	return d.typePrefix + f.code
}

// messageName is the key of the message in JSON for errors that the model does not have.
func (d *dialect) messageName(code string) string {
	if d.coral && coralTypes[code] == "com.amazon.coral.service#" && d.typePrefix != "com.amazonaws.sqs#" {
		return "Message"
	}
	return "message"
}

// finish adds what the service has in all its answers.
func (d *dialect) finish(r *response) {
	if d.crc32 && len(r.buf.b) > 0 {
		r.checksum()
	}
}

// refine words the errors of decoding as the service does.
func (d *dialect) refine(call *aws.Call, err error) error {
	var e *aws.Error
	if !errors.As(err, &e) {
		return err
	}
	switch {
	case d.s3 && e == errTooLarge:
		return &aws.Error{Code: "MaxMessageLengthExceeded", Message: "Your request was too big.", Status: 400}
	case e.Code != "SerializationException":
	case call.Protocol == aws.Query || call.Protocol == aws.EC2:
		return &aws.Error{Code: "MalformedInput", Message: e.Message, Status: 400}
	case d.s3:
		return errMalformedXML
	case call.Protocol == aws.RestXML:
		return &aws.Error{Code: "MalformedXML", Message: e.Message, Status: 400}
	}
	return err
}
