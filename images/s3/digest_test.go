package s3

import "crypto/md5"

// md5Of is the Content-MD5 of a body.
func md5Of(body string) string {
	sum := md5.Sum([]byte(body))
	return encodeSum(sum[:])
}
