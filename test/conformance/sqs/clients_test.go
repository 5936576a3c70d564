package sqs_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// TestBoto3 runs testdata/boto3_client.py, which checks digests as boto3 does.
func TestBoto3(t *testing.T) {
	if err := exec.Command("python3", "-c", "import boto3").Run(); err != nil {
		t.Skip("python3 with boto3 is not installed")
	}
	endpoint, _ := start(t, nil)
	if out, err := exec.Command("python3", "testdata/boto3_client.py", endpoint).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestGoSDK passes messages with the AWS SDK for Go, which checks their digests.
func TestGoSDK(t *testing.T) {
	endpoint, _ := start(t, nil)
	c := sqs.New(sqs.Options{BaseEndpoint: &endpoint, Region: "us-east-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		})})
	q, err := c.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q.fifo"), Attributes: map[string]string{"FifoQueue": "true"}})
	if err != nil {
		t.Fatal(err)
	}
	entries := make([]types.SendMessageBatchRequestEntry, 10)
	for i := range entries {
		id := fmt.Sprint(i)
		entries[i] = types.SendMessageBatchRequestEntry{Id: &id, MessageBody: aws.String("body " + id), MessageGroupId: aws.String("g"), MessageDeduplicationId: &id,
			MessageAttributes: map[string]types.MessageAttributeValue{
				"s": {DataType: aws.String("String"), StringValue: aws.String("ü")}, "n": {DataType: aws.String("Number.int"), StringValue: aws.String("-1.5e3")},
				"b": {DataType: aws.String("Binary"), BinaryValue: []byte{0, 255, 30}},
			}}
	}
	sent, err := c.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: q.QueueUrl, Entries: entries})
	if err != nil || len(sent.Successful) != 10 {
		t.Fatal(sent, err)
	}
	got, err := c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: q.QueueUrl, MaxNumberOfMessages: 10,
		MessageAttributeNames: []string{"All"}, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"}})
	if err != nil || len(got.Messages) != 10 {
		t.Fatal(got, err)
	}
	for i, m := range got.Messages {
		if *m.Body != fmt.Sprint("body ", i) || string(m.MessageAttributes["b"].BinaryValue) != "\x00\xff\x1e" || m.Attributes["SequenceNumber"] != *sent.Successful[i].SequenceNumber {
			t.Errorf("message %d: %v", i, m)
		}
	}
}

// TestQueueURLAsEndpoint calls operations of the query protocol on the URL of a queue.
func TestQueueURLAsEndpoint(t *testing.T) {
	endpoint, _ := start(t, nil)
	get := func(path string) (int, string) {
		t.Helper()
		resp, err := http.Get(endpoint + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	expect := func(path string, status int, part string) {
		t.Helper()
		if got, body := get(path); got != status || !strings.Contains(body, part) {
			t.Errorf("%s: %d %s", path, got, body)
		}
	}
	expect("/?Action=CreateQueue&QueueName=q", 200, "<QueueUrl>"+endpoint+"/000000000000/q</QueueUrl>")
	expect("/?Action=CreateQueue&QueueName=other", 200, "other")
	expect("/000000000000/q?Action=SendMessage&MessageBody=here", 200, "<MessageId>")
	expect("/queue/us-east-1/000000000000/q?Action=SendMessage&MessageBody=there", 200, "<MessageId>")
	expect("/000000000000/q?Action=SendMessage&MessageBody=elsewhere&QueueUrl="+url.QueryEscape(endpoint+"/000000000000/other"), 200, "<MessageId>")
	expect("/000000000000/q?Action=GetQueueAttributes&AttributeName.1=ApproximateNumberOfMessages", 200, "<Value>2</Value>")
	expect("/000000000000/other?Action=ReceiveMessage", 200, "<Body>elsewhere</Body>")
	expect("/000000000000/none?Action=ReceiveMessage", 400, "AWS.SimpleQueueService.NonExistentQueue")
	resp, err := http.PostForm(endpoint+"/000000000000/q", url.Values{"Action": {"ReceiveMessage"}, "AttributeName.1": {"All"}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 || !strings.Contains(string(body), "<Body>here</Body>") {
		t.Errorf("form: %d %s", resp.StatusCode, body)
	}
}

// TestMessagesPage looks at messages without receiving them.
func TestMessagesPage(t *testing.T) {
	endpoint, _ := start(t, nil)
	for _, path := range []string{
		"/?Action=CreateQueue&QueueName=q", "/000000000000/q?Action=SendMessage&MessageBody=one", "/000000000000/q?Action=ReceiveMessage",
		"/000000000000/q?Action=SendMessage&MessageBody=two", "/000000000000/q?Action=SendMessage&MessageBody=three&DelaySeconds=100",
	} {
		resp, err := http.Get(endpoint + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	for _, test := range []struct {
		path, accept string
		status       int
		with         []string
		without      []string
	}{
		{"/_aws/sqs/messages?QueueUrl=" + endpoint + "/000000000000/q", "", 200, []string{"<ReceiveMessageResponse", "<Body>two</Body>", "SQS/BACKDOOR/ACCESS"}, []string{"one", "three"}},
		{"/_aws/sqs/messages/us-east-1/000000000000/q?ShowInvisible=true", "application/json", 200, []string{`"Body":"two"`, `"Body":"one"`, `"IsVisible":"false"`}, []string{"three"}},
		{"/_aws/sqs/messages/us-east-1/000000000000/q?ShowDelayed=1", "application/json", 200, []string{`"Body":"three"`, `"IsDelayed":"true"`}, []string{"one"}},
		{"/_aws/sqs/messages/us-east-1/000000000000/none", "application/json", 400, []string{"QueueDoesNotExist"}, nil},
		{"/_aws/sqs/messages?QueueUrl=http://nowhere", "", 404, []string{"InvalidAddress"}, nil},
		{"/_aws/sqs/messages?Action=DeleteMessage&QueueUrl=x", "", 400, []string{"InvalidRequest"}, nil},
	} {
		req, err := http.NewRequest(http.MethodGet, endpoint+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", test.accept)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		body := string(raw)
		ok := resp.StatusCode == test.status
		for _, part := range test.with {
			ok = ok && strings.Contains(body, part)
		}
		for _, part := range test.without {
			ok = ok && !strings.Contains(body, ">"+part+"<") && !strings.Contains(body, `"`+part+`"`)
		}
		if !ok {
			t.Errorf("%s: %d %s", test.path, resp.StatusCode, body)
		}
	}
}

// TestHeaders sends what headers add to parameters: a trace, and more messages than AWS's limit.
func TestHeaders(t *testing.T) {
	endpoint, _ := start(t, nil)
	call := func(query string, header ...string) string {
		t.Helper()
		req, err := http.NewRequest(http.MethodGet, endpoint+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return string(body)
	}
	call("/?Action=CreateQueue&QueueName=q")
	for range 15 {
		call("/000000000000/q?Action=SendMessage&MessageBody=m", "X-Amzn-Trace-Id", "Root=1-2-3")
	}
	got := call("/000000000000/q?Action=ReceiveMessage&AttributeName.1=All", "x-localstack-sqs-override-message-count", "100")
	if n := strings.Count(got, "<Name>AWSTraceHeader</Name><Value>Root=1-2-3</Value>"); n != 15 {
		t.Errorf("%d messages with a trace, want 15: %s", n, got)
	}
}

// TestClientGone cuts off clients that wait for messages; none of these messages may be lost or counted
// as received.
func TestClientGone(t *testing.T) {
	endpoint, _ := start(t, nil)
	call := func(ctx context.Context, method, path string) string {
		path, query, _ := strings.Cut(path, "?")
		form := strings.NewReader(query)
		if method == http.MethodGet {
			path, form = path+"?"+query, strings.NewReader("")
		}
		req, err := http.NewRequestWithContext(ctx, method, endpoint+path, form)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err.Error()
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return string(body)
	}
	get := func(path string) string { return call(t.Context(), http.MethodGet, path) }
	get("/?Action=CreateQueue&QueueName=q")
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodGet, http.MethodPost} {
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan string)
		go func() { gone <- call(ctx, method, "/000000000000/q?Action=ReceiveMessage&WaitTimeSeconds=20") }()
		time.Sleep(20 * time.Millisecond) // until it waits
		cancel()
		<-gone
		time.Sleep(250 * time.Millisecond) // until the server has seen it
		get("/000000000000/q?Action=SendMessage&MessageBody=m")
		got := get("/000000000000/q?Action=ReceiveMessage&AttributeName.1=ApproximateReceiveCount&WaitTimeSeconds=1")
		if !strings.Contains(got, "<Name>ApproximateReceiveCount</Name><Value>1</Value>") {
			t.Fatalf("%s: %s", method, got)
		}
	}
}
