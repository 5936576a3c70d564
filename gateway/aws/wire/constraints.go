package wire

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"localcloud/gateway/aws"
)

// constraints are what a model demands of the values of one shape.
type constraints struct {
	own  bool // the shape itself has constraints
	deep bool // it, or a shape below it, has constraints or required members

	min, max float64
	length   bool // min and max are of the length
	real     bool // min and max are of a float
	enum     map[string]bool
	pattern  func() *matcher // compiled at its first use; nil for none
}

var constraintsByShape sync.Map // *aws.Shape to *constraints

func constraintsOf(s *aws.Shape) *constraints {
	if c, ok := constraintsByShape.Load(s); ok {
		return c.(*constraints)
	}
	c := &constraints{min: math.Inf(-1), max: math.Inf(1)}
	if s.HasMin {
		c.min = s.Min
	}
	if s.HasMax {
		c.max = s.Max
	}
	c.length = s.Kind == aws.String || s.Kind == aws.Blob || s.Kind == aws.List || s.Kind == aws.Map
	c.real = s.Kind == aws.Float || s.Kind == aws.Double
	if s.Kind == aws.String {
		c.text(s)
	}
	c.own = s.HasMin || s.HasMax || c.enum != nil || c.pattern != nil
	c.deep = reachesConstraints(s, make(map[*aws.Shape]bool))
	constraintsByShape.Store(s, c)
	return c
}

func (c *constraints) text(s *aws.Shape) {
	if len(s.Enum) > 0 {
		c.enum = make(map[string]bool, len(s.Enum))
		for _, value := range s.Enum {
			c.enum[value] = true
		}
	}
	if s.Pattern != "" {
		c.pattern = sync.OnceValue(func() *matcher { return compilePattern(s.Pattern) })
	}
}

// reachesConstraints reports whether s or a shape below it has constraints or required members.
func reachesConstraints(s *aws.Shape, seen map[*aws.Shape]bool) bool {
	if seen[s] {
		return false
	}
	seen[s] = true
	if s.HasMin || s.HasMax || s.Pattern != "" || len(s.Enum) > 0 {
		return true
	}
	for i := range s.Members {
		if s.Members[i].Required || reachesConstraints(s.Members[i].Shape, seen) {
			return true
		}
	}
	for _, m := range [...]*aws.Member{s.Key, s.Elem} {
		if m != nil && reachesConstraints(m.Shape, seen) {
			return true
		}
	}
	return false
}

func (c *constraints) inRange(n float64) bool { return n >= c.min && n <= c.max }

func (c *constraints) validText(s string) bool {
	if !c.own {
		return true
	}
	return c.inRange(float64(javaLength(s))) && c.isEnum(s) && c.matches(s)
}

func (c *constraints) isEnum(s string) bool { return c.enum == nil || c.enum[s] }

func (c *constraints) matches(s string) bool { return c.pattern == nil || c.pattern().matches(s) }

// broken words the constraints that a document value does not satisfy, in AWS's order.
func (c *constraints) broken(d *dialect, s *aws.Shape, value any) []string {
	if !c.own {
		return nil
	}
	var n float64
	var broken []string
	switch value := value.(type) {
	case string:
		if !c.isEnum(value) {
			broken = append(broken, enumConstraint(d, s))
		}
		if !c.matches(value) {
			broken = append(broken, patternConstraint(s))
		}
		n = float64(javaLength(value))
	case []byte:
		n = float64(len(value))
	case []any:
		n = float64(len(value))
	case map[string]any:
		n = float64(len(value))
	default:
		var ok bool
		if n, ok = toFloat(value); !ok {
			return nil
		}
	}
	if n > c.max {
		broken = append(broken, c.bound("less", c.max))
	}
	if n < c.min {
		broken = append(broken, c.bound("greater", c.min))
	}
	return broken
}

// all words every constraint of the shape, as AWS does for elements of lists and maps.
func (c *constraints) all(d *dialect, s *aws.Shape) string {
	var list []string
	if s.HasMax {
		list = append(list, c.bound("less", c.max))
	}
	if s.HasMin {
		list = append(list, c.bound("greater", c.min))
	}
	if s.Pattern != "" {
		list = append(list, patternConstraint(s))
	}
	if len(s.Enum) > 0 {
		list = append(list, enumConstraint(d, s))
	}
	if c.length || len(s.Enum) > 0 {
		return strings.Join(list, ", ")
	}
	return strings.Join(append(list, "Member must not be null"), ", ")
}

func (c *constraints) bound(than string, n float64) string {
	what := "value"
	if c.length {
		what = "length"
	}
	bound := strconv.FormatFloat(n, 'f', -1, 64)
	if c.real {
		bound = floatText(n, 64)
	}
	return "Member must have " + what + " " + than + " than or equal to " + bound
}

func enumConstraint(d *dialect, s *aws.Shape) string {
	order := strings.Join(s.Enum, ", ")
	for _, known := range d.enumOrder { // by their values: the tables do not keep the names of scalars
		if sameWords(known, s.Enum) {
			order = known
		}
	}
	return "Member must satisfy enum value set: [" + order + "]"
}

// sameWords reports whether list, joined by ", ", holds the same words in any order.
func sameWords(list string, words []string) bool {
	listed := strings.Split(list, ", ")
	if len(listed) != len(words) {
		return false
	}
	for _, word := range words {
		if !slices.Contains(listed, word) {
			return false
		}
	}
	return true
}

func patternConstraint(s *aws.Shape) string {
	return "Member must satisfy regular expression pattern: " + s.Pattern
}

// javaLength is the length that AWS counts: UTF-16 units.
func javaLength(s string) int {
	n := 0
	for _, r := range s {
		if n++; r > 0xffff {
			n++
		}
	}
	return n
}

// quoteValue writes a document value as AWS's messages do; that of a sensitive shape is left out.
func quoteValue(s *aws.Shape, value any) string {
	if s.Sensitive {
		return ""
	}
	return " '" + javaString(s, value) + "'"
}

// javaString writes a document value as Java's toString does.
func javaString(s *aws.Shape, value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case string:
		return value
	case float64:
		return floatText(value, 64)
	case []byte:
		return fmt.Sprintf("java.nio.HeapByteBuffer[pos=0 lim=%d cap=%d]", len(value), len(value))
	case time.Time:
		return value.UTC().Format("Mon Jan 02 15:04:05 UTC 2006")
	case []any:
		parts := make([]string, len(value))
		for i, e := range value {
			parts[i] = javaString(s.Elem.Shape, e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		var parts []string
		if s.Kind != aws.Structure {
			for _, key := range sortedKeys(value) {
				parts = append(parts, key+"="+javaString(s.Elem.Shape, value[key]))
			}
			return "{" + strings.Join(parts, ", ") + "}"
		}
		for i := range s.Members {
			m := &s.Members[i]
			parts = append(parts, lowerFirst(m.Name)+"="+javaString(m.Shape, value[m.Name]))
		}
		return s.Name + "(" + strings.Join(parts, ", ") + ")"
	}
	return fmt.Sprint(value)
}
