package dynamodb

import "localcloud/images/dynamodb/attr"

// AttributeValue is one attribute value of the API's messages.
type AttributeValue = attr.Value

// Item is a map of attribute values of the API's messages: an item, a key, expression attribute
// values. "" is an absent one.
type Item = attr.Map

// ptr returns a pointer to a copy of v.
func ptr[T any](v T) *T { return &v }

// deref is what p points to, the zero value for nil.
func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
