package gateway

import (
	"fmt"
	"strings"

	"localcloud/gateway/aws"
)

// unknownScope is the answer to a signature for a service that AWS does not have.
func unknownScope(name string) *aws.Error {
	return aws.NotImplemented(nil, fmt.Sprintf("The signature is for %q, which is the signing name of no AWS service that localcloud knows.", clip(name)))
}

// unknownOperation is the answer where a service is told, but none of its operations: the codes and
// messages of the frameworks that AWS's services are written in.
func (i *Identifier) unknownOperation(q *inquiry) *aws.Error {
	s := q.call.Service
	switch p := q.call.Protocol; p {
	case aws.Query, aws.EC2:
		return unknownAction(s, q.action(i.formOf(q)))
	case aws.RestXML, aws.RestJSON:
		return unknownPath(q, i.s3.services[0])
	case aws.RPCv2CBOR:
		return &aws.Error{Code: "UnknownOperationException", Message: "The requested operation is not known to " + s.ID + ": " + clip(q.targetOperation), Status: 404}
	default:
		if q.targetOperation == "" {
			return &aws.Error{Code: "UnknownOperationException", Message: "The request has no X-Amz-Target.", Status: 400}
		}
		return &aws.Error{Code: "UnknownOperationException", Message: "The requested operation is not known to " + s.ID + ": " + clip(q.targetOperation), Status: 400}
	}
}

func unknownAction(s *aws.Service, action string) *aws.Error {
	switch {
	case action == "":
		return &aws.Error{Code: "MissingAction", Message: "The request must contain the parameter Action.", Status: 400}
	case s.Name == "sqs":
		return &aws.Error{Code: "InvalidAction", Message: "The action " + clip(action) + " is not valid for this endpoint.", Status: 400}
	case s.Name == "ec2":
		return &aws.Error{Code: "InvalidAction", Message: "The action " + clip(action) + " is not valid for this web service.", Status: 400}
	}
	return &aws.Error{Code: "InvalidAction", Message: "Could not find operation " + clip(action) + " for version " + s.APIVersion, Status: 400}
}

func unknownPath(q *inquiry, s3 *aws.Service) *aws.Error {
	s := q.call.Service
	if s != s3 {
		return &aws.Error{Code: "UnknownOperationException", Message: fmt.Sprintf("%s has no operation at %s %s.", s.ID, clip(q.method), clip(q.path)), Status: 404}
	}
	if strings.HasPrefix(q.path, "//") {
		return &aws.Error{Code: "InvalidURI", Message: "Couldn't parse the specified URI.", Status: 400, Detail: map[string]any{"URI": q.path}}
	}
	resource := "SERVICE"
	if rest := strings.Trim(q.path, "/"); strings.Contains(rest, "/") {
		resource = "OBJECT"
	} else if rest != "" {
		resource = "BUCKET"
	}
	return &aws.Error{
		Code: "MethodNotAllowed", Message: "The specified method is not allowed against this resource.", Status: 405,
		Detail: map[string]any{"Method": q.method, "ResourceType": resource},
	}
}

// clip bounds what an error message repeats of a request.
func clip(s string) string {
	const most = 200
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}
