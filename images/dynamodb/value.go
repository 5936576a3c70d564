package dynamodb

import "localcloud/images/dynamodb/attr"

// AttributeValue is one attribute value of the API's messages.
type AttributeValue = attr.Value

// Item is a map of attribute values of the API's messages: an item, a key, expression attribute
// values. "" is an absent one.
type Item = attr.Map
