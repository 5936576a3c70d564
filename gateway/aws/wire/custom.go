package wire

// Coder is a Go type that takes over its own coding, for shapes whose plain form would be slow or
// lossy (DynamoDB's AttributeValue). Its methods have pointer receivers; a generated structure names
// the type wherever its shape stands: as value of a field, element of a list, value of a map.
type Coder interface {
	// DecodeJSON reads one value, which is not null, from s. What it retains must be copied (String
	// does). Errors are reported by s.Fail; an *aws.Error reaches the client as it is.
	DecodeJSON(s *Scanner)
	// AppendJSON appends the value as JSON.
	AppendJSON(b []byte) []byte
	// Document returns the value as a document of its shape: map[string]any by member name, []any,
	// string, []byte, bool, int64, float64, time.Time. Protocols other than JSON are written from it.
	Document() any
	// SetDocument sets the value from a document of its shape.
	SetDocument(document any) error
}
