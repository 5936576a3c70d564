package gateway

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/wire"
)

// toBackend answers calls by decoding them, as a native backend does.
type toBackend func(call *Call, in map[string]any) (any, error)

func (f toBackend) Do(_ context.Context, call *Call) (*http.Response, error) {
	in := map[string]any{}
	if err := wire.DecodeRequest(&call.Call, call.Request, &in, wire.Options{}); err != nil {
		return nil, err
	}
	out, err := f(call, in)
	var refusal *aws.Error
	if errors.As(err, &refusal) {
		return wire.EncodeError(&call.Call, call.Request, refusal), nil
	}
	return wire.EncodeResponse(&call.Call, call.Request, out)
}

func TestCallerPassesDocumentsInEveryProtocol(t *testing.T) {
	for _, test := range []struct {
		service, operation string
		in, out            map[string]any
	}{
		{"sqs", "SendMessage", map[string]any{"QueueUrl": "u", "MessageBody": "<&>"}, map[string]any{"MessageId": "1"}},
		{"sns", "Publish", map[string]any{"TopicArn": "a", "Message": "m"}, map[string]any{"MessageId": "1"}},
		{"s3", "PutObjectTagging", map[string]any{"Bucket": "b", "Key": "a//b c", "Tagging": map[string]any{
			"TagSet": []any{map[string]any{"Key": "k", "Value": "v"}}}}, map[string]any{"VersionId": "v1"}},
		{"lambda", "GetFunctionConfiguration", map[string]any{"FunctionName": "f"}, map[string]any{"FunctionName": "f"}},
		{"ec2", "DescribeVpcs", map[string]any{"VpcIds": []any{"vpc-1"}}, map[string]any{"NextToken": "t"}},
	} {
		t.Run(test.service, func(t *testing.T) {
			var got map[string]any
			var call *Call
			caller := &Caller{Gateway: toBackend(func(c *Call, in map[string]any) (any, error) {
				call, got = c, in
				return test.out, nil
			})}
			out := map[string]any{}
			err := caller.Call(t.Context(), Target{Service: test.service, Operation: test.operation, Region: "eu-west-1", Hops: 2}, test.in, &out)
			if err != nil {
				t.Fatal(err)
			}
			for key, want := range test.out {
				if out[key] != want {
					t.Errorf("out: %v, want %v", out, test.out)
				}
			}
			for key, want := range test.in {
				if text, ok := want.(string); ok && got[key] != text {
					t.Errorf("in: %v, want %v", got, test.in)
				}
			}
			if call.Region != "eu-west-1" || call.Hops != 2 || call.Account != aws.DefaultAccount {
				t.Errorf("call %+v", call.Call)
			}
		})
	}
}

func TestCallerReturnsTheServicesError(t *testing.T) {
	caller := &Caller{Gateway: toBackend(func(*Call, map[string]any) (any, error) {
		return nil, aws.Errorf("NoSuchKey", "The specified key does not exist.")
	})}
	err := caller.Call(t.Context(), Target{Service: "s3", Operation: "GetObject"}, map[string]any{"Bucket": "b", "Key": "k"}, nil)
	var e *aws.Error
	if !errors.As(err, &e) || e.Code != "NoSuchKey" || e.Status != 404 {
		t.Errorf("got %#v", err)
	}
}

func TestCallerCutsLoops(t *testing.T) {
	caller := &Caller{}
	cause := &aws.Call{Hops: MaxHops}
	if err := caller.Call(t.Context(), On(cause, "sqs", "ListQueues"), nil, nil); !errors.Is(err, ErrLoop) {
		t.Errorf("got %v, want ErrLoop", err)
	}
}
