package attr

import "encoding/base64"

// AppendJSON appends the value as DynamoDB's JSON: {"S":"text"}.
func (v Value) AppendJSON(b []byte) []byte {
	t := v.Type()
	b = append(b, `{"`...)
	b = append(b, t.name()...)
	b = append(b, `":`...)
	switch t {
	case S, N, B:
		b = appendScalar(b, t, v.Payload())
	case Bool:
		if v.IsTrue() {
			b = append(b, "true"...)
		} else {
			b = append(b, "false"...)
		}
	case Null:
		b = append(b, "true"...)
	case M:
		b = Map(v).AppendJSON(b)
	case L:
		b = append(b, '[')
		for rest := v.Payload(); rest != ""; {
			var e Value
			e, rest = cut(rest)
			b = e.AppendJSON(b)
			if rest != "" {
				b = append(b, ',')
			}
		}
		b = append(b, ']')
	default:
		b = append(b, '[')
		for rest := v.Payload(); rest != ""; {
			var m string
			m, rest = cutString(rest)
			b = appendScalar(b, t.Elem(), m)
			if rest != "" {
				b = append(b, ',')
			}
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// AppendJSON appends the map as a JSON object of values in DynamoDB's JSON.
func (m Map) AppendJSON(b []byte) []byte {
	b = append(b, '{')
	for rest := m.payload(); rest != ""; {
		var name string
		name, rest = cutString(rest)
		size := valueSize(rest)
		b = appendString(b, name)
		b = append(b, ':')
		b = Value(rest[:size]).AppendJSON(b)
		if rest = rest[size:]; rest != "" {
			b = append(b, ',')
		}
	}
	return append(b, '}')
}

// name is String for the types of good values, without allocation.
func (t Type) name() string {
	switch t {
	case S:
		return "S"
	case N:
		return "N"
	case B:
		return "B"
	case M:
		return "M"
	case L:
		return "L"
	}
	return t.String()
}

func appendScalar(b []byte, t Type, payload string) []byte {
	switch t {
	case N:
		b = append(b, '"')
		b = Number(payload).Append(b)
		return append(b, '"')
	case B:
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, []byte(payload))
		return append(b, '"')
	}
	return appendString(b, payload)
}

const hex = "0123456789abcdef"

// appendString appends s as a JSON string. s is valid UTF-8.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}
