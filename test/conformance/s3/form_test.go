package s3_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/multipart"
	"strings"
	"testing"
	"time"
)

// form is a browser form with these fields, the file last.
func form(t *testing.T, filename, content string, fields ...string) (body, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", filename)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

func policyOf(valid time.Duration, conditions string) string {
	expires := time.Now().Add(valid).UTC().Format("2006-01-02T15:04:05.000Z")
	return base64.StdEncoding.EncodeToString([]byte(fmt.Sprintf(`{"expiration":%q,"conditions":[%s]}`, expires, conditions)))
}

// TestForms uploads by browser forms.
func TestForms(t *testing.T) {
	url := start(t)
	c := client(url)
	bucket := newBucket(t, c, "forms")
	signed := []string{"x-amz-algorithm", "AWS4-HMAC-SHA256", "x-amz-credential", "000000000000/20260101/us-east-1/s3/aws4_request",
		"x-amz-date", time.Now().UTC().Format("20060102T150405Z"), "x-amz-signature", "00"}
	standard := `{"bucket":"forms"},["starts-with","$key","up/"],["starts-with","$x-amz-algorithm",""],["starts-with","$x-amz-credential",""],["starts-with","$x-amz-date",""]`
	post := func(filename, content string, fields ...string) reply {
		t.Helper()
		body, contentType := form(t, filename, content, fields...)
		return send(t, "POST", url+"/"+bucket, body, "Content-Type", contentType, "Authorization", "")
	}
	with := func(more ...string) []string { return append(append([]string{}, signed...), more...) }

	for _, test := range []struct {
		name, filename, content string
		fields                  []string
		status                  int
		text                    string
	}{
		{"default", "a.txt", "hello", with("key", "up/${filename}", "policy", policyOf(time.Hour, standard)), 204, ""},
		{"status 201", "b.txt", "hello", with("key", "up/b", "success_action_status", "201", "policy", policyOf(time.Hour, standard+`,{"success_action_status":"201"}`)), 201, "<Key>up/b</Key>"},
		{"extra field", "b.txt", "x", with("key", "up/b", "x-amz-meta-a", "b", "policy", policyOf(time.Hour, standard)), 403, "Extra input fields: x-amz-meta-a"},
		{"metadata", "m.txt", "x", with("key", "up/m", "x-amz-meta-a", "b", "Content-Type", "text/plain", "policy",
			policyOf(time.Hour, standard+`,{"x-amz-meta-a":"b"},["starts-with","$Content-Type","text/"]`)), 204, ""},
		{"wrong key", "b.txt", "x", with("key", "down/b", "policy", policyOf(time.Hour, standard)), 403, `[&#34;starts-with&#34;, &#34;$key&#34;, &#34;up/&#34;]`},
		{"too long", "b.txt", "0123456789", with("key", "up/l", "policy", policyOf(time.Hour, standard+`,["content-length-range",1,5]`)), 400, "EntityTooLarge"},
		{"too short", "b.txt", "0", with("key", "up/l", "policy", policyOf(time.Hour, standard+`,["content-length-range",5,10]`)), 400, "EntityTooSmall"},
		{"expired", "b.txt", "0", with("key", "up/l", "policy", policyOf(-time.Hour, standard)), 403, "Policy expired."},
		{"no policy", "b.txt", "0", []string{"key", "up/l"}, 403, "AccessDenied"},
		{"no key", "b.txt", "0", with("policy", policyOf(time.Hour, standard)), 400, "Bucket POST must contain a field named"},
		{"no signature", "b.txt", "0", []string{"key", "up/l", "x-amz-algorithm", "AWS4-HMAC-SHA256", "policy", policyOf(time.Hour, standard)}, 400, "X-Amz-Credential"},
		{"bad policy", "b.txt", "0", with("key", "up/l", "policy", "e30="), 400, "InvalidPolicyDocument"},
	} {
		t.Run(test.name, func(t *testing.T) {
			post(test.filename, test.content, test.fields...).want(t, test.status, test.text)
		})
	}
	t.Run("what was stored", func(t *testing.T) {
		send(t, "GET", url+"/forms/up/a.txt", "").want(t, 200, "hello")
		r := send(t, "HEAD", url+"/forms/up/m", "")
		if r.header.Get("X-Amz-Meta-A") != "b" || r.header.Get("Content-Type") != "text/plain" {
			t.Errorf("headers %v", r.header)
		}
		send(t, "GET", url+"/forms/up/l", "").want(t, 404, "NoSuchKey")
	})
	t.Run("redirect", func(t *testing.T) {
		r := post("r.txt", "hello", with("key", "up/r", "success_action_redirect", "http://example.test/done?x=1",
			"policy", policyOf(time.Hour, standard+`,["starts-with","$success_action_redirect",""]`))...)
		if to := r.header.Get("Location"); r.status != 303 || !strings.HasPrefix(to, "http://example.test/done?") || !strings.Contains(to, "bucket=forms") {
			t.Errorf("%d to %s", r.status, to)
		}
	})
	t.Run("no form", func(t *testing.T) {
		send(t, "POST", url+"/forms", "x", "Content-Type", "multipart/form-data").want(t, 412, "Bucket POST must be of the enclosure-type")
	})
}
