package pattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// testdata/refused.json holds filter policies with the messages that AWS refused them with.
func TestRefusedAsAWSDoes(t *testing.T) {
	content, err := os.ReadFile("testdata/refused.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct{ Policy, Error string }
	if err := json.Unmarshal(content, &cases); err != nil {
		t.Fatal(err)
	}
	for _, test := range cases {
		t.Run(test.Policy, func(t *testing.T) {
			_, err := Compile(test.Policy, SNSBody)
			if err == nil {
				t.Fatalf("it is taken, want %q", test.Error)
			}
			if got := err.Error(); got != test.Error {
				t.Errorf("got  %s\nwant %s", got, test.Error)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat(`"x",`, 151), ",")
	for _, test := range []struct {
		name, text string
		dialect    Dialect
		want       string
	}{
		{"no slash in a CIDR", `{"key":[{"cidr":"bad-filter"}]}`, SNSBody, "Malformed CIDR, one '/' required"},
		{"no address in a CIDR", `{"key":[{"cidr":"bad-filter/64"}]}`, SNSBody, "Nonstandard IP address: bad-filter"},
		{"no number in a CIDR", `{"key":[{"cidr":"10.0.0.0/xx"}]}`, SNSBody, "Malformed CIDR, mask bits must be an integer"},
		{"too many values", `{"key":[` + many + `]}`, SNSBody, "Filter policy is too complex"},
		{"too many keys", `{"a":["x"],"b":["x"],"c":["x"],"d":["x"],"e":["x"],"f":["x"]}`, SNSBody, "Filter policy can not have more than 5 keys"},
		{"too many combinations below other keys", `{"a":{"b":{"c":["1","2","3","4"]}},"d":{"e":["1","2","3"]},"f":["1","2","3"]}`, SNSBody, "Filter policy is too complex"},
		{"nesting in attributes", `{"a":{"b":["x"]}}`, SNSAttributes, "Filter policy scope MessageAttributes does not support nested filter policy"},
		{"an unquoted name", `{invalid`, SNSBody, "failed to parse JSON. Unexpected character ('i' (code 105)): was expecting double-quote to start field name"},
		{"a bare word", `invalid`, SNSBody, "failed to parse JSON. Unrecognized token 'invalid': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"},
		{"no end", `{"a":["x"`, SNSBody, "failed to parse JSON. Unexpected end-of-input"},
		{"nothing", ``, SNSBody, "failed to parse JSON. Unexpected end-of-input"},
		{"an array", `["a"]`, EventBridge, "Filter is not an object"},
		{"a wildcard in SNS", `{"a":[{"wildcard":"x*"}]}`, SNSBody, "Unrecognized match type wildcard"},
		{"two stars in a row", `{"a":[{"wildcard":"x**"}]}`, EventBridge, "Consecutive wildcard characters at pos 1"},
		{"an empty object", `{"a":{}}`, EventBridge, "Empty objects are not allowed"},
		{"a number out of range", `{"a":[{"numeric":["=",6000000000]}]}`, EventBridge, "Value must be between -5e+09 and 5e+09, inclusive"},
		{"nested beyond the bound", strings.Repeat(`{"a":`, 10_000), EventBridge, "failed to parse JSON. Document nesting depth exceeds 100"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Compile(test.text, test.dialect)
			var refused *Error
			if !errors.As(err, &refused) || refused.Message != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

const order = `{"store":"example_corp","price":100.5,"vip":true,"note":null,"ip":"10.1.2.3",
	"interests":["soccer","rugby"],"empty":[],
	"items":[{"sku":"a","count":1},{"sku":"b","count":5}],"customer":{"name":"Änne","address":{"city":"Bern"}}}`

func TestMatch(t *testing.T) {
	for _, test := range []struct {
		pattern string
		want    bool
	}{
		{`{"store":["example_corp"]}`, true},
		{`{"store":["other","example_corp"]}`, true},
		{`{"store":["Example_Corp"]}`, false},
		{`{"store":["example_corp"],"price":[1]}`, false},
		{`{"price":[100.5]}`, true},
		{`{"price":["100.5"]}`, false},
		{`{"vip":[true]}`, true},
		{`{"vip":[false]}`, false},
		{`{"note":[null]}`, true},
		{`{"missing":[null]}`, false},
		{`{"store":[{"prefix":"example"}]}`, true},
		{`{"store":[{"prefix":"corp"}]}`, false},
		{`{"store":[{"suffix":"corp"}]}`, true},
		{`{"store":[{"equals-ignore-case":"EXAMPLE_corp"}]}`, true},
		{`{"store":[{"anything-but":"example_corp"}]}`, false},
		{`{"store":[{"anything-but":["a","b"]}]}`, true},
		{`{"store":[{"anything-but":{"prefix":"ex"}}]}`, false},
		{`{"missing":[{"anything-but":"x"}]}`, false},
		{`{"price":[{"anything-but":[100.5]}]}`, false},
		{`{"interests":[{"anything-but":["rugby"]}]}`, true},
		{`{"interests":[{"anything-but":["rugby","soccer"]}]}`, false},
		{`{"interests":["tennis","rugby"]}`, true},
		{`{"price":[{"numeric":["=",100.5]}]}`, true},
		{`{"price":[{"numeric":[">",100.5]}]}`, false},
		{`{"price":[{"numeric":[">=",100.5,"<",101]}]}`, true},
		{`{"price":[{"numeric":["<=",100]}]}`, false},
		{`{"store":[{"numeric":[">",0]}]}`, false},
		{`{"store":[{"exists":true}]}`, true},
		{`{"store":[{"exists":false}]}`, false},
		{`{"missing":[{"exists":false}]}`, true},
		{`{"missing":[{"exists":true}]}`, false},
		{`{"empty":[{"exists":false}]}`, true},
		{`{"missing":{"deep":[{"exists":false}]}}`, true},
		{`{"ip":[{"cidr":"10.0.0.0/8"}]}`, true},
		{`{"ip":[{"cidr":"192.168.0.0/16"}]}`, false},
		{`{"customer":{"address":{"city":["Bern"]}}}`, true},
		{`{"customer":{"address":{"city":["Basel"]}}}`, false},
		{`{"items":{"sku":["a"],"count":[1]}}`, true},
		{`{"items":{"sku":["a"],"count":[5]}}`, false},
		{`{"$or":[{"store":["x"]},{"vip":[true]}]}`, true},
		{`{"$or":[{"store":["x"]},{"vip":[false]}]}`, false},
		{`{"customer":{"$or":[{"name":["x"]},{"address":{"city":["Bern"]}}]}}`, true},
		{`{"store":["example_corp"],"$or":[{"price":[1]},{"price":[2]}]}`, false},
		{`{"$or":["x"]}`, false},
		{`{"store":[{"wildcard":"ex*_c*p"}]}`, true},
		{`{"store":[{"wildcard":"ex*_c*x"}]}`, false},
		{`{"store":[{"wildcard":"*"}]}`, true},
		{`{"store":[{"wildcard":"example\\*corp"}]}`, false},
		{`{"store":[{"prefix":{"equals-ignore-case":"EXAM"}}]}`, true},
		{`{"store":[{"suffix":{"equals-ignore-case":"CORP"}}]}`, true},
		{`{"store":[{"anything-but":{"wildcard":"ex*"}}]}`, false},
		{`{"store":[{"anything-but":{"suffix":["x","corp"]}}]}`, false},
		{`{"store":[{"anything-but":{"equals-ignore-case":["x","y"]}}]}`, true},
	} {
		t.Run(test.pattern, func(t *testing.T) {
			p, err := Compile(test.pattern, EventBridge)
			if err != nil {
				t.Fatal(err)
			}
			var event any
			if err := json.Unmarshal([]byte(order), &event); err != nil {
				t.Fatal(err)
			}
			if got := p.Match(event); got != test.want {
				t.Errorf("got %v, want %v (mismatch at %q)", got, test.want, p.Mismatch(event))
			}
		})
	}
}

func TestMatchAttributes(t *testing.T) {
	attributes := map[string]Attribute{
		"store":     {"String", "example_corp"},
		"price":     {"Number", "210.75"},
		"interests": {"String.Array", `["soccer","rugby",3,true,null]`},
		"blob":      {"Binary", "AAAA"},
	}
	for _, test := range []struct {
		policy string
		want   string // the path of the mismatch
	}{
		{`{"store":["example_corp"]}`, ""},
		{`{"store":["x"]}`, "store"},
		{`{"store":[{"anything-but":["x"]}],"price":[{"numeric":[">=",100]}]}`, ""},
		{`{"price":[210.75]}`, ""},
		{`{"price":["210.75"]}`, "price"},
		{`{"store":[{"anything-but":["x"]}],"price":[{"numeric":["<",100]}]}`, "price"},
		{`{"interests":["rugby","tennis"]}`, ""},
		{`{"interests":[{"prefix":"soc"}]}`, ""},
		{`{"interests":[3]}`, ""},
		{`{"interests":[null]}`, ""},
		{`{"interests":["tennis"]}`, "interests"},
		{`{"blob":["AAAA"]}`, "blob"},
		{`{"blob":[{"exists":true}]}`, ""},
		{`{"missing":[{"exists":false}]}`, ""},
		{`{"missing":["x"]}`, "missing"},
		{`{"$or":[{"store":["x"]},{"price":[{"numeric":[">",0]}]}]}`, ""},
		{`{}`, ""},
	} {
		t.Run(test.policy, func(t *testing.T) {
			p, err := Compile(test.policy, SNSAttributes)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.MismatchAttributes(attributes); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestANilPatternMatches(t *testing.T) {
	var p *Pattern
	if !p.Match("x") || !p.MatchAttributes(nil) {
		t.Error("it does not match")
	}
}

func TestMatchingDoesNotAllocate(t *testing.T) {
	p, err := Compile(`{"store":[{"prefix":"example"}],"price":[{"numeric":[">",1]}],"customer":{"address":{"city":[{"anything-but":["Basel"]}]}}}`, EventBridge)
	if err != nil {
		t.Fatal(err)
	}
	var event any
	if err := json.Unmarshal([]byte(order), &event); err != nil {
		t.Fatal(err)
	}
	if got := testing.AllocsPerRun(100, func() {
		if !p.Match(event) {
			t.Fatal("does not match")
		}
	}); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}

func FuzzCompile(f *testing.F) {
	for _, seed := range []string{`{"a":[{"numeric":[">",1,"<=",5]}]}`, `{"$or":[{"a":["x"]},{"b":{"c":[null]}}]}`, `{"a":[{"anything-but":{"prefix":"x"}}]}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Compile(text, EventBridge)
		if err != nil {
			return
		}
		if !json.Valid([]byte(text)) {
			t.Fatalf("%q is no JSON and is taken", text)
		}
		p.Match(map[string]any{"a": []any{"x", 3.0, nil, map[string]any{"b": true}}})
	})
}

func BenchmarkMatch(b *testing.B) {
	var event any
	if err := json.Unmarshal([]byte(order), &event); err != nil {
		b.Fatal(err)
	}
	for _, text := range []string{`{"store":["example_corp"]}`, `{"items":{"sku":["b"],"count":[{"numeric":[">",2]}]}}`} {
		p, err := Compile(text, EventBridge)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(len(text)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Match(event)
			}
		})
	}
}
