package gateway

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images"
)

// refusing is a gateway that has no backend for anything.
func refusing(t *testing.T) *started {
	return start(t, nil, func(c *Config) {
		c.Identify = nil
		c.Backends = func(_ context.Context, service *aws.Service, operation, _, _ string) (*images.Backend, error) {
			return nil, aws.NotImplemented(service, "There is no backend for "+service.Name+" "+operation+".")
		}
	})
}

// signed is a header as an SDK would send it for a service.
func signed(service string) string {
	return "Authorization: AWS4-HMAC-SHA256 Credential=111122223333/20261123/eu-west-1/" + service +
		"/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + strings.Repeat("0", 64) + "\r\nX-Amz-Date: 20261123T120000Z\r\n"
}

func TestRefusalsAreInTheCallersProtocol(t *testing.T) {
	g := refusing(t)
	for _, c := range []struct {
		name, request string
		status        int
		contentType   string
		want          []string
	}{
		{
			"JSON 1.0", "POST / HTTP/1.1\r\nX-Amz-Target: AmazonSQS.ListQueues\r\nContent-Type: application/x-amz-json-1.0\r\n" + signed("sqs") + "Content-Length: 2\r\n\r\n{}",
			501, "application/x-amz-json-1.0", []string{"InternalFailure", "There is no backend for sqs ListQueues."},
		},
		{
			"JSON 1.1", "POST / HTTP/1.1\r\nX-Amz-Target: AmazonSSM.GetParameter\r\nContent-Type: application/x-amz-json-1.1\r\n" + signed("ssm") + "Content-Length: 2\r\n\r\n{}",
			501, "application/x-amz-json-1.1", []string{"InternalFailure", "ssm GetParameter"},
		},
		{
			"query", "POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n" + signed("sns") + "Content-Length: 37\r\n\r\nAction=ListTopics&Version=2010-03-31&",
			501, "text/xml", []string{"<ErrorResponse", "<Code>InternalFailure</Code>", "<Type>Receiver</Type>", "sns ListTopics", "<RequestId>"},
		},
		{
			"EC2", "POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n" + signed("ec2") + "Content-Length: 40\r\n\r\nAction=DescribeVpcs&Version=2016-11-15&&",
			501, "text/xml", []string{"<Response><Errors><Error><Code>InternalFailure</Code>", "<RequestID>"},
		},
		{
			"a signature that cannot be read", "GET / HTTP/1.1\r\nAuthorization: AWS4-HMAC-SHA256 Credential=garbage\r\n\r\n",
			400, "application/xml", []string{"<Code>IncompleteSignature</Code>"},
		},
		{
			"REST JSON", "GET /2015-03-31/functions HTTP/1.1\r\n" + signed("lambda") + "\r\n",
			501, "application/json", []string{"lambda ListFunctions"},
		},
		{
			"REST XML", "GET /2013-04-01/hostedzone HTTP/1.1\r\n" + signed("route53") + "\r\n",
			501, "application/xml", []string{"<ErrorResponse", "<Code>InternalFailure</Code>", "route53 ListHostedZones"},
		},
		{
			"S3", "GET /bucket/key HTTP/1.1\r\n" + signed("s3") + "\r\n",
			501, "application/xml", []string{"<Error><Code>NotImplemented</Code>", "s3 GetObject", "<RequestId>"},
		},
		{
			"CBOR", "POST /service/GraniteServiceVersion20100801/operation/ListMetrics HTTP/1.1\r\nSmithy-Protocol: rpc-v2-cbor\r\nContent-Type: application/cbor\r\n" + signed("monitoring") + "Content-Length: 0\r\n\r\n",
			501, "application/cbor", []string{"InternalFailure", "cloudwatch ListMetrics"},
		},
		{
			"an unsigned stranger", "POST /nothing HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
			403, "", []string{"<Code>MissingAuthenticationToken</Code>", "POST /nothing"},
		},
		{
			"an unsigned stranger who speaks JSON", "POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
			403, "application/x-amz-json-1.0", []string{`"MissingAuthenticationToken"`},
		},
		{
			"a page that there is not", "GET /_localstack/nothing HTTP/1.1\r\n\r\n",
			404, "", []string{"/_localstack/nothing"},
		},
		{
			"a page of a service that there is not", "GET /_aws/nothing/at/all HTTP/1.1\r\n\r\n",
			404, "", []string{"/_aws/nothing/at/all"},
		},
		{
			"an expired presigned URL", "GET /bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F20200101%2Fus-east-1%2Fs3%2Faws4_request" +
				"&X-Amz-Date=20200101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00 HTTP/1.1\r\n\r\n",
			403, "application/xml", []string{"<Code>AccessDenied</Code>", "<Message>Request has expired</Message>"},
		},
		{
			"an expired presigned URL of the older kind", "GET /bucket/key?AWSAccessKeyId=test&Signature=AAAA&Expires=1500000000 HTTP/1.1\r\n\r\n",
			403, "application/xml", []string{"<Code>AccessDenied</Code>", "Request has expired"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			line, rest, _ := strings.Cut(c.request, "\r\n")
			resp, body := g.send(t, line+"\r\nHost: localhost:4566\r\nConnection: close\r\n"+rest)
			if resp.StatusCode != c.status || !strings.HasPrefix(resp.Header.Get("Content-Type"), c.contentType) {
				t.Errorf("%d %s, want %d %s", resp.StatusCode, resp.Header.Get("Content-Type"), c.status, c.contentType)
			}
			for _, want := range c.want {
				if !strings.Contains(body, want) {
					t.Errorf("no %q in %s", want, body)
				}
			}
		})
	}
}

// recent is a signed header with the present time.
func recent(header string) string {
	now := time.Now().UTC()
	return strings.ReplaceAll(strings.ReplaceAll(header, "20261123T120000Z", now.Format("20060102T150405Z")), "20261123", now.Format("20060102"))
}

func TestSignaturesAreVerifiedOnDemand(t *testing.T) {
	g := start(t, native(func(*http.Request) (*http.Response, error) { return text(200, ""), nil }), func(c *Config) {
		c.Identify, c.Signatures = nil, VerifySignatures
		c.Secrets = func(_ context.Context, key string) (string, string, bool) {
			return "secret", "arn:aws:iam::111122223333:user/me", key == "known"
		}
	})
	for _, c := range []struct {
		name, request string
		status        int
		want          string
	}{
		{"anonymous", "GET /bucket/key HTTP/1.1\r\n\r\n", 200, ""},
		{"an unknown key", "GET /bucket/key HTTP/1.1\r\n" + recent(signed("s3")) + "\r\n", 403, "InvalidAccessKeyId"},
		{"a wrong signature", "GET /bucket/key HTTP/1.1\r\n" + strings.Replace(recent(signed("s3")), "111122223333", "known", 1) + "\r\n", 403, "SignatureDoesNotMatch"},
		{"an old signature", "GET /bucket/key HTTP/1.1\r\n" + strings.ReplaceAll(strings.Replace(signed("s3"), "111122223333", "known", 1), "20261123", "20200101") + "\r\n", 403, "RequestTimeTooSkewed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			line, rest, _ := strings.Cut(c.request, "\r\n")
			resp, body := g.send(t, line+"\r\nHost: localhost:4566\r\nConnection: close\r\n"+rest)
			if resp.StatusCode != c.status || !strings.Contains(body, c.want) {
				t.Errorf("%d %s, want %d %s", resp.StatusCode, body, c.status, c.want)
			}
		})
	}
}

func TestABackendThatDiedIsNamed(t *testing.T) {
	backend := &images.Backend{Name: "moto", RoundTripper: roundTripper(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("connect: connection refused")
	})}
	g := start(t, backend, nil)
	resp, body := g.send(t, "GET /b/k HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	if resp.StatusCode != 503 || !strings.Contains(body, "The backend moto did not answer") || !strings.Contains(body, "<Code>ServiceUnavailable</Code>") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}
