package store

import (
	"encoding/base64"
	"encoding/binary"
)

// NullID is the id of the version that a bucket without versioning keeps.
const NullID = "null"

// Ids are made from the number of what they name, so that none is kept: the number is mixed three
// times with different constants, and what does not come apart to the same number is no id.
var idEncoding = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._").WithPadding(base64.NoPadding)

const (
	idWords     = 3 // 24 bytes, 32 characters
	uploadWords = 12
)

var idSalts = [uploadWords]uint64{
	0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89,
	0x452821e638d01377, 0xbe5466cf34e90c6c, 0xc0ac29b7c97c50dd, 0x3f84d5b5b5470917,
	0x9216d5d98979fb1b, 0xd1310ba698dfb5ac, 0x2ffd72dbd01adfb7, 0xb8e1afed6a267e96,
}

func versionID(seq uint64) string             { return makeID(seq, idWords) }
func parseVersionID(id string) (uint64, bool) { return parseID(id, idWords) }
func uploadID(seq uint64) string              { return makeID(seq, uploadWords) }
func parseUploadID(id string) (uint64, bool)  { return parseID(id, uploadWords) }

// ValidVersionID reports whether id has the form of a version id; another one AWS refuses as an
// argument, before it looks whether there is such a version.
func ValidVersionID(id string) bool {
	if id == NullID {
		return true
	}
	_, ok := parseVersionID(id)
	return ok
}

func makeID(seq uint64, words int) string {
	var raw [uploadWords * 8]byte
	for i := range words {
		binary.BigEndian.PutUint64(raw[i*8:], mix(seq^idSalts[i]))
	}
	return idEncoding.EncodeToString(raw[:words*8])
}

func parseID(id string, words int) (uint64, bool) {
	var raw [uploadWords * 8]byte
	if idEncoding.EncodedLen(words*8) != len(id) {
		return 0, false
	}
	if _, err := idEncoding.Decode(raw[:], []byte(id)); err != nil {
		return 0, false
	}
	seq := unmix(binary.BigEndian.Uint64(raw[:])) ^ idSalts[0]
	return seq, makeID(seq, words) == id
}

// mix is the finalizer of splitmix64, unmix its inverse.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

func unmix(x uint64) uint64 {
	x ^= x>>31 ^ x>>62
	x *= 0x319642b2d24d8ec3
	x ^= x>>27 ^ x>>54
	x *= 0x96de1b173f119089
	return x ^ x>>30 ^ x>>60
}
