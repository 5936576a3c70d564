package wire

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"localcloud/gateway/aws"
)

// What decodes must encode and decode to the same again, in a structure as in a document.
func fuzz(f *testing.F, service, operation string, protocol aws.Protocol, seeds ...string) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	call := callOf(service, operation, protocol)
	call.Path = "/bucket/key"
	f.Fuzz(func(t *testing.T, body []byte) {
		limits := Limits{Body: 1 << 20, Depth: 50, Items: 10000, Pairs: 10000}
		req := httptest.NewRequest(http.MethodPost, "/bucket/key", bytes.NewReader(body))
		doc := map[string]any{}
		err := DecodeRequest(call, req, &doc, Options{Limits: &limits})
		var e *aws.Error
		if err != nil {
			if !errors.As(err, &e) {
				t.Fatalf("an error that is none of AWS's: %v", err)
			}
			return
		}
		again, err := EncodeRequest(call.Operation, protocol, "localhost", doc)
		if err != nil {
			if errors.As(err, &e) { // a label that is empty
				return
			}
			t.Fatalf("encode %v: %v", doc, err)
		}
		other := *call
		other.Path = again.URL.EscapedPath()
		second := map[string]any{}
		if err := DecodeRequest(&other, again, &second, Options{Limits: &limits}); err != nil {
			t.Fatalf("decode what was encoded of %v: %v", doc, err)
		}
		if protocol == aws.Query || protocol == aws.EC2 || protocol == aws.RestXML {
			return // empty lists and maps, and line ends, are not kept
		}
		if err := same(doc, second); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzJSON(f *testing.F) {
	fuzz(f, "sqs", "SendMessage", aws.JSON10, sendBody, `{"MessageAttributes":{"a":{"DataType":"Binary","BinaryValue":"AAE="}},"DelaySeconds":1e1}`, `{"x":[1,{"y":null}],"MessageBody":"\ud83d\ude00\u0000"}`)
}

func FuzzRestJSON(f *testing.F) {
	fuzz(f, "lambda", "CreateFunction", aws.RestJSON, `{"FunctionName":"f","Code":{"ZipFile":"AAE="},"Environment":{"Variables":{"a":"b"}},"Timeout":3}`)
}

func FuzzRestXML(f *testing.F) {
	fuzz(f, "s3", "PutBucketLifecycleConfiguration", aws.RestXML,
		`<?xml version="1.0"?><LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule><ID>a&amp;b</ID><Status>Enabled</Status><Expiration><Days>3</Days></Expiration><Filter><And><Prefix><![CDATA[x]]></Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter></Rule></LifecycleConfiguration>`,
		`<a><Rule/><!-- c --><Rule><Transition><Date>2020-01-01T00:00:00Z</Date></Transition></Rule></a>`)
}

func FuzzQuery(f *testing.F) {
	fuzz(f, "sqs", "SendMessageBatch", aws.Query,
		"QueueUrl=u&SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=b&SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=n&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue=v",
		"Entries.member.1.Id=a&Entries.1.Id=b&Entries=")
}

func FuzzEC2(f *testing.F) {
	fuzz(f, "ec2", "RunInstances", aws.EC2, "MinCount=1&MaxCount=2&TagSpecification.1.Tag.1.Key=k&BlockDeviceMapping.1.Ebs.VolumeSize=8")
}

func FuzzCBOR(f *testing.F) {
	seed := func(doc map[string]any) string {
		req, err := EncodeRequest(callOf("cloudwatch", "PutMetricData", aws.RPCv2CBOR).Operation, aws.RPCv2CBOR, "h", doc)
		if err != nil {
			f.Fatal(err)
		}
		buf, err := readBody(nil, req.Body, req.ContentLength, 1<<20)
		if err != nil {
			f.Fatal(err)
		}
		return string(buf.b)
	}
	fuzz(f, "cloudwatch", "PutMetricData", aws.RPCv2CBOR, seed(map[string]any{"Namespace": "n", "MetricData": []any{
		map[string]any{"MetricName": "m", "Value": 1.5, "Timestamp": fromEpoch(1.5), "Values": []any{1.0, 2.5}, "StorageResolution": 60}}}),
		"\xa1\x69Namespace\x7f\x61a\x61b\xff", "\xbf\x6aMetricData\x9f\xa1\x65Value\xf9\x3c\x00\xff\xff")
}

func FuzzEventStream(f *testing.F) {
	frame := &frame{payload: []byte(`{"a":1}`)}
	frame.set(":message-type", "event")
	frame.set(":event-type", "Stats")
	seed, err := frame.append(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, data []byte) {
		r := bytes.NewReader(data)
		for {
			got, err := readFrame(r)
			if err != nil {
				return
			}
			if b, err := got.append(nil); err == nil {
				if _, err := readFrame(bytes.NewReader(b)); err != nil {
					t.Fatalf("read what was written: %v", err)
				}
			}
		}
	})
}

// FuzzResponses reads answers as a client, in every protocol.
func FuzzResponses(f *testing.F) {
	f.Add(byte(aws.Query), 200, []byte(`<ListQueuesResponse><ListQueuesResult><QueueUrl>u</QueueUrl></ListQueuesResult></ListQueuesResponse>`))
	f.Add(byte(aws.Query), 400, []byte(`<ErrorResponse><Error><Code>c</Code><Message>m</Message></Error></ErrorResponse>`))
	f.Add(byte(aws.JSON10), 200, []byte(`{"QueueUrls":["u"]}`))
	f.Add(byte(aws.JSON10), 400, []byte(`{"__type":"a#b:c","message":"m"}`))
	f.Add(byte(aws.RPCv2CBOR), 500, []byte("\xa1\x66__type\x61a"))
	op := aws.Lookup("sqs").Operation("ListQueues")
	f.Fuzz(func(t *testing.T, p byte, status int, body []byte) {
		if p == 0 || int(p) >= len(protocols) {
			return
		}
		resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: streamBody{strings.NewReader(string(body))}, ContentLength: -1}
		out := map[string]any{}
		_ = DecodeResponse(op, aws.Protocol(p), resp, &out) // it must only not panic
	})
}
