package s3events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"localcloud/gateway"
	"localcloud/gateway/aws"
	"localcloud/gateway/store"
	"localcloud/internal/clock"
)

const (
	queue = "arn:aws:sqs:us-east-1:000000000000:q"
	topic = "arn:aws:sns:us-east-1:000000000000:t"
)

// cloud answers the calls of the glue and keeps what destinations got.
type cloud struct {
	mu         sync.Mutex
	got        map[string][]string
	versioning string
}

func (c *cloud) call(_ context.Context, _, operation, _, _ string, in, out any) error {
	input := in.(map[string]any)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch operation {
	case "HeadBucket":
		if input["Bucket"] == "missing" {
			return &aws.Error{Code: "NotFound", Status: 404}
		}
	case "GetQueueUrl":
		if input["QueueName"] != "q" {
			return &aws.Error{Code: "QueueDoesNotExist", Status: 400}
		}
	case "GetTopicAttributes":
	case "GetBucketVersioning":
		out.(*struct{ Status *string }).Status = &c.versioning
	case "HeadObject":
		etag, length := `"abc"`, int64(7)
		out.(*headOutput).ETag, out.(*headOutput).ContentLength = &etag, &length
	case "SendMessage":
		c.got[queue] = append(c.got[queue], input["MessageBody"].(string))
	case "Publish":
		c.got[topic] = append(c.got[topic], input["Message"].(string))
	default:
		return fmt.Errorf("unexpected %s", operation)
	}
	return nil
}

func start(t *testing.T) (*Glue, *cloud) {
	t.Helper()
	kept, err := store.Open("")
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud{got: map[string][]string{}}
	g, err := New(Options{Call: c.call, Store: kept, Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Clock: new(clock.Clock)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g, c
}

// do takes a call through the glue; the backend answers with resp.
func do(t *testing.T, g *Glue, operation, method, target, body string, resp *http.Response) (string, error) {
	t.Helper()
	req := httptest.NewRequest(method, target, strings.NewReader(body))
	service := aws.Lookup("s3")
	op := service.Operation(operation)
	if op == nil {
		op = &aws.Operation{Service: service, Name: operation}
	}
	call := &gateway.Call{Call: aws.Call{
		Service: service, Operation: op, Protocol: aws.RestXML, Account: aws.DefaultAccount,
		Region: aws.DefaultRegion, AccessKey: "test", Path: req.URL.EscapedPath(), RequestID: "1",
	}, Request: req}
	answered, err := g.ForwardRequest(t.Context(), call)
	if err != nil {
		return "", err
	}
	if answered == nil {
		if answered = resp; resp == nil {
			answered = &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody}
		}
	}
	if err := g.ReturnResponse(t.Context(), call, answered); err != nil {
		return "", err
	}
	content, err := io.ReadAll(answered.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(content), nil
}

func configure(t *testing.T, g *Glue, inner string) error {
	t.Helper()
	_, err := do(t, g, "PutBucketNotificationConfiguration", "PUT", "/b?notification", "<NotificationConfiguration>"+inner+"</NotificationConfiguration>", nil)
	return err
}

func queueRule(arn, event, more string) string {
	return "<QueueConfiguration><Id>rule</Id><Queue>" + arn + "</Queue><Event>" + event + "</Event>" + more + "</QueueConfiguration>"
}

func (c *cloud) events(t *testing.T, g *Glue, arn string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := g.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	for _, body := range c.got[arn] {
		var r records
		if err := json.Unmarshal([]byte(body), &r); err != nil {
			t.Fatal(err)
		}
		for _, one := range r.Records {
			size := int64(-1)
			if one.S3.Object.Size != nil {
				size = *one.S3.Object.Size
			}
			names = append(names, fmt.Sprintf("%s %s %d %s %s", one.EventName, one.S3.Object.Key, size, one.S3.Object.ETag, one.S3.Object.VersionID))
		}
	}
	return names
}

func answered(status int, header map[string]string, body string) *http.Response {
	h := http.Header{}
	for name, value := range header {
		h.Set(name, value)
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

func TestEveryChangeIsTold(t *testing.T) {
	g, c := start(t)
	if err := configure(t, g, queueRule(queue, "s3:ObjectCreated:*", "<Event>s3:ObjectRemoved:*</Event><Event>s3:ObjectTagging:*</Event>")); err != nil {
		t.Fatal(err)
	}
	etag := map[string]string{"Etag": `"e1"`}
	do(t, g, "PutObject", "PUT", "/b/a%20key/%C3%BC", "hello", answered(200, etag, ""))
	do(t, g, "PutObject", "PUT", "/b/refused", "hello", answered(412, nil, ""))
	do(t, g, "PutObject", "PUT", "/other/key", "hello", answered(200, etag, ""))
	do(t, g, "CopyObject", "PUT", "/b/copy", "", answered(200, map[string]string{"X-Amz-Version-Id": "v2"}, "<CopyObjectResult/>"))
	do(t, g, "CompleteMultipartUpload", "POST", "/b/big?uploadId=1", "", answered(200, nil, "<CompleteMultipartUploadResult/>"))
	do(t, g, "CompleteMultipartUpload", "POST", "/b/failed?uploadId=1", "", answered(200, nil, "<Error><Code>InternalError</Code></Error>"))
	do(t, g, "PostObject", "POST", "/b", "", answered(201, map[string]string{"Location": "http://localhost:4566/b/from%20form"}, ""))
	do(t, g, "DeleteObject", "DELETE", "/b/gone", "", answered(204, nil, ""))
	do(t, g, "DeleteObject", "DELETE", "/b/marked", "", answered(204, map[string]string{"X-Amz-Delete-Marker": "true", "X-Amz-Version-Id": "m1"}, ""))
	body, err := do(t, g, "DeleteObjects", "POST", "/b?delete", "", answered(200, nil, "<DeleteResult><Deleted><Key>x</Key></Deleted><Deleted><Key>y</Key><DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>m2</DeleteMarkerVersionId></Deleted><Error><Key>z</Key></Error></DeleteResult>"))
	if err != nil || !strings.HasPrefix(body, "<DeleteResult>") {
		t.Errorf("the caller of DeleteObjects got %q, %v", body, err)
	}
	do(t, g, "PutObjectTagging", "PUT", "/b/tagged?tagging", "", answered(200, nil, ""))
	want := []string{
		"ObjectCreated:Put a+key/%C3%BC 5 e1 ", "ObjectCreated:Copy copy 7 abc v2", "ObjectCreated:CompleteMultipartUpload big 7 abc ",
		"ObjectCreated:Post from+form 7 abc ", "ObjectRemoved:Delete gone -1  ", "ObjectRemoved:DeleteMarkerCreated marked -1 " + emptyETag + " m1",
		"ObjectRemoved:Delete x -1  ", "ObjectRemoved:DeleteMarkerCreated y -1 " + emptyETag + " m2", "ObjectTagging:Put tagged -1 abc ",
	}
	got := c.events(t, g, queue)
	sortedWant, sortedGot := map[string]bool{}, map[string]bool{}
	for _, one := range want {
		sortedWant[one] = true
	}
	for _, one := range got {
		sortedGot[one] = true
	}
	if diff := cmp.Diff(sortedWant, sortedGot); diff != "" || len(got) != len(want) {
		t.Errorf("%d events, want %d: %s", len(got), len(want), diff)
	}
	if !strings.Contains(c.got[queue][0]+c.got[queue][1], "s3:TestEvent") {
		t.Errorf("no test event came: %q", c.got[queue][:2])
	}
	left := 0
	g.changing.Range(func(any, any) bool { left++; return true })
	if left != 0 {
		t.Errorf("%d changes are kept", left)
	}
}

func TestAQuietDeletionIsToldToo(t *testing.T) {
	const body = "<Delete><Quiet>true</Quiet><Object><Key>a &amp; b</Key></Object><Object><Key>kept</Key></Object><Object><Key>v</Key><VersionId>1</VersionId></Object></Delete>"
	for versioning, want := range map[string][]string{
		"":        {"ObjectRemoved:Delete a+%26+b -1  ", "ObjectRemoved:Delete v -1  1"},
		"Enabled": {"ObjectRemoved:DeleteMarkerCreated a+%26+b -1 " + emptyETag + " ", "ObjectRemoved:Delete v -1  1"},
	} {
		g, c := start(t)
		c.versioning = versioning
		if err := configure(t, g, queueRule(queue, "s3:ObjectRemoved:*", "")); err != nil {
			t.Fatal(err)
		}
		if _, err := do(t, g, "DeleteObjects", "POST", "/b?delete", body, answered(200, nil, "<DeleteResult><Error><Key>kept</Key></Error></DeleteResult>")); err != nil {
			t.Fatal(err)
		}
		got := c.events(t, g, queue)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("versioning %q: %s", versioning, diff)
		}
	}
}

func TestFilters(t *testing.T) {
	g, c := start(t)
	rules := "<Filter><S3Key><FilterRule><Name>prefix</Name><Value>in/</Value></FilterRule><FilterRule><Name>SUFFIX</Name><Value>.txt</Value></FilterRule></S3Key></Filter>"
	if err := configure(t, g, queueRule(queue, "s3:ObjectCreated:Put", rules)); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"in/a.txt", "in/a.jpg", "out/a.txt"} {
		do(t, g, "PutObject", "PUT", "/b/"+key, "x", answered(200, nil, ""))
	}
	do(t, g, "CopyObject", "PUT", "/b/in/copy.txt", "", answered(200, nil, ""))
	if diff := cmp.Diff([]string{"ObjectCreated:Put in/a.txt 1  "}, c.events(t, g, queue)); diff != "" {
		t.Error(diff)
	}
	body, err := do(t, g, "GetBucketNotificationConfiguration", "GET", "/b?notification", "", nil)
	if err != nil || !strings.Contains(body, "<Name>Suffix</Name>") || !strings.Contains(body, "<Queue>"+queue+"</Queue>") {
		t.Errorf("got %q, %v", body, err)
	}
}

func TestConfigurationsGoWithTheirBucket(t *testing.T) {
	g, _ := start(t)
	if err := configure(t, g, "<TopicConfiguration><Topic>"+topic+"</Topic><Event>s3:ObjectCreated:*</Event></TopicConfiguration>"); err != nil {
		t.Fatal(err)
	}
	if c, ok := g.configurations.Get("b"); !ok || len(c.Rules) != 1 || c.Rules[0].ID == "" {
		t.Fatalf("got %+v, %v", c, ok)
	}
	do(t, g, "DeleteBucket", "DELETE", "/b", "", answered(204, nil, ""))
	if c, ok := g.configurations.Get("b"); ok {
		t.Errorf("the store keeps %v", c)
	}
}

func TestRefusals(t *testing.T) {
	g, _ := start(t)
	filter := func(name string) string {
		return "<Filter><S3Key><FilterRule><Name>" + name + "</Name><Value>x</Value></FilterRule></S3Key></Filter>"
	}
	for _, test := range []struct {
		name, inner, code, message string
		status                     int
	}{
		{"an ARN that is none", queueRule("invalid-queue", "s3:ObjectCreated:*", ""), "InvalidArgument", "The ARN could not be parsed", 400},
		{"a queue that is not there", queueRule(queue+"x", "s3:ObjectCreated:*", ""), "InvalidArgument", "Unable to validate the following destination configurations", 400},
		{"an unknown event", queueRule(queue, "s3:ObjectInvented:*", ""), "InvalidArgument", "A specified event is not supported for notifications.", 400},
		{"an unknown filter", queueRule(queue, "s3:ObjectCreated:*", filter("infix")), "InvalidArgument", "filter rule name must be either prefix or suffix", 400},
		{"two rules of one id", queueRule(queue, "s3:ObjectCreated:*", "") + queueRule(queue, "s3:ObjectRemoved:*", ""), "InvalidArgument", "Same ID used for multiple configurations. IDs must be unique", 400},
		{"overlapping rules", queueRule(queue, "s3:ObjectCreated:*", "") + strings.Replace(queueRule(queue, "s3:ObjectCreated:Put", ""), "rule", "other", 1), "InvalidArgument", "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.", 400},
		{"a function", "<CloudFunctionConfiguration><CloudFunction>arn:aws:lambda:us-east-1:000000000000:function:f</CloudFunction><Event>s3:ObjectCreated:*</Event></CloudFunctionConfiguration>", "NotImplemented", "Notifications of s3 to lambda are not supported yet: the function would never be called.", 501},
		{"EventBridge", "<EventBridgeConfiguration/>", "NotImplemented", "Notifications of s3 to EventBridge are not supported yet: the events would never arrive.", 501},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := configure(t, g, test.inner)
			var refused *aws.Error
			if !errors.As(err, &refused) || refused.Code != test.code || refused.Message != test.message || refused.Status != test.status {
				t.Errorf("got %+v, want %s: %s", err, test.code, test.message)
			}
			if _, ok := g.configurations.Get("b"); ok {
				t.Error("the configuration is kept")
			}
		})
	}
	if _, err := do(t, g, "GetBucketNotificationConfiguration", "GET", "/missing?notification", "", nil); err == nil || !strings.Contains(err.Error(), "NoSuchBucket") {
		t.Errorf("a missing bucket: got %v", err)
	}
}
