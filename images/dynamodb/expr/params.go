package expr

import (
	"maps"
	"slices"
	"strings"

	"localcloud/images/dynamodb/attr"
)

// Params are the names and values that a request gives its expressions. They remember which of them
// were used.
type Params struct {
	names  map[string]string
	values attr.Map

	usedNames  []string
	usedValues []string
}

// NewParams checks ExpressionAttributeNames (nil for none) and ExpressionAttributeValues ("" for none).
func NewParams(names map[string]string, values attr.Map) (Params, error) {
	p := Params{names: names, values: values}
	if err := p.checkNames(); err != nil {
		return p, err
	}
	return p, p.checkValues()
}

func (p *Params) checkNames() error {
	if p.names == nil {
		return nil
	}
	if len(p.names) == 0 {
		return Problem("ExpressionAttributeNames must not be empty")
	}
	var bad []string
	for key, name := range p.names {
		if !placeholder(key, '#') || name == "" || len(name) > 65535 {
			bad = append(bad, key)
		}
	}
	if len(bad) == 0 {
		return nil
	}
	slices.Sort(bad)
	for _, key := range bad {
		if !placeholder(key, '#') {
			return Problem(`ExpressionAttributeNames contains invalid key: Syntax error; key: "` + key + `"`)
		}
	}
	if p.names[bad[0]] == "" {
		return Problem("ExpressionAttributeNames contains invalid value: Empty attribute name for key " + bad[0])
	}
	return Problem("ExpressionAttributeNames contains invalid value: Attribute name is too large for key " + bad[0])
}

func (p *Params) checkValues() error {
	if p.values == "" {
		return nil
	}
	if p.values == attr.Empty {
		return Problem("ExpressionAttributeValues must not be empty")
	}
	for key := range p.values.All() {
		if !placeholder(key, ':') {
			return Problem(`ExpressionAttributeValues contains invalid key: Syntax error; key: "` + key + `"`)
		}
	}
	if problem := p.values.Problem(); problem != "" {
		return Problem("ExpressionAttributeValues contains invalid value: " + problem + " for key " + p.values.Spoiler())
	}
	return nil
}

// placeholder reports whether key is a whole placeholder behind that sign.
func placeholder(key string, sign byte) bool {
	return len(key) > 1 && key[0] == sign && wordEnd(key, 1) == len(key)
}

// bind resolves the placeholders of an expression. A placeholder without a definition has "".
func (p *Params) bind(s *symbols) (names []string, values []attr.Value) {
	if len(s.names) > 0 {
		names = make([]string, len(s.names))
		for i, key := range s.names {
			names[i] = p.names[key]
		}
		p.usedNames = append(p.usedNames, s.names...)
	}
	if len(s.values) > 0 {
		values = make([]attr.Value, len(s.values))
		for i, key := range s.values {
			values[i] = p.values.Get(key)
		}
		p.usedValues = append(p.usedValues, s.values...)
	}
	return names, values
}

// Unused is the mistake of names or values that no expression used; nil where all are used.
func (p *Params) Unused() error {
	if len(p.names) > 0 {
		var unused []string
		for _, key := range slices.Sorted(maps.Keys(p.names)) {
			if !slices.Contains(p.usedNames, key) {
				unused = append(unused, key)
			}
		}
		if len(unused) > 0 {
			return Problem("Value provided in ExpressionAttributeNames unused in expressions: keys: {" + strings.Join(unused, ", ") + "}")
		}
	}
	var unused []string
	for key := range p.values.All() {
		if !slices.Contains(p.usedValues, key) {
			unused = append(unused, key)
		}
	}
	if len(unused) > 0 {
		return Problem("Value provided in ExpressionAttributeValues unused in expressions: keys: {" + strings.Join(unused, ", ") + "}")
	}
	return nil
}

func undefinedName(key string) error {
	return Problem("An expression attribute name used in the document path is not defined; attribute name: " + key)
}

func undefinedValue(key string) error {
	return Problem("An expression attribute value used in expression is not defined; attribute value: " + key)
}
