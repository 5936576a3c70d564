// Package secretsmanager_test holds what a backend of Secrets Manager must do for its clients.
package secretsmanager_test

import (
	"testing"

	"localcloud/test/conformance/steps"
)

// TestEndpoint runs the suite against a running endpoint.
func TestEndpoint(t *testing.T) { suite.Run(t, steps.Endpoint(t)) }

var suite = steps.Suite{Service: "secretsmanager", Target: "secretsmanager", JSON: "1.1", Steps: []steps.Step{
	{Name: "create", Operation: "CreateSecret", In: `{"Name":"s-{run}","SecretString":"one","ClientRequestToken":"00000000-0000-0000-0000-000000000001"}`,
		Want: []string{`"ARN":"arn:aws:secretsmanager:{region}:{account}:secret:s-{run}-`}, Save: map[string]string{"arn": `"ARN":"([^"]+)"`}},
	{Name: "create again", Operation: "CreateSecret", In: `{"Name":"s-{run}","SecretString":"two"}`, Code: "ResourceExistsException"},
	{Name: "get", Operation: "GetSecretValue", In: `{"SecretId":"s-{run}"}`, Want: []string{`"SecretString":"one"`, `"AWSCURRENT"`}},
	{Name: "get by ARN", Operation: "GetSecretValue", In: `{"SecretId":"{arn}"}`, Want: []string{`"SecretString":"one"`}},
	{Name: "get none", Operation: "GetSecretValue", In: `{"SecretId":"none-{run}"}`, Code: "ResourceNotFoundException"},
	{Name: "of another account", Operation: "GetSecretValue", In: `{"SecretId":"s-{run}"}`, Account: "444455556666", Code: "ResourceNotFoundException"},
	{Name: "put", Operation: "PutSecretValue", In: `{"SecretId":"s-{run}","SecretString":"two","ClientRequestToken":"00000000-0000-0000-0000-000000000002"}`, Want: []string{`"AWSCURRENT"`}},
	{Name: "get the new one", Operation: "GetSecretValue", In: `{"SecretId":"s-{run}"}`, Want: []string{`"SecretString":"two"`}},
	{Name: "get the previous one", Operation: "GetSecretValue", In: `{"SecretId":"s-{run}","VersionStage":"AWSPREVIOUS"}`, Want: []string{`"SecretString":"one"`}},
	{Name: "describe", Operation: "DescribeSecret", In: `{"SecretId":"s-{run}"}`, Want: []string{`"Name":"s-{run}"`, `"VersionIdsToStages"`}},
	{Name: "tag", Operation: "TagResource", In: `{"SecretId":"s-{run}","Tags":[{"Key":"a","Value":"b"}]}`},
	{Name: "list", Operation: "ListSecrets", In: `{"Filters":[{"Key":"name","Values":["s-{run}"]}]}`, Want: []string{`"Name":"s-{run}"`, `"Key":"a"`}},
	{Name: "random password", Operation: "GetRandomPassword", In: `{"PasswordLength":20,"ExcludePunctuation":true}`, Want: []string{`"RandomPassword":"`}},
	{Name: "delete", Operation: "DeleteSecret", In: `{"SecretId":"s-{run}"}`, Want: []string{`"DeletionDate":`}},
	{Name: "get a deleted one", Operation: "GetSecretValue", In: `{"SecretId":"s-{run}"}`, Code: "InvalidRequestException"},
	{Name: "restore", Operation: "RestoreSecret", In: `{"SecretId":"s-{run}"}`},
	{Name: "delete at once", Operation: "DeleteSecret", In: `{"SecretId":"s-{run}","ForceDeleteWithoutRecovery":true}`},
	{Name: "gone", Operation: "DescribeSecret", In: `{"SecretId":"s-{run}"}`, Code: "ResourceNotFoundException"},
}}
