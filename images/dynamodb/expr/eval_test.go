package expr

import (
	"testing"

	"localcloud/gateway/aws/wire"
	"localcloud/images/dynamodb/attr"
)

func item(t testing.TB, text string) attr.Map {
	t.Helper()
	s := wire.NewScanner([]byte(text), 100)
	var m attr.Map
	if m.DecodeJSON(s); s.Err() != nil || m.Problem() != "" {
		t.Fatalf("%s: %v %s", text, s.Err(), m.Problem())
	}
	return m
}

const testItem = `{"s":{"S":"héllo"},"n":{"N":"5"},"b":{"B":"AAE="},"l":{"L":[{"N":"1"},{"S":"x"}]},
	"m":{"M":{"k":{"S":"v"},"seq":{"L":[{"S":"e"}]}}},"ss":{"SS":["a","b"]},"ns":{"NS":["1","2"]},"t":{"BOOL":true},"z":{"NULL":true}}`

func TestConditions(t *testing.T) {
	it := item(t, testItem)
	values := item(t, `{":s":{"S":"héllo"},":h":{"S":"hé"},":n":{"N":"5.0"},":one":{"N":"1"},":nine":{"N":"9"},":a":{"S":"a"},
		":v":{"S":"v"},":type":{"S":"NS"},":t":{"BOOL":true},":x":{"S":"x"}}`)
	for _, tt := range []struct {
		text string
		want bool
	}{
		{"s = :s", true}, {"s <> :s", false}, {"n = :n", true}, {"n = :s", false}, {"n <> :s", true},
		{"nope = :s", false}, {"nope <> :s", true}, {"nope < :n", false}, {"NOT nope < :n", true},
		{"n BETWEEN :one AND :nine", true}, {"n IN (:one, :n)", true}, {"n > :one AND n < :nine", true},
		{"size(s) = :n", true}, {"size(l) > :one", true}, {"size(m) > :one", true}, {"size(n) = :n", false}, {"size(b) > :one", true},
		{"contains(s, :h)", true}, {"contains(ss, :a)", true}, {"contains(ns, :one)", true}, {"contains(l, :x)", true}, {"contains(n, :n)", false},
		{"begins_with(s, :h)", true}, {"begins_with(n, :h)", false},
		{"attribute_type(ns, :type)", true}, {"attribute_type(nope, :type)", false},
		{"attribute_exists(m.k)", true}, {"attribute_exists(m.nope)", false}, {"attribute_not_exists(l[5])", true},
		{"m.k = :v", true}, {"l[0] = :one", true}, {"m.seq[0] = :a", false},
		{"s = :a OR n = :n AND t = :t", true}, {"(s = :a OR n = :n) AND NOT t = :t", false},
	} {
		params := Params{values: values}
		c, err := ParseCondition(tt.text, &params)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if got := c.Holds(it); got != tt.want {
			t.Errorf("%s is %v, want %v", tt.text, got, tt.want)
		}
	}
}

func TestUpdates(t *testing.T) {
	values := item(t, `{":s":{"S":"new"},":n":{"N":"2"},":l":{"L":[{"S":"y"}]},":ss":{"SS":["b","c"]},":all":{"SS":["a","b"]},":big":{"N":"9e125"}}`)
	old := `{"n":{"N":"5"},"l":{"L":[{"N":"1"},{"S":"x"},{"N":"3"}]},"m":{"M":{"k":{"S":"v"}}},"ss":{"SS":["a","b"]}}`
	for _, tt := range []struct{ text, want string }{
		{"SET n = n + :n, o = n", `{"l":{"L":[{"N":"1"},{"S":"x"},{"N":"3"}]},"m":{"M":{"k":{"S":"v"}}},"n":{"N":"7"},"o":{"N":"5"},"ss":{"SS":["a","b"]}}`},
		{"REMOVE l[0], l[1], m, ss", `{"l":{"L":[{"N":"3"}]},"n":{"N":"5"}}`},
		{"SET l[9] = :n, l[7] = :s REMOVE m, ss", `{"l":{"L":[{"N":"1"},{"S":"x"},{"N":"3"},{"S":"new"},{"N":"2"}]},"n":{"N":"5"}}`},
		{"SET l = list_append(:l, l) REMOVE m, ss", `{"l":{"L":[{"S":"y"},{"N":"1"},{"S":"x"},{"N":"3"}]},"n":{"N":"5"}}`},
		{"ADD ss :ss, n :n, x :n REMOVE l, m", `{"n":{"N":"7"},"ss":{"SS":["a","b","c"]},"x":{"N":"2"}}`},
		{"DELETE ss :all REMOVE l, m", `{"n":{"N":"5"}}`},
		{"DELETE ss :ss, nope :ss REMOVE l, m", `{"n":{"N":"5"},"ss":{"SS":["a"]}}`},
		{"SET m.k = if_not_exists(m.k, :s), m.j = if_not_exists(nope, :s) REMOVE l, ss", `{"m":{"M":{"j":{"S":"new"},"k":{"S":"v"}}},"n":{"N":"5"}}`},
		{"REMOVE nope, l[9], m.nope, l, m", "overlap"},
		{"SET nope.a = :n", string(errPath)},
		{"SET l.a = :n", string(errPath)},
		{"SET a = nope", string(errNoAttribute)},
		{"SET a = l + :n", string(errOperandType)},
		{"ADD l :n", string(errOperandType)},
		{"SET n = :big + :big", attr.ProblemOverflow},
		{"SET n = :big + :n", attr.ProblemDigits},
	} {
		params := Params{values: values}
		u, err := ParseUpdate(tt.text, &params)
		if err != nil {
			if tt.want != "overlap" {
				t.Errorf("%s: %v", tt.text, err)
			}
			continue
		}
		got, err := u.Apply(item(t, old))
		text := string(got.AppendJSON(nil))
		if err != nil {
			text = err.Error()
		}
		if text != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.text, text, tt.want)
		}
	}
}

func TestUnused(t *testing.T) {
	params, err := NewParams(map[string]string{"#a": "a", "#b": "b"}, item(t, `{":a":{"S":"x"},":b":{"S":"y"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseCondition("#a = :a", &params); err != nil {
		t.Fatal(err)
	}
	want := Problem("Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}")
	if got := params.Unused(); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func BenchmarkCondition(b *testing.B) {
	it := item(b, testItem)
	values := item(b, `{":n":{"N":"5"},":s":{"S":"x"}}`)
	b.ReportAllocs()
	for b.Loop() {
		params := Params{values: values}
		c, err := ParseCondition("n = :n AND attribute_exists(m.k) AND s <> :s", &params)
		if err != nil || !c.Holds(it) {
			b.Fatal(err)
		}
	}
}
