package gateway

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"localcloud/gateway/aws"
)

var testIdentifier = NewIdentifier(nil, "localhost.localstack.cloud", "localhost")

// request reads a request as net/http does. Lines end in \n; a body gets its Content-Length.
func request(t testing.TB, text string) *Call {
	t.Helper()
	call, err := read(text)
	if err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return call
}

func read(text string) (*Call, error) {
	head, body, _ := strings.Cut(text, "\n\n")
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n")))
	if err != nil {
		return nil, err
	}
	if body != "" {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	}
	return newCall(r), nil
}

// scoped is an Authorization header for a service.
func scoped(service string) string {
	return "Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/" + service + "/aws4_request, SignedHeaders=host, Signature=ab"
}

func TestIdentify(t *testing.T) {
	const form = "Content-Type: application/x-www-form-urlencoded"
	for _, test := range []struct {
		name, request string
		want          string // service.operation protocol [path]
	}{
		{"a target tells the operation", "POST / HTTP/1.1\nHost: localhost:4566\nX-Amz-Target: AmazonSQS.SendMessage\n" + scoped("sqs"), "sqs.SendMessage json-1.0"},
		{"a target without a signature", "POST / HTTP/1.1\nHost: localhost\nX-Amz-Target: DynamoDB_20120810.GetItem", "dynamodb.GetItem json-1.0"},
		{"targets tell services of one signing name", "POST / HTTP/1.1\nHost: localhost\nX-Amz-Target: DynamoDBStreams_20120810.GetRecords\n" + scoped("dynamodb"), "dynamodbstreams.GetRecords json-1.0"},
		{"a target with dots", "POST / HTTP/1.1\nHost: x\nX-Amz-Target: com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.ListTrails", "cloudtrail.ListTrails json-1.1"},
		{"a signature in the query", "POST /?X-Amz-Credential=test%2F20260101%2Feu-west-1%2Fsts%2Faws4_request&Action=GetCallerIdentity HTTP/1.1\nHost: x", "sts.GetCallerIdentity query"},
		{"a signature of version 4A", "GET /b/k HTTP/1.1\nHost: x\nAuthorization: AWS4-ECDSA-P256-SHA256 Credential=test/20260101/s3/aws4_request, Signature=1", "s3.GetObject rest-xml /b/k"},
		{"a signature of version 2 is of S3", "PUT /b HTTP/1.1\nHost: x\nAuthorization: AWS test:abc=", "s3.CreateBucket rest-xml /b"},
		{"a presigned URL of version 2", "GET /b/k?AWSAccessKeyId=test&Signature=x&Expires=1 HTTP/1.1\nHost: x", "s3.GetObject rest-xml /b/k"},
		{"an Action in the form", "POST / HTTP/1.1\nHost: x\n" + form + "\n" + scoped("sns") + "\n\nAction=Publish&Version=2010-03-31", "sns.Publish query"},
		{"an Action at the end of the form", "POST / HTTP/1.1\nHost: x\n" + form + "\n" + scoped("sns") + "\n\nMessage=" + strings.Repeat("a", 100_000) + "&Action=Publish", "sns.Publish query"},
		{"an Action without a signature", "POST / HTTP/1.1\nHost: x\n" + form + "\n\nAction=AssumeRoleWithWebIdentity&Version=2011-06-15", "sts.AssumeRoleWithWebIdentity query"},
		{"an Action of EC2", "POST / HTTP/1.1\nHost: x\n" + form + "; charset=utf-8\n" + scoped("ec2") + "\n\nAction=DescribeVpcs", "ec2.DescribeVpcs ec2"},
		{"a Version tells load balancers apart", "POST / HTTP/1.1\nHost: x\n" + form + "\n" + scoped("elasticloadbalancing") + "\n\nAction=DescribeLoadBalancers&Version=2012-06-01", "elb.DescribeLoadBalancers query"},
		{"the newer Version of load balancers", "POST / HTTP/1.1\nHost: x\n" + form + "\n" + scoped("elasticloadbalancing") + "\n\nAction=DescribeLoadBalancers&Version=2015-12-01", "elbv2.DescribeLoadBalancers query"},
		{"RDS is the default of its API", "POST / HTTP/1.1\nHost: x\n" + form + "\n" + scoped("rds") + "\n\nAction=CreateDBCluster&Version=2014-10-31", "rds.CreateDBCluster query"},
		{"SES by Action", "POST / HTTP/1.1\nHost: x\n" + form + "\n" + scoped("ses") + "\n\nAction=SendEmail&Version=2010-12-01", "ses.SendEmail query"},
		{"SES v2 by path", "POST /v2/email/outbound-emails HTTP/1.1\nHost: x\n" + scoped("ses"), "sesv2.SendEmail rest-json"},
		{"mailmanager by target", "POST / HTTP/1.1\nHost: x\nX-Amz-Target: MailManagerSvc.ListRelays\n" + scoped("ses"), "mailmanager.ListRelays json-1.0"},
		{"SQS in the query protocol", "POST / HTTP/1.1\nHost: x\n" + form + "\n" + scoped("sqs") + "\n\nAction=ListQueues", "sqs.ListQueues query"},
		{"a queue URL", "POST /000000000000/q HTTP/1.1\nHost: x\n" + form + "\n" + scoped("sqs") + "\n\nAction=SendMessage&MessageBody=a", "sqs.SendMessage query"},
		{"a queue URL without a signature", "GET /000000000000/q.fifo?Action=ReceiveMessage HTTP/1.1\nHost: x", "sqs.ReceiveMessage query"},
		{"a queue URL with a region", "GET /queue/eu-west-1/000000000000/q?Action=AddPermission HTTP/1.1\nHost: x", "sqs.AddPermission query"},
		{"a bucket with a name like an account", "GET /000000000000/q HTTP/1.1\nHost: x\n" + scoped("s3"), "s3.GetObject rest-xml /000000000000/q"},
		{"a host of SQS", "GET /000000000000/q?Action=SendMessage HTTP/1.1\nHost: sqs.eu-west-1.localhost.localstack.cloud:4566", "sqs.SendMessage query"},
		{"CBOR by its path", "POST /service/GraniteServiceVersion20100801/operation/ListMetrics HTTP/1.1\nHost: x\nSmithy-Protocol: rpc-v2-cbor\n" + scoped("monitoring"), "cloudwatch.ListMetrics rpc-v2-cbor"},
		{"CloudWatch in JSON", "POST / HTTP/1.1\nHost: x\nX-Amz-Target: GraniteServiceVersion20100801.ListMetrics\nContent-Type: application/x-amz-json-1.0\n" + scoped("monitoring"), "cloudwatch.ListMetrics json-1.0"},
		{"CloudWatch in query", "POST / HTTP/1.1\nHost: x\n" + form + "\n" + scoped("monitoring") + "\n\nAction=ListMetrics&Version=2010-08-01", "cloudwatch.ListMetrics query"},
		{"Kinesis in CBOR of the Java SDK", "POST / HTTP/1.1\nHost: x\nX-Amz-Target: Kinesis_20131202.PutRecord\nContent-Type: application/x-amz-cbor-1.1\n" + scoped("kinesis"), "kinesis.PutRecord json-1.1"},
		{"Lambda by its path alone", "POST /2015-03-31/functions/f/invocations HTTP/1.1\nHost: x", "lambda.Invoke rest-json"},
		{"a path that ends in a slash", "GET /2015-03-31/functions/ HTTP/1.1\nHost: x\n" + scoped("lambda"), "lambda.ListFunctions rest-json"},
		{"a host of a service without a signature", "POST / HTTP/1.1\nHost: cognito-idp.us-east-1.localhost\nX-Amz-Target: AWSCognitoIdentityProviderService.SignUp", "cognito-idp.SignUp json-1.1"},
		{"a token of SSO", "GET /federation/credentials?role_name=a&account_id=1 HTTP/1.1\nHost: x\nx-amz-sso_bearer_token: t", "sso.GetRoleCredentials rest-json"},
		{"an unsigned JSON call", "POST /token HTTP/1.1\nHost: x\nContent-Type: application/json\n\n{}", "sso-oidc.CreateToken rest-json"},
		{"services of one signing name by path", "GET /v2/apis HTTP/1.1\nHost: x\n" + scoped("apigateway"), "apigatewayv2.GetApis rest-json"},
		{"the older API Gateway", "GET /restapis HTTP/1.1\nHost: x\n" + scoped("apigateway"), "apigateway.GetRestApis rest-json"},
		{"the import of an API by its literal query", "POST /restapis?mode=import HTTP/1.1\nHost: x\n" + scoped("apigateway"), "apigateway.ImportRestApi rest-json"},
		{"S3 control by its path", "GET /v20180820/jobs HTTP/1.1\nHost: 000000000000.localhost\nx-amz-account-id: 000000000000\n" + scoped("s3"), "s3control.ListJobs rest-xml"},
		{"a message to a connection", "POST /@connections/abc HTTP/1.1\nHost: x\n" + scoped("execute-api"), "apigatewaymanagementapi.PostToConnection rest-json"},
		{"an absolute target", "GET http://localhost:4566/b?list-type=2 HTTP/1.1\nHost: localhost:4566\n" + scoped("s3"), "s3.ListObjectsV2 rest-xml /b"},
		{"the service's own host among equal paths", "GET /tags?arn=a HTTP/1.1\nHost: meetings-chime.us-east-1.amazonaws.com\n" + scoped("chime"), "chime-sdk-meetings.ListTagsForResource rest-json"},

		{"list the buckets", "GET / HTTP/1.1\nHost: x\n" + scoped("s3"), "s3.ListBuckets rest-xml /"},
		{"list a bucket", "GET /b HTTP/1.1\nHost: x\n" + scoped("s3"), "s3.ListObjects rest-xml /b"},
		{"list a bucket with a slash", "GET /b/?prefix=a HTTP/1.1\nHost: x\n" + scoped("s3"), "s3.ListObjects rest-xml /b/"},
		{"a subresource", "GET /b?acl HTTP/1.1\nHost: x\n" + scoped("s3"), "s3.GetBucketAcl rest-xml /b"},
		{"a subresource with a value", "PUT /b?tagging= HTTP/1.1\nHost: x\n" + scoped("s3"), "s3.PutBucketTagging rest-xml /b"},
		{"the newer of two names", "GET /b?notification HTTP/1.1\nHost: x\n" + scoped("s3"), "s3.GetBucketNotificationConfiguration rest-xml /b"},
		{"one of a list", "GET /b?inventory&id=x HTTP/1.1\nHost: x\n" + scoped("s3"), "s3.GetBucketInventoryConfiguration rest-xml /b"},
		{"the list itself", "GET /b?inventory HTTP/1.1\nHost: x\n" + scoped("s3"), "s3.ListBucketInventoryConfigurations rest-xml /b"},
		{"a copy by its header", "PUT /b/k HTTP/1.1\nHost: x\nx-amz-copy-source: /a/b\n" + scoped("s3"), "s3.CopyObject rest-xml /b/k"},
		{"a part", "PUT /b/k?partNumber=1&uploadId=u&x-id=UploadPart HTTP/1.1\nHost: x\n" + scoped("s3"), "s3.UploadPart rest-xml /b/k"},
		{"a part that lacks its number is no object", "PUT /b/k?uploadId=u HTTP/1.1\nHost: x\n" + scoped("s3"), "s3.UploadPart rest-xml /b/k"},
		{"a copied part", "PUT /b/k?partNumber=1&uploadId=u HTTP/1.1\nHost: x\nX-Amz-Copy-Source: a/b\n" + scoped("s3"), "s3.UploadPartCopy rest-xml /b/k"},
		{"a key that ends in slashes", "PUT /b/k// HTTP/1.1\nHost: x\n" + scoped("s3"), "s3.PutObject rest-xml /b/k//"},
		{"a key that is a slash", "PUT /b// HTTP/1.1\nHost: x\n" + scoped("s3"), "s3.PutObject rest-xml /b//"},
		{"a key with an escaped slash", "GET /b/a%2Fb HTTP/1.1\nHost: x\n" + scoped("s3"), "s3.GetObject rest-xml /b/a%2Fb"},
		{"x-id decides nothing", "GET /b/k?x-id=PutObject HTTP/1.1\nHost: x\n" + scoped("s3"), "s3.GetObject rest-xml /b/k"},
		{"a virtual host", "GET /k HTTP/1.1\nHost: b.s3.localhost.localstack.cloud:4566\n" + scoped("s3"), "s3.GetObject rest-xml /b/k"},
		{"a virtual host in upper case", "GET /k HTTP/1.1\nHost: B.S3.Localhost.localstack.cloud:4566\n" + scoped("s3"), "s3.GetObject rest-xml /b/k"},
		{"a virtual host with a region", "GET /k HTTP/1.1\nHost: my.b.s3.me-south-1.amazonaws.com\n" + scoped("s3"), "s3.GetObject rest-xml /my.b/k"},
		{"a virtual host with a dash", "PUT / HTTP/1.1\nHost: b.s3-eu-west-1.amazonaws.com\n" + scoped("s3"), "s3.CreateBucket rest-xml /b/"},
		{"a virtual host with dual stack", "GET /k HTTP/1.1\nHost: b.s3.dualstack.il-central-1.amazonaws.com\n" + scoped("s3"), "s3.GetObject rest-xml /b/k"},
		{"a bucket before localhost", "GET // HTTP/1.1\nHost: b.localhost:4566\n" + scoped("s3"), "s3.GetObject rest-xml /b//"},
		{"an anonymous bucket before localhost", "GET /k HTTP/1.1\nHost: b.localhost:4566", "s3.GetObject rest-xml /b/k"},
		{"the endpoint of S3 is no bucket", "GET /b/k HTTP/1.1\nHost: s3.localhost.localstack.cloud:4566", "s3.GetObject rest-xml /b/k"},
		{"the endpoint of S3 with a region", "GET /b/k HTTP/1.1\nHost: s3.eu-west-1.localhost.localstack.cloud:4566", "s3.GetObject rest-xml /b/k"},
		{"an anonymous object", "GET /b/k HTTP/1.1\nHost: localhost:4566", "s3.GetObject rest-xml /b/k"},
		{"a browser's upload", "POST /b HTTP/1.1\nHost: x\nContent-Type: multipart/form-data; boundary=x", "s3. rest-xml /b"},
		{"a preflight request", "OPTIONS /b/k HTTP/1.1\nHost: x\nOrigin: y", "s3. rest-xml /b/k"},
		{"a form type on an object is no form", "PUT /b/k HTTP/1.1\nHost: x\n" + form + "\n" + scoped("s3") + "\n\nAction=Publish", "s3.PutObject rest-xml /b/k"},
		{"a directory bucket", "GET /b/k HTTP/1.1\nHost: x\n" + scoped("s3express"), "s3.GetObject rest-xml /b/k"},

		{"nothing at all", "GET / HTTP/1.1\nHost: localhost:4566", ""},
		{"a preflight request for another service", "OPTIONS /a HTTP/1.1\nHost: x\nAccess-Control-Request-Headers: x-amz-target", ""},
	} {
		call := request(t, test.request)
		if err := testIdentifier.Identify(call, 0); err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := outcome(call); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func outcome(call *Call) string {
	if call.Service == nil {
		return ""
	}
	name := call.Service.Name + "."
	if call.Operation != nil {
		name += call.Operation.Name
	}
	name += " " + call.Protocol.String()
	if call.Service.Name == "s3" {
		name += " " + call.Path
	}
	return name
}

func TestIdentifyAccountAndRegion(t *testing.T) {
	for _, test := range []struct{ name, credential, host, account, region, key string }{
		{"the scope's region", "test/20260101/eu-west-1/s3/aws4_request", "x", "000000000000", "eu-west-1", "test"},
		{"a key that is an account", "123456789012/20260101/us-gov-west-1/s3/aws4_request", "x", "123456789012", "us-gov-west-1", "123456789012"},
		{"a key with more digits is none", "1234567890123/20260101/us-east-1/s3/aws4_request", "x", "000000000000", "us-east-1", "1234567890123"},
		{"a key that encodes its account", "LSIAQAAAAAAVNCBMPNSG/20260101/us-east-1/s3/aws4_request", "x", "000000000042", "us-east-1", "LSIAQAAAAAAVNCBMPNSG"},
		{"a key of AWS encodes nothing here", "AKIARZPUZDIKGB2VALC4/20260101/us-east-1/s3/aws4_request", "x", "000000000000", "us-east-1", "AKIARZPUZDIKGB2VALC4"},
		{"a key with slashes", "a/b/20260101/us-east-1/s3/aws4_request", "x", "000000000000", "us-east-1", "a/b"},
		{"a region that is none", "test/20260101/local/s3/aws4_request", "x", "000000000000", "us-east-1", "test"},
	} {
		call := request(t, "GET /b HTTP/1.1\nHost: "+test.host+"\nAuthorization: AWS4-HMAC-SHA256 Credential="+test.credential+", SignedHeaders=host, Signature=a")
		if err := testIdentifier.Identify(call, 0); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if call.Account != test.account || call.Region != test.region || call.AccessKey != test.key {
			t.Errorf("%s: got %s %s %s", test.name, call.Account, call.Region, call.AccessKey)
		}
	}
	call := request(t, "GET /000000000000/q?Action=SendMessage HTTP/1.1\nHost: sqs.ap-south-1.localhost")
	if err := testIdentifier.Identify(call, 0); err != nil || call.Region != "ap-south-1" || call.AccessKey != "" {
		t.Errorf("the host's region: got %s, key %q, %v", call.Region, call.AccessKey, err)
	}
	call = request(t, "GET /queue/eu-west-3/123456789012/q?Action=SendMessage HTTP/1.1\nHost: localhost")
	if err := testIdentifier.Identify(call, 0); err != nil || call.Region != "eu-west-3" || call.Account != "123456789012" {
		t.Errorf("the queue's owner: got %s %s, %v", call.Account, call.Region, err)
	}
	call = request(t, "GET /b HTTP/1.1\nHost: x\nX-Amz-Region-Set: eu-north-1,*\nAuthorization: AWS4-ECDSA-P256-SHA256 Credential=test/20260101/s3/aws4_request")
	if err := testIdentifier.Identify(call, 0); err != nil || call.Region != "eu-north-1" {
		t.Errorf("the region set of version 4A: got %s, %v", call.Region, err)
	}
}

func TestDecodeAccount(t *testing.T) {
	for key, want := range map[string]string{
		"LSIAQAAAAAAVNCBMPNSG": "000000000042", "ASIAQAAAAAAAGMKEM7X5": "000000000000", "AKIARZPUZDIKGB2VALC4": "123456789012",
	} {
		if got, ok := decodeAccount(key); got != want || !ok {
			t.Errorf("%s: got %q, %v", key, got, ok)
		}
	}
	for _, key := range []string{"LSIA0AAAAAAVNCBMPNSG", "LSIAAAAAAAAAAAAAAAAA", "LSIA7777777777777777"} {
		if got, ok := decodeAccount(key); ok {
			t.Errorf("%s: got %q", key, got)
		}
	}
}

func TestClassicPortsAreADefaultOnly(t *testing.T) {
	for _, test := range []struct {
		name, request string
		port          int
		want          string
	}{
		{"a port decides what nothing tells", "GET /restapis HTTP/1.1\nHost: localhost:4567", 4567, "apigateway.GetRestApis rest-json"},
		{"the port of S3", "GET / HTTP/1.1\nHost: localhost:4572", 4572, "s3.ListBuckets rest-xml /"},
		{"a signature goes before", "POST / HTTP/1.1\nHost: localhost:4572\nX-Amz-Target: DynamoDB_20120810.GetItem\n" + scoped("dynamodb"), 4572, "dynamodb.GetItem json-1.0"},
		{"a target goes before", "POST / HTTP/1.1\nHost: localhost:4572\nX-Amz-Target: DynamoDB_20120810.GetItem", 4572, "dynamodb.GetItem json-1.0"},
		{"S3 is not guessed on the port of another", "GET /2013-04-01/hostedzone HTTP/1.1\nHost: localhost:4580", 4580, "route53.ListHostedZones rest-xml"},
	} {
		call := request(t, test.request)
		if err := testIdentifier.Identify(call, test.port); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if got := outcome(call); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestRelativesOfRDSByWhatTheProjectHas(t *testing.T) {
	i := NewIdentifier(func(service string) bool { return service == "neptune" })
	for action, want := range map[string]string{"CreateDBCluster": "neptune", "CreateDBProxy": "rds"} {
		call := request(t, "POST / HTTP/1.1\nHost: x\nContent-Type: application/x-www-form-urlencoded\n"+scoped("rds")+"\n\nAction="+action+"&Version=2014-10-31")
		if err := i.Identify(call, 0); err != nil || call.Service.Name != want {
			t.Errorf("%s: got %s, %v", action, outcome(call), err)
		}
	}
}

func TestIdentifyRefuses(t *testing.T) {
	const form = "Content-Type: application/x-www-form-urlencoded"
	for _, test := range []struct{ name, request, code, service string }{
		{"a malformed credential", "POST / HTTP/1.1\nHost: x\nX-Amz-Target: AmazonSQS.SendMessage\nAuthorization: AWS4-HMAC-SHA256 Credential=test/sqs, Signature=1", "IncompleteSignatureException", "sqs"},
		{"a malformed credential to S3", "GET /b/k HTTP/1.1\nHost: x\nAuthorization: AWS4-HMAC-SHA256 nonsense", "AuthorizationHeaderMalformed", "s3"},
		{"a malformed presigned URL", "GET /b/k?X-Amz-Credential=%zz HTTP/1.1\nHost: x", "AuthorizationQueryParametersError", "s3"},
		{"an unknown service", "POST / HTTP/1.1\nHost: x\n" + scoped("nope"), "InternalFailure", ""},
		{"an unknown target", "POST / HTTP/1.1\nHost: x\nX-Amz-Target: AmazonSQS.Nope\n" + scoped("sqs"), "UnknownOperationException", "sqs"},
		{"no target", "POST / HTTP/1.1\nHost: x\n" + scoped("dynamodb"), "UnknownOperationException", "dynamodb"},
		{"an unknown Action", "POST / HTTP/1.1\nHost: x\n" + form + "\n" + scoped("iam") + "\n\nAction=Nope", "InvalidAction", "iam"},
		{"no Action", "POST / HTTP/1.1\nHost: x\n" + form + "\n" + scoped("iam") + "\n\nA=b", "MissingAction", "iam"},
		{"no Action and no body", "POST / HTTP/1.1\nHost: x\n" + form + "\n" + scoped("sqs"), "MissingAction", "sqs"},
		{"an unknown path", "GET /nope HTTP/1.1\nHost: x\n" + scoped("lambda"), "UnknownOperationException", "lambda"},
		{"a wrong method", "PATCH /b/k HTTP/1.1\nHost: x\n" + scoped("s3"), "MethodNotAllowed", "s3"},
		{"an empty bucket", "GET //k HTTP/1.1\nHost: x\n" + scoped("s3"), "InvalidURI", "s3"},
		{"an unknown operation of CBOR", "POST /service/GraniteServiceVersion20100801/operation/Nope HTTP/1.1\nHost: x\nSmithy-Protocol: rpc-v2-cbor\n" + scoped("monitoring"), "UnknownOperationException", "cloudwatch"},
		{"a website", "GET / HTTP/1.1\nHost: b.s3-website.localhost", "NotImplemented", "s3"},
		{"a deployed API", "GET /prod HTTP/1.1\nHost: abc.execute-api.localhost", "InternalFailure", "apigateway"},
	} {
		call := request(t, test.request)
		err := testIdentifier.Identify(call, 0)
		var e *aws.Error
		if !errors.As(err, &e) || e.Code != test.code || e.Status < 400 {
			t.Errorf("%s: got %+v, want %s", test.name, err, test.code)
		}
		if got := call.Service; (got == nil) != (test.service == "") || got != nil && got.Name != test.service {
			t.Errorf("%s: service %v, want %q", test.name, got, test.service)
		}
	}
}

func TestTheFormIsReadAgain(t *testing.T) {
	body := "Message=" + strings.Repeat("x", 3*peekStep) + "&Action=Publish&More=" + strings.Repeat("y", 3*peekStep)
	call := request(t, "POST / HTTP/1.1\nHost: x\nContent-Type: application/x-www-form-urlencoded\n"+scoped("sns")+"\n\n"+body)
	if err := testIdentifier.Identify(call, 0); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(call.Request.Body)
	if string(got) != body || err != nil {
		t.Errorf("got %d bytes, want %d; %v", len(got), len(body), err)
	}
}

func TestATruncatedFormStaysTruncated(t *testing.T) {
	call := request(t, "POST / HTTP/1.1\nHost: x\nContent-Type: application/x-www-form-urlencoded\n"+scoped("sns"))
	call.Request.Body = io.NopCloser(io.MultiReader(strings.NewReader("Action=Publish&Mess"), failing{}))
	call.Request.ContentLength = 100
	if err := testIdentifier.Identify(call, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(call.Request.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// timed are requests of every kind that headers alone identify.
var timed = map[string]string{
	"target":       "POST / HTTP/1.1\nHost: localhost:4566\nContent-Type: application/x-amz-json-1.0\nX-Amz-Target: AmazonSQS.SendMessage\n" + scoped("sqs"),
	"S3 get":       "GET /bucket/some/key HTTP/1.1\nHost: localhost:4566\n" + scoped("s3"),
	"S3 list":      "GET /bucket?list-type=2&prefix=a%2F HTTP/1.1\nHost: localhost:4566\n" + scoped("s3"),
	"S3 part":      "PUT /bucket/key?partNumber=7&uploadId=abc HTTP/1.1\nHost: localhost:4566\n" + scoped("s3"),
	"S3 virtual":   "GET /some/key HTTP/1.1\nHost: bucket.s3.localhost.localstack.cloud:4566\n" + scoped("s3"),
	"REST":         "POST /2015-03-31/functions/f/invocations HTTP/1.1\nHost: localhost:4566\n" + scoped("lambda"),
	"CBOR":         "POST /service/GraniteServiceVersion20100801/operation/ListMetrics HTTP/1.1\nHost: localhost:4566\nSmithy-Protocol: rpc-v2-cbor\n" + scoped("monitoring"),
	"shared names": "GET /tags?arn=a HTTP/1.1\nHost: localhost:4566\n" + scoped("chime"),
}

func TestIdentifyByHeadersHardlyAllocates(t *testing.T) {
	for name, text := range timed {
		call := request(t, text)
		path := call.Path
		allocations := testing.AllocsPerRun(100, func() {
			call.Path = path
			if err := testIdentifier.Identify(call, 0); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
		if allocations > 2 {
			t.Errorf("%s: %v allocations", name, allocations)
		}
	}
}

func BenchmarkIdentify(b *testing.B) {
	for name, text := range timed {
		b.Run(name, func(b *testing.B) {
			call := request(b, text)
			path := call.Path
			b.ReportAllocs()
			for b.Loop() {
				call.Path, call.Service, call.Operation = path, nil, nil
				if err := testIdentifier.Identify(call, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestALongFormIsReadInOnePass(t *testing.T) {
	body := strings.Repeat("a=b&", 900_000) + "Action=Publish"
	call := request(t, "POST / HTTP/1.1\nHost: x\nContent-Type: application/x-www-form-urlencoded\n"+scoped("sns")+"\n\n"+body)
	call.Request.Body = io.NopCloser(iotest.OneByteReader(strings.NewReader(body[:50_000]))) // no longer than that
	call.Request.Body = io.NopCloser(io.MultiReader(call.Request.Body, strings.NewReader(body[50_000:])))
	if err := testIdentifier.Identify(call, 0); err != nil || call.Operation == nil {
		t.Errorf("got %v, %v", call.Operation, err)
	}
	call = request(t, "POST / HTTP/1.1\nHost: x\nContent-Type: application/x-www-form-urlencoded\n"+scoped("sns")+"\n\n"+strings.Repeat(body, 2))
	call.Request.Body = io.NopCloser(strings.NewReader(strings.Repeat("a", peekLimit+10) + "&Action=Publish"))
	if err := testIdentifier.Identify(call, 0); err == nil {
		t.Error("an Action behind the bound was found")
	}
	if left, err := io.ReadAll(call.Request.Body); len(left) != peekLimit+10+len("&Action=Publish") || err != nil {
		t.Errorf("%d bytes are left, %v", len(left), err)
	}
}
