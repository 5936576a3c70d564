// Package sts_test holds what a backend of the Security Token Service must do for its clients.
package sts_test

import (
	"testing"

	"localcloud/test/conformance/steps"
)

// TestEndpoint runs the suite against a running endpoint.
func TestEndpoint(t *testing.T) { suite.Run(t, steps.Endpoint(t)) }

var suite = steps.Suite{Service: "sts", Version: "2011-06-15", Steps: []steps.Step{
	{Name: "identity", Operation: "GetCallerIdentity", Want: []string{"<Account>{account}</Account>", "<Arn>arn:aws:", "<UserId>"}},
	{Name: "identity of another account", Operation: "GetCallerIdentity", Account: "444455556666", Want: []string{"<Account>444455556666</Account>"}},
	{Name: "role", Operation: "AssumeRole", In: "RoleArn=arn:aws:iam::{account}:role/r&RoleSessionName=s-{run}",
		Want: []string{"<AccessKeyId>", "<SessionToken>", "<Arn>arn:aws:sts::{account}:assumed-role/r/s-{run}</Arn>", "<Expiration>"}},
	{Name: "role without a session", Operation: "AssumeRole", In: "RoleArn=arn:aws:iam::{account}:role/r", Code: "ValidationError"},
	{Name: "session", Operation: "GetSessionToken", Want: []string{"<AccessKeyId>", "<SessionToken>"}},
	{Name: "account of a key", Operation: "GetAccessKeyInfo", In: "AccessKeyId=AKIAIOSFODNN7EXAMPLE", Want: []string{"<Account>"}},
}}
