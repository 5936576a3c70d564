package s3

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"localcloud/gateway/aws"
	"localcloud/images"
)

func newBackend(t testing.TB) *Backend {
	t.Helper()
	b, err := New(images.Env{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// call makes one call of an operation, "" for none. Headers are pairs of names and values.
func call(t testing.TB, b *Backend, operation, method, target, body string, headers ...string) (int, http.Header, string) {
	t.Helper()
	req := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	path, _, _ := strings.Cut(target, "?")
	service := aws.Lookup("s3")
	c := &aws.Call{
		Service: service, Operation: service.Operation(operation), Protocol: aws.RestXML, Account: aws.DefaultAccount, Region: aws.DefaultRegion,
		AccessKey: "test", Principal: "arn:aws:iam::000000000000:root", RequestID: "request-1", Scheme: "http", Host: "localhost:4566", Path: path,
	}
	resp, err := b.RoundTrip(req.WithContext(aws.WithCall(req.Context(), c)))
	if err != nil {
		t.Fatalf("%s: %v", operation, err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s: %v", operation, err)
	}
	return resp.StatusCode, resp.Header, string(content)
}

// documented reads the table of docs/s3.md: what is done of each operation.
func documented(t *testing.T) map[string]string {
	t.Helper()
	page, err := os.ReadFile("../../docs/s3.md")
	if err != nil {
		t.Fatal(err)
	}
	table := make(map[string]string)
	for _, row := range regexp.MustCompile(`(?m)^\| ([A-Z]\w+) \| (whole|in part|501) \|`).FindAllStringSubmatch(string(page), -1) {
		table[row[1]] = row[2]
	}
	return table
}

// bodies are the documents that operations need to get as far as their function.
var bodies = map[string]string{
	"PutBucketVersioning":                `<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>`,
	"PutBucketTagging":                   `<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>`,
	"PutObjectTagging":                   `<Tagging><TagSet/></Tagging>`,
	"PutBucketOwnershipControls":         `<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>`,
	"PutPublicAccessBlock":               `<PublicAccessBlockConfiguration/>`,
	"PutBucketEncryption":                `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`,
	"PutBucketRequestPayment":            `<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>`,
	"PutBucketLogging":                   `<BucketLoggingStatus/>`,
	"PutBucketNotificationConfiguration": `<NotificationConfiguration/>`,
	"DeleteObjects":                      `<Delete><Object><Key>k</Key></Object></Delete>`,
	"CompleteMultipartUpload":            `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>`,
}

// TestTableTellsTheTruth calls every operation of the model: those that the table says are refused,
// and no others, are answered with 501.
func TestTableTellsTheTruth(t *testing.T) {
	table := documented(t)
	for _, operation := range aws.Lookup("s3").Operations() {
		done, found := table[operation.Name]
		if !found {
			t.Errorf("docs/s3.md does not list %s", operation.Name)
			continue
		}
		delete(table, operation.Name)
		b := newBackend(t)
		call(t, b, "CreateBucket", "PUT", "/bucket", "")
		call(t, b, "PutObject", "PUT", "/bucket/key", "content")
		target := strings.NewReplacer("{Bucket}", "bucket", "{Key+}", "key").Replace(operation.URI)
		if operation.Name == "CreateBucket" {
			target = "/another"
		}
		separator := "?"
		if strings.Contains(target, "?") {
			separator = "&"
		}
		for _, name := range operation.RequiredQuery {
			target += separator + name + "=1"
			separator = "&"
		}
		headers := []string{"Content-Md5", ""}
		body := bodies[operation.Name]
		headers[1] = md5Of(body)
		for _, name := range operation.RequiredHeaders {
			value := "x"
			switch strings.ToLower(name) {
			case "x-amz-copy-source":
				value = "bucket/key"
			case "x-amz-object-attributes":
				value = "ETag"
			}
			headers = append(headers, name, value)
		}
		if strings.HasSuffix(operation.Name, "Acl") {
			headers = append(headers, "X-Amz-Acl", "private")
		}
		status, _, answer := call(t, b, operation.Name, operation.Method, target, body, headers...)
		if refused := status == http.StatusNotImplemented; refused != (done == "501") {
			t.Errorf("%s is %q in docs/s3.md, but was answered with %d %s", operation.Name, done, status, answer)
		}
		if status >= 500 && status != http.StatusNotImplemented {
			t.Errorf("%s: %d %s", operation.Name, status, answer)
		}
		if status == http.StatusNotImplemented && operation.Method != http.MethodHead && !strings.Contains(answer, "<Code>NotImplemented</Code>") {
			t.Errorf("%s is refused with %s", operation.Name, answer)
		}
	}
	for name := range table {
		t.Errorf("docs/s3.md lists %s, which the model does not have", name)
	}
}

// TestRefusedParameters passes one of each kind of parameter that the table names as refused.
func TestRefusedParameters(t *testing.T) {
	b := newBackend(t)
	call(t, b, "CreateBucket", "PUT", "/bucket", "")
	call(t, b, "PutObject", "PUT", "/bucket/key", "content")
	for _, test := range []struct{ operation, method, target, body, header, value string }{
		{"PutObject", "PUT", "/bucket/k", "", "X-Amz-Acl", "public-read"},
		{"PutObject", "PUT", "/bucket/k", "", "X-Amz-Grant-Read", "id=x"},
		{"PutObject", "PUT", "/bucket/k", "", "X-Amz-Server-Side-Encryption", "aws:kms"},
		{"PutObject", "PUT", "/bucket/k", "", "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", "k"},
		{"PutObject", "PUT", "/bucket/k", "", "X-Amz-Server-Side-Encryption-Customer-Key", "k"},
		{"PutObject", "PUT", "/bucket/k", "", "X-Amz-Object-Lock-Mode", "GOVERNANCE"},
		{"PutObject", "PUT", "/bucket/k", "", "X-Amz-Object-Lock-Legal-Hold", "ON"},
		{"PutObject", "PUT", "/bucket/k", "", "X-Amz-Write-Offset-Bytes", "1"},
		{"PutObject", "PUT", "/bucket/k", "", "X-Amz-Checksum-Sha512", "x"},
		{"PutObject", "PUT", "/bucket/k", "", "X-Amz-Checksum-Xxhash64", "x"},
		{"GetObject", "GET", "/bucket/key", "", "X-Amz-Server-Side-Encryption-Customer-Algorithm", "AES256"},
		{"CopyObject", "PUT", "/bucket/k", "", "X-Amz-Copy-Source", "arn:aws:s3:us-east-1:000000000000:accesspoint/a/object/k"},
		{"CreateBucket", "PUT", "/locked", "", "X-Amz-Bucket-Object-Lock-Enabled", "true"},
		{"DeleteObject", "DELETE", "/bucket/k", "", "X-Amz-If-Match-Size", "1"},
		{"PutBucketVersioning", "PUT", "/bucket?versioning", `<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>`, "X-A", ""},
		{"PutBucketRequestPayment", "PUT", "/bucket?requestPayment", `<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>`, "X-A", ""},
		{"PutBucketNotificationConfiguration", "PUT", "/bucket?notification", `<NotificationConfiguration><EventBridgeConfiguration/></NotificationConfiguration>`, "X-A", ""},
	} {
		status, _, answer := call(t, b, test.operation, test.method, test.target, test.body, test.header, test.value, "Content-Md5", md5Of(test.body))
		if status != http.StatusNotImplemented || !strings.Contains(answer, "<Code>NotImplemented</Code>") {
			t.Errorf("%s with %s %s: %d %s", test.operation, test.header, test.value, status, answer)
		}
	}
	if status, _, _ := call(t, b, "GetObject", "GET", "/bucket/k", ""); status != http.StatusNotFound {
		t.Errorf("a refused upload was stored: %d", status)
	}
}
