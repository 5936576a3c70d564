package attr

import (
	"fmt"
	"maps"
	"slices"
)

// Document is the value as a document of its shape, for protocols other than JSON.
func (v *Value) Document() any { return v.document() }

// Document is the map as a document of its shape; see Value.Document.
func (m *Map) Document() any { return m.document() }

func (m Map) document() map[string]any {
	members := make(map[string]any)
	for name, v := range m.All() {
		members[name] = v.document()
	}
	return members
}

func (v Value) document() map[string]any {
	var content any
	switch t := v.Type(); t {
	case S, N:
		content = v.Text()
	case B:
		content = []byte(v.Payload())
	case Bool:
		content = v.IsTrue()
	case Null:
		content = true
	case M:
		content = Map(v).document()
	case L:
		list := []any{}
		for _, e := range v.Elems() {
			list = append(list, e.document())
		}
		content = list
	default:
		list := []any{}
		for p := range v.Members() {
			list = append(list, memberDocument(t, p))
		}
		content = list
	}
	return map[string]any{v.Type().String(): content}
}

func memberDocument(t Type, payload string) any {
	switch t {
	case NS:
		return Number(payload).String()
	case BS:
		return []byte(payload)
	}
	return payload
}

// SetDocument sets the value from a document of its shape; see Value.DecodeJSON for mistakes.
func (v *Value) SetDocument(document any) error {
	value, err := fromDocument(document, 0)
	*v = value
	return err
}

// SetDocument sets the map from a document of its shape; see Value.DecodeJSON for mistakes.
func (m *Map) SetDocument(document any) error {
	value, err := mapFromDocument(document, 0)
	*m = Map(value)
	return err
}

func mapFromDocument(document any, depth int) (Value, error) {
	members, ok := document.(map[string]any)
	if !ok {
		return "", fmt.Errorf("a map of attribute values is a %T", document)
	}
	pairs := make([]Pair, 0, len(members))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		v, err := fromDocument(members[name], depth)
		if err != nil {
			return "", err
		}
		if problem := v.Problem(); problem != "" {
			return spoiled(name, problem), nil
		}
		pairs = append(pairs, Pair{name, v})
	}
	return MapOf(pairs...).Value(), nil
}

func fromDocument(document any, depth int) (Value, error) {
	members, ok := document.(map[string]any)
	if !ok {
		return "", fmt.Errorf("an attribute value is a %T", document)
	}
	var found Value
	types := 0
	for _, name := range slices.Sorted(maps.Keys(members)) {
		t, ok := ParseType(name)
		if !ok || members[name] == nil {
			continue
		}
		types++
		v, err := typedDocument(t, members[name], depth)
		if err != nil || v.Problem() != "" {
			return v, err
		}
		found = v
	}
	switch types {
	case 0:
		return Spoiled(problemEmpty), nil
	case 1:
		return found, nil
	}
	return Spoiled(problemSeveral), nil
}

func typedDocument(t Type, content any, depth int) (Value, error) {
	switch c := content.(type) {
	case string:
		switch t {
		case S:
			return Str(c), nil
		case N:
			x, problem := ParseNumber(c)
			if problem != "" {
				return Spoiled(problem), nil
			}
			return Num(x), nil
		}
	case []byte:
		if t == B {
			return Bin(string(c)), nil
		}
	case bool:
		switch t {
		case Bool:
			return Boolean(c), nil
		case Null:
			return NullValue, nil
		}
	case map[string]any:
		if t == M {
			if depth >= MaxDepth {
				return Spoiled(ProblemDepth), nil
			}
			return mapFromDocument(c, depth+1)
		}
	case []any:
		return listDocument(t, c, depth)
	}
	return "", fmt.Errorf("attribute value of type %s is a %T", t, content)
}

func listDocument(t Type, list []any, depth int) (Value, error) {
	if t == L && depth >= MaxDepth {
		return Spoiled(ProblemDepth), nil
	}
	var elems []Value
	var payloads []string
	for _, e := range list {
		if t == L {
			v, err := fromDocument(e, depth+1)
			if err != nil || v.Problem() != "" {
				return v, err
			}
			elems = append(elems, v)
			continue
		}
		v, err := typedDocument(t.Elem(), e, depth)
		if err != nil || v.Problem() != "" {
			return v, err
		}
		payloads = append(payloads, v.Payload())
	}
	if t == L {
		return List(elems...), nil
	}
	return SetOf(t, payloads), nil
}
