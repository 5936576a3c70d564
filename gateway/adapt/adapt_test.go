package adapt

import (
	"context"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/sign"
	"localcloud/images"
)

var testTime = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// madeUp is a backend that keeps the request it got and gives a prepared answer.
type madeUp struct {
	status int
	header http.Header
	answer string

	patient bool // waits for the rest of a body that broke off

	request *http.Request
	body    string
}

func (m *madeUp) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		if m.patient {
			<-r.Context().Done()
		}
		return nil, errors.New("the connection broke off")
	}
	m.request, m.body = r, string(body)
	status := m.status
	if status == 0 {
		status = 200
	}
	header := http.Header{}
	for name, values := range m.header {
		header[name] = values
	}
	return &http.Response{
		StatusCode: status, Header: header, ContentLength: int64(len(m.answer)), Body: io.NopCloser(strings.NewReader(m.answer)),
	}, nil
}

// calling is a call of account 111122223333 in eu-west-1.
func calling(service, operation string, p aws.Protocol) *aws.Call {
	s := aws.Lookup(service)
	return &aws.Call{
		Service: s, Operation: s.Operation(operation), Protocol: p, Account: "111122223333", Region: "eu-west-1",
		AccessKey: "AKIAIOSFODNN7EXAMPLE", RequestID: "r", Scheme: "http", Host: "localhost:4566", Path: "/",
	}
}

func posted(body string) *http.Request {
	return httptest.NewRequest(http.MethodPost, "http://localhost:4566/", strings.NewReader(body))
}

func send(t *testing.T, a *Adapter, call *aws.Call, req *http.Request, image *images.Image, m *madeUp) (*http.Response, string, error) {
	t.Helper()
	backend := &images.Backend{RoundTripper: m, Image: image, Name: image.Name}
	resp, err := a.Send(context.Background(), call, req, backend, m.RoundTrip)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body), nil
}

// local is like DynamoDB Local: one database an access key, other words in ARNs.
var local = &images.Image{Name: "local", Services: []string{"dynamodb", "dynamodbstreams"}, Names: images.Names{Account: "000000000000", Region: "ddblocal"}}

func TestNamesAreExchangedBothWays(t *testing.T) {
	m := &madeUp{answer: `{"StreamDescription":{"StreamArn":"arn:aws:dynamodb:ddblocal:000000000000:table/t/stream/1","TableName":"t"}}`}
	call := calling("dynamodbstreams", "DescribeStream", aws.JSON10)
	resp, body, err := send(t, New(Config{}), call, posted(`{"StreamArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/t/stream/1"}`), local, m)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(m.body, `"arn:aws:dynamodb:ddblocal:000000000000:table/t/stream/1"`) {
		t.Errorf("the backend got %s", m.body)
	}
	if !strings.Contains(body, `"arn:aws:dynamodb:eu-west-1:111122223333:table/t/stream/1"`) || !strings.Contains(body, `"TableName":"t"`) {
		t.Errorf("the caller got %s", body)
	}
	if got, want := resp.Header.Get("X-Amz-Crc32"), strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(body))), 10); got != want {
		t.Errorf("checksum %s, want %s", got, want)
	}
	if got := m.request.Header.Get("Authorization"); !strings.Contains(got, "Credential=111122223333/") || !strings.Contains(got, "/eu-west-1/dynamodb/") {
		t.Errorf("authorization %s", got)
	}
}

func TestDataOfTheUserStays(t *testing.T) {
	item := `{"k":{"S":"arn:aws:dynamodb:eu-west-1:111122223333:table/t"}}`
	m := &madeUp{answer: `{"Item":{"k":{"S":"arn:aws:dynamodb:ddblocal:000000000000:table/t"}}}`}
	_, body, err := send(t, New(Config{}), calling("dynamodb", "GetItem", aws.JSON10), posted(`{"TableName":"t","Key":`+item+`}`), local, m)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(m.body, item) {
		t.Errorf("the backend got %s", m.body)
	}
	if !strings.Contains(body, "ddblocal:000000000000") {
		t.Errorf("the caller got %s", body)
	}
}

func TestErrorsHaveTheCallersNames(t *testing.T) {
	m := &madeUp{status: 400, answer: `{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no arn:aws:dynamodb:ddblocal:000000000000:table/t"}`}
	resp, body, err := send(t, New(Config{}), calling("dynamodb", "GetItem", aws.JSON10), posted(`{"TableName":"t"}`), local, m)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != 400 || !strings.Contains(body, "#ResourceNotFoundException") || !strings.Contains(body, "arn:aws:dynamodb:eu-west-1:111122223333:table/t") {
		t.Errorf("got %d %s", resp.StatusCode, body)
	}
}

// fixed knows one account and one region, and speaks the query protocol only.
var fixed = &images.Image{
	Name: "fixed", Services: []string{"sqs"}, Protocols: []aws.Protocol{aws.Query},
	Account: images.AccountMode{Fixed: "000000000000"}, Region: "nowhere",
}

func TestJSONInsideAttributesInAnotherProtocol(t *testing.T) {
	m := &madeUp{
		header: http.Header{"Content-Type": {"text/xml"}},
		answer: `<GetQueueAttributesResponse><GetQueueAttributesResult><Attribute><Name>RedrivePolicy</Name>` +
			`<Value>{"deadLetterTargetArn":"arn:aws:sqs:nowhere:000000000000:d"}</Value></Attribute></GetQueueAttributesResult></GetQueueAttributesResponse>`,
	}
	call := calling("sqs", "GetQueueAttributes", aws.JSON10)
	_, body, err := send(t, New(Config{}), call, posted(`{"QueueUrl":"http://localhost:4566/111122223333/q","AttributeNames":["All"]}`), fixed, m)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(m.body, "000000000000%2Fq") {
		t.Errorf("the backend got %s", m.body)
	}
	if !strings.Contains(body, `arn:aws:sqs:eu-west-1:111122223333:d`) {
		t.Errorf("the caller got %s", body)
	}
	set := `{"QueueUrl":"http://localhost:4566/111122223333/q","Attributes":{"RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-1:111122223333:d\"}"}}`
	m.answer = `<SetQueueAttributesResponse/>`
	if _, _, err := send(t, New(Config{}), calling("sqs", "SetQueueAttributes", aws.JSON10), posted(set), fixed, m); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(m.body, "arn%3Aaws%3Asqs%3Anowhere%3A000000000000%3Ad") {
		t.Errorf("the backend got %s", m.body)
	}
}

func TestQueuesAreNamedInTheFormThatEverySQSKnows(t *testing.T) {
	own := &images.Image{Name: "own", Services: []string{"sqs"}, Account: images.AccountMode{Instance: true}}
	other := &images.Image{Name: "other", Services: []string{"sqs"}, Account: images.AccountMode{Instance: true}, Lenient: true, Protocols: []aws.Protocol{aws.JSON10}}
	const form = "Action=SendMessage&MessageBody=x"
	for name, c := range map[string]struct {
		image        *images.Image
		protocol     aws.Protocol
		target, body string
		want         string
	}{
		"the region in the path":     {own, aws.JSON10, "/", `{"QueueUrl":"http://x/queue/eu-west-1/111122223333/q","MessageBody":"x"}`, `"http://x/111122223333/q"`},
		"in a form":                  {own, aws.Query, "/", form + "&QueueUrl=http%3A%2F%2Fx%2Fqueue%2Feu-west-1%2F111122223333%2Fq", "QueueUrl=http%3A%2F%2Fx%2F111122223333%2Fq"},
		"sent to the queue":          {own, aws.Query, "/111122223333/q", form, form + "&QueueUrl=http%3A%2F%2Flocalhost%3A4566%2F111122223333%2Fq"},
		"and translated":             {other, aws.Query, "/queue/eu-west-1/111122223333/q", form, `"http://localhost:4566/111122223333/q"`},
		"a URL that is as it should": {own, aws.JSON10, "/", `{"QueueUrl":"http://x/111122223333/q","MessageBody":"x"}`, `{"QueueUrl":"http://x/111122223333/q","MessageBody":"x"}`},
	} {
		t.Run(name, func(t *testing.T) {
			m := &madeUp{answer: `{"MessageId":"1"}`}
			req := httptest.NewRequest(http.MethodPost, "http://localhost:4566"+c.target, strings.NewReader(c.body))
			if c.protocol == aws.Query {
				req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
			if _, _, err := send(t, New(Config{}), calling("sqs", "SendMessage", c.protocol), req, c.image, m); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(m.body, c.want) {
				t.Errorf("the backend got %s, want %s", m.body, c.want)
			}
		})
	}
}

func TestMessageBodiesStay(t *testing.T) {
	m := &madeUp{answer: `<SendMessageResponse><SendMessageResult><MessageId>1</MessageId></SendMessageResult></SendMessageResponse>`}
	sent := `{"QueueUrl":"http://localhost:4566/111122223333/q","MessageBody":"arn:aws:sqs:eu-west-1:111122223333:q"}`
	if _, _, err := send(t, New(Config{}), calling("sqs", "SendMessage", aws.JSON10), posted(sent), fixed, m); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(m.body, "MessageBody=arn%3Aaws%3Asqs%3Aeu-west-1%3A111122223333%3Aq") {
		t.Errorf("the backend got %s", m.body)
	}
}

func TestFailures(t *testing.T) {
	plain := &images.Image{Name: "plain", Services: []string{"kms"}}
	for name, c := range map[string]struct {
		status int
		kind   string
		answer string
		want   string // code of the refusal; "" for an answer that is passed on
		as     int
	}{
		"an error of AWS's":                  {400, "application/x-amz-json-1.1", `{"__type":"NotFoundException","Message":"no"}`, "", 400},
		"an unknown operation":               {400, "application/x-amz-json-1.1", `{"__type":"UnknownOperationException"}`, "InternalFailure", 501},
		"cognito-local's unknown operation":  {500, "application/json", `{"code":"Unsupported","message":"no"}`, "InternalFailure", 501},
		"an empty 404":                       {404, "text/html", ``, "InternalFailure", 501},
		"moto's page of a missing operation": {500, "text/html", `<h1>NotImplementedError</h1>`, "InternalFailure", 501},
		"a page":                             {500, "text/html", `<h1>Internal Server Error</h1>`, "ServiceUnavailable", 503},
		"a page of success":                  {200, "text/html", `<h1>Welcome</h1>`, "ServiceUnavailable", 503},
		"JSON that calls itself a page":      {200, "text/html; charset=utf-8", `{"Keys":[]}`, "", 200},
		"nothing":                            {502, "", ``, "ServiceUnavailable", 503},
	} {
		t.Run(name, func(t *testing.T) {
			m := &madeUp{status: c.status, answer: c.answer, header: http.Header{"Content-Type": {c.kind}}}
			resp, body, err := send(t, New(Config{}), calling("kms", "ListKeys", aws.JSON11), posted(`{}`), plain, m)
			var refusal *aws.Error
			switch {
			case c.want == "" && (err != nil || resp.StatusCode != c.as || body != c.answer && body != `{"__type":"NotFoundException","message":"no"}`):
				t.Errorf("got %v %s", err, body)
			case c.want != "" && (!errors.As(err, &refusal) || refusal.Code != c.want || refusal.Status != c.as || !strings.Contains(refusal.Message, "plain")):
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestMembersAreCheckedForALenientBackend(t *testing.T) {
	lenient := &images.Image{Name: "lenient", Services: []string{"sqs"}, Lenient: true}
	m := &madeUp{}
	_, _, err := send(t, New(Config{}), calling("sqs", "SendMessage", aws.JSON10), posted(`{"QueueUrl":"http://x/1/q"}`), lenient, m)
	var refusal *aws.Error
	if !errors.As(err, &refusal) || refusal.Code != "MissingParameter" && refusal.Code != "MissingRequiredParameterException" || m.request != nil {
		t.Errorf("got %v, the backend %v", err, m.request)
	}
	if _, _, err := send(t, New(Config{}), calling("sqs", "ListQueues", aws.JSON10), posted(`{"MaxResults":2}`), lenient, m); err != nil || m.body != `{"MaxResults":2}` {
		t.Errorf("got %v, the backend %s", err, m.body)
	}
}

func TestTheOlderCBORPassesAsItIs(t *testing.T) {
	lenient := &images.Image{Name: "lenient", Services: []string{"kinesis"}, Lenient: true}
	m := &madeUp{}
	req := posted("\xbfkStreamNameas\xff")
	req.Header.Set("Content-Type", "application/x-amz-cbor-1.1")
	if _, _, err := send(t, New(Config{}), calling("kinesis", "PutRecord", aws.JSON11), req, lenient, m); err != nil || m.body != "\xbfkStreamNameas\xff" {
		t.Errorf("got %v, the backend %q", err, m.body)
	}
}

func TestSignedChunksAreSentOnWithoutTheirs(t *testing.T) {
	content := strings.Repeat("0123456789", 20_000)
	for name, c := range map[string]struct {
		chunked bool
	}{
		"a backend that takes chunks": {chunked: true},
		"one that does not":           {chunked: false},
	} {
		t.Run(name, func(t *testing.T) {
			image := &images.Image{Name: "s3", Services: []string{"s3"}, Chunked: c.chunked, Sign: images.Signing{AccessKey: "root", SecretKey: "s", Region: "us-east-1"}}
			call := calling("s3", "PutObject", aws.RestXML)
			req, sum := chunkedUpload(t, content, sign.StreamingSignedTrailer, "")
			call.Path = "/b/k"
			m := &madeUp{}
			if _, _, err := send(t, New(Config{}), call, req, image, m); err != nil {
				t.Fatal(err)
			}
			got := m.body
			if c.chunked {
				reader := sign.NewChunkReader(strings.NewReader(m.body), int64(len(content)))
				decoded, err := io.ReadAll(reader)
				if err != nil || reader.Trailer().Get("X-Amz-Checksum-Crc32") != sum || strings.Contains(m.body, "chunk-signature") {
					t.Errorf("%v, trailer %v", err, reader.Trailer())
				}
				got = string(decoded)
			}
			if got != content {
				t.Errorf("the backend got %d bytes, want %d", len(got), len(content))
			}
			s, err := sign.Parse(m.request)
			if err != nil || s.AccessKey != "root" {
				t.Fatalf("%v %v", s, err)
			}
			if err := s.Verify(m.request, "s", nil); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAWrongChecksumInATrailerIsRefused(t *testing.T) {
	image := &images.Image{Name: "s3", Services: []string{"s3"}}
	req, _ := chunkedUpload(t, "content", sign.StreamingUnsignedTrailer, "AAAAAA==")
	_, _, err := send(t, New(Config{}), calling("s3", "PutObject", aws.RestXML), req, image, &madeUp{patient: true})
	var refusal *aws.Error
	if !errors.As(err, &refusal) || refusal.Code != "BadDigest" {
		t.Errorf("got %v", err)
	}
}

// chunkedUpload is an upload in aws-chunked framing with a CRC-32 in its trailer; sum replaces the
// right one.
func chunkedUpload(t *testing.T, content, payload, sum string) (*http.Request, string) {
	t.Helper()
	if sum == "" {
		h := checksums["x-amz-checksum-crc32"]()
		_, _ = h.Write([]byte(content))
		sum = encodedSum(h)
	}
	req := httptest.NewRequest(http.MethodPut, "http://localhost:4566/b/k", nil)
	req.Header.Set("X-Amz-Content-Sha256", payload)
	req.Header.Set("X-Amz-Decoded-Content-Length", strconv.Itoa(len(content)))
	req.Header.Set("X-Amz-Trailer", "x-amz-checksum-crc32")
	req.Header.Set("Content-Encoding", "aws-chunked")
	signature := sign.Sign(req, sign.Credentials{AccessKey: "AKIAIOSFODNN7EXAMPLE", SecretKey: "test"}, "s3", "eu-west-1", testTime, payload)
	var framed strings.Builder
	w := sign.NewChunkWriter(&framed, signature, "test")
	for rest := content; rest != ""; rest = rest[min(len(rest), 64<<10):] {
		if _, err := io.WriteString(w, rest[:min(len(rest), 64<<10)]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close([]string{"x-amz-checksum-crc32"}, http.Header{"X-Amz-Checksum-Crc32": {sum}}); err != nil {
		t.Fatal(err)
	}
	req.Body = io.NopCloser(strings.NewReader(framed.String()))
	req.ContentLength = int64(framed.Len())
	return req, sum
}

func TestRegionsOfBuckets(t *testing.T) {
	a := New(Config{})
	image := &images.Image{Name: "s3", Services: []string{"s3"}, Region: "us-east-1", Sign: images.Signing{AccessKey: "root", SecretKey: "s", Region: "us-east-1"}}
	bucket := func(operation, method, query, body string, m *madeUp) (*http.Response, string, error) {
		call := calling("s3", operation, aws.RestXML)
		call.Path = "/b"
		return send(t, a, call, httptest.NewRequest(method, "http://localhost:4566/b"+query, strings.NewReader(body)), image, m)
	}
	m := &madeUp{}
	constraint := `<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>`
	if _, _, err := bucket("CreateBucket", http.MethodPut, "", constraint, m); err != nil {
		t.Fatal(err)
	}
	if m.body != "" || !strings.Contains(m.request.Header.Get("Authorization"), "/us-east-1/s3/") {
		t.Errorf("the backend got %q, %s", m.body, m.request.Header.Get("Authorization"))
	}
	m.answer = `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></LocationConstraint>`
	if _, body, err := bucket("GetBucketLocation", http.MethodGet, "?location", "", m); err != nil || !strings.Contains(body, ">eu-west-1</LocationConstraint>") {
		t.Errorf("location %s %v", body, err)
	}
	m = &madeUp{header: http.Header{"X-Amz-Bucket-Region": {"us-east-1"}}}
	if resp, _, err := bucket("HeadBucket", http.MethodHead, "", "", m); err != nil || resp.Header.Get("X-Amz-Bucket-Region") != "eu-west-1" {
		t.Errorf("head %v", err)
	}
	_, _, err := bucket("CreateBucket", http.MethodPut, "", strings.Replace(constraint, "eu-west-1", "us-west-2", 1), &madeUp{})
	var refusal *aws.Error
	if !errors.As(err, &refusal) || refusal.Code != "IllegalLocationConstraintException" {
		t.Errorf("another region: %v", err)
	}
}

func TestAccountsAreAdmittedOnceARun(t *testing.T) {
	var admitted []string
	image := &images.Image{Name: "users", Services: []string{"s3"}, Sign: images.Signing{AccessKey: "root", SecretKey: "s"}}
	image.Account.Admit = func(_ context.Context, _ http.RoundTripper, account string) (images.Signing, error) {
		admitted = append(admitted, account)
		return images.Signing{AccessKey: "user-" + account, SecretKey: "s", Region: "us-east-1"}, nil
	}
	a, m := New(Config{}), &madeUp{}
	backend := &images.Backend{RoundTripper: m, Image: image, Name: "users"}
	ask := func(account string) string {
		call := calling("s3", "ListBuckets", aws.RestXML)
		call.Account = account
		if account == "" {
			call.AccessKey = ""
		}
		req := httptest.NewRequest(http.MethodGet, "http://localhost:4566/", nil)
		if _, err := a.Send(context.Background(), call, req, backend, m.RoundTrip); err != nil {
			t.Fatal(err)
		}
		return m.request.Header.Get("Authorization")
	}
	for _, account := range []string{"111122223333", "444455556666", "111122223333"} {
		if got := ask(account); !strings.Contains(got, "Credential=user-"+account+"/") {
			t.Errorf("authorization %s", got)
		}
	}
	if got := ask(""); got != "" {
		t.Errorf("an anonymous call was signed: %s", got)
	}
	backend = &images.Backend{RoundTripper: m, Image: image, Name: "users"} // started anew
	ask("111122223333")
	want, _ := json.Marshal([]string{"111122223333", "444455556666", "111122223333"})
	if got, _ := json.Marshal(admitted); string(got) != string(want) {
		t.Errorf("admitted %s", got)
	}
}
