package sign

import (
	"crypto/hmac"
	"encoding/hex"
	"strings"
)

// chunkChain is the chain of signatures over a chunked body: each covers the one before it.
type chunkChain struct {
	signature *Signature
	secret    string
	key       []byte // Version 4
	previous  string
	trailing  bool // a signed trailer ends the body
}

func newChunkChain(s *Signature, secret string) *chunkChain {
	c := &chunkChain{signature: s, secret: secret, previous: s.Value, trailing: strings.HasSuffix(s.PayloadHash, "-TRAILER")}
	if s.Scheme == V4 {
		c.key = signingKey(secret, s.Date, s.Region, s.Service)
	}
	return c
}

// chunk checks the signature of a chunk whose content has the given hash.
func (c *chunkChain) chunk(sum, signature string) bool {
	return c.check("-PAYLOAD", EmptyPayload+"\n"+sum, signature)
}

// trailer checks the signature of the trailing headers.
func (c *chunkChain) trailer(sum, signature string) bool {
	return c.check("-TRAILER", sum, signature)
}

func (c *chunkChain) check(suffix, tail, signature string) bool {
	text := c.text(suffix, tail)
	c.previous = signature
	if c.key == nil {
		return verifyECDSA(c.signature.AccessKey, c.secret, text, signature)
	}
	return hmac.Equal([]byte(hex.EncodeToString(mac(c.key, text))), []byte(signature))
}

// next makes the signature of the next part.
func (c *chunkChain) next(suffix, tail string) string {
	c.previous = hex.EncodeToString(mac(c.key, c.text(suffix, tail)))
	return c.previous
}

func (c *chunkChain) text(suffix, tail string) string {
	algorithm := algorithmV4
	if c.key == nil {
		algorithm = algorithmV4A
	}
	return algorithm + suffix + "\n" + c.signature.Time.UTC().Format(timeFormat) + "\n" + c.signature.scope() +
		"\n" + c.previous + "\n" + tail
}
