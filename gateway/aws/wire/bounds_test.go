package wire

import (
	"bytes"
	"compress/gzip"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"localcloud/gateway/aws"
)

func TestNothingGrowsWithoutBounds(t *testing.T) {
	deep := 100_000
	var form strings.Builder
	for i := range 1_000_000 {
		form.WriteString("a" + strconv.Itoa(i) + "=1&")
	}
	for _, test := range []struct {
		name, service, operation string
		protocol                 aws.Protocol
		body, code               string
	}{
		{"JSON in an unknown member", "sqs", "SendMessage", aws.JSON10, `{"x":` + strings.Repeat(`[`, deep), "SerializationException"},
		{"JSON objects in an unknown member", "sqs", "SendMessage", aws.JSON10, `{"x":` + strings.Repeat(`{"x":`, deep), "SerializationException"},
		{"JSON in a recursive shape", "dynamodb", "PutItem", aws.JSON10, `{"Item":{"a":` + strings.Repeat(`{"M":{"a":`, deep), "SerializationException"},
		{"JSON in a document", "bedrock-runtime", "Converse", aws.RestJSON, `{"additionalModelRequestFields":` + strings.Repeat(`[`, deep), "SerializationException"},
		{"XML in an unknown element", "s3", "PutBucketTagging", aws.RestXML, `<Tagging>` + strings.Repeat(`<a>`, deep), "MalformedXML"},
		{"XML with a document type", "s3", "PutBucketTagging", aws.RestXML, `<!DOCTYPE a [<!ENTITY b "c">]><Tagging>&b;</Tagging>`, "MalformedXML"},
		{"a form with a million fields", "sns", "Publish", aws.Query, form.String(), "MalformedQueryString"},
		{"a form with a deep key", "dynamodb", "PutItem", aws.Query, "Item.entry.1.key=a&Item.entry.1.value" + strings.Repeat(".L.member.1", deep) + ".S=x", "MalformedInput"},
		{"CBOR in an unknown member", "cloudwatch", "PutMetricData", aws.RPCv2CBOR, "\xa1\x61x" + strings.Repeat("\x81", deep), "SerializationException"},
		{"CBOR with endless tags", "cloudwatch", "PutMetricData", aws.RPCv2CBOR, "\xa1\x61x" + strings.Repeat("\xc1", deep), "SerializationException"},
		{"CBOR with a length that is not there", "cloudwatch", "PutMetricData", aws.RPCv2CBOR, "\xa1\x69Namespace\x7a\xff\xff\xff\xff", "SerializationException"},
		{"CBOR list with a length that is not there", "cloudwatch", "PutMetricData", aws.RPCv2CBOR, "\xa1\x6aMetricData\x9b\xff\xff\xff\xff\xff\xff\xff\xff", "SerializationException"},
		{"too many elements", "sqs", "SendMessageBatch", aws.JSON10, `{"Entries":[` + strings.Repeat(`{},`, 1_100_000) + `{}]}`, "SerializationException"},
	} {
		t.Run(test.name, func(t *testing.T) {
			call := callOf(test.service, test.operation, test.protocol)
			call.Path = "/a"
			req := httptest.NewRequest(http.MethodPost, "/a", strings.NewReader(test.body))
			err := DecodeRequest(call, req, &map[string]any{}, Options{Validate: true})
			if e := asAWS(err); e == nil || e.Code != test.code {
				t.Errorf("got %v, want %s", err, test.code)
			}
		})
	}
}

// asAWS is the AWS error that err is, nil for none.
func asAWS(err error) *aws.Error {
	var e *aws.Error
	errors.As(err, &e)
	return e
}

func TestBodiesAreBounded(t *testing.T) {
	limits := DefaultLimits
	limits.Body = 1000
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	zip.Write(make([]byte, 1_000_000))
	zip.Close()
	for _, test := range []struct{ name, body, encoding, code string }{
		{"announced", strings.Repeat(" ", 1001), "", "RequestEntityTooLargeException"},
		{"inflated", packed.String(), "gzip", "RequestEntityTooLargeException"},
		{"no gzip", "hello", "gzip", "SerializationException"},
	} {
		t.Run(test.name, func(t *testing.T) {
			req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(test.body))
			req.Header.Set("Content-Encoding", test.encoding)
			err := DecodeRequest(callOf("sqs", "SendMessage", aws.JSON10), req, &map[string]any{}, Options{Limits: &limits})
			if e := asAWS(err); e == nil || e.Code != test.code {
				t.Errorf("got %v, want %s", err, test.code)
			}
			req = httptest.NewRequest(http.MethodPost, "/", strings.NewReader(test.body))
			req.ContentLength = int64(len(test.body)) + 10
			err = DecodeRequest(callOf("sqs", "SendMessage", aws.JSON10), req, &map[string]any{}, Options{})
			if e := asAWS(err); e == nil || e.Code != "IncompleteBody" {
				t.Errorf("cut short: got %v, want IncompleteBody", err)
			}
		})
	}
}

func TestGzipBodiesAreInflated(t *testing.T) {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	zip.Write([]byte(`{"QueueUrl":"u","MessageBody":"hi"}`))
	zip.Close()
	req := httptest.NewRequest(http.MethodPost, "/", &packed)
	req.Header.Set("Content-Encoding", "gzip")
	var in benchSendInput
	if err := DecodeRequest(callOf("sqs", "SendMessage", aws.JSON10), req, &in, Options{}); err != nil || in.MessageBody != "hi" {
		t.Errorf("got %+v, %v", in, err)
	}
}
