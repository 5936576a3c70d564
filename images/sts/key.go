package sts

import (
	"encoding/base32"
	"fmt"
	"strings"

	"localcloud/gateway/aws"
)

// keyAccount is the account of an access key: the key itself where it is an account's number, what
// keys of AWS's form carry in base32, else the default.
func keyAccount(key string) string {
	if len(key) == 12 && strings.Trim(key, "0123456789") == "" {
		return key
	}
	if len(key) < 13 {
		return aws.DefaultAccount
	}
	switch key[:4] {
	case "AKIA", "ASIA", "LKIA", "LSIA":
	default:
		return aws.DefaultAccount
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	b, err := base32.StdEncoding.DecodeString(key[4:12])
	last := strings.IndexByte(alphabet, key[12])
	if err != nil || last < 0 {
		return aws.DefaultAccount
	}
	n := int64(0)
	for _, c := range b {
		n = n<<8 | int64(c)
	}
	account := 2 * (n - 1<<39)
	if last >= 16 {
		account++
	}
	if account < 0 || account > 999999999999 {
		return aws.DefaultAccount
	}
	return fmt.Sprintf("%012d", account)
}
