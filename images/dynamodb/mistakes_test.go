package dynamodb_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// mistakesTable is what the mistakes are made with: a table whose global index holds keys only.
const mistakesTable = `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST",
	"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],
	"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"N"},{"AttributeName":"g","AttributeType":"S"}],
	"GlobalSecondaryIndexes":[{"IndexName":"gsi","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}]}`

// failure is an error as a client receives it.
type failure struct {
	Type    string `json:"__type"`
	Message string `json:"message"`
}

func failureOf(text string) failure {
	var f failure
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		f.Message = text
	}
	_, f.Type, _ = strings.Cut(f.Type, "#")
	return f
}

// mistakes.json, which the conformance suite has too, holds wrong requests with the error that AWS answers. Each names where the
// text comes from: capture (recorded answers of AWS in the reference material), suite (answers of AWS
// asserted or recorded by the public dynamodb-conformance suite), dynalite (messages that dynalite's
// authors took from AWS), moto (likewise), local (answers of AWS's own DynamoDB Local 2.6.1). The
// expressions have a table of their own in the package expr.
func TestMistakes(t *testing.T) {
	data, err := os.ReadFile("../../test/conformance/dynamodb/mistakes.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Source, Operation, Code, Message string
		Body                             json.RawMessage
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 100 {
		t.Errorf("only %d mistakes", len(cases))
	}
	s := start(t, nil)
	s.must(t, "CreateTable", mistakesTable)
	for _, c := range cases {
		status, text := s.call(t, c.Operation, string(c.Body))
		got := failureOf(text)
		if status != 400 || got.Type != c.Code || got.Message != c.Message {
			t.Errorf("%s %.300s:\n got %d %s %q\nwant 400 %s %q", c.Operation, c.Body, status, got.Type, got.Message, c.Code, c.Message)
		}
	}
}

// What does not fit into a readable table.
func TestLargeMistakes(t *testing.T) {
	s := start(t, nil)
	s.must(t, "CreateTable", mistakesTable)
	long := strings.Repeat("a", 400*1024)
	nested := strings.Repeat(`{"L":[`, 32) + `{"S":"x"}` + strings.Repeat(`]}`, 32)
	deep := strings.Repeat(`{"L":[`, 50_000) + strings.Repeat(`]}`, 50_000)
	for _, c := range []struct{ operation, body, message string }{
		{"PutItem", `{"TableName":"tab","Item":{"pk":{"S":"a"},"sk":{"N":"1"},"v":{"S":"` + long + `"}}}`, "Item size has exceeded the maximum allowed size"},
		{"UpdateItem", `{"TableName":"tab","Key":{"pk":{"S":"a"},"sk":{"N":"1"}},"UpdateExpression":"SET a = :v","ExpressionAttributeValues":{":v":{"S":"` + long + `"}}}`,
			"Item size to update has exceeded the maximum allowed size"},
		{"PutItem", `{"TableName":"tab","Item":{"pk":{"S":"a"},"sk":{"N":"1"},"v":` + nested + `}}`,
			"Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"},
		{"PutItem", `{"TableName":"tab","Item":{"pk":{"S":"a"},"sk":{"N":"1"},"v":` + deep + `}}`, "The request body is nested too deeply"},
		{"PutItem", `{"TableName":"tab","Item":{"pk":{"S":"a"},"sk":{"N":"1"},"v":{"B":"%%%%"}}}`, "Invalid last non-pad Base64 character dectected"},
		{"PutItem", `{"TableName":"tab","Item":{"pk":`, ""},
		{"Query", `{"TableName":"tab","KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"` + long + `"}}}`,
			"One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"},
	} {
		status, text := s.call(t, c.operation, c.body)
		if got := failureOf(text); status != 400 || !strings.EqualFold(got.Message, c.message) {
			t.Errorf("%s %.80s: %d %.300s, want %q", c.operation, c.body, status, text, c.message)
		}
	}
}
