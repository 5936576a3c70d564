package adapt

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"strings"
)

// checksums are the algorithms whose sums come in trailers, by the header's name.
var checksums = map[string]func() hash.Hash{
	"x-amz-checksum-crc32":     func() hash.Hash { return crc32.NewIEEE() },
	"x-amz-checksum-crc32c":    func() hash.Hash { return crc32.New(castagnoli) },
	"x-amz-checksum-crc64nvme": func() hash.Hash { return crc64.New(nvme) },
	"x-amz-checksum-sha1":      sha1.New,
	"x-amz-checksum-sha256":    sha256.New,
}

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	nvme       = crc64.MakeTable(0x9a6c9329ac4bc9b5)
)

// checksumOf finds the checksum among the announced trailers; algorithm is nil where there is none.
func checksumOf(announced string) (name string, algorithm func() hash.Hash) {
	for name := range strings.SplitSeq(announced, ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		if algorithm := checksums[name]; algorithm != nil {
			return name, algorithm
		}
	}
	return "", nil
}

func encodedSum(sum hash.Hash) string { return base64.StdEncoding.EncodeToString(sum.Sum(nil)) }
