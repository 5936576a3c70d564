package dynamodb_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"localcloud/gateway/aws"
)

// call makes one call on the backend without a socket and returns status and body.
func (s *server) call(t testing.TB, operation, body string) (int, string) {
	t.Helper()
	r := request(operation, body)
	resp, err := s.backend.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// must is call for what has to succeed.
func (s *server) must(t testing.TB, operation, body string) string {
	t.Helper()
	status, text := s.call(t, operation, body)
	if status != http.StatusOK {
		t.Fatalf("%s %s: %d %s", operation, body, status, text)
	}
	return text
}

func request(operation, body string) *http.Request {
	target := "DynamoDB_20120810."
	switch operation {
	case "ListStreams", "DescribeStream", "GetShardIterator", "GetRecords":
		target = "DynamoDBStreams_20120810."
	}
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", target+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	return r.WithContext(aws.WithCall(r.Context(), callOf(r)))
}

const benchTable = `{"TableName":"bench","BillingMode":"PAY_PER_REQUEST",
	"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],
	"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"}]}`

// BenchmarkCalls measures calls without a socket; the number in the name is how many items there are.
func BenchmarkCalls(b *testing.B) {
	for _, items := range []int{1000, 100_000} {
		s := start(b, nil)
		s.must(b, "CreateTable", benchTable)
		item := func(i int) string {
			return fmt.Sprintf(`{"pk":{"S":"user-%d"},"sk":{"S":"order-%d"},"n":{"N":"%d"},"name":{"S":"some name of a thing"}}`, i/10, i%10, i)
		}
		for i := 0; i < items; i += 25 {
			var puts []string
			for j := i; j < i+25; j++ {
				puts = append(puts, `{"PutRequest":{"Item":`+item(j)+`}}`)
			}
			s.must(b, "BatchWriteItem", `{"RequestItems":{"bench":[`+strings.Join(puts, ",")+`]}}`)
		}
		for _, c := range []struct{ name, operation, body string }{
			{"GetItem", "GetItem", `{"TableName":"bench","Key":{"pk":{"S":"user-7"},"sk":{"S":"order-7"}}}`},
			{"PutItem", "PutItem", `{"TableName":"bench","Item":` + item(78) + `}`},
			{"Query10", "Query", `{"TableName":"bench","KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"user-9"}}}`},
			{"UpdateItem", "UpdateItem", `{"TableName":"bench","Key":{"pk":{"S":"user-7"},"sk":{"S":"order-6"}},"UpdateExpression":"SET n = n + :one","ConditionExpression":"attribute_exists(pk)","ExpressionAttributeValues":{":one":{"N":"1"}}}`},
		} {
			b.Run(fmt.Sprintf("%s/%d", c.name, items), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					s.must(b, c.operation, c.body)
				}
			})
		}
	}
}
