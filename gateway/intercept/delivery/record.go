package delivery

import (
	"encoding/binary"
	"errors"
)

// Records of the journal begin with one of these.
const (
	recordAdd  = 'a' // id, target, group, payload
	recordDone = 'd' // id
)

func encodeAdd(id uint64, m Message) []byte {
	b := make([]byte, 0, 32+len(m.Target)+len(m.Group)+len(m.Payload))
	b = binary.AppendUvarint(append(b, recordAdd), id)
	b = append(binary.AppendUvarint(b, uint64(len(m.Target))), m.Target...)
	b = append(binary.AppendUvarint(b, uint64(len(m.Group))), m.Group...)
	return append(b, m.Payload...)
}

func encodeDone(id uint64) []byte { return binary.AppendUvarint([]byte{recordDone}, id) }

var errRecord = errors.New("a record of deliveries cannot be read")

// decodeRecord reads a record; added is false for one that says that a message is done with.
func decodeRecord(b []byte) (id uint64, m Message, added bool, err error) {
	if len(b) == 0 || b[0] != recordAdd && b[0] != recordDone {
		return 0, m, false, errRecord
	}
	added = b[0] == recordAdd
	id, n := binary.Uvarint(b[1:])
	if n <= 0 {
		return 0, m, false, errRecord
	}
	if !added {
		return id, m, false, nil
	}
	rest := b[1+n:]
	if m.Target, rest, err = readText(rest); err != nil {
		return 0, m, false, err
	}
	if m.Group, rest, err = readText(rest); err != nil {
		return 0, m, false, err
	}
	m.Payload = append([]byte(nil), rest...)
	return id, m, true, nil
}

func readText(b []byte) (string, []byte, error) {
	length, n := binary.Uvarint(b)
	if n <= 0 || length > uint64(len(b)-n) {
		return "", nil, errRecord
	}
	end := n + int(length)
	return string(b[n:end]), b[end:], nil
}
