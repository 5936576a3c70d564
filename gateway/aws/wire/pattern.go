package wire

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// matcher is a compiled pattern of a model: a repeated class of characters, which most are, or an
// expression; neither where Go has no counterpart.
type matcher struct {
	class      *charClass
	expression *regexp.Regexp
}

func compilePattern(pattern string) *matcher {
	if class := parseClass(pattern); class != nil {
		return &matcher{class: class}
	}
	return &matcher{expression: javaPattern(pattern)}
}

func (m *matcher) matches(s string) bool {
	if m.class != nil {
		return m.class.matches(s)
	}
	return m.expression == nil || m.expression.MatchString(s)
}

// javaEscape is a \uXXXX of a Java pattern.
var javaEscape = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

// javaPattern compiles a Java pattern that must match a whole text; nil where Go's syntax has no
// counterpart (look-around), so that such patterns are not checked.
func javaPattern(pattern string) *regexp.Regexp {
	p := strings.ReplaceAll(pattern, `\uD800\uDC00-\uDBFF\uDFFF`, `\x{10000}-\x{10FFFF}`)
	p = strings.ReplaceAll(p, `\ud800\udc00-\udbff\udfff`, `\x{10000}-\x{10FFFF}`)
	p = javaEscape.ReplaceAllString(p, `\x{$1}`)
	compiled, err := regexp.Compile(`\A(?:` + p + `)\z`)
	if err != nil {
		return nil
	}
	return compiled
}

// charClass is a pattern of one repeated class of ASCII characters: [a-zA-Z0-9_.-]+
type charClass struct {
	ok    [utf8.RuneSelf]bool
	empty bool
}

// repeatedClass matches the patterns that charClass can stand for.
var repeatedClass = regexp.MustCompile(`^\^?(\[(?:\\[\w\-.\[\]/+]|[^\\\[\]^&])+\])([+*])\$?$`)

// parseClass returns nil for patterns that are more than a repeated class.
func parseClass(pattern string) *charClass {
	parts := repeatedClass.FindStringSubmatch(pattern)
	if parts == nil {
		return nil
	}
	one, err := regexp.Compile(`\A` + parts[1] + `\z`)
	if err != nil || one.MatchString("\u00e9") || one.MatchString("\u4e16") {
		return nil
	}
	c := &charClass{empty: parts[2] == "*"}
	for b := range c.ok {
		c.ok[b] = one.MatchString(string(rune(b)))
	}
	return c
}

func (c *charClass) matches(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || !c.ok[s[i]] {
			return false
		}
	}
	return c.empty || len(s) > 0
}
