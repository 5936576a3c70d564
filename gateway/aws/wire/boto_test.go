package wire_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/wire"
)

// botocore is the other side: its parsers refuse what is malformed. testdata/roundtrip.py calls every
// operation with all members set and checks the answer; the handler checks the request.
func TestEveryOperationWithBotocore(t *testing.T) {
	if err := exec.Command("python3", "-c", "import botocore").Run(); err != nil {
		t.Skip("skipped: no python3 with botocore")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		service, operation, _ := strings.Cut(r.Header.Get("X-Test"), ":")
		op := aws.Lookup(service).Operation(operation)
		call := &aws.Call{Service: op.Service, Operation: op, Protocol: op.Service.Protocols[0], Path: r.URL.EscapedPath(), RequestID: "r"}
		for _, p := range op.Service.Protocols { // those of several are told by their content type
			if strings.HasSuffix(r.Header.Get("Content-Type"), p.String()) {
				call.Protocol = p
			}
		}
		got := map[string]any{}
		if err := wire.DecodeRequest(call, r, &got, wire.Options{}); err != nil {
			t.Errorf("%s %s: decode: %v", service, operation, err)
		}
		for key, v := range got {
			if body, ok := v.(io.Reader); ok {
				got[key], _ = io.ReadAll(body)
			}
		}
		if want, ok := sampleOf(op.Input(), nil).(map[string]any); ok {
			if err := contains(want, got, ""); err != nil {
				t.Errorf("%s %s: request: %v", service, operation, err)
			}
		}
		resp, err := wire.EncodeResponse(call, r, sampleOf(op.Output(), nil))
		if err != nil {
			t.Errorf("%s %s: encode: %v", service, operation, err)
			return
		}
		send(w, resp)
	}))
	defer server.Close()
	services := "sqs,sns,sts,s3,dynamodb,dynamodbstreams,cloudwatch,lambda,kinesis,route53"
	skip := "s3:GetBucketNotification,s3:PutBucketNotification,s3:SelectObjectContent,s3:WriteGetObjectResponse,s3:CreateSession,kinesis:SubscribeToShard,lambda:InvokeWithResponseStream,lambda:InvokeAsync"
	out, err := exec.Command("python3", "testdata/roundtrip.py", server.URL, services, skip).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

// sampleOf is a document with every member set, made as in roundtrip.py.
func sampleOf(s *aws.Shape, seen []*aws.Shape) any {
	if s == nil {
		return map[string]any{}
	}
	least := 0
	if s.HasMin {
		least = int(s.Min)
	}
	switch s.Kind {
	case aws.Structure:
		return sampleStructure(s, seen)
	case aws.List:
		if element := sampleOf(s.Elem.Shape, seen); element != nil {
			return []any{element}
		}
		return nil
	case aws.Map:
		if value := sampleOf(s.Elem.Shape, seen); value != nil {
			return map[string]any{sampleOf(s.Key.Shape, seen).(string): value}
		}
		return nil
	case aws.Integer, aws.Long:
		return int64(max(least, 7))
	case aws.Float, aws.Double:
		return max(s.Min, 1.5)
	case aws.Boolean:
		return true
	case aws.Blob:
		return []byte("blob")
	case aws.Timestamp:
		return when
	case aws.Document:
		return map[string]any{"a": "abcdefgh-12"}
	}
	if len(s.Enum) > 0 {
		return s.Enum[0]
	}
	text := "abcdefgh-12"
	for len(text) < least {
		text += "abcdefgh-12"
	}
	return text
}

func sampleStructure(s *aws.Shape, seen []*aws.Shape) any {
	for _, outer := range seen {
		if outer == s {
			return nil
		}
	}
	seen = append(seen[:len(seen):len(seen)], s)
	doc := map[string]any{}
	for i := range s.Members {
		m := &s.Members[i]
		if isLeftOut(m.Name) || s.Union && len(doc) > 0 {
			continue
		}
		if value := sampleOf(m.Shape, seen); value != nil {
			doc[m.Name] = value
		}
	}
	return doc
}

func isLeftOut(name string) bool {
	for _, prefix := range []string{"StatusCode", "Checksum", "SSECustomer", "CopySourceSSE", "ContentMD5", "ContentLength", "Expires", "MD5Of"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
