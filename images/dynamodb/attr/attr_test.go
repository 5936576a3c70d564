package attr

import (
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"localcloud/gateway/aws/wire"
)

var (
	_ wire.Coder = (*Value)(nil)
	_ wire.Coder = (*Map)(nil)
)

// decode reads a value from JSON.
func decode(t *testing.T, text string) Value {
	t.Helper()
	s := wire.NewScanner([]byte(text), 200)
	var v Value
	v.DecodeJSON(s)
	if err := s.Err(); err != nil {
		t.Fatalf("decode %s: %v", text, err)
	}
	return v
}

func TestJSONRoundTrip(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`{"S":"a\"b\\\n\u00e9\ud83d\ude00"}`, "{\"S\":\"a\\\"b\\\\\\né😀\"}"},
		{`{"S":""}`, `{"S":""}`},
		{`{"N":"0042.1200"}`, `{"N":"42.12"}`},
		{`{"N":"-1e-3"}`, `{"N":"-0.001"}`},
		{`{"N":"-0"}`, `{"N":"0"}`},
		{`{"N":"12345678901234567890123456789012345678"}`, `{"N":"12345678901234567890123456789012345678"}`},
		{`{"B":"AAEC"}`, `{"B":"AAEC"}`},
		{`{"BOOL":false}`, `{"BOOL":false}`},
		{`{"NULL":true}`, `{"NULL":true}`},
		{`{"NULL":false}`, `{"NULL":true}`},
		{`{"SS":["b","a"]}`, `{"SS":["a","b"]}`},
		{`{"NS":["10","9","-1"]}`, `{"NS":["-1","9","10"]}`},
		{`{"BS":["Yg==","YQ=="]}`, `{"BS":["YQ==","Yg=="]}`},
		{`{"L":[{"S":"x"},{"L":[]},{"M":{}}]}`, `{"L":[{"S":"x"},{"L":[]},{"M":{}}]}`},
		{`{"M":{"b":{"S":"1"},"a":{"M":{"z":{"N":"1"},"y":{"N":"2"}}},"b":{"S":"2"}}}`,
			`{"M":{"a":{"M":{"y":{"N":"2"},"z":{"N":"1"}}},"b":{"S":"2"}}}`},
		{`{"Unknown":1,"S":"x","N":null}`, `{"S":"x"}`},
	} {
		v := decode(t, tt.in)
		if got := string(v.AppendJSON(nil)); got != tt.want {
			t.Errorf("%s is written as %s, want %s", tt.in, got, tt.want)
		}
		if !Valid(string(v)) {
			t.Errorf("%s: the encoded form is not valid", tt.in)
		}
		var again Value
		if err := again.SetDocument(v.Document()); err != nil || again != v {
			t.Errorf("%s does not survive as a document: %q, %v", tt.in, again, err)
		}
	}
}

func TestLongValues(t *testing.T) {
	long := strings.Repeat("x", 300)
	text := `{"M":{"b":{"L":[{"S":"` + long + `"}]},"a":{"S":"` + long + `"}}}`
	want := `{"M":{"a":{"S":"` + long + `"},"b":{"L":[{"S":"` + long + `"}]}}}`
	if got := string(decode(t, text).AppendJSON(nil)); got != want {
		t.Errorf("got %s", got)
	}
}

func TestProblems(t *testing.T) {
	nested := strings.Repeat(`{"L":[`, 32) + strings.Repeat(`]}`, 32)
	for _, tt := range []struct{ in, want string }{
		{`{}`, problemEmpty},
		{`{"S":"a","N":"1"}`, problemSeveral},
		{`{"N":""}`, ProblemNumber},
		{`{"N":"abc"}`, ProblemNumber + ": abc"},
		{`{"N":"1e"}`, ProblemNumber + ": 1e"},
		{`{"N":"."}`, ProblemNumber + ": ."},
		{`{"N":"1e126"}`, ProblemOverflow},
		{`{"N":"1e-131"}`, ProblemUnderflow},
		{`{"N":"123456789012345678901234567890123456789"}`, ProblemDigits},
		{`{"SS":[]}`, "One or more parameter values were invalid: An string set  may not be empty"},
		{`{"SS":["a","a"]}`, "One or more parameter values were invalid: Input collection [a, a] contains duplicates."},
		{`{"NS":["1","1.0"]}`, "Input collection contains duplicates"},
		{`{"SS":[""]}`, "One or more parameter values were invalid: An string set may not have a empty string as a member"},
		{`{"M":{"a":{"L":[{}]}}}`, problemEmpty},
		{nested, ProblemDepth},
	} {
		if got := decode(t, tt.in).Problem(); got != tt.want {
			t.Errorf("%s: problem %q, want %q", tt.in, got, tt.want)
		}
	}
	for _, bad := range []string{`{"S":1}`, `{"N":1}`, `{"B":"a"}`, `{"BOOL":"x"}`, `{"SS":"a"}`, `{"L":{}}`, `{"M":[]}`, `[]`, `{"S":"`} {
		s := wire.NewScanner([]byte(bad), 200)
		var v Value
		if v.DecodeJSON(s); s.Err() == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

// randomNumber returns a decimal text of up to digits digits.
func randomNumber(r *rand.Rand, digits, exp int) string {
	var b strings.Builder
	if r.IntN(2) == 0 {
		b.WriteByte('-')
	}
	for range 1 + r.IntN(digits) {
		b.WriteByte(byte('0' + r.IntN(10)))
	}
	if exp > 0 {
		b.WriteString("e" + big.NewInt(int64(r.IntN(2*exp)-exp)).String())
	}
	return b.String()
}

func rat(t *testing.T, text string) *big.Rat {
	t.Helper()
	x, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return x
}

func TestNumbersAgainstBig(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		a, b := randomNumber(r, 18, 9), randomNumber(r, 18, 9)
		x, px := ParseNumber(a)
		y, py := ParseNumber(b)
		if px != "" || py != "" {
			t.Fatalf("%s, %s: %s%s", a, b, px, py)
		}
		if rat(t, x.String()).Cmp(rat(t, a)) != 0 {
			t.Fatalf("%s is read as %s", a, x)
		}
		if got, want := strings.Compare(string(x), string(y)), rat(t, a).Cmp(rat(t, b)); got != want {
			t.Fatalf("order of %s and %s is %d, want %d", a, b, got, want)
		}
		sum, problem := x.Add(y)
		want := new(big.Rat).Add(rat(t, a), rat(t, b))
		if problem != "" {
			if problem != ProblemDigits {
				t.Fatalf("%s + %s: %s", a, b, problem)
			}
			continue
		}
		if rat(t, sum.String()).Cmp(want) != 0 {
			t.Fatalf("%s + %s = %s, want %s", a, b, sum, want.FloatString(40))
		}
	}
}

// The sizes were measured on AWS by the public dynamodb-conformance suite.
func TestNumberSize(t *testing.T) {
	for text, want := range map[string]int{
		"0": 1, "1": 2, "12": 2, "123": 3, "1234": 3, "12345678901234567890123456789012345678": 20,
		"0042": 2, "100": 2, "1010": 3, "0.0000001": 2, "1E125": 2, "1E-100": 2, "1.5": 3, "15": 2,
		"1.2": 3, "1.200": 3, "1.234": 4, "3.14159": 5, "123456": 4, "100.5": 4, "0.15": 2, "-42": 3, "-0": 1,
	} {
		x, problem := ParseNumber(text)
		if problem != "" || x.Size() != want {
			t.Errorf("size of %s is %d, want %d (%s)", text, x.Size(), want, problem)
		}
	}
}

func TestNumberText(t *testing.T) {
	for text, want := range map[string]string{
		"1E125": "1" + strings.Repeat("0", 125), "1E-130": "0." + strings.Repeat("0", 129) + "1",
		"9.9999999999999999999999999999999999999E+125": strings.Repeat("9", 38) + strings.Repeat("0", 88),
		"-.5": "-0.5", "5.": "5", "+7": "7", "100": "100", "1.05": "1.05", "10.01": "10.01",
	} {
		if x, problem := ParseNumber(text); problem != "" || x.String() != want {
			t.Errorf("%s is written as %s (%s), want %s", text, x, problem, want)
		}
	}
}

func TestMapEdits(t *testing.T) {
	m := decode(t, `{"M":{"a":{"L":[{"N":"1"},{"N":"2"},{"N":"3"}]},"b":{"M":{"c":{"S":"x"}}},"d":{"S":"y"}}}`).Map()
	path := func(steps ...any) Path {
		var p Path
		for _, s := range steps {
			if i, ok := s.(int); ok {
				p = append(p, Step{Index: i, Elem: true})
			} else {
				p = append(p, Step{Name: s.(string)})
			}
		}
		return p
	}
	put := func(p Path, v Value, want string) {
		t.Helper()
		got, ok := m.Put(p, v)
		if text := string(got.AppendJSON(nil)); ok != (want != "") || ok && text != want {
			t.Errorf("put at %s: %s %v, want %s", p, text, ok, want)
		}
	}
	put(path("a", 1), "", `{"a":{"L":[{"N":"1"},{"N":"3"}]},"b":{"M":{"c":{"S":"x"}}},"d":{"S":"y"}}`)
	put(path("a", 9), Str("z"), `{"a":{"L":[{"N":"1"},{"N":"2"},{"N":"3"},{"S":"z"}]},"b":{"M":{"c":{"S":"x"}}},"d":{"S":"y"}}`)
	put(path("b", "a"), Str("z"), `{"a":{"L":[{"N":"1"},{"N":"2"},{"N":"3"}]},"b":{"M":{"a":{"S":"z"},"c":{"S":"x"}}},"d":{"S":"y"}}`)
	put(path("b"), "", `{"a":{"L":[{"N":"1"},{"N":"2"},{"N":"3"}]},"d":{"S":"y"}}`)
	put(path("e"), Str("z"), `{"a":{"L":[{"N":"1"},{"N":"2"},{"N":"3"}]},"b":{"M":{"c":{"S":"x"}}},"d":{"S":"y"},"e":{"S":"z"}}`)
	put(path("x", "y"), Str("z"), "")
	put(path("d", "y"), Str("z"), "")
	put(path("b", 0), Str("z"), "")
	paths := []Path{path("b", "c"), path("a", 2), path("a", 0), path("nope", "x")}
	Sort(paths)
	if got, want := string(m.Project(paths).AppendJSON(nil)), `{"a":{"L":[{"N":"1"},{"N":"3"}]},"b":{"M":{"c":{"S":"x"}}}}`; got != want {
		t.Errorf("projection %s, want %s", got, want)
	}
}

func TestItemSize(t *testing.T) {
	m := decode(t, `{"M":{"id":{"S":"abc"},"n":{"N":"12"},"l":{"L":[{"BOOL":true}]},"m":{"M":{"k":{"NULL":true}}}}}`).Map()
	if got, want := m.Size(), 2+3+1+2+1+3+2+1+3+1+1+1; got != want {
		t.Errorf("size %d, want %d", got, want)
	}
}

func BenchmarkDecodeItem(b *testing.B) {
	text := []byte(`{"pk":{"S":"user-000001"},"sk":{"S":"order-000001"},"n":{"N":"12345"},"name":{"S":"some name of a thing"},"tags":{"SS":["a","b","c"]}}`)
	b.ReportAllocs()
	for b.Loop() {
		s := wire.NewScanner(text, 100)
		var m Map
		m.DecodeJSON(s)
	}
}

func BenchmarkEncodeItem(b *testing.B) {
	text := []byte(`{"pk":{"S":"user-000001"},"sk":{"S":"order-000001"},"n":{"N":"12345"},"name":{"S":"some name of a thing"},"tags":{"SS":["a","b","c"]}}`)
	s := wire.NewScanner(text, 100)
	var m Map
	m.DecodeJSON(s)
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = m.AppendJSON(buf[:0])
	}
}
