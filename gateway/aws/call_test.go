package aws_test

import (
	"testing"

	"localcloud/gateway/aws"
)

func TestCallHeaderRoundTrip(t *testing.T) {
	sqs := aws.Lookup("sqs")
	for _, want := range []aws.Call{
		{},
		{
			Service: sqs, Operation: sqs.Operation("SendMessage"), Protocol: aws.JSON10, Account: "123456789012", Region: "eu-west-1",
			AccessKey: "a&b=c%", Principal: "arn:aws:iam::123456789012:user/ü", RequestID: "r", Scheme: "https", Host: "h:1", Path: "/%2F//&", Hops: 7,
		},
		{Service: sqs, Path: "/_aws/sqs/messages"},
	} {
		var got aws.Call
		if err := got.UnmarshalHeader(want.MarshalHeader(), aws.Lookup); err != nil || got != want {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	}
}

func TestCallHeaderRefusesWhatItDidNotWrite(t *testing.T) {
	for _, header := range []string{"", "a&b", "nope&&&&&&&&&&&&", "%zz&&&&&&&&&&&&"} {
		if err := new(aws.Call).UnmarshalHeader(header, aws.Lookup); err == nil {
			t.Errorf("%q: no error", header)
		}
	}
}

func TestPartition(t *testing.T) {
	for region, want := range map[string]string{
		"us-east-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov", "us-iso-east-1": "aws-iso",
		"us-isob-east-1": "aws-iso-b", "us-isof-south-1": "aws-iso-f", "eu-isoe-west-1": "aws-iso-e", "eusc-de-east-1": "aws-eusc", "": "aws",
	} {
		if got := aws.Partition(region); got != want {
			t.Errorf("%s: got %s, want %s", region, got, want)
		}
	}
	call := aws.Call{Account: "1", Region: "cn-north-1"}
	if got := call.ARN("sqs", "q"); got != "arn:aws-cn:sqs:cn-north-1:1:q" {
		t.Error(got)
	}
}
