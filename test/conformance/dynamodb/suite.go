// Package dynamodb holds what a DynamoDB backend must do for its clients: a suite that speaks AWS JSON
// 1.0, runs against any endpoint, and compares errors with those of AWS.
//
// mistakes.json is the table of errors, client.go speaks the protocol; one more behaviour is an entry
// in Behaviours (behaviours.go, behaviours_index.go, behaviours_write.go): calls with what their
// answers must contain.
package dynamodb

import (
	"crypto/rand"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Endpoint is where the suite runs.
type Endpoint struct {
	URL    string
	Region string
}

// Run runs the whole suite.
func Run(t *testing.T, e Endpoint) {
	c := &Client{Endpoint: e}
	t.Run("errors", func(t *testing.T) { Mistakes(t, c) })
	for _, b := range slices.Concat(Behaviours, indexBehaviours, writeBehaviours) {
		t.Run(b.Name, func(t *testing.T) { b.Check(t, c) })
	}
}

// unique makes the names of tables different in every run.
func unique(name string) string {
	var raw [4]byte
	_, _ = rand.Read(raw[:]) // never fails
	return "suite-" + hex.EncodeToString(raw[:]) + "-" + name
}

//go:embed mistakes.json
var mistakesText []byte

// mistake is a wrong request and the error that AWS answers. Source says where the text comes from:
// capture (recorded answers of AWS), suite (the public dynamodb-conformance suite, recorded from AWS),
// dynalite and moto (taken from AWS by their authors), local (AWS's own DynamoDB Local).
type mistake struct {
	Source, Operation, Code, Message string
	Body                             json.RawMessage
}

const mistakesTable = `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST",
	"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],
	"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"N"},{"AttributeName":"g","AttributeType":"S"}],
	"GlobalSecondaryIndexes":[{"IndexName":"gsi","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}]}`

var tableName = regexp.MustCompile(`\btab\b`)

// Mistakes makes every wrong request of the table and compares the errors.
func Mistakes(t *testing.T, c *Client) {
	var list []mistake
	if err := json.Unmarshal(mistakesText, &list); err != nil {
		t.Fatal(err)
	}
	name := unique("tab")
	named := func(text string) string { return tableName.ReplaceAllString(text, name) }
	quoted := func(text string) string { // PartiQL takes a name with dashes in quotes only
		return strings.NewReplacer("FROM "+name, `FROM \"`+name+`\"`, "UPDATE "+name, `UPDATE \"`+name+`\"`).Replace(named(text))
	}
	c.table(t, named(mistakesTable), name)
	for _, m := range list {
		got, err := c.Do(m.Operation, quoted(string(m.Body)))
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != 400 || got.Code != m.Code || got.Message != named(m.Message) {
			t.Errorf("%s %.200s:\n got %d %s %q\nwant 400 %s %q", m.Operation, m.Body, got.Status, got.Code, got.Message, m.Code, named(m.Message))
		}
	}
}
