package s3

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"localcloud/images/s3/store"
)

// TestFullObjectChecksums combines the checksums of random parts and compares with that of the whole.
func TestFullObjectChecksums(t *testing.T) {
	for _, a := range algorithms {
		if a.crc == nil {
			continue
		}
		t.Run(a.name, func(t *testing.T) {
			var whole bytes.Buffer
			var parts []store.PartInfo
			for range 40 {
				part := make([]byte, rand.IntN(5000))
				for i := range part {
					part[i] = byte(rand.Uint32())
				}
				h := a.new()
				h.Write(part)
				parts = append(parts, store.PartInfo{Size: int64(len(part)), Checksum: encodeSum(h.Sum(nil))})
				whole.Write(part)
			}
			h := a.new()
			h.Write(whole.Bytes())
			got, err := a.combineParts(fullObject, parts)
			if want := encodeSum(h.Sum(nil)); err != nil || got.Value != want {
				t.Errorf("combined %s, want %s, %v", got.Value, want, err)
			}
		})
	}
}
