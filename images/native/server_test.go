package native_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"localcloud/gateway/aws"
	"localcloud/images/native"
	"localcloud/images/sqs"
)

func sqsServer(options ...native.Option) *native.Server {
	return native.NewServer(aws.Lookup("sqs"), []native.Operation{
		native.Op("SendMessage", func(ctx context.Context, in *sqs.SendMessageInput) (*sqs.SendMessageOutput, error) {
			switch in.MessageBody {
			case "panic":
				panic("by request")
			case "fail":
				return nil, errors.New("disk on fire")
			case "gone":
				return nil, aws.Errorf("QueueDoesNotExist", "The specified queue does not exist.")
			}
			id, md5 := "id-1", "md5:"+in.MessageBody
			return &sqs.SendMessageOutput{MessageId: &id, MD5OfMessageBody: &md5}, nil
		}),
	}, options...)
}

func call(t testing.TB, operation string, protocol aws.Protocol, body string) *http.Request {
	t.Helper()
	service := aws.Lookup("sqs")
	c := &aws.Call{Service: service, Operation: service.Operation(operation), Protocol: protocol,
		Account: "000000000000", Region: "us-east-1", RequestID: "req-1"}
	req := httptest.NewRequest("POST", "/", strings.NewReader(body))
	return req.WithContext(aws.WithCall(req.Context(), c))
}

func TestServerAnswersInTheCallersProtocol(t *testing.T) {
	for _, test := range []struct {
		name, body string
		operation  string
		protocol   aws.Protocol
		status     int
		want       string
	}{
		{"json", `{"QueueUrl":"u","MessageBody":"hi"}`, "SendMessage", aws.JSON10, 200, `{"MD5OfMessageBody":"md5:hi","MessageId":"id-1"}`},
		{"modelled error", `{"QueueUrl":"u","MessageBody":"gone"}`, "SendMessage", aws.JSON10, 400,
			`{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}`},
		{"missing member", `{"QueueUrl":"u"}`, "SendMessage", aws.JSON10, 400,
			`{"__type":"com.amazon.coral.service#MissingRequiredParameterException","message":"The request must contain the parameter MessageBody."}`},
		{"operation without a function", `{}`, "ListQueues", aws.JSON10, 501, `does not support the operation ListQueues`},
		{"error that is none of AWS", `{"QueueUrl":"u","MessageBody":"fail"}`, "SendMessage", aws.JSON10, 500, `InternalFailure`},
		{"panic", `{"QueueUrl":"u","MessageBody":"panic"}`, "SendMessage", aws.JSON10, 500, `InternalFailure`},
		{"broken body", `{"QueueUrl":`, "SendMessage", aws.JSON10, 400, `SerializationException`},
	} {
		t.Run(test.name, func(t *testing.T) {
			resp, err := sqsServer().RoundTrip(call(t, test.operation, test.protocol, test.body))
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != test.status || !strings.Contains(string(body), test.want) {
				t.Errorf("got %d %s, want %d %s", resp.StatusCode, body, test.status, test.want)
			}
			if got := resp.Header.Get("X-Amzn-Requestid"); got != "req-1" {
				t.Errorf("request id %q", got)
			}
		})
	}
}

func BenchmarkSendMessageJSON(b *testing.B) {
	server := sqsServer()
	body := `{"QueueUrl":"http://localhost:4566/000000000000/q","MessageBody":"hello world, this is a message","DelaySeconds":5}`
	req := call(b, "SendMessage", aws.JSON10, body)
	reader := strings.NewReader(body)
	req.Body = io.NopCloser(reader)
	b.ReportAllocs()
	for b.Loop() {
		reader.Reset(body)
		resp, err := server.RoundTrip(req)
		if err != nil || resp.StatusCode != 200 {
			b.Fatal(resp.StatusCode, err)
		}
		if _, err := resp.Body.(io.WriterTo).WriteTo(io.Discard); err != nil {
			b.Fatal(err)
		}
		resp.Body.Close()
	}
}
