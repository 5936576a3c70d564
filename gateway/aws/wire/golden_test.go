package wire

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"localcloud/gateway/aws"
)

var update = flag.Bool("update", false, "write the golden files again")

// One file a case in testdata/cases: the request as our client sends it, the answer and an error as
// our server sends them. Each is decoded again by the other side.
func TestGoldenMessages(t *testing.T) {
	at := fromEpoch(1700000000.5)
	for _, test := range []struct {
		name, service, operation string
		protocol                 aws.Protocol
		header                   [2]string
		in, out                  map[string]any
		refusal                  *aws.Error
	}{
		{name: "json-1.0", service: "sqs", operation: "ReceiveMessage", protocol: aws.JSON10,
			in:      map[string]any{"QueueUrl": "http://localhost/q", "MessageAttributeNames": []any{"All"}, "MaxNumberOfMessages": int64(3)},
			out:     map[string]any{"Messages": []any{map[string]any{"Body": "\"<&>\u2028\x01", "MessageAttributes": map[string]any{"a": map[string]any{"DataType": "Binary", "BinaryValue": []byte{0, 255}}}}}},
			refusal: aws.Errorf("QueueDoesNotExist", "The specified queue does not exist.")},
		{name: "json-1.0 with a checksum", service: "dynamodb", operation: "TransactWriteItems", protocol: aws.JSON10,
			in:  map[string]any{"ClientRequestToken": "token", "TransactItems": []any{map[string]any{"Put": map[string]any{"TableName": "t", "Item": map[string]any{"k": map[string]any{"N": "1"}}}}}},
			out: map[string]any{"ConsumedCapacity": []any{map[string]any{"TableName": "t", "CapacityUnits": 1.5}}},
			refusal: &aws.Error{Code: "TransactionCanceledException", Message: "Transaction cancelled", Detail: map[string]any{
				"CancellationReasons": []any{map[string]any{"Code": "ConditionalCheckFailed", "Message": "m"}}}}},
		{name: "json-1.1", service: "kinesis", operation: "GetRecords", protocol: aws.JSON11,
			in:      map[string]any{"ShardIterator": "i", "Limit": int64(10)},
			out:     map[string]any{"MillisBehindLatest": int64(0), "Records": []any{map[string]any{"Data": []byte("hi"), "PartitionKey": "p", "SequenceNumber": "1", "ApproximateArrivalTimestamp": at}}},
			refusal: aws.Errorf("ExpiredIteratorException", "expired")},
		{name: "json-1.1 in CBOR", service: "kinesis", operation: "GetRecords", protocol: aws.JSON11, header: [2]string{"Content-Type", "application/x-amz-cbor-1.1"},
			out:     map[string]any{"MillisBehindLatest": int64(0), "Records": []any{map[string]any{"Data": []byte("hi"), "PartitionKey": "p", "SequenceNumber": "1", "ApproximateArrivalTimestamp": at}}},
			refusal: aws.Errorf("ExpiredIteratorException", "expired")},
		{name: "query", service: "sns", operation: "Publish", protocol: aws.Query,
			in:      map[string]any{"TopicArn": "arn:aws:sns:us-east-1:000000000000:t", "Message": "a b&c", "MessageAttributes": map[string]any{"n": map[string]any{"DataType": "String", "StringValue": "v"}}},
			out:     map[string]any{"MessageId": "1"},
			refusal: aws.Errorf("NotFound", "Topic does not exist")},
		{name: "query answered in JSON", service: "sns", operation: "ListTopics", protocol: aws.Query, header: [2]string{"Accept", "application/json"},
			out:     map[string]any{"Topics": []any{map[string]any{"TopicArn": "a"}}},
			refusal: aws.Errorf("NotFound", "Topic does not exist")},
		{name: "query with names of its own", service: "sqs", operation: "GetQueueAttributes", protocol: aws.Query,
			in:      map[string]any{"QueueUrl": "u", "AttributeNames": []any{"All", "CreatedTimestamp"}},
			out:     map[string]any{"Attributes": map[string]any{"DelaySeconds": "0"}},
			refusal: aws.Errorf("QueueDoesNotExist", "The specified queue does not exist.")},
		{name: "ec2", service: "ec2", operation: "DescribeInstances", protocol: aws.EC2,
			in:      map[string]any{"InstanceIds": []any{"i-1", "i-2"}, "Filters": []any{map[string]any{"Name": "n", "Values": []any{"a", "b"}}}},
			out:     map[string]any{"Reservations": []any{map[string]any{"ReservationId": "r-1", "Instances": []any{map[string]any{"InstanceId": "i-1", "LaunchTime": at, "EbsOptimized": false}}}}},
			refusal: aws.Errorf("InvalidInstanceID.NotFound", "The instance ID 'i-1' does not exist")},
		{name: "rest-json", service: "lambda", operation: "Invoke", protocol: aws.RestJSON,
			in:      map[string]any{"FunctionName": "arn:aws:lambda:us-east-1:000000000000:function:f", "Qualifier": "PROD", "InvocationType": "Event", "Payload": []byte(`{"a":1}`)},
			out:     map[string]any{"StatusCode": int64(202), "ExecutedVersion": "1", "Payload": []byte("null")},
			refusal: &aws.Error{Code: "TooManyRequestsException", Message: "slow down", Detail: map[string]any{"retryAfterSeconds": "3", "Reason": "CallerRateLimitExceeded"}}},
		{name: "rest-xml", service: "route53", operation: "ChangeResourceRecordSets", protocol: aws.RestXML,
			in: map[string]any{"HostedZoneId": "Z1", "ChangeBatch": map[string]any{"Changes": []any{map[string]any{"Action": "UPSERT", "ResourceRecordSet": map[string]any{
				"Name": "a.", "Type": "A", "TTL": int64(60), "ResourceRecords": []any{map[string]any{"Value": "1.2.3.4"}}}}}}},
			out:     map[string]any{"ChangeInfo": map[string]any{"Id": "C1", "Status": "PENDING", "SubmittedAt": at}},
			refusal: aws.Errorf("NoSuchHostedZone", "no such zone")},
		{name: "rest-xml of S3", service: "s3", operation: "GetBucketAcl", protocol: aws.RestXML,
			in: map[string]any{"Bucket": "b"},
			out: map[string]any{"Owner": map[string]any{"ID": "o"}, "Grants": []any{map[string]any{"Permission": "READ", "Grantee": map[string]any{
				"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}}}},
			refusal: &aws.Error{Code: "NoSuchBucket", Message: "The specified bucket does not exist", Status: 404, Detail: map[string]any{"BucketName": "b"}}},
		{name: "rest-xml of S3 with metadata", service: "s3", operation: "HeadObject", protocol: aws.RestXML,
			in:      map[string]any{"Bucket": "b", "Key": "a//b c?"},
			out:     map[string]any{"ContentLength": int64(5), "ETag": `"x"`, "LastModified": fromEpoch(1700000000), "Metadata": map[string]any{"some-key": "v"}},
			refusal: aws.Errorf("NoSuchKey", "The specified key does not exist.")},
		{name: "rest-xml of S3 with a bare root", service: "s3", operation: "GetBucketLocation", protocol: aws.RestXML,
			in: map[string]any{"Bucket": "b"}, out: map[string]any{"LocationConstraint": "eu-west-1"}, refusal: aws.Errorf("AccessDenied", "Access Denied")},
		{name: "rpc-v2-cbor", service: "cloudwatch", operation: "DescribeAlarms", protocol: aws.RPCv2CBOR,
			in:      map[string]any{"AlarmNames": []any{"a"}, "MaxRecords": int64(5)},
			out:     map[string]any{"MetricAlarms": []any{map[string]any{"AlarmName": "a", "Threshold": 1.5, "StateUpdatedTimestamp": at, "ActionsEnabled": true}}},
			refusal: aws.Errorf("InvalidNextToken", "bad token")},
	} {
		t.Run(test.name, func(t *testing.T) {
			call := callOf(test.service, test.operation, test.protocol)
			call.RequestID = "00000000-1111-2222-3333-444444444444"
			req, err := EncodeRequest(call.Operation, test.protocol, "localhost:4566", test.in)
			if err != nil {
				t.Fatal(err)
			}
			call.Path = req.URL.EscapedPath()
			var file strings.Builder
			fmt.Fprintf(&file, "-- request --\n%s %s\n%s", req.Method, req.URL.RequestURI(), dump(t, req.Header, req.Body))
			if test.header[0] != "" {
				req.Header.Set(test.header[0], test.header[1])
			} else {
				again, err := EncodeRequest(call.Operation, test.protocol, "localhost:4566", test.in)
				if err != nil {
					t.Fatal(err)
				}
				in := map[string]any{}
				if err := DecodeRequest(call, again, &in, Options{Validate: true}); err != nil {
					t.Error(err)
				} else if err := same(test.in, in); err != nil {
					t.Error(err)
				}
			}
			answer := func() *http.Response {
				resp, err := EncodeResponse(call, req, test.out)
				if err != nil {
					t.Fatal(err)
				}
				return resp
			}
			resp := answer()
			fmt.Fprintf(&file, "-- answer --\n%d\n%s", resp.StatusCode, dump(t, resp.Header, resp.Body))
			refused := EncodeError(call, req, test.refusal)
			fmt.Fprintf(&file, "-- error --\n%d\n%s", refused.StatusCode, dump(t, refused.Header, refused.Body))
			if test.header[0] != "Accept" {
				out := map[string]any{}
				if err := DecodeResponse(call.Operation, test.protocol, answer(), &out); err != nil {
					t.Error(err)
				} else if err := same(test.out, out); err != nil {
					t.Error(err)
				}
			}
			compare(t, filepath.Join("testdata", "cases", strings.ReplaceAll(test.name, " ", "-")+".txt"), file.String())
		})
	}
}

// dump is headers and body as text; a body that is no text is quoted.
func dump(t *testing.T, header http.Header, body io.ReadCloser) string {
	t.Helper()
	defer body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(header)) {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(header[name], ", "))
	}
	if !utf8.Valid(text) || strings.ContainsRune(string(text), 0) {
		return b.String() + fmt.Sprintf("\n%q\n", text)
	}
	return b.String() + "\n" + string(text) + "\n"
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
	}
}
