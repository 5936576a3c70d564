package dynamodb

import (
	"localcloud/images/dynamodb/attr"
	"localcloud/images/dynamodb/engine"
)

// Limits of items and keys in bytes.
const (
	maxItem  = 400 * 1024
	maxHash  = 2048
	maxRange = 1024
)

// Messages of AWS about keys and items.
const (
	noKeyMatch   = "The provided key element does not match the schema"
	emptyKey     = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
	itemTooLarge = "Item size has exceeded the maximum allowed size"
	hashTooLong  = invalidValues + "Size of hashkey has exceeded the maximum size limit of2048 bytes" // AWS's spacing
	rangeTooLong = invalidValues + "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"
)

// checkValues finds a value that the wire form spoiled.
func checkValues(m attr.Map) error {
	if problem := m.Problem(); problem != "" {
		return invalid(problem)
	}
	return nil
}

// key reads the key of a call: exactly the attributes of the table's key, in their types.
func (t *table) key(key attr.Map) (engine.Key, error) {
	if err := checkKey(&t.keys, key); err != nil {
		return "", err
	}
	return t.items.Key(key), nil
}

func checkKey(keys *engine.Keys, key attr.Map) error {
	parts := keys.All()
	if key.Len() != len(parts) {
		return invalid(noKeyMatch)
	}
	for _, p := range parts {
		if key.Get(p.Name).Type() != p.Type {
			return invalid(noKeyMatch)
		}
	}
	return checkKeyValues(keys, key)
}

// checkKeyValues finds empty and oversized values of key attributes that have the right types.
func checkKeyValues(keys *engine.Keys, item attr.Map) error {
	for _, p := range keys.All() {
		if what := emptyOf(item.Get(p.Name)); what != "" {
			return invalid(emptyKey + what + " value. Key: " + p.Name)
		}
	}
	return checkKeySizes(keys, item)
}

func checkKeySizes(keys *engine.Keys, item attr.Map) error {
	size := 0
	for _, p := range keys.Hash {
		size += item.Get(p.Name).Size()
	}
	if size > maxHash {
		return invalid(hashTooLong)
	}
	size = 0
	for _, p := range keys.Range {
		size += item.Get(p.Name).Size()
	}
	if size > maxRange {
		return invalid(rangeTooLong)
	}
	return nil
}

// emptyOf is the word for an empty string or binary, "" for other values.
func emptyOf(v attr.Value) string {
	switch {
	case v.Payload() != "":
	case v.Type() == attr.S:
		return "string"
	case v.Type() == attr.B:
		return "binary"
	}
	return ""
}

// itemKey checks an item that is put, as far as that needs no other item, and returns its key.
func (t *table) itemKey(item attr.Map) (engine.Key, error) {
	for _, p := range t.keys.All() {
		v := item.Get(p.Name)
		if v == "" {
			return "", invalid(invalidValues + "Missing the key " + p.Name + " in the item")
		}
		if v.Type() != p.Type {
			return "", typeMismatch(p, v)
		}
	}
	if err := checkKeyValues(&t.keys, item); err != nil {
		return "", err
	}
	if err := t.checkIndexKeys("", item); err != nil {
		return "", err
	}
	return t.items.Key(item), nil
}

func typeMismatch(p engine.KeyPart, v attr.Value) error {
	return invalidf(invalidValues+"Type mismatch for key %s expected: %s actual: %s", p.Name, p.Type, v.Type())
}

// checkIndexKeys checks the attributes of item that are keys of indexes and differ from those of old
// ("" for an item that is put).
func (t *table) checkIndexKeys(old, item attr.Map) error {
	indexes := t.indexes()
	if len(indexes) == 0 {
		return nil
	}
	for _, x := range indexes {
		for _, p := range x.Keys.All() {
			v := item.Get(p.Name)
			if v == "" || v == old.Get(p.Name) {
				continue
			}
			if v.Type() != p.Type {
				return invalidf(invalidValues+"Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s",
					p.Name, p.Type, v.Type(), t.firstIndexWith(p.Name))
			}
			what := emptyOf(v)
			switch {
			case what == "":
			case old == "":
				return invalidf("One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty %s value. IndexName: %s, IndexKey: %s",
					what, t.firstIndexWith(p.Name), p.Name)
			default:
				return invalidf("One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty %s value.", what)
			}
		}
		if err := checkKeySizes(&x.Keys, item); err != nil {
			return err
		}
	}
	return nil
}

// firstIndexWith is the first name, in their order, of the indexes with that key attribute.
func (t *table) firstIndexWith(attribute string) string {
	first := ""
	for _, x := range t.indexes() {
		if x.Keys.Has(attribute) && (first == "" || x.Name < first) {
			first = x.Name
		}
	}
	return first
}

// checkPaths finds document paths that lead into key attributes.
func (t *table) checkPaths(paths []attr.Path) error {
	for _, p := range paths {
		if len(p) == 1 {
			continue
		}
		if t.keys.Has(p[0].Name) {
			return invalid("Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: " + p[0].Name)
		}
		for _, x := range t.indexes() {
			if x.Keys.Has(p[0].Name) {
				return invalid("Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: " + p[0].Name)
			}
		}
	}
	return nil
}

// keyOf is the part of an item that is its key.
func (t *table) keyOf(item attr.Map) attr.Map { return item.Only(t.keys.Has) }
