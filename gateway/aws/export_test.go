package aws

// ReadTables reads packed tables for tests.
func ReadTables(t Tables) []*Service {
	return readTables(string(t.Operations), string(t.Shapes)).services
}

// EmbeddedTables are the tables of this package, packed.
func EmbeddedTables() Tables {
	return Tables{Operations: []byte(packedOperations), Shapes: []byte(packedShapes)}
}
