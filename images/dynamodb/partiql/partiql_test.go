package partiql

import (
	"strings"
	"testing"

	"localcloud/images/dynamodb/attr"
)

func TestParse(t *testing.T) {
	one := attr.Num(attr.Int(1))
	for _, tt := range []struct {
		statement string
		params    []attr.Value
		kind      Kind
		table     string
		index     string
	}{
		{`SELECT * FROM "my-table" WHERE pk = 'a'`, nil, Select, "my-table", ""},
		{`select a, b.c[0], "d" from my-table."idx" where (pk = ? and (sk > 5 or sk is missing)) order by sk desc;`, []attr.Value{one}, Select, "my-table", "idx"},
		{`INSERT INTO t VALUE {'a': 'it''s', 'n': -1.5, 'l': [1, 'x', true, null], 's': <<'a','b'>>, 'm': {'x': ?}}`, []attr.Value{one}, Insert, "t", ""},
		{`UPDATE t SET a = 1, b = b + ? SET c = list_append(c, [1]) REMOVE d, e[0] WHERE pk = 1 RETURNING ALL NEW *`, []attr.Value{one}, Update, "t", ""},
		{`DELETE FROM t WHERE pk = 'x' AND contains(a, 'y') AND NOT begins_with(b, 'z') RETURNING ALL OLD *`, nil, Delete, "t", ""},
		{`EXISTS(SELECT * FROM t WHERE pk = 1 AND a BETWEEN 1 AND 2 AND b IN [1,2] AND c IN (1) AND attribute_type(d, 'S'))`, nil, Exists, "t", ""},
		{`SELECT * FROM t WHERE ((((a = 1)))) AND size(b) > 3 -- a comment`, nil, Select, "t", ""},
	} {
		s, err := Parse(tt.statement, tt.params)
		if err != nil {
			t.Errorf("%s: %v", tt.statement, err)
			continue
		}
		if s.Kind != tt.kind || s.Table != tt.table || s.Index != tt.index {
			t.Errorf("%s: kind %d, table %s, index %s", tt.statement, s.Kind, s.Table, s.Index)
		}
	}
}

func TestMistakes(t *testing.T) {
	for statement, want := range map[string]string{
		`SELECTT * FROM t`:                     "Expected data manipulation",
		`SELECT * FROM "t`:                     malformed,
		`SELECT * FROM ""`:                     "Path component cannot be an empty string",
		`SELECT * FROM a.b.c`:                  "at most 2 components",
		`SELECT * FROM t WHERE`:                malformed,
		`SELECT * FROM t WHERE a`:              malformed,
		`SELECT * FROM t WHERE a = ?`:          "Number of parameters",
		`SELECT * FROM t WHERE a = 1 extra`:    malformed,
		`INSERT INTO t VALUE 'x'`:              "tuple",
		`INSERT INTO t VALUE {'a': <<1,1>>}`:   "duplicates",
		`UPDATE t WHERE a = 1`:                 malformed,
		`DELETE FROM t RETURNING NOTHING`:      malformed,
		`SELECT * FROM t WHERE foo(a, b)`:      "Unknown function",
		`SELECT * FROM t WHERE size(a, b) = 1`: "Incorrect number of operands",
		strings.Repeat("(", 9000):              "maximum allowed size",
		"SELECT * FROM t WHERE " + strings.Repeat("(", 3000) + "a = 1" + strings.Repeat(")", 3000): "nested too deeply",
		"INSERT INTO t VALUE " + strings.Repeat("[", 3000):                                         "nested too deeply",
		`SELECT * FROM t WHERE a = 'x' ; DROP`:                                                     malformed,
		"":                                                                                         "Expected data manipulation",
	} {
		_, err := Parse(statement, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %s", statement, err, want)
		}
	}
}
