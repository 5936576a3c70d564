package sns

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"localcloud/gateway"
	"localcloud/gateway/aws"
)

// posted is one message that an HTTP endpoint got.
type posted struct {
	header http.Header
	envelope
	body string
}

func endpoint(t *testing.T, status func(n int) int) (string, chan posted) {
	t.Helper()
	got := make(chan posted, 10)
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		p := posted{header: r.Header, body: string(content)}
		json.Unmarshal(content, &p.envelope)
		n++
		w.WriteHeader(status(n))
		got <- p
	}))
	t.Cleanup(server.Close)
	return server.URL + "/sns", got
}

func wait(t *testing.T, got chan posted) posted {
	t.Helper()
	select {
	case p := <-got:
		return p
	case <-time.After(10 * time.Second):
		t.Fatal("no message came")
		return posted{}
	}
}

func ok(int) int { return http.StatusOK }

func TestAnEndpointConfirmsBeforeItGetsMessages(t *testing.T) {
	c := newCloud()
	g := start(t, c)
	target, got := endpoint(t, ok)
	body, handled, err := do(t, g, "Subscribe", url.Values{"TopicArn": {topicARN}, "Protocol": {"http"}, "Endpoint": {target}})
	if err != nil || !handled || !strings.Contains(body, "pending confirmation") {
		t.Fatalf("Subscribe: %q, %v", body, err)
	}
	confirmation := wait(t, got)
	if confirmation.Type != "SubscriptionConfirmation" || confirmation.header.Get("X-Amz-Sns-Message-Type") != "SubscriptionConfirmation" {
		t.Fatalf("got %+v", confirmation)
	}
	verifySignature(t, g, &confirmation.envelope)
	publish(t, g, url.Values{"TopicArn": {topicARN}, "Message": {"too early"}})
	link, err := url.Parse(confirmation.SubscribeURL)
	if err != nil {
		t.Fatal(err)
	}
	if body, handled, err = do(t, g, "ConfirmSubscription", link.Query()); err != nil || !handled || !strings.Contains(body, topicARN+":") {
		t.Fatalf("ConfirmSubscription: %q, %v", body, err)
	}
	publish(t, g, url.Values{"TopicArn": {topicARN}, "Message": {"<in & time>"}})
	notification := wait(t, got)
	if notification.Message != "<in & time>" || notification.header.Get("X-Amz-Sns-Subscription-Arn") == "" {
		t.Errorf("got %+v", notification)
	}
	verifySignature(t, g, &notification.envelope)
}

// verifySignature follows "Verifying the signatures of Amazon SNS messages", with the certificate that
// the message names.
func verifySignature(t *testing.T, g *Glue, e *envelope) {
	t.Helper()
	u, err := url.Parse(e.SigningCertURL)
	if err != nil {
		t.Fatal(err)
	}
	call := &gateway.Call{Call: aws.Call{Service: aws.Lookup("sns"), Path: u.Path}, Request: httptest.NewRequest("GET", u.Path, nil)}
	resp, err := g.ForwardRequest(t.Context(), call)
	if err != nil || resp == nil {
		t.Fatalf("no certificate at %s: %v", u.Path, err)
	}
	content, _ := io.ReadAll(resp.Body)
	block, _ := pem.Decode(content)
	if block == nil {
		t.Fatalf("no certificate in %q", content)
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := base64.StdEncoding.DecodeString(e.Signature)
	if err != nil {
		t.Fatal(err)
	}
	hash, sum := crypto.SHA1, sha1.Sum([]byte(e.signed()))
	digest := sum[:]
	if e.SignatureVersion == "2" {
		strong := sha256.Sum256([]byte(e.signed()))
		hash, digest = crypto.SHA256, strong[:]
	}
	if err := rsa.VerifyPKCS1v15(certificate.PublicKey.(*rsa.PublicKey), hash, digest, signature); err != nil {
		t.Errorf("%s: %v", e.Type, err)
	}
}

func TestAnEndpointThatFailsIsTriedAgain(t *testing.T) {
	c := newCloud()
	target, got := endpoint(t, func(n int) int {
		if n < 3 {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	})
	c.topics[topicARN]["SignatureVersion"] = "2"
	c.subscribe(topicARN, "http", target, map[string]string{"DeliveryPolicy": `{"healthyRetryPolicy":{"numRetries":3,"minDelayTarget":0,"maxDelayTarget":0}}`})
	g := start(t, c)
	publish(t, g, url.Values{"TopicArn": {topicARN}, "Message": {"x"}})
	for range 3 {
		p := wait(t, got)
		verifySignature(t, g, &p.envelope)
	}
	flush(t, g)
	if counts := g.Counts(); counts.Delivered != 1 {
		t.Errorf("got %+v", counts)
	}
}

func TestRawMessagesKeepTheirBytes(t *testing.T) {
	c := newCloud()
	target, got := endpoint(t, ok)
	c.subscribe(topicARN, "http", target, map[string]string{"RawMessageDelivery": "true"})
	g := start(t, c)
	publish(t, g, url.Values{"TopicArn": {topicARN}, "Message": {"just this"}})
	if p := wait(t, got); p.body != "just this" || p.header.Get("X-Amz-Sns-Rawdelivery") != "true" {
		t.Errorf("got %q with %v", p.body, p.header)
	}
}

func TestTelephonesAndMailboxesCanBeLookedInto(t *testing.T) {
	c := newCloud()
	c.subscribe(topicARN, "sms", "+15550100", nil)
	c.subscribe(topicARN, "email", "a@example.com", nil)
	g := start(t, c)
	publish(t, g, url.Values{"TopicArn": {topicARN}, "Message": {`{"default":"d","sms":"short"}`}, "MessageStructure": {"json"}})
	publish(t, g, url.Values{"PhoneNumber": {"+15550101"}, "Message": {"direct"}})
	flush(t, g)
	for path, want := range map[string][]string{
		"/_aws/sns/sms-messages":                          {`"+15550100"`, `"short"`, `"+15550101"`, `"direct"`},
		"/_aws/sns/email-messages":                        {`"a@example.com"`, `"d"`},
		"/_aws/sns/sms-messages?phoneNumber=%2B15550101":  {`"direct"`},
		"/_aws/sns/sms-messages?region=eu-west-1":         {`"sms_messages":{}`},
		"/_aws/sns/platform-endpoint-messages?accountId=": {`"platform_endpoint_messages":{}`},
	} {
		req := httptest.NewRequest("GET", path, nil)
		call := &gateway.Call{Call: aws.Call{Service: aws.Lookup("sns"), Path: req.URL.Path}, Request: req}
		resp, err := g.ForwardRequest(t.Context(), call)
		if err != nil || resp == nil {
			t.Fatalf("%s: %v", path, err)
		}
		content, _ := io.ReadAll(resp.Body)
		for _, part := range want {
			if !strings.Contains(string(content), part) {
				t.Errorf("%s: got %s, want %s in it", path, content, part)
			}
		}
	}
}

func TestRetryPolicy(t *testing.T) {
	p := retryPolicy{NumRetries: 5, NumNoDelayRetries: 1, NumMinDelayRetries: 1, NumMaxDelayRetries: 1, MinDelayTarget: 2, MaxDelayTarget: 8, BackoffFunction: "linear"}
	for n, want := range []time.Duration{0, 0, 2 * time.Second, 4 * time.Second, 6 * time.Second, 8 * time.Second} {
		if n == 0 {
			continue
		}
		if got, ok := p.wait(n); !ok || got != want {
			t.Errorf("repetition %d: got %v, want %v", n, got, want)
		}
	}
	if _, ok := p.wait(6); ok {
		t.Error("a sixth repetition is made")
	}
}
