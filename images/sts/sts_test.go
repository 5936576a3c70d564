package sts

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"localcloud/gateway/aws"
	"localcloud/images"
	"localcloud/internal/clock"
)

func ask(t *testing.T, operation, principal, form string) (int, string) {
	t.Helper()
	backend, err := New(images.Env{})
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Close()
	return askAs(t, backend, operation, principal, "", form)
}

func askAs(t *testing.T, backend images.Native, operation, principal, key, form string) (int, string) {
	t.Helper()
	service := aws.Lookup("sts")
	call := &aws.Call{Service: service, Operation: service.Operation(operation), Protocol: aws.Query,
		Account: "123456789012", Region: "us-east-1", Principal: principal, AccessKey: key, RequestID: "r"}
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

func between(text, before, after string) string {
	_, rest, _ := strings.Cut(text, before)
	found, _, _ := strings.Cut(rest, after)
	return found
}

func TestTheKeysOfASessionAreItsOwn(t *testing.T) {
	for _, test := range []struct{ name, operation, form, account, arn, id string }{
		{"a role of another account", "AssumeRole", "RoleArn=arn:aws:iam::000000000042:role/path/reader&RoleSessionName=me", "000000000042", "arn:aws:sts::000000000042:assumed-role/reader/me", ":me</UserId>"},
		{"a role of an odd account", "AssumeRole", "RoleArn=arn:aws:iam::999999999999:role/r&RoleSessionName=me", "999999999999", "arn:aws:sts::999999999999:assumed-role/r/me", ":me</UserId>"},
		{"the caller", "GetSessionToken", "", "123456789012", "arn:aws:iam::123456789012:user/ada", "<UserId>AIDA"},
		{"a federated user", "GetFederationToken", "Name=guest", "123456789012", "arn:aws:sts::123456789012:federated-user/guest", "<UserId>123456789012:guest</UserId>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var c clock.Clock
			backend, err := New(images.Env{Clock: &c})
			if err != nil {
				t.Fatal(err)
			}
			defer backend.Close()
			status, body := askAs(t, backend, test.operation, "arn:aws:iam::123456789012:user/ada", "test", test.form)
			key := between(body, "<AccessKeyId>", "</AccessKeyId>")
			if status != 200 || keyAccount(key) != test.account || len(key) != 20 {
				t.Fatalf("got %d %s", status, body)
			}
			status, body = askAs(t, backend, "GetCallerIdentity", "", key, "")
			if status != 200 || !strings.Contains(body, "<Arn>"+test.arn+"</Arn>") || !strings.Contains(body, test.id) {
				t.Errorf("with its keys: got %d %s", status, body)
			}
			c.Advance(13 * time.Hour)
			if status, body = askAs(t, backend, "GetCallerIdentity", "", key, ""); status != 403 || !strings.Contains(body, "<Code>ExpiredToken</Code>") {
				t.Errorf("after its end: got %d %s", status, body)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		name, operation, form string
		status                int
		want                  string
	}{
		{"an ARN that is no role's", "AssumeRole", "RoleArn=arn:aws:iam::123456789012:user/ada&RoleSessionName=me", 400, "<Code>ValidationError</Code>"},
		{"an account that is none", "AssumeRole", "RoleArn=arn:aws:iam::12345678901x:role/r&RoleSessionName=me", 400, "<Code>ValidationError</Code>"},
		{"no name of the session", "AssumeRole", "RoleArn=arn:aws:iam::123456789012:role/r", 400, "<Code>ValidationError</Code>"},
		{"too short a session", "AssumeRole", "RoleArn=arn:aws:iam::123456789012:role/r&RoleSessionName=me&DurationSeconds=60", 400, "<Code>ValidationError</Code>"},
		{"a second factor", "GetSessionToken", "SerialNumber=123456789&TokenCode=123456", 501, "multi-factor"},
		{"a token of somebody else", "AssumeRoleWithWebIdentity", "", 501, "AssumeRoleWithWebIdentity"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if status, body := ask(t, test.operation, "", test.form); status != test.status || !strings.Contains(body, test.want) {
				t.Errorf("got %d %s", status, body)
			}
		})
	}
}
