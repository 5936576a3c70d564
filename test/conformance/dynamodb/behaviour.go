package dynamodb

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// Behaviour is one thing that a backend must do: calls in order, on a table of its own.
type Behaviour struct {
	Name  string
	Table string // body of CreateTable without the name; "" for plainTable
	Steps []Step
}

// Step is one call. In bodies and wants $T stands for the table's name.
type Step struct {
	Operation, Body string
	// Want is JSON that the answer must contain: members of structures that are named must be equal,
	// lists must have the same elements in the same order, members that are null must be absent.
	Want string
	// Code is the error that the call must fail with, "" for success.
	Code string
}

// Tables of the behaviours.
const (
	plainTable = `"BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],
		"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"N"}]`
	indexedTable = `"BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],
		"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"N"},{"AttributeName":"g","AttributeType":"S"},{"AttributeName":"l","AttributeType":"S"}],
		"LocalSecondaryIndexes":[{"IndexName":"lsi","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"l","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}],
		"GlobalSecondaryIndexes":[{"IndexName":"gsi","KeySchema":[{"AttributeName":"g","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["p"]}}]`
)

// Check runs the behaviour.
func (b *Behaviour) Check(t *testing.T, c *Client) {
	name := unique("t")
	table := b.Table
	if table == "" {
		table = plainTable
	}
	c.table(t, `{"TableName":"`+name+`",`+table+`}`, name)
	for i, s := range b.Steps {
		fill := strings.NewReplacer("$T", name)
		a, err := c.Do(s.Operation, fill.Replace(s.Body))
		if err != nil {
			t.Fatal(err)
		}
		if a.Code != s.Code || (a.Status == 200) != (s.Code == "") {
			t.Fatalf("step %d, %s: %d %s %s, want %q", i+1, s.Operation, a.Status, a.Code, a.Message, s.Code)
		}
		if s.Want == "" {
			continue
		}
		var got, want any
		if err := json.Unmarshal([]byte(a.Body), &got); err != nil {
			t.Fatalf("step %d: %s: %v", i+1, a.Body, err)
		}
		if err := json.Unmarshal([]byte(fill.Replace(s.Want)), &want); err != nil {
			t.Fatalf("step %d: the wanted answer: %v", i+1, err)
		}
		if problem := contains(got, want, ""); problem != "" {
			t.Errorf("step %d, %s: %s\nin %s", i+1, s.Operation, problem, a.Body)
		}
	}
}

// contains says what of want is not in got; "" where all is. The members of sets may have any order.
func contains(got, want any, at string) string {
	switch want := want.(type) {
	case map[string]any:
		members, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s is %v", at, got)
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			value, there := members[name]
			if want[name] == nil && !there {
				continue
			}
			if name == "SS" || name == "NS" || name == "BS" {
				value, want[name] = sortedSet(value), sortedSet(want[name])
			}
			if problem := contains(value, want[name], at+"."+name); problem != "" {
				return problem
			}
		}
		return ""
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return fmt.Sprintf("%s is %v, want %v", at, got, want)
		}
		for i := range want {
			if problem := contains(list[i], want[i], fmt.Sprintf("%s[%d]", at, i)); problem != "" {
				return problem
			}
		}
		return ""
	}
	if got != want {
		return fmt.Sprintf("%s is %v, want %v", at, got, want)
	}
	return ""
}

func sortedSet(set any) any {
	list, ok := set.([]any)
	if !ok {
		return set
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return list
}
