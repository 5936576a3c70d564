package pattern

import (
	"encoding/json"
	"math"
	"net/netip"
	"strings"
)

// Match reports whether an event matches: a document decoded from JSON (map[string]any, []any,
// string, float64 or json.Number, bool, nil). An event that is no object matches no pattern.
func (p *Pattern) Match(event any) bool { return p.Mismatch(event) == "" }

// Mismatch is the dotted path of a field because of which the event does not match, "" where it matches.
func (p *Pattern) Mismatch(event any) string {
	if p == nil {
		return ""
	}
	object, ok := event.(map[string]any)
	if !ok {
		return "$"
	}
	return p.root.mismatch(object)
}

func (g *group) mismatch(object map[string]any) string {
	for i := range g.fields {
		f := &g.fields[i]
		value, present := object[f.key]
		if failed := f.mismatch(value, present); failed != "" {
			return failed
		}
	}
	for _, alternatives := range g.ors {
		failed := ""
		for i := range alternatives {
			if failed = alternatives[i].mismatch(object); failed == "" {
				break
			}
		}
		if failed != "" {
			return failed
		}
	}
	return ""
}

func (f *field) mismatch(value any, present bool) string {
	if f.child == nil {
		if f.leaf(value, present) {
			return ""
		}
		return f.path
	}
	if array, ok := value.([]any); ok { // one element must satisfy the whole of the nested object
		failed := f.path
		for _, element := range array {
			if failed = f.mismatch(element, true); failed == "" {
				return ""
			}
		}
		if len(array) > 0 {
			return failed
		}
	}
	object, _ := value.(map[string]any) // nil: only what must not exist matches
	return f.child.mismatch(object)
}

// leaf matches a value of a field with its alternatives. Objects and empty arrays are no values.
func (f *field) leaf(value any, present bool) bool {
	if present && hasValue(value) {
		return f.any(value)
	}
	for i := range f.matchers {
		if m := &f.matchers[i]; m.kind == exists && !m.truth {
			return true
		}
	}
	return false
}

func hasValue(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		return false
	case []any:
		for _, element := range value {
			if hasValue(element) {
				return true
			}
		}
		return false
	}
	return true
}

// any matches a value, or one element of an array.
func (f *field) any(value any) bool {
	if array, ok := value.([]any); ok {
		for _, element := range array {
			if f.any(element) {
				return true
			}
		}
		return false
	}
	if _, ok := value.(map[string]any); ok {
		return false
	}
	s := scalarOf(value)
	for i := range f.matchers {
		if f.matchers[i].match(s) {
			return true
		}
	}
	return false
}

// scalar is one value of an event, unpacked.
type scalar struct {
	kind   kind // equalString, equalNumber, equalBool or equalNull
	text   string
	number float64
	truth  bool
}

func scalarOf(value any) scalar {
	switch v := value.(type) {
	case string:
		return scalar{kind: equalString, text: v}
	case bool:
		return scalar{kind: equalBool, truth: v}
	case float64:
		return scalar{kind: equalNumber, number: v}
	case json.Number:
		n, err := v.Float64()
		if err != nil {
			n = math.NaN()
		}
		return scalar{kind: equalNumber, number: n}
	}
	return scalar{kind: equalNull}
}

func (m *matcher) match(s scalar) bool {
	switch m.kind {
	case equalString, equalNumber, equalBool, equalNull:
		return m.kind == s.kind && m.text == s.text && m.number == s.number && m.truth == s.truth
	case exists:
		return m.truth
	case anythingBut:
		for i := range m.not {
			if m.not[i].match(s) {
				return false
			}
		}
		return true
	case numeric:
		return s.kind == equalNumber && m.bounds.contains(s.number)
	}
	return s.kind == equalString && m.matchText(s.text)
}

func (m *matcher) matchText(text string) bool {
	switch m.kind {
	case prefix:
		return strings.HasPrefix(text, m.text)
	case suffix:
		return strings.HasSuffix(text, m.text)
	case equalFold:
		return strings.EqualFold(text, m.text)
	case prefixFold:
		return len(text) >= len(m.text) && strings.EqualFold(text[:len(m.text)], m.text)
	case suffixFold:
		return len(text) >= len(m.text) && strings.EqualFold(text[len(text)-len(m.text):], m.text)
	case wildcard:
		return matchWildcard(m.text, text)
	case cidr:
		address, err := netip.ParseAddr(text)
		return err == nil && m.net.Contains(address)
	}
	return false
}

// matchWildcard matches with * for any number of characters; \* and \\ are plain characters. It
// needs no more than the product of both lengths.
func matchWildcard(pattern, text string) bool {
	p, t := 0, 0
	star, mark := -1, 0 // after the last *, and where in text it is tried
	for t < len(text) {
		c, width, isStar := wildcardAt(pattern, p)
		switch {
		case isStar:
			p += width
			star, mark = p, t
		case width > 0 && c == text[t]:
			p += width
			t++
		case star >= 0:
			mark++
			p, t = star, mark
		default:
			return false
		}
	}
	for {
		_, width, isStar := wildcardAt(pattern, p)
		if !isStar {
			return width == 0
		}
		p += width
	}
}

// wildcardAt is the character at p, how long it is written, and whether it is a star.
func wildcardAt(pattern string, p int) (c byte, width int, star bool) {
	switch {
	case p >= len(pattern):
		return 0, 0, false
	case pattern[p] == '*':
		return 0, 1, true
	case pattern[p] == '\\' && p+1 < len(pattern):
		return pattern[p+1], 2, false
	}
	return pattern[p], 1, false
}
