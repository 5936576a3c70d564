package sts

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"localcloud/gateway/aws"
	"localcloud/images"
)

func ask(t *testing.T, operation, principal, form string) (int, string) {
	t.Helper()
	backend, err := New(images.Env{})
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Close()
	service := aws.Lookup("sts")
	call := &aws.Call{Service: service, Operation: service.Operation(operation), Protocol: aws.Query,
		Account: "123456789012", Region: "us-east-1", Principal: principal, RequestID: "r"}
	req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form))
	resp, err := backend.RoundTrip(req.WithContext(aws.WithCall(req.Context(), call)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestGetCallerIdentity(t *testing.T) {
	for _, test := range []struct{ name, principal, arn, id string }{
		{"root", "arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:root", "<UserId>123456789012</UserId>"},
		{"nobody", "", "arn:aws:iam::123456789012:root", "<UserId>123456789012</UserId>"},
		{"user", "arn:aws:iam::123456789012:user/ada", "arn:aws:iam::123456789012:user/ada", "<UserId>AIDA"},
		{"session", "arn:aws:sts::123456789012:assumed-role/r/s", "arn:aws:sts::123456789012:assumed-role/r/s", ":s</UserId>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, body := ask(t, "GetCallerIdentity", test.principal, "Action=GetCallerIdentity&Version=2011-06-15")
			if status != 200 || !strings.Contains(body, "<Arn>"+test.arn+"</Arn>") || !strings.Contains(body, test.id) {
				t.Errorf("got %d %s", status, body)
			}
		})
	}
}

func TestGetAccessKeyInfo(t *testing.T) {
	for key, account := range map[string]string{
		"AKIARZPUZDIKGB2VALC4": "123456789012", "LSIAQAAAAAAVNCBMPNSG": "000000000042", "111111111111111111": "000000000000",
	} {
		if status, body := ask(t, "GetAccessKeyInfo", "", "AccessKeyId="+key); status != 200 || !strings.Contains(body, "<Account>"+account+"</Account>") {
			t.Errorf("%s: got %d %s, want %s", key, status, body, account)
		}
	}
	if status, body := ask(t, "GetAccessKeyInfo", "", "AccessKeyId=short"); status != 400 ||
		!strings.Contains(body, "Member must have length greater than or equal to 16") || !strings.Contains(body, "<Code>ValidationError</Code>") {
		t.Errorf("short key: got %d %s", status, body)
	}
}

func TestOthersAreRefused(t *testing.T) {
	if status, body := ask(t, "AssumeRole", "", "Action=AssumeRole"); status != 501 || !strings.Contains(body, "AssumeRole") {
		t.Errorf("got %d %s", status, body)
	}
}
