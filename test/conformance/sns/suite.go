// Package sns holds what an SNS backend must do for its clients apart from delivering: a suite that
// runs against any endpoint with the AWS SDK for Go, and compares errors with recorded ones of AWS.
//
// recorded.go is the table of errors; one more behaviour is a function in behaviours.go and a line in
// Behaviours.
package sns

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/smithy-go"
)

// Client makes a client of an endpoint for an account (the access key) and a region.
func Client(url, accessKey, region string) *sns.Client {
	return sns.New(sns.Options{
		BaseEndpoint: &url, Region: region, RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: "test"}, nil
		}),
	})
}

// Run runs the whole suite against the endpoint at url.
func Run(t *testing.T, url string) {
	c := Client(url, "test", "us-east-1")
	t.Run("errors", func(t *testing.T) { Errors(t, c) })
	for _, b := range Behaviours {
		t.Run(b.Name, func(t *testing.T) { b.Check(t, c) })
	}
}

// refusal is what is told of an error: code, message and status.
type refusal struct {
	Code, Message string
	Status        int
}

func refusalOf(err error) refusal {
	var r refusal
	var api smithy.APIError
	if errors.As(err, &api) {
		r.Code, r.Message = api.ErrorCode(), api.ErrorMessage()
	} else if err != nil {
		r.Message = err.Error()
	}
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		r.Status = response.HTTPStatusCode()
	}
	return r
}

// unique makes names different in every run.
func unique(name string) string {
	var raw [4]byte
	_, _ = rand.Read(raw[:]) // never fails
	return "suite-" + hex.EncodeToString(raw[:]) + "-" + name
}
