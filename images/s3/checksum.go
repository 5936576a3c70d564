package s3

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"slices"
	"strings"

	"github.com/minio/crc64nvme"

	"localcloud/images/s3/store"
)

// Types of checksums.
const (
	fullObject = "FULL_OBJECT"
	composite  = "COMPOSITE"
)

// defaultAlgorithm is what S3 computes where the client names none.
const defaultAlgorithm = "CRC64NVME"

// algorithm is one of the checksum algorithms of S3.
type algorithm struct {
	name   string // "CRC32"
	header string // "X-Amz-Checksum-Crc32"
	size   int    // bytes
	crc    *crc   // nil where checksums of parts cannot be combined
	new    func() hash.Hash
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var algorithms = []*algorithm{
	{"CRC32", "X-Amz-Checksum-Crc32", 4, newCRC(32, 0xedb88320), func() hash.Hash { return crc32.NewIEEE() }},
	{"CRC32C", "X-Amz-Checksum-Crc32c", 4, newCRC(32, 0x82f63b78), func() hash.Hash { return crc32.New(castagnoli) }},
	{"CRC64NVME", "X-Amz-Checksum-Crc64nvme", 8, newCRC(64, 0x9a6c9329ac4bc9b5), func() hash.Hash { return crc64nvme.New() }},
	{"SHA1", "X-Amz-Checksum-Sha1", sha1.Size, nil, sha1.New},
	{"SHA256", "X-Amz-Checksum-Sha256", sha256.Size, nil, sha256.New},
}

// algorithmNames is how AWS lists them in messages.
const algorithmNames = "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"

// findAlgorithm returns the algorithm of that name, in any case, or nil.
func findAlgorithm(name string) *algorithm {
	i := slices.IndexFunc(algorithms, func(a *algorithm) bool { return strings.EqualFold(a.name, name) })
	if i < 0 {
		return nil
	}
	return algorithms[i]
}

// lower is the name as messages and headers write it.
func (a *algorithm) lower() string { return strings.ToLower(a.name) }

// valid reports whether value is a checksum of this algorithm: base64 of its length.
func (a *algorithm) valid(value string) bool {
	raw, err := base64.StdEncoding.DecodeString(value)
	return err == nil && len(raw) == a.size
}

// supports reports whether multipart uploads can have checksums of that type.
func (a *algorithm) supports(kind string) bool {
	switch kind {
	case fullObject:
		return a.crc != nil
	case composite:
		return a.name != "CRC64NVME"
	}
	return false
}

// defaultType is the type of a multipart upload's checksum where the client names none.
func (a *algorithm) defaultType() string {
	if a.name == "CRC64NVME" {
		return fullObject
	}
	return composite
}

// encodeSum writes a checksum as clients see it.
func encodeSum(sum []byte) string { return base64.StdEncoding.EncodeToString(sum) }

// crc combines checksums of parts into the one of the whole. It works for CRCs whose bits are
// reflected and that begin and end inverted, as all of S3's.
type crc struct {
	bits   int
	poly   uint64     // reflected
	powers [64]uint64 // x^(2^n) modulo poly
}

func newCRC(bits int, poly uint64) *crc {
	c := &crc{bits: bits, poly: poly}
	c.powers[0] = 1 << (bits - 2) // x
	for n := 1; n < len(c.powers); n++ {
		c.powers[n] = c.multiply(c.powers[n-1], c.powers[n-1])
	}
	return c
}

// multiply is a times b modulo poly, polynomials over GF(2) with the highest bit first.
func (c *crc) multiply(a, b uint64) uint64 {
	var product uint64
	for m := uint64(1) << (c.bits - 1); m != 0; m >>= 1 {
		if a&m != 0 {
			product ^= b
			if a&(m-1) == 0 {
				break
			}
		}
		if b&1 != 0 {
			b = b>>1 ^ c.poly
		} else {
			b >>= 1
		}
	}
	return product
}

// combine is the CRC of two byte strings one after the other, given the CRC of each and the length
// of the second.
func (c *crc) combine(first, second uint64, length int64) uint64 {
	shift := uint64(1) << (c.bits - 1) // 1
	for n, k := uint64(length), 3; n != 0; n, k = n>>1, k+1 {
		if n&1 != 0 {
			shift = c.multiply(c.powers[k], shift)
		}
	}
	return c.multiply(shift, first) ^ second
}

// combineParts is the checksum of an object from those of its parts: of the whole content for
// FULL_OBJECT, of the parts' checksums for COMPOSITE.
func (a *algorithm) combineParts(kind string, parts []store.PartInfo) (store.Checksum, error) {
	whole := store.Checksum{Algorithm: a.name, Type: kind}
	h := a.new()
	var sum uint64
	for _, p := range parts {
		raw, err := base64.StdEncoding.DecodeString(p.Checksum)
		if err != nil {
			return whole, err
		}
		if kind == composite {
			h.Write(raw)
			continue
		}
		sum = a.crc.combine(sum, bigEndian(raw), p.Size)
	}
	if kind == composite {
		whole.Value = encodeSum(h.Sum(nil))
		return whole, nil
	}
	raw := make([]byte, a.size)
	for i := range raw {
		raw[len(raw)-1-i] = byte(sum >> (8 * i))
	}
	whole.Value = encodeSum(raw)
	return whole, nil
}

func bigEndian(raw []byte) (x uint64) {
	for _, b := range raw {
		x = x<<8 | uint64(b)
	}
	return x
}
