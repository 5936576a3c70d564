package dynamodb

import (
	"encoding/json"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Client calls one endpoint, without an SDK between.
type Client struct{ Endpoint }

// Answer is what came back: a body, and of an error its code and message.
type Answer struct {
	Status        int
	Body          string
	Code, Message string
}

// Do calls an operation.
func (c *Client) Do(operation, body string) (Answer, error) {
	target := "DynamoDB_20120810."
	switch operation {
	case "ListStreams", "DescribeStream", "GetShardIterator", "GetRecords":
		target = "DynamoDBStreams_20120810."
	}
	req, err := http.NewRequest("POST", c.URL, strings.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", target+operation)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/"+c.Region+
		"/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return Answer{}, err
	}
	return answerOf(resp, text), nil
}

func answerOf(resp *http.Response, text []byte) Answer {
	a := Answer{Status: resp.StatusCode, Body: string(text)}
	if sum := resp.Header.Get("X-Amz-Crc32"); sum != "" && sum != strconv.FormatUint(uint64(crc32.ChecksumIEEE(text)), 10) {
		a.Status, a.Message = 0, "x-amz-crc32 does not fit the body"
		return a
	}
	if a.Status == http.StatusOK {
		return a
	}
	var failure struct {
		Type     string `json:"__type"`
		Message  string `json:"message"`
		Message2 string `json:"Message"`
	}
	if json.Unmarshal(text, &failure) == nil {
		a.Code, a.Message = failure.Type, failure.Message+failure.Message2
		if i := strings.IndexByte(a.Code, '#'); i >= 0 {
			a.Code = a.Code[i+1:]
		}
		if failure.Message2 == failure.Message {
			a.Message = failure.Message
		}
	}
	return a
}

// must is Do for a call that has to succeed.
func (c *Client) must(t *testing.T, operation, body string) string {
	t.Helper()
	a, err := c.Do(operation, body)
	if err != nil {
		t.Fatal(err)
	}
	if a.Status != http.StatusOK {
		t.Fatalf("%s %.300s: %d %s %s", operation, body, a.Status, a.Code, a.Message)
	}
	return a.Body
}

// table makes a table for one test and waits until it is active.
func (c *Client) table(t *testing.T, body, name string) {
	t.Helper()
	c.must(t, "CreateTable", body)
	t.Cleanup(func() { _, _ = c.Do("DeleteTable", `{"TableName":"`+name+`"}`) }) // the test may have deleted it
	deadline := time.Now().Add(time.Minute)
	for !strings.Contains(c.must(t, "DescribeTable", `{"TableName":"`+name+`"}`), `"TableStatus":"ACTIVE"`) {
		if time.Now().After(deadline) {
			t.Fatal("the table does not become active")
		}
		time.Sleep(100 * time.Millisecond) // the API has nothing to wait with
	}
}
