package intercept

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"localcloud/gateway"
	"localcloud/gateway/aws"
	"localcloud/images"
)

// ask leads a request through the interceptors of some options to a backend that gives an answer; a
// request without a service goes nowhere.
func ask(t *testing.T, o Options, call *gateway.Call, answer *http.Response) *http.Response {
	t.Helper()
	g := gateway.New(gateway.Config{
		Backends: func(context.Context, *aws.Service, string, string, string) (*images.Backend, error) {
			if answer == nil {
				return nil, aws.NotImplemented(nil, "no backend")
			}
			return &images.Backend{RoundTripper: fixed{answer}, Name: "fake"}, nil
		},
	})
	g.Use(All(o)...)
	resp, err := g.Do(context.Background(), call)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// fixed is a backend with one answer.
type fixed struct{ answer *http.Response }

func (f fixed) RoundTrip(*http.Request) (*http.Response, error) { return f.answer, nil }

// callOf is a call of an operation ("sqs:ListQueues"), or of none for "".
func callOf(t *testing.T, operation, method, target, body string, header ...string) *gateway.Call {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	call := &gateway.Call{Request: r}
	call.Account, call.Region, call.Scheme, call.Host = "111122223333", "eu-west-1", "http", r.Host
	call.Path, call.RequestID = r.URL.EscapedPath(), "request-1"
	if operation != "" {
		service, name, _ := strings.Cut(operation, ":")
		call.Service = aws.Lookup(service)
		call.Operation = call.Service.Operation(name)
		call.Protocol = call.Service.Protocols[0]
	}
	return call
}

func ok(body string) *http.Response { return respond(http.StatusOK, "", body) }

func bodyOf(t *testing.T, resp *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestAnswersCarryTheRequestIDWhereTheirProtocolHasIt(t *testing.T) {
	for _, c := range []struct {
		operation string
		want      map[string]string
	}{
		{"sqs:ListQueues", map[string]string{"X-Amzn-Requestid": "request-1"}},
		{"ec2:DescribeInstances", map[string]string{"X-Amzn-Requestid": "request-1"}},
		{"lambda:ListFunctions", map[string]string{"X-Amzn-Requestid": "request-1", "X-Amz-Request-Id": "request-1"}},
		{"route53:ListHostedZones", map[string]string{"X-Amz-Request-Id": "request-1"}},
		{"s3:ListBuckets", map[string]string{"X-Amz-Request-Id": "request-1", "X-Amz-Id-2": id2Value[0]}},
	} {
		t.Run(c.operation, func(t *testing.T) {
			c.want["X-Localstack"] = "true"
			resp := ask(t, Options{}, callOf(t, c.operation, "GET", "/", ""), ok(""))
			got := make(map[string]string)
			for name := range resp.Header {
				got[name] = resp.Header.Get(name)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("a backend's own id stays", func(t *testing.T) {
		answer := ok("")
		answer.Header.Set("X-Amzn-RequestId", "theirs")
		resp := ask(t, Options{NoMark: true}, callOf(t, "sqs:ListQueues", "POST", "/", ""), answer)
		if got := resp.Header.Get("X-Amzn-Requestid"); got != "theirs" || resp.Header.Get("X-Localstack") != "" {
			t.Errorf("header %v", resp.Header)
		}
	})
}

func TestQueueURLsFollowTheirForm(t *testing.T) {
	const backend = "http://127.0.0.1:43210/000000000000/q"
	for _, c := range []struct {
		name, host string
		form       QueueURLs
		want       string
	}{
		{"the host that the caller used", "localhost:4566", "", "http://localhost:4566/000000000000/q"},
		{"a name in a container's network", "cloud:4566", "", "http://cloud:4566/000000000000/q"},
		{"the standard form by its host", "sqs.us-east-1.localhost.localstack.cloud:4566", "", "http://sqs.eu-west-1.localhost.localstack.cloud:4566/000000000000/q"},
		{"a host that only begins so", "sqs.example.com", "", "http://sqs.example.com/000000000000/q"},
		{"the domain form by its host", "us-west-2.queue.localhost:4566", "", "http://eu-west-1.queue.localhost:4566/000000000000/q"},
		{"the domain form without a region", "queue.localhost:4566", "", "http://eu-west-1.queue.localhost:4566/000000000000/q"},
		{"standard", "localhost:4566", StandardQueueURLs, "http://sqs.eu-west-1.base:1/000000000000/q"},
		{"domain", "localhost:4566", DomainQueueURLs, "http://eu-west-1.queue.base:1/000000000000/q"},
		{"path", "localhost:4566", PathQueueURLs, "http://base:1/queue/eu-west-1/000000000000/q"},
		{"off", "localhost:4566", OffQueueURLs, "http://base:1/000000000000/q"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := Options{QueueURLs: c.form, Host: "base:1"}
			for operation, body := range map[string]string{
				"sqs:GetQueueUrl":                `{"QueueUrl":"%"}`,
				"sqs:CreateQueue":                `{"QueueUrl": "%"}`,
				"sqs:ListQueues":                 `{"QueueUrls":["%","%"],"NextToken":"http"}`,
				"sqs:ListDeadLetterSourceQueues": `<R xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><QueueUrl>%</QueueUrl></R>`,
			} {
				call := callOf(t, operation, "POST", "http://"+c.host+"/", "")
				resp := ask(t, o, call, ok(strings.ReplaceAll(body, "%", backend)))
				got := bodyOf(t, resp)
				if want := strings.ReplaceAll(body, "%", c.want); got != want {
					t.Errorf("%s: %s, want %s", operation, got, want)
				}
				if resp.ContentLength != int64(len(got)) {
					t.Errorf("%s: length %d of %d", operation, resp.ContentLength, len(got))
				}
			}
		})
	}
	t.Run("escaped slashes and odd accounts", func(t *testing.T) {
		resp := ask(t, Options{}, callOf(t, "sqs:GetQueueUrl", "POST", "http://localhost:4566/", ""), ok(`{"QueueUrl":"https:\/\/elastic:9324\/queue\/q.fifo"}`))
		if got, want := bodyOf(t, resp), `{"QueueUrl":"http://localhost:4566/111122223333/q.fifo"}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	t.Run("other operations pass untouched", func(t *testing.T) {
		const body = `{"Body":"http://127.0.0.1/1/q"}`
		if got := bodyOf(t, ask(t, Options{}, callOf(t, "sqs:ReceiveMessage", "POST", "/", ""), ok(body))); got != body {
			t.Errorf("got %s", got)
		}
	})
}

func TestPagesOfOtherOrigins(t *testing.T) {
	for _, c := range []struct {
		name, operation, method string
		header                  []string
		status                  int
		origin                  string // Access-Control-Allow-Origin
	}{
		{"no page", "sqs:ListQueues", "POST", nil, 200, ""},
		{"a page of this machine", "sqs:ListQueues", "POST", []string{"Origin", "http://localhost:3000"}, 200, "http://localhost:3000"},
		{"a page by address", "sqs:ListQueues", "POST", []string{"Origin", "http://127.0.0.1:3000"}, 200, "http://127.0.0.1:3000"},
		{"a page that is named", "sqs:ListQueues", "POST", []string{"Origin", "https://app.example.com"}, 200, "https://app.example.com"},
		{"a stranger's page", "sqs:ListQueues", "POST", []string{"Origin", "https://evil.example.com"}, 403, ""},
		{"a stranger's link", "sqs:ListQueues", "GET", []string{"Referer", "https://evil.example.com/page"}, 403, ""},
		{"a link of this machine", "sqs:ListQueues", "GET", []string{"Referer", "http://localhost/page"}, 200, ""},
		{"a name that only looks local", "sqs:ListQueues", "POST", []string{"Origin", "http://localhost.evil.com"}, 403, ""},
		{"a preflight", "", "OPTIONS", []string{"Origin", "http://localhost:3000", "Access-Control-Request-Method", "POST"}, 204, "http://localhost:3000"},
		{"a stranger's preflight", "", "OPTIONS", []string{"Origin", "https://evil.example.com"}, 403, ""},
		{"a stranger's page and S3", "s3:GetObject", "GET", []string{"Origin", "https://evil.example.com"}, 200, ""},
		{"a local page and S3", "s3:GetObject", "GET", []string{"Origin", "http://localhost:3000"}, 200, "http://localhost:3000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			call := callOf(t, c.operation, c.method, "http://localhost:4566/x", "", c.header...)
			resp := ask(t, Options{Origins: []string{"https://app.example.com"}}, call, ok("x"))
			if resp.StatusCode != c.status || resp.Header.Get("Access-Control-Allow-Origin") != c.origin {
				t.Errorf("status %d, origin %q; want %d, %q", resp.StatusCode, resp.Header.Get("Access-Control-Allow-Origin"), c.status, c.origin)
			}
			if body := bodyOf(t, resp); c.status != 200 && body != "" {
				t.Errorf("body %q", body)
			}
		})
	}
	t.Run("headers that a preflight asks for", func(t *testing.T) {
		call := callOf(t, "", "OPTIONS", "/", "", "Origin", "http://localhost", "Access-Control-Request-Headers", "X-Amz-Target, x-amz-new",
			"Access-Control-Request-Private-Network", "true")
		h := ask(t, Options{}, call, nil).Header
		if got, want := h.Get("Access-Control-Allow-Headers"), corsHeaders+",x-amz-new"; got != want {
			t.Errorf("allowed %s, want %s", got, want)
		}
		if h.Get("Access-Control-Allow-Private-Network") != "true" || h.Get("Vary") != "Origin" || h.Get("Access-Control-Allow-Credentials") != "true" {
			t.Errorf("header %v", h)
		}
	})
	t.Run("what a backend says of other origins", func(t *testing.T) {
		answer := ok("x")
		answer.Header.Set("Access-Control-Allow-Origin", "*")
		answer.Header.Set("Access-Control-Allow-Headers", "everything")
		h := ask(t, Options{}, callOf(t, "ssm:GetParameter", "POST", "/", ""), answer).Header
		if h.Get("Access-Control-Allow-Origin") != "" || h.Get("Access-Control-Allow-Headers") != "" {
			t.Errorf("header %v", h)
		}
	})
	t.Run("S3 preflights", func(t *testing.T) {
		for _, s := range []struct {
			name   string
			answer *http.Response
			status int
			body   string
		}{
			{"of a bucket without rules", respond(403, "", "<Error><Message>CORSResponse: CORS is not enabled for this bucket.</Message></Error>"), 204, ""},
			{"of a backend that knows none", respond(501, "", "no"), 204, ""},
			{"that the rules refuse", respond(403, "", "<Error>This CORS request is not allowed.</Error>"), 403, "<Error>This CORS request is not allowed.</Error>"},
			{"that the rules allow", respond(200, "", ""), 200, ""},
		} {
			call := callOf(t, "s3:GetObject", "OPTIONS", "/b/k", "", "Origin", "http://localhost:3000")
			resp := ask(t, Options{}, call, s.answer)
			if got := bodyOf(t, resp); resp.StatusCode != s.status || got != s.body {
				t.Errorf("%s: %d %q, want %d %q", s.name, resp.StatusCode, got, s.status, s.body)
			}
		}
	})
}

func TestPages(t *testing.T) {
	resets := 0
	o := Options{
		Version:  "1.2.3",
		Services: func() map[string]string { return map[string]string{"sqs": "running"} },
		Reset:    func(context.Context) error { resets++; return nil },
		Stages: func() Stages {
			return Stages{Ready: true, Scripts: []Script{{Stage: "READY", Name: "a.sh", State: "SUCCESSFUL"}}}
		},
	}
	list := All(o)
	g := gateway.New(gateway.Config{Backends: func(context.Context, *aws.Service, string, string, string) (*images.Backend, error) {
		return nil, aws.NotImplemented(nil, "no backend")
	}})
	g.Use(list...)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string // a part of the answer
	}{
		{"GET", "/", "", 200, "localcloud 1.2.3 is running"},
		{"GET", "/_localcloud/status", "", 200, `"version":"1.2.3"`},
		{"POST", "/_localcloud/status", "", 405, ""},
		{"GET", "/_localstack/health", "", 200, `"services":{"sqs":"running"}`},
		{"HEAD", "/_localstack/health", "", 200, ""},
		{"PUT", "/_localstack/health", `{"features:initScripts":"initialized","mark":1}`, 200, `{"status":"OK"}`},
		{"GET", "/_localstack/health", "", 200, `"features":{"initScripts":"initialized"},"mark":1`},
		{"PUT", "/_localstack/health", `[1]`, 400, "invalid request"},
		{"POST", "/_localstack/health", "", 400, "invalid request"},
		{"POST", "/_localstack/health", `{"action":"other"}`, 200, "ok"},
		{"POST", "/_localstack/health", `[]`, 200, "ok"},
		{"POST", "/_localstack/health", `{"action":"kill"}`, 501, "no request ends"},
		{"DELETE", "/_localstack/health", "", 405, ""},
		{"GET", "/_localstack/info", "", 200, `"edition":"community"`},
		{"GET", "/_localstack/init", "", 200, `"completed":{"BOOT":false,"READY":true,"SHUTDOWN":false,"START":false}`},
		{"GET", "/_localstack/init/ready", "", 200, `{"completed":true,"scripts":[{"stage":"READY","name":"a.sh","state":"SUCCESSFUL"}]}`},
		{"GET", "/_localstack/init/BOOT", "", 200, `{"completed":false,"scripts":[]}`},
		{"GET", "/_localstack/init/lunch", "", 404, "no such stage lunch"},
		{"GET", "/_localstack/state/reset", "", 405, ""},
		{"POST", "/_localstack/state/reset", "", 200, ""},
	} {
		t.Run(c.method+" "+c.path+" "+c.body, func(t *testing.T) {
			resp, err := g.Do(context.Background(), callOf(t, "", c.method, c.path, c.body))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if got := bodyOf(t, resp); resp.StatusCode != c.status || !strings.Contains(got, c.want) {
				t.Errorf("%d %s, want %d %s", resp.StatusCode, got, c.status, c.want)
			}
		})
	}
	if resets != 1 {
		t.Errorf("%d resets", resets)
	}
}
