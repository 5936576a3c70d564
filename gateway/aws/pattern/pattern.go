// Package pattern matches events with patterns: the filter policies of SNS subscriptions and the
// event patterns of EventBridge, which share one grammar (that of AWS's open-source Event Ruler) with
// few differences. A pattern is compiled once; matching a decoded event does not allocate.
//
// The documents it follows are "Amazon SNS subscription filter policies" and "Creating Amazon
// EventBridge event patterns"; messages of refused patterns are those recorded from AWS.
package pattern

import "net/netip"

// Dialect is whose patterns are compiled.
type Dialect uint8

// The dialects.
const (
	SNSAttributes Dialect = iota // filter policy with the scope MessageAttributes
	SNSBody                      // filter policy with the scope MessageBody
	EventBridge
)

// Pattern is a compiled pattern, safe for concurrent use. Nil matches everything.
type Pattern struct{ root group }

// group is an object of a pattern: all of its fields must match, and of each $or one group.
type group struct {
	fields []field
	ors    [][]group
}

// field is one key of a pattern: a list of matchers of which one must match, or a nested object.
type field struct {
	key      string
	path     string // dotted, for explanations
	matchers []matcher
	child    *group
}

// kind is what a matcher looks for.
type kind uint8

const (
	equalString kind = iota
	equalNumber
	equalBool
	equalNull
	prefix
	suffix
	equalFold
	prefixFold
	suffixFold
	wildcard
	numeric
	cidr
	exists
	anythingBut
)

// matcher is one alternative of a field.
type matcher struct {
	kind   kind
	text   string
	number float64
	truth  bool
	bounds bounds
	net    netip.Prefix
	not    []matcher // anythingBut: none of them may match
}

// bounds is a numeric range; an end that is not set does not limit.
type bounds struct {
	low, high                 float64
	hasLow, hasHigh           bool
	lowExcluded, highExcluded bool
}

func (b bounds) contains(n float64) bool {
	if b.hasLow && (n < b.low || b.lowExcluded && n == b.low) {
		return false
	}
	return !b.hasHigh || n < b.high || !b.highExcluded && n == b.high
}
