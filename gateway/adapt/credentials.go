package adapt

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/sign"
	"localcloud/images"
)

// credentials replaces the caller's signature, which covers its own host and key, by one that the
// backend takes: made with a key pair that the backend knows where it checks, else only well formed,
// with the account as access key where the backend learns the account from there.
func (a *Adapter) credentials(ctx context.Context, x *exchange, r *http.Request) error {
	if x.call.Service == nil {
		return nil
	}
	if x.image.Sign.AccessKey != "" {
		return a.resign(ctx, x, r)
	}
	call, image := x.call, x.image
	key := call.AccessKey
	if key == "" || byKey(image.Account) {
		key = call.Account
	}
	region := call.Region
	if image.Region != "" {
		region = image.Region
	}
	if sign.IsChunked(r.Header) && !image.Chunked {
		if err := x.unchunk(r); err != nil {
			return err
		}
	}
	whole := strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ") && r.Header.Get("X-Amz-Date") != ""
	if whole && key == call.AccessKey && region == call.Region {
		return nil
	}
	removeQuerySignature(r)
	now := a.clock.Now().UTC()
	r.Header.Set("X-Amz-Date", now.Format("20060102T150405Z"))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/"+now.Format("20060102")+"/"+region+"/"+
		call.Service.SigningName+"/aws4_request, SignedHeaders=host;x-amz-date, Signature="+strings.Repeat("0", 64))
	return nil
}

// resign signs a request with a key pair that the backend knows. An anonymous one stays anonymous
// where accounts have keys of their own.
func (a *Adapter) resign(ctx context.Context, x *exchange, r *http.Request) error {
	call, keys := x.call, x.image.Sign
	removeQuerySignature(r)
	r.Header.Del("X-Amz-Security-Token")
	payload, err := x.payload(r)
	if err != nil {
		return err
	}
	if x.image.Account.Admit != nil {
		if call.AccessKey == "" && call.Principal == "" {
			r.Header.Del("Authorization")
			return nil
		}
		if keys, err = a.admitted(ctx, x.backend, call.Account); err != nil {
			return aws.Unavailable("The backend " + x.backend.Name + " does not take the account " + call.Account + ": " + err.Error() + ".")
		}
	}
	region := keys.Region
	if region == "" {
		region = call.Region
	}
	sign.Sign(r, sign.Credentials{AccessKey: keys.AccessKey, SecretKey: keys.SecretKey}, call.Service.SigningName, region, a.clock.Now(), payload)
	return nil
}

// payload is what stands for the body in a signature. A framed body is brought into a framing that
// the backend takes.
func (x *exchange) payload(r *http.Request) (string, error) {
	payload := r.Header.Get("X-Amz-Content-Sha256")
	switch {
	case sign.IsChunked(r.Header) && x.image.Chunked && r.Header.Get("X-Amz-Trailer") != "":
		return sign.StreamingUnsignedTrailer, x.rechunk(r)
	case sign.IsChunked(r.Header):
		return sign.UnsignedPayload, x.unchunk(r)
	case payload != "":
		return payload, nil
	case x.call.Service.SigningName == "s3":
		return sign.UnsignedPayload, nil
	}
	body, err := readWhole(r.Body)
	if err != nil {
		return "", err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), nil
}

// removeQuerySignature removes the parameters of a presigned URL; the others stay as they stand.
func removeQuerySignature(r *http.Request) {
	if !strings.Contains(r.URL.RawQuery, "Signature=") {
		return
	}
	v2 := !strings.Contains(r.URL.RawQuery, "X-Amz-Signature=")
	kept := make([]string, 0, 4)
	for part := range strings.SplitSeq(r.URL.RawQuery, "&") {
		switch name, value, _ := strings.Cut(part, "="); {
		case v2 && (name == "AWSAccessKeyId" || name == "Signature" || name == "Expires"):
		case name == "X-Amz-Content-Sha256" && r.Header.Get(name) == "":
			r.Header.Set(name, value)
		case name == "X-Amz-Algorithm", name == "X-Amz-Credential", name == "X-Amz-Date", name == "X-Amz-Expires",
			name == "X-Amz-SignedHeaders", name == "X-Amz-Signature", name == "X-Amz-Security-Token", name == "X-Amz-Content-Sha256":
		default:
			kept = append(kept, part)
		}
	}
	r.URL.RawQuery = strings.Join(kept, "&")
}

// admissions are the accounts that one run of a backend knows.
type admissions struct {
	backend *images.Backend // another one was started anew
	keys    map[string]images.Signing
}

// admitted is the key pair of an account, which the backend is told of at its first call.
func (a *Adapter) admitted(ctx context.Context, backend *images.Backend, account string) (images.Signing, error) {
	a.mu.Lock()
	known := a.accounts[backend.Name]
	if known == nil || known.backend != backend {
		known = &admissions{backend: backend, keys: make(map[string]images.Signing)}
		a.accounts[backend.Name] = known
	}
	keys, ok := known.keys[account]
	a.mu.Unlock()
	if ok {
		return keys, nil
	}
	keys, err := backend.Image.Account.Admit(ctx, backend, account)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = errors.Join(err, cause)
		}
		return images.Signing{}, err
	}
	a.mu.Lock()
	known.keys[account] = keys
	a.mu.Unlock()
	return keys, nil
}

// byKey reports whether the access key tells the backend the account.
func byKey(mode images.AccountMode) bool {
	return mode.Header == "" && mode.Fixed == "" && !mode.Instance && mode.Admit == nil
}
