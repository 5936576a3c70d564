package expr

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"localcloud/images/dynamodb/attr"
)

// testValues are the values that the expressions of the tests use.
var testValues = []attr.Pair{
	{Name: ":a", Value: attr.Str("x")}, {Name: ":n", Value: attr.Num(attr.Int(1))}, {Name: ":m", Value: attr.Num(attr.Int(5))},
	{Name: ":l", Value: attr.List()}, {Name: ":bool", Value: attr.Boolean(true)}, {Name: ":ss", Value: attr.Set(attr.SS, []string{"a"})},
	{Name: ":t", Value: attr.Str("Q")}, {Name: ":map", Value: attr.Empty.Value()}, {Name: ":e", Value: attr.Str("")},
	{Name: ":ns", Value: attr.Set(attr.NS, []string{string(attr.Int(1))})},
}

// used are the test values that a text mentions, "" for none.
func used(text string) attr.Map {
	var pairs []attr.Pair
	for _, p := range testValues {
		for _, t := range lex(text) {
			if t.text == p.Name {
				pairs = append(pairs, p)
				break
			}
		}
	}
	if len(pairs) == 0 {
		return ""
	}
	return attr.MapOf(pairs...)
}

// compile compiles a text as the parameter of that name and returns the whole message, "" for none.
func compile(kind, text string) string {
	values := used(text)
	if kind == "ProjectionExpression" {
		values = ""
	}
	params, err := NewParams(nil, values)
	if err != nil {
		return err.Error()
	}
	whole := false
	switch kind {
	case "UpdateExpression":
		_, err = ParseUpdate(text, &params)
	case "ProjectionExpression":
		_, err = ParseProjection(text, &params)
	case "KeyConditionExpression":
		var c *Condition
		if c, err = ParseCondition(text, &params); err == nil {
			_, err = c.KeyConditions()
			whole = true
		}
	default:
		_, err = ParseCondition(text, &params)
	}
	switch {
	case err == nil:
		return ""
	case whole:
		return err.Error()
	}
	return "Invalid " + kind + ": " + err.Error()
}

// testdata/messages.json holds what AWS's own DynamoDB Local 2.6.1 answers to each expression, with
// what it answers otherwise than the service (type names of attribute_type, conditions on nested key
// attributes) as public recordings of the service have it.
func TestMessages(t *testing.T) {
	data, err := os.ReadFile("testdata/messages.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct{ Kind, Text, Message string }
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if got := compile(c.Kind, c.Text); got != c.Message {
			t.Errorf("%s %q:\n got %q\nwant %q", c.Kind, c.Text, got, c.Message)
		}
	}
}

func TestDeepExpressions(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("(", 2000) + "a = :a" + strings.Repeat(")", 2000),
		strings.Repeat("NOT ", 1000) + "a = :a",
		strings.Repeat("a = :a OR ", 400) + "a = :a",
		strings.Repeat("size(", 700) + "a" + strings.Repeat(")", 700),
		"a = :a" + strings.Repeat(" ", 5000),
	} {
		if got := compile("ConditionExpression", text); got == "" {
			t.Errorf("an expression of %d bytes is accepted", len(text))
		}
	}
}
