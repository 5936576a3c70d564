package wire

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"localcloud/gateway/aws"
)

// Each benchmark stands beside one of encoding/json or encoding/xml that reads and writes the same
// bodies with equivalent structures, without routing, headers or validation.

type benchSendInput struct {
	QueueUrl     string
	MessageBody  string
	DelaySeconds *int32
}

type benchSendOutput struct {
	MD5OfMessageBody *string
	MessageId        *string
}

// exchange decodes a request and encodes its answer, again and again.
func exchange[In, Out any](b *testing.B, call *aws.Call, method, target, body string, out *Out) {
	b.Helper()
	req := httptest.NewRequest(method, target, nil)
	reader := strings.NewReader(body)
	req.Body, req.ContentLength = io.NopCloser(reader), int64(len(body))
	call.Path = req.URL.EscapedPath()
	b.ReportAllocs()
	for b.Loop() {
		reader.Reset(body)
		in := new(In)
		if err := DecodeRequest(call, req, in, Options{Validate: true}); err != nil {
			b.Fatal(err)
		}
		resp, err := EncodeResponse(call, req, out)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := resp.Body.(io.WriterTo).WriteTo(io.Discard); err != nil {
			b.Fatal(err)
		}
		resp.Body.Close()
	}
}

const sendBody = `{"QueueUrl":"http://localhost:4566/000000000000/q","MessageBody":"hello world, this is a message of some length","DelaySeconds":5}`

func BenchmarkSendMessage(b *testing.B) {
	md5, id := "5d41402abc4b2a76b9719d911017c592", "7c0b4a4e-0a2d-4a64-9c0e-1b1a4a9f6f0e"
	out := &benchSendOutput{&md5, &id}
	b.Run("wire", func(b *testing.B) {
		exchange[benchSendInput](b, callOf("sqs", "SendMessage", aws.JSON10), "POST", "/", sendBody, out)
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var in benchSendInput
			if err := json.Unmarshal([]byte(sendBody), &in); err != nil {
				b.Fatal(err)
			}
			text, err := json.Marshal(out)
			if err != nil {
				b.Fatal(err)
			}
			io.Discard.Write(text)
		}
	})
}

type benchListInput struct {
	Bucket  string
	MaxKeys *int32
	Prefix  *string
}

type benchListOutput struct {
	XMLName     xml.Name `xml:"ListBucketResult"`
	IsTruncated *bool
	Contents    []benchObject
	Name        *string
	KeyCount    *int32
	MaxKeys     *int32
}

type benchObject struct {
	Key          *string
	LastModified *time.Time
	ETag         *string
	Size         *int64
	StorageClass *string
}

func BenchmarkListObjectsV2(b *testing.B) {
	name, yes, n, size, at, etag, class := "bucket", false, int32(1000), int64(1234), time.Now().UTC(), `"5d41402abc4b2a76b9719d911017c592"`, "STANDARD"
	out := &benchListOutput{Name: &name, IsTruncated: &yes, KeyCount: &n, MaxKeys: &n}
	for i := range 1000 {
		key := fmt.Sprintf("folder/object-%06d", i)
		out.Contents = append(out.Contents, benchObject{&key, &at, &etag, &size, &class})
	}
	b.Run("wire", func(b *testing.B) {
		exchange[benchListInput](b, callOf("s3", "ListObjectsV2", aws.RestXML), "GET", "/bucket?list-type=2&max-keys=1000&prefix=folder%2F", "", out)
	})
	b.Run("encoding-xml", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := url.ParseQuery("list-type=2&max-keys=1000&prefix=folder%2F"); err != nil {
				b.Fatal(err)
			}
			text, err := xml.Marshal(out)
			if err != nil {
				b.Fatal(err)
			}
			io.Discard.Write(text)
		}
	})
}

// benchValue is an attribute value as generated structures would have it.
type benchValue struct {
	S    *string               `json:",omitempty"`
	N    *string               `json:",omitempty"`
	B    []byte                `json:",omitempty"`
	BOOL *bool                 `json:",omitempty"`
	M    map[string]benchValue `json:",omitempty"`
	L    []benchValue          `json:",omitempty"`
	SS   []string              `json:",omitempty"`
}

type benchPut struct {
	TableName string
	Item      map[string]benchValue
}

type benchPutOutput struct{ Attributes map[string]benchValue }

func putBody() string {
	var b strings.Builder
	b.WriteString(`{"TableName":"table","Item":{"pk":{"S":"key-1"},"n":{"N":"12345.678"},"ok":{"BOOL":true}`)
	for i := range 12 {
		fmt.Fprintf(&b, `,"attribute%d":{"S":"%s"}`, i, strings.Repeat("x", 40))
	}
	b.WriteString(`,"list":{"L":[{"S":"a"},{"N":"1"}]},"map":{"M":{"inner":{"S":"value"}}}}}`)
	return b.String()
}

func BenchmarkPutItem(b *testing.B) {
	body := putBody()
	b.Run("wire", func(b *testing.B) {
		exchange[benchPut](b, callOf("dynamodb", "PutItem", aws.JSON10), "POST", "/", body, &benchPutOutput{})
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var in benchPut
			if err := json.Unmarshal([]byte(body), &in); err != nil {
				b.Fatal(err)
			}
			text, err := json.Marshal(struct{}{})
			if err != nil {
				b.Fatal(err)
			}
			io.Discard.Write(text)
		}
	})
}

type benchDescribe struct {
	InstanceIds []string
	MaxResults  *int32
}

type benchDescribeOutput struct {
	XMLName      xml.Name           `xml:"DescribeInstancesResponse"`
	Reservations []benchReservation `xml:"reservationSet>item"`
}

type benchReservation struct {
	ReservationId *string         `xml:"reservationId"`
	Instances     []benchInstance `xml:"instancesSet>item"`
}

type benchInstance struct {
	InstanceId   *string    `xml:"instanceId"`
	ImageId      *string    `xml:"imageId"`
	InstanceType *string    `xml:"instanceType"`
	LaunchTime   *time.Time `xml:"launchTime"`
	EbsOptimized *bool      `xml:"ebsOptimized"`
	Tags         []benchTag `xml:"tagSet>item"`
}

type benchTag struct {
	Key   *string `xml:"key"`
	Value *string `xml:"value"`
}

func BenchmarkDescribeInstances(b *testing.B) {
	text, yes, at := "i-0123456789abcdef0", true, time.Now().UTC()
	out := &benchDescribeOutput{}
	for range 20 {
		tags := []benchTag{{&text, &text}, {&text, &text}}
		out.Reservations = append(out.Reservations, benchReservation{&text, []benchInstance{{&text, &text, &text, &at, &yes, tags}}})
	}
	body := "Action=DescribeInstances&Version=2016-11-15&MaxResults=100"
	for i := range 20 {
		body += fmt.Sprintf("&InstanceId.%d=i-%017d", i+1, i)
	}
	b.Run("wire", func(b *testing.B) {
		exchange[benchDescribe](b, callOf("ec2", "DescribeInstances", aws.EC2), http.MethodPost, "/", body, out)
	})
	b.Run("encoding-xml", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := url.ParseQuery(body); err != nil {
				b.Fatal(err)
			}
			text, err := xml.Marshal(out)
			if err != nil {
				b.Fatal(err)
			}
			io.Discard.Write(text)
		}
	})
}
