package pattern

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Attribute is a message attribute of SNS. Of binary ones only the existence can be matched.
type Attribute struct{ DataType, Value string }

// MatchAttributes is Match for the message attributes of SNS.
func (p *Pattern) MatchAttributes(attributes map[string]Attribute) bool {
	return p.MismatchAttributes(attributes) == ""
}

// MismatchAttributes is Mismatch for the message attributes of SNS.
func (p *Pattern) MismatchAttributes(attributes map[string]Attribute) string {
	if p == nil {
		return ""
	}
	return p.root.mismatchAttributes(attributes)
}

func (g *group) mismatchAttributes(attributes map[string]Attribute) string {
	for i := range g.fields {
		f := &g.fields[i]
		attribute, present := attributes[f.key]
		if !f.matchAttribute(attribute, present) {
			return f.path
		}
	}
	for _, alternatives := range g.ors {
		failed := ""
		for i := range alternatives {
			if failed = alternatives[i].mismatchAttributes(attributes); failed == "" {
				break
			}
		}
		if failed != "" {
			return failed
		}
	}
	return ""
}

func (f *field) matchAttribute(attribute Attribute, present bool) bool {
	if !present {
		return f.leaf(nil, false)
	}
	s := scalar{kind: equalString, text: attribute.Value}
	switch {
	case attribute.DataType == "String.Array":
		var array []any
		if json.Unmarshal([]byte(attribute.Value), &array) == nil {
			return f.leaf(array, true)
		}
	case strings.HasPrefix(attribute.DataType, "Number"):
		n, err := strconv.ParseFloat(attribute.Value, 64)
		if err != nil {
			return false
		}
		s = scalar{kind: equalNumber, number: n}
	case strings.HasPrefix(attribute.DataType, "Binary"):
		for i := range f.matchers {
			if m := &f.matchers[i]; m.kind == exists && m.truth {
				return true
			}
		}
		return false
	}
	for i := range f.matchers {
		if f.matchers[i].match(s) {
			return true
		}
	}
	return false
}
