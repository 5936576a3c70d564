package sign

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"strconv"
	"time"
)

// deriveECDSA derives the key pair of Version 4A from an access key and its secret: the counter
// mode of NIST SP 800-108 with HMAC-SHA-256, repeated until the candidate lies below the order of P-256
// less one ("AWS Signature Version 4A" of the IAM user guide). It returns nil where no counter gives one.
func deriveECDSA(accessKey, secret string) *ecdsa.PrivateKey {
	curve := elliptic.P256()
	limit := new(big.Int).Sub(curve.Params().N, big.NewInt(2))
	for counter := 1; counter <= 254; counter++ {
		h := hmac.New(sha256.New, []byte("AWS4A"+secret))
		h.Write(binary.BigEndian.AppendUint32(nil, 1))
		h.Write([]byte(algorithmV4A))
		h.Write([]byte{0})
		h.Write([]byte(accessKey))
		h.Write([]byte{byte(counter)})
		h.Write(binary.BigEndian.AppendUint32(nil, 256))
		candidate := new(big.Int).SetBytes(h.Sum(nil))
		if candidate.Cmp(limit) > 0 {
			continue
		}
		d := candidate.Add(candidate, big.NewInt(1))
		key, err := ecdsa.ParseRawPrivateKey(curve, d.FillBytes(make([]byte, 32)))
		if err != nil {
			return nil
		}
		return key
	}
	return nil
}

// verifyECDSA tests a hexadecimal ASN.1 signature of a text.
func verifyECDSA(accessKey, secret, text, signature string) bool {
	key := deriveECDSA(accessKey, secret)
	value, err := hex.DecodeString(signature)
	if key == nil || err != nil {
		return false
	}
	sum := sha256.Sum256([]byte(text))
	return ecdsa.VerifyASN1(&key.PublicKey, sum[:], value)
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }
