package engine

import (
	"encoding/binary"
	"strings"

	"localcloud/images/dynamodb/attr"
)

// KeyPart is one attribute of a key.
type KeyPart struct {
	Name string
	Type attr.Type // S, N or B
}

// Keys is the key schema of a table or an index. Tables have one hash attribute and at most one range
// attribute, global indexes up to four of each.
type Keys struct {
	Hash, Range []KeyPart
}

// All are the attributes of the key, hash first.
func (k *Keys) All() []KeyPart { return append(k.Hash[:len(k.Hash):len(k.Hash)], k.Range...) }

// Has reports whether the key has an attribute of that name.
func (k *Keys) Has(name string) bool {
	for _, p := range k.Hash {
		if p.Name == name {
			return true
		}
	}
	for _, p := range k.Range {
		if p.Name == name {
			return true
		}
	}
	return false
}

// appendKey appends the ordered form of the key that item has; ok is false where it lacks an
// attribute of the key or has one of another type.
//
// The form: eight bytes of hash of the hash attributes, each of these behind its length, then the
// range attributes, each escaped and ended so that it sorts before what it is a prefix of.
func (k *Keys) appendKey(b []byte, item attr.Map) (key []byte, ok bool) {
	start := len(b)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
	for _, p := range k.Hash {
		v := item.Get(p.Name)
		if v.Type() != p.Type {
			return nil, false
		}
		b = appendHashPart(b, v.Payload())
	}
	binary.BigEndian.PutUint64(b[start:], hash(b[start+8:]))
	for _, p := range k.Range {
		v := item.Get(p.Name)
		if v.Type() != p.Type {
			return nil, false
		}
		b = appendRangePart(b, v.Payload())
	}
	return b, true
}

func appendHashPart(b []byte, payload string) []byte {
	b = binary.AppendUvarint(b, uint64(len(payload)))
	return append(b, payload...)
}

// appendRangePart appends a range attribute: zero bytes are followed by 0xff, the end is 0x00 0x01.
func appendRangePart(b []byte, payload string) []byte {
	return append(appendEscaped(b, payload), 0, 1)
}

func appendEscaped(b []byte, payload string) []byte {
	for {
		i := strings.IndexByte(payload, 0)
		if i < 0 {
			return append(b, payload...)
		}
		b = append(b, payload[:i]...)
		b = append(b, 0, 0xff)
		payload = payload[i+1:]
	}
}

// hash is FNV-1a with a final mix, which spreads keys that differ in their last bytes only.
func hash(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// Bounds are the keys from Low (included) up to High (not included); High "" is no upper bound.
type Bounds struct{ Low, High string }

// Partition are the bounds of all items with those payloads of the hash attributes.
func (k *Keys) Partition(payloads []string) Bounds { return prefixed(k.partition(payloads)) }

func (k *Keys) partition(payloads []string) []byte {
	b := make([]byte, 8, 64)
	for _, p := range payloads {
		b = appendHashPart(b, p)
	}
	binary.BigEndian.PutUint64(b, hash(b[8:]))
	return b
}

// Within are the bounds of the items of a partition whose leading range attributes have the payloads
// of equal and whose next one fits operator (one of < <= > >= BETWEEN begins_with, "" for none) and operands.
func (k *Keys) Within(partition, equal []string, operator string, operands []string) Bounds {
	b := k.partition(partition)
	for _, p := range equal {
		b = appendRangePart(b, p)
	}
	all := prefixed(b)
	if operator == "" {
		return all
	}
	if operator == "begins_with" {
		return prefixed(appendEscaped(b, operands[0]))
	}
	first := prefixed(appendRangePart(b[:len(b):len(b)], operands[0]))
	switch operator {
	case "<":
		return Bounds{all.Low, first.Low}
	case "<=":
		return Bounds{all.Low, first.High}
	case ">":
		return Bounds{first.High, all.High}
	case "BETWEEN":
		last := prefixed(appendRangePart(b[:len(b):len(b)], operands[1]))
		return Bounds{first.Low, last.High}
	}
	return Bounds{first.Low, all.High}
}

// Segment are the bounds of one of total equal parts of all hashes.
func Segment(segment, total int) Bounds {
	if total <= 1 {
		return Bounds{}
	}
	var b Bounds
	step := ^uint64(0)/uint64(total) + 1
	if segment > 0 {
		b.Low = string(binary.BigEndian.AppendUint64(nil, uint64(segment)*step))
	}
	if segment+1 < total {
		b.High = string(binary.BigEndian.AppendUint64(nil, uint64(segment+1)*step))
	}
	return b
}

// prefixed are the bounds of all keys with that prefix.
func prefixed(prefix []byte) Bounds {
	after := append([]byte(nil), prefix...)
	for len(after) > 0 && after[len(after)-1] == 0xff {
		after = after[:len(after)-1]
	}
	if len(after) > 0 {
		after[len(after)-1]++
	}
	return Bounds{string(prefix), string(after)}
}

// Contains reports whether key lies within the bounds.
func (b Bounds) Contains(key string) bool {
	return key >= b.Low && (b.High == "" || key < b.High)
}

// After are the bounds without the keys up to key, or in reverse order without those from key on.
func (b Bounds) After(key string, reverse bool) Bounds {
	if reverse {
		if b.High == "" || key < b.High {
			b.High = key
		}
		return b
	}
	if next := key + "\x00"; next > b.Low {
		b.Low = next
	}
	return b
}
