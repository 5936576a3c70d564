package sns

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // signature version 1 is defined with it
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// certificatePath is where the gateway serves the certificate that messages name.
const certificatePath = "/_aws/sns/SimpleNotificationService-6c6f63616c737461636b69736e696365.pem"

// signer signs messages. Its key is made at first use and kept in the state directory, so that
// messages of an earlier process still verify.
type signer struct {
	dir string

	once        sync.Once
	key         *rsa.PrivateKey
	certificate []byte
	err         error

	mu   sync.Mutex
	done map[string]*signed // of the last messages: all subscribers get the same signature
	ring []string
}

type signed struct {
	once  sync.Once
	value string
	err   error
}

const keptSignatures = 1024

// sign signs a text; id names it, so that it is signed once.
func (s *signer) sign(version, id, text string) (string, error) {
	if s.once.Do(s.load); s.err != nil {
		return "", s.err
	}
	one := s.entry(id)
	one.once.Do(func() {
		hash, sum := crypto.SHA1, sha1.Sum([]byte(text))
		digest := sum[:]
		if version == "2" {
			strong := sha256.Sum256([]byte(text))
			hash, digest = crypto.SHA256, strong[:]
		}
		var value []byte
		value, one.err = rsa.SignPKCS1v15(nil, s.key, hash, digest)
		one.value = base64.StdEncoding.EncodeToString(value)
	})
	return one.value, one.err
}

func (s *signer) entry(id string) *signed {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one := s.done[id]; one != nil {
		return one
	}
	if s.done == nil {
		s.done = make(map[string]*signed)
	}
	if len(s.ring) == keptSignatures {
		delete(s.done, s.ring[0])
		s.ring = s.ring[1:]
	}
	one := new(signed)
	s.done[id] = one
	s.ring = append(s.ring, id)
	return one
}

// pem is the certificate.
func (s *signer) pem() ([]byte, error) {
	s.once.Do(s.load)
	return s.certificate, s.err
}

func (s *signer) load() {
	path := filepath.Join(s.dir, "signing.pem")
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		content, err = newKey()
		if err == nil {
			err = os.WriteFile(path, content, 0o600)
		}
	}
	if err == nil {
		err = s.parse(content)
	}
	if err != nil {
		s.err = fmt.Errorf("signing key of sns: %w", err)
	}
}

func (s *signer) parse(content []byte) error {
	block, rest := pem.Decode(content)
	if block == nil {
		return errors.New("no key in its file")
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		return err
	}
	s.key, s.certificate = key, rest
	return nil
}

// newKey makes a key and a self-signed certificate, one behind the other.
func newKey() ([]byte, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "sns.amazonaws.com"},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(10, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	content := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	return append(content, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})...), nil
}
