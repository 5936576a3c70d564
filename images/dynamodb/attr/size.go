package attr

// Size is the value's size in bytes by DynamoDB's rules: the UTF-8 or binary length, a number's own
// size, 1 for BOOL and NULL, and for documents 3 and 1 for each member beside the members' own.
func (v Value) Size() int {
	switch v.Type() {
	case S, B:
		return len(v.Payload())
	case N:
		return v.Number().Size()
	case Bool, Null:
		return 1
	case NS:
		size := 0
		for m := range v.Members() {
			size += Number(m).Size()
		}
		return size
	case SS, BS:
		size := 0
		for m := range v.Members() {
			size += len(m)
		}
		return size
	case L:
		size := 3
		for _, e := range v.Elems() {
			size += 1 + e.Size()
		}
		return size
	case M:
		size := 3
		for name, e := range Map(v).All() {
			size += 1 + len(name) + e.Size()
		}
		return size
	}
	return 0
}

// Size is the size of an item: the names and values of its attributes.
func (m Map) Size() int {
	size := 0
	for name, v := range m.All() {
		size += len(name) + v.Size()
	}
	return size
}

// MaxDepth is how many levels of lists and maps a value may have; with the scalar inside they are
// the 32 levels that DynamoDB documents.
const MaxDepth = 31

// ProblemDepth is the message for a value of more levels.
const ProblemDepth = "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"

// Depth is the number of levels of lists and maps: 0 for a scalar, 1 for a list of scalars.
func (v Value) Depth() int {
	deepest := 0
	switch v.Type() {
	case L:
		for _, e := range v.Elems() {
			deepest = max(deepest, e.Depth())
		}
		return deepest + 1
	case M:
		for _, e := range Map(v).All() {
			deepest = max(deepest, e.Depth())
		}
		return deepest + 1
	}
	return 0
}
