package engine

import (
	"encoding/binary"

	"localcloud/images/dynamodb/attr"
)

// Record is an item as a table keeps it, one string: the length of its ordered key (two bytes), its
// size by DynamoDB's rules (four bytes), the key, the item. A record without an item is a probe.
type Record string

const recordHeader = 6

// record makes the record of an item whose ordered key is key.
func record(key []byte, item attr.Map, size int) Record {
	b := make([]byte, 0, recordHeader+len(key)+len(item))
	return Record(appendRecord(b, key, item, size))
}

func appendRecord(b, key []byte, item attr.Map, size int) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(len(key)))
	b = binary.LittleEndian.AppendUint32(b, uint32(size))
	b = append(b, key...)
	return append(b, item...)
}

// Key is the ordered key.
func (r Record) Key() string { return string(r[recordHeader : recordHeader+r.keyLength()]) }

func (r Record) keyLength() int { return int(r[0]) | int(r[1])<<8 }

// Item is the item, "" for a probe or the zero Record.
func (r Record) Item() attr.Map {
	if r == "" {
		return ""
	}
	return attr.Map(r[recordHeader+r.keyLength():])
}

// Size is the item's size by DynamoDB's rules.
func (r Record) Size() int {
	if r == "" {
		return 0
	}
	return int(r[2]) | int(r[3])<<8 | int(r[4])<<16 | int(r[5])<<24
}

// entry is an item in an index, under the index's ordered key.
type entry struct {
	key    string
	record Record
}

func lessRecord(a, b Record) bool { return a.Key() < b.Key() }
func lessEntry(a, b entry) bool   { return a.key < b.key }
