// Package iam_test holds what a backend of Identity and Access Management must do for its clients.
package iam_test

import (
	"testing"

	"localcloud/test/conformance/steps"
)

// TestEndpoint runs the suite against a running endpoint.
func TestEndpoint(t *testing.T) { suite.Run(t, steps.Endpoint(t)) }

const trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22lambda.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D"

var suite = steps.Suite{Service: "iam", Version: "2010-05-08", Steps: []steps.Step{
	{Name: "create a role", Operation: "CreateRole", In: "RoleName=r-{run}&AssumeRolePolicyDocument=" + trust, Want: []string{"<Arn>arn:aws:iam::{account}:role/r-{run}</Arn>"}},
	{Name: "create it again", Operation: "CreateRole", In: "RoleName=r-{run}&AssumeRolePolicyDocument=" + trust, Code: "EntityAlreadyExists"},
	{Name: "get the role", Operation: "GetRole", In: "RoleName=r-{run}", Want: []string{"<RoleName>r-{run}</RoleName>", "lambda.amazonaws.com"}},
	{Name: "get no role", Operation: "GetRole", In: "RoleName=none-{run}", Code: "NoSuchEntity"},
	{Name: "of another account", Operation: "GetRole", In: "RoleName=r-{run}", Account: "444455556666", Code: "NoSuchEntity"},
	{Name: "a policy that is none", Operation: "CreateRole", In: "RoleName=x-{run}&AssumeRolePolicyDocument=none", Code: "MalformedPolicyDocument"},
	{Name: "put a policy", Operation: "PutRolePolicy", In: "RoleName=r-{run}&PolicyName=p&PolicyDocument=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D"},
	{Name: "list policies", Operation: "ListRolePolicies", In: "RoleName=r-{run}", Want: []string{"<member>p</member>"}},
	{Name: "attach AWS's policy", Operation: "AttachRolePolicy", In: "RoleName=r-{run}&PolicyArn=arn:aws:iam::aws:policy/ReadOnlyAccess"},
	{Name: "attached policies", Operation: "ListAttachedRolePolicies", In: "RoleName=r-{run}", Want: []string{"ReadOnlyAccess"}},
	{Name: "delete a role in use", Operation: "DeleteRole", In: "RoleName=r-{run}", Code: "DeleteConflict"},
	{Name: "create a user", Operation: "CreateUser", In: "UserName=u-{run}", Want: []string{"<Arn>arn:aws:iam::{account}:user/u-{run}</Arn>"}},
	{Name: "create a key", Operation: "CreateAccessKey", In: "UserName=u-{run}", Want: []string{"<AccessKeyId>AKIA", "<SecretAccessKey>"}},
	{Name: "list keys", Operation: "ListAccessKeys", In: "UserName=u-{run}", Want: []string{"<Status>Active</Status>"}, Not: []string{"<SecretAccessKey>"}},
	{Name: "detach", Operation: "DetachRolePolicy", In: "RoleName=r-{run}&PolicyArn=arn:aws:iam::aws:policy/ReadOnlyAccess"},
	{Name: "delete the policy", Operation: "DeleteRolePolicy", In: "RoleName=r-{run}&PolicyName=p"},
	{Name: "delete the role", Operation: "DeleteRole", In: "RoleName=r-{run}"},
	{Name: "gone", Operation: "GetRole", In: "RoleName=r-{run}", Code: "NoSuchEntity"},
}}
