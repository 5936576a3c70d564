// Package steps runs conformance suites that are written as tables: calls one after another, each with
// what its answer must hold. A service whose suite it is has a folder beside this one.
package steps

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Suite is the suite of one service.
type Suite struct {
	Service string // of the credential scope
	Target  string // of X-Amz-Target ("TrentService"); "" for the query protocol
	JSON    string // version of the JSON protocol: "1.0" or "1.1"
	Version string // of the API, for the query protocol
	Steps   []Step
}

// Step is one call. {run} in its input stands for a word of this run, {name} for what an earlier step
// has saved.
type Step struct {
	Name      string
	Operation string
	In        string   // a JSON object, or a form
	Code      string   // of the error that is to come; "" for success
	Want      []string // texts that the answer holds, without spaces between the tokens of JSON
	Not       []string // texts that it does not hold
	Save      map[string]string
	// Account calls as another account than the suite's.
	Account string
	// Until repeats the call for some seconds until the answer is right.
	Until bool
}

// Account and region of the suites.
const (
	Account = "111122223333"
	Region  = "eu-west-1"
)

// Endpoint is the endpoint that the environment names; without one the test is skipped.
func Endpoint(t *testing.T) string {
	t.Helper()
	url := os.Getenv("CONFORMANCE_ENDPOINT")
	if url == "" {
		t.Skip("CONFORMANCE_ENDPOINT names no endpoint")
	}
	return url
}

// Run runs the suite against an endpoint.
func (s *Suite) Run(t *testing.T, endpoint string) {
	var raw [4]byte
	_, _ = rand.Read(raw[:]) // never fails
	saved := map[string]string{"run": hex.EncodeToString(raw[:]), "account": Account, "region": Region}
	for _, step := range s.Steps {
		t.Run(step.Name, func(t *testing.T) {
			deadline := time.Now().Add(10 * time.Second)
			for {
				err := s.try(endpoint, &step, saved)
				if err == nil {
					return
				}
				if !step.Until || time.Now().After(deadline) {
					t.Fatal(err)
				}
				time.Sleep(200 * time.Millisecond)
			}
		})
	}
}

// try makes the call of a step and compares its answer.
func (s *Suite) try(endpoint string, step *Step, saved map[string]string) error {
	status, body, err := s.call(endpoint, step, saved)
	if err != nil {
		return err
	}
	got := fmt.Sprintf("%s answers %d %.500s", step.Operation, status, body)
	if failed := status != http.StatusOK; failed != (step.Code != "") {
		return fmt.Errorf("%s, want %q", got, step.Code)
	}
	if !strings.Contains(body, step.Code) {
		return fmt.Errorf("%s, want %q", got, step.Code)
	}
	for _, text := range step.Want {
		if text = filled(text, saved); !strings.Contains(body, text) {
			return fmt.Errorf("%s, want %s in it", got, text)
		}
	}
	for _, text := range step.Not {
		if text = filled(text, saved); strings.Contains(body, text) {
			return fmt.Errorf("%s, want no %s in it", got, text)
		}
	}
	for name, pattern := range step.Save {
		found := regexp.MustCompile(pattern).FindStringSubmatch(body)
		if found == nil {
			return fmt.Errorf("%s, want %s in it", got, pattern)
		}
		saved[name] = found[1]
	}
	return nil
}

func (s *Suite) call(endpoint string, step *Step, saved map[string]string) (status int, body string, err error) {
	in := filled(step.In, saved)
	if s.Target == "" {
		in = "Action=" + step.Operation + "&Version=" + s.Version + "&" + in
	} else if in == "" {
		in = "{}"
	}
	req, err := http.NewRequest(http.MethodPost, endpoint+"/", strings.NewReader(in))
	if err != nil {
		return 0, "", err
	}
	account := step.Account
	if account == "" {
		account = Account
	}
	now := time.Now().UTC()
	req.Header.Set("X-Amz-Date", now.Format("20060102T150405Z"))
	req.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s/%s/%s/aws4_request, SignedHeaders=host;x-amz-date, Signature=%064d",
		account, now.Format("20060102"), Region, s.Service, 0))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	if s.Target != "" {
		req.Header.Set("Content-Type", "application/x-amz-json-"+s.JSON)
		req.Header.Set("X-Amz-Target", s.Target+"."+step.Operation)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, "", err
	}
	var compact bytes.Buffer
	if s.Target != "" && json.Compact(&compact, raw) == nil {
		raw = compact.Bytes()
	}
	return resp.StatusCode, string(raw), nil
}

// filled puts what was saved into a text.
func filled(text string, saved map[string]string) string {
	for name, value := range saved {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}
