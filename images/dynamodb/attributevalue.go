package dynamodb

// AttributeValue is one value of an item: exactly one of its fields is set.
type AttributeValue struct {
	S    *string
	N    *string
	B    []byte
	SS   []string
	NS   []string
	BS   [][]byte
	M    map[string]AttributeValue
	L    []AttributeValue
	NULL *bool
	BOOL *bool
}
