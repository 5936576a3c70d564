package wire

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"localcloud/gateway/aws"
)

// throughOther sends a call to a backend that speaks only another protocol, and returns the answer.
func throughOther(t *testing.T, call *aws.Call, req *http.Request, to aws.Protocol, perform func(in map[string]any) (map[string]any, *aws.Error)) (int, http.Header, string) {
	t.Helper()
	sent, err := TranscodeRequest(call, req, to)
	if err != nil {
		t.Fatal(err)
	}
	other := *call
	other.Protocol, other.Path = to, sent.URL.EscapedPath()
	in := map[string]any{}
	if err := DecodeRequest(&other, sent, &in, Options{Validate: true}); err != nil {
		t.Fatal(err)
	}
	var resp *http.Response
	if out, refusal := perform(in); refusal != nil {
		resp = EncodeError(&other, sent, refusal)
	} else if resp, err = EncodeResponse(&other, sent, out); err != nil {
		t.Fatal(err)
	}
	if resp, err = TranscodeResponse(call, req, resp, to); err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(body)
}

func callOf(service, operation string, p aws.Protocol) *aws.Call {
	s := aws.Lookup(service)
	return &aws.Call{Service: s, Operation: s.Operation(operation), Protocol: p, RequestID: "r"}
}

func form64(s string) *http.Request {
	req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(s))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req
}

func TestSQSQueryOnABackendOfJSON(t *testing.T) {
	call := callOf("sqs", "SendMessage", aws.Query)
	req := form64("Action=SendMessage&QueueUrl=u&MessageBody=%3Chi%3E&MessageAttribute.1.Name=n&MessageAttribute.1.Value.DataType=Binary&MessageAttribute.1.Value.BinaryValue=AAE%3D")
	status, _, body := throughOther(t, call, req, aws.JSON10, func(in map[string]any) (map[string]any, *aws.Error) {
		want := map[string]any{"QueueUrl": "u", "MessageBody": "<hi>", "MessageAttributes": map[string]any{
			"n": map[string]any{"DataType": "Binary", "BinaryValue": []byte{0, 1}}}}
		if err := same(want, in); err != nil {
			t.Error(err)
		}
		return map[string]any{"MessageId": "1"}, nil
	})
	if status != 200 || !strings.Contains(body, "<SendMessageResult><MessageId>1</MessageId></SendMessageResult>") {
		t.Errorf("got %d %s", status, body)
	}
	status, _, body = throughOther(t, call, form64("QueueUrl=u&MessageBody=b"), aws.JSON10, func(map[string]any) (map[string]any, *aws.Error) {
		return nil, aws.Errorf("QueueDoesNotExist", "gone")
	})
	if status != 400 || !strings.Contains(body, "<Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>gone</Message>") {
		t.Errorf("got %d %s", status, body)
	}
}

func TestSQSJSONOnABackendOfQuery(t *testing.T) {
	call := callOf("sqs", "ReceiveMessage", aws.JSON10)
	req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"QueueUrl":"u","AttributeNames":["All"],"MaxNumberOfMessages":2}`))
	status, _, body := throughOther(t, call, req, aws.Query, func(in map[string]any) (map[string]any, *aws.Error) {
		if in["MaxNumberOfMessages"] != int64(2) {
			t.Errorf("in %v", in)
		}
		return map[string]any{"Messages": []any{map[string]any{"Body": "b", "Attributes": map[string]any{"SentTimestamp": "1"}}}}, nil
	})
	if want := `{"Messages":[{"Body":"b","Attributes":{"SentTimestamp":"1"}}]}`; status != 200 || body != want {
		t.Errorf("got %d %s, want %s", status, body, want)
	}
	status, header, body := throughOther(t, callOf("sqs", "PurgeQueue", aws.JSON10), httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"QueueUrl":"u"}`)), aws.Query,
		func(map[string]any) (map[string]any, *aws.Error) {
			return nil, aws.Errorf("PurgeQueueInProgress", "wait")
		})
	if status != 400 || !strings.Contains(body, "#PurgeQueueInProgress") || header.Get("X-Amzn-Query-Error") != "AWS.SimpleQueueService.PurgeQueueInProgress;Sender" {
		t.Errorf("got %d %v %s", status, header, body)
	}
}

func TestCloudWatchCBOROnABackendOfQuery(t *testing.T) {
	op := aws.Lookup("cloudwatch").Operation("GetMetricStatistics")
	at := fromEpoch(1700000000)
	in := map[string]any{"Namespace": "n", "MetricName": "m", "StartTime": at, "EndTime": at, "Period": 60, "Statistics": []any{"Sum"},
		"Dimensions": []any{map[string]any{"Name": "d", "Value": "v"}}}
	req, err := EncodeRequest(op, aws.RPCv2CBOR, "localhost", in)
	if err != nil {
		t.Fatal(err)
	}
	call := callOf("cloudwatch", "GetMetricStatistics", aws.RPCv2CBOR)
	status, header, body := throughOther(t, call, req, aws.Query, func(got map[string]any) (map[string]any, *aws.Error) {
		in["Period"] = int64(60)
		if err := same(in, got); err != nil {
			t.Error(err)
		}
		return map[string]any{"Label": "l", "Datapoints": []any{map[string]any{"Sum": 1.5, "Timestamp": at}}}, nil
	})
	want := map[string]any{"Label": "l", "Datapoints": []any{map[string]any{"Sum": 1.5, "Timestamp": at}}}
	if err := same(want, anyCBOR([]byte(body))); err != nil || status != 200 || header.Get("Smithy-Protocol") != "rpc-v2-cbor" {
		t.Errorf("got %d %v %v", status, header, err)
	}
}

func TestStreamsAreNotTranslated(t *testing.T) {
	call := callOf("s3", "GetObject", aws.RestXML)
	_, err := TranscodeRequest(call, httptest.NewRequest(http.MethodGet, "/b/k", nil), aws.RestJSON)
	if e := asAWS(err); e == nil || e.Status != 501 {
		t.Errorf("got %v", err)
	}
}
