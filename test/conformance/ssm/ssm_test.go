// Package ssm_test holds what a backend of Systems Manager's parameters must do for its clients.
package ssm_test

import (
	"testing"

	"localcloud/test/conformance/steps"
)

// TestEndpoint runs the suite against a running endpoint.
func TestEndpoint(t *testing.T) { suite.Run(t, steps.Endpoint(t)) }

var suite = steps.Suite{Service: "ssm", Target: "AmazonSSM", JSON: "1.1", Steps: []steps.Step{
	{Name: "put", Operation: "PutParameter", In: `{"Name":"/{run}/a","Value":"one","Type":"String"}`, Want: []string{`"Version":1`}},
	{Name: "put again", Operation: "PutParameter", In: `{"Name":"/{run}/a","Value":"two","Type":"String"}`, Code: "ParameterAlreadyExists"},
	{Name: "overwrite", Operation: "PutParameter", In: `{"Name":"/{run}/a","Value":"two","Type":"String","Overwrite":true}`, Want: []string{`"Version":2`}},
	{Name: "get", Operation: "GetParameter", In: `{"Name":"/{run}/a"}`,
		Want: []string{`"Value":"two"`, `"Version":2`, `"ARN":"arn:aws:ssm:{region}:{account}:parameter/{run}/a"`}},
	{Name: "get a version", Operation: "GetParameter", In: `{"Name":"/{run}/a:1"}`, Want: []string{`"Value":"one"`}},
	{Name: "get none", Operation: "GetParameter", In: `{"Name":"/{run}/none"}`, Code: "ParameterNotFound"},
	{Name: "of another account", Operation: "GetParameter", In: `{"Name":"/{run}/a"}`, Account: "444455556666", Code: "ParameterNotFound"},
	{Name: "put a secret", Operation: "PutParameter", In: `{"Name":"/{run}/b/c","Value":"hidden","Type":"SecureString"}`},
	{Name: "get a secret encrypted", Operation: "GetParameter", In: `{"Name":"/{run}/b/c"}`, Not: []string{`"Value":"hidden"`}},
	{Name: "get a secret decrypted", Operation: "GetParameter", In: `{"Name":"/{run}/b/c","WithDecryption":true}`, Want: []string{`"Value":"hidden"`}},
	{Name: "get several", Operation: "GetParameters", In: `{"Names":["/{run}/a","/{run}/none"]}`, Want: []string{`"Value":"two"`, `"InvalidParameters":["/{run}/none"]`}},
	{Name: "by path", Operation: "GetParametersByPath", In: `{"Path":"/{run}"}`, Want: []string{`"Name":"/{run}/a"`}, Not: []string{`/b/c`}},
	{Name: "by path, all below", Operation: "GetParametersByPath", In: `{"Path":"/{run}","Recursive":true}`, Want: []string{`"Name":"/{run}/a"`, `"Name":"/{run}/b/c"`}},
	{Name: "history", Operation: "GetParameterHistory", In: `{"Name":"/{run}/a"}`, Want: []string{`"one"`, `"two"`}},
	{Name: "label", Operation: "LabelParameterVersion", In: `{"Name":"/{run}/a","ParameterVersion":1,"Labels":["first"]}`},
	{Name: "get by label", Operation: "GetParameter", In: `{"Name":"/{run}/a:first"}`, Want: []string{`"Value":"one"`}},
	{Name: "a name that is none", Operation: "PutParameter", In: `{"Name":"/aws/{run}","Value":"x","Type":"String"}`, Code: "AccessDeniedException"},
	{Name: "delete", Operation: "DeleteParameter", In: `{"Name":"/{run}/a"}`},
	{Name: "delete again", Operation: "DeleteParameter", In: `{"Name":"/{run}/a"}`, Code: "ParameterNotFound"},
}}
