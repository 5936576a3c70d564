package sqs

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"localcloud/gateway/aws"
	"localcloud/images"
)

// TestEveryOperation calls every operation of the model and compares with what the documentation says.
func TestEveryOperation(t *testing.T) {
	text, err := os.ReadFile("../../docs/sqs.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := make(map[string]string)
	for _, row := range regexp.MustCompile(`(?m)^\| ([A-Z]\w+) \| ([\w ]+) \|`).FindAllStringSubmatch(string(text), -1) {
		documented[row[1]] = row[2]
	}
	b, _ := start(t, images.Env{})
	service := aws.Lookup("sqs")
	for _, op := range service.Operations() {
		call := *aws.CallFrom(owner)
		call.Operation = op
		req, err := http.NewRequestWithContext(aws.WithCall(t.Context(), &call), http.MethodPost, "http://localhost/", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := b.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		performed := resp.StatusCode != http.StatusNotImplemented
		if state := documented[op.Name]; state == "" || performed != (state != "501") {
			t.Errorf("%s is documented as %q and answers with %d: %s", op.Name, state, resp.StatusCode, body)
		}
		if resp.StatusCode >= 500 && performed {
			t.Errorf("%s fails without parameters: %d %s", op.Name, resp.StatusCode, body)
		}
		delete(documented, op.Name)
	}
	for name := range documented {
		t.Errorf("%s is documented and does not exist", name)
	}
}
