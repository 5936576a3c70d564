package sign_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/minio/minio-go/v7/pkg/signer"

	"localcloud/gateway/aws/sign"
)

// The example of "Signature calculations for the authorization header: transferring payload in
// multiple chunks" in the S3 API reference.
func TestChunksOfTheReference(t *testing.T) {
	body := "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" + strings.Repeat("a", 65536) +
		"\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" + strings.Repeat("a", 1024) +
		"\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n"
	r := httptest.NewRequest("PUT", "https://s3.amazonaws.com/examplebucket/chunkObject.txt", strings.NewReader(body))
	for name, value := range map[string]string{
		"X-Amz-Date": "20130524T000000Z", "X-Amz-Storage-Class": "REDUCED_REDUNDANCY", "Content-Encoding": "aws-chunked",
		"X-Amz-Content-Sha256": sign.StreamingSigned, "X-Amz-Decoded-Content-Length": "66560", "Content-Length": "66824",
		"Authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, " +
			"SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class, " +
			"Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
	} {
		r.Header.Set(name, value)
	}
	const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	s, err := sign.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(r, secret, nil); err != nil {
		t.Fatalf("seed: %v", err)
	}
	reader := sign.NewChunkReader(r.Body, 66560)
	reader.CheckSignatures(s, secret)
	content, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(content), 66560; got != want {
		t.Errorf("got %d bytes, want %d", got, want)
	}
}

// hasher is what minio-go's signer asks for.
type hasher struct{ hash.Hash }

func (hasher) Close() {}

func TestChunksWithTrailerSignedByMinio(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789"), 20_000)
	r, err := http.NewRequest("PUT", "http://localhost:4566/bucket/key", bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	r.Trailer = http.Header{"X-Amz-Checksum-Crc32c": {"sOO8/Q=="}}
	r = signer.StreamingSignV4(r, accessKey, secretKey, "", "us-east-1", int64(len(content)), at, hasher{sha256.New()})
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sign.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(r, secretKey, nil); err != nil {
		t.Fatalf("seed: %v", err)
	}
	for _, test := range []struct {
		name string
		body []byte
		want sign.Kind
	}{
		{"as it was signed", body, 0},
		{"one byte of content changed", bytes.Replace(body, []byte("0123456789"), []byte("X123456789"), 1), sign.Mismatch},
		{"the trailer changed", bytes.Replace(body, []byte("sOO8/Q=="), []byte("AAAA/Q=="), 1), sign.Mismatch},
		{"cut in the middle", body[:len(body)/2], sign.Incomplete},
	} {
		t.Run(test.name, func(t *testing.T) {
			verifier := sign.NewChunkVerifier(io.NopCloser(iotest.HalfReader(bytes.NewReader(test.body))), int64(len(content)), s, secretKey)
			passed, err := io.ReadAll(verifier)
			var refused *sign.Problem
			switch {
			case test.want == 0 && (err != nil || !bytes.Equal(passed, body)):
				t.Errorf("the verifier passes %d bytes of %d, %v", len(passed), len(body), err)
			case test.want != 0 && (!errors.As(err, &refused) || refused.Kind != test.want || bytes.Contains(passed, []byte("\r\n0;chunk-signature"))):
				t.Errorf("the verifier passes %d bytes of %d, %v", len(passed), len(test.body), err)
			}
			reader := sign.NewChunkReader(iotest.HalfReader(bytes.NewReader(test.body)), int64(len(content)))
			reader.CheckSignatures(s, secretKey)
			got, err := io.ReadAll(reader)
			if test.want != 0 {
				var p *sign.Problem
				if !errors.As(err, &p) || p.Kind != test.want {
					t.Errorf("got %v, want kind %d", err, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, content) {
				t.Error("the content is not the one that was sent")
			}
			if got, want := reader.Trailer().Get("X-Amz-Checksum-Crc32c"), "sOO8/Q=="; got != want {
				t.Errorf("trailer: got %q, want %q", got, want)
			}
		})
	}
}

func TestChunkWriterIsReadBack(t *testing.T) {
	for _, payload := range []string{sign.StreamingSigned, sign.StreamingSignedTrailer, sign.StreamingUnsignedTrailer} {
		t.Run(payload, func(t *testing.T) {
			r, _ := http.NewRequest("PUT", "http://localhost:4566/bucket/key", nil)
			s := sign.Sign(r, sign.Credentials{AccessKey: accessKey, SecretKey: secretKey}, "s3", "us-east-1", at, payload)
			var body bytes.Buffer
			w := sign.NewChunkWriter(&body, s, secretKey)
			for _, part := range []string{"one", "", "two"} {
				if _, err := io.WriteString(w, part); err != nil {
					t.Fatal(err)
				}
			}
			var names []string
			trailer := http.Header{"X-Amz-Checksum-Crc32": {"AAAAAA=="}}
			if payload != sign.StreamingSigned {
				names = []string{"x-amz-checksum-crc32"}
			}
			if err := w.Close(names, trailer); err != nil {
				t.Fatal(err)
			}
			reader := sign.NewChunkReader(iotest.OneByteReader(&body), 6)
			reader.CheckSignatures(s, secretKey)
			got, err := io.ReadAll(reader)
			if err != nil || string(got) != "onetwo" {
				t.Fatalf("got %q, %v", got, err)
			}
			if got := reader.Trailer().Get("X-Amz-Checksum-Crc32"); len(names) > 0 && got != "AAAAAA==" {
				t.Errorf("trailer: got %q", got)
			}
		})
	}
}

func TestBrokenChunks(t *testing.T) {
	for _, test := range []struct {
		name, body string
		decoded    int64
		want       sign.Kind
	}{
		{"a size that is no number", "xyz\r\nabc\r\n0\r\n\r\n", 3, sign.BadChunk},
		{"a negative size", "-1\r\nabc\r\n0\r\n\r\n", 3, sign.BadChunk},
		{"a size beyond 64 bits", "ffffffffffffffffff\r\n", -1, sign.BadChunk},
		{"a chunk longer than its size", "2\r\nabc\r\n0\r\n\r\n", 3, sign.BadChunk},
		{"more than was announced", "3\r\nabc\r\n0\r\n\r\n", 2, sign.Incomplete},
		{"less than was announced", "3\r\nabc\r\n0\r\n\r\n", 4, sign.Incomplete},
		{"no last chunk", "3\r\nabc\r\n", 3, sign.Incomplete},
		{"an endless line", strings.Repeat("1", 10_000), -1, sign.BadChunk},
		{"a trailer without a colon", "3\r\nabc\r\n0\r\nnonsense\r\n\r\n", 3, sign.BadChunk},
		{"a hundred trailers", "3\r\nabc\r\n0\r\n" + strings.Repeat("a:b\r\n", 100) + "\r\n", 3, sign.BadChunk},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := io.ReadAll(sign.NewChunkReader(strings.NewReader(test.body), test.decoded))
			var p *sign.Problem
			if !errors.As(err, &p) || p.Kind != test.want {
				t.Errorf("got %v, want kind %d", err, test.want)
			}
		})
	}
}

func TestTheErrorsOfABodyPass(t *testing.T) {
	cause := errors.New("reset by peer")
	_, err := io.ReadAll(sign.NewChunkReader(iotest.ErrReader(cause), 3))
	if !errors.Is(err, cause) {
		t.Errorf("got %v, want %v", err, cause)
	}
}

func FuzzChunkReader(f *testing.F) {
	f.Add("3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", int64(3))
	f.Fuzz(func(t *testing.T, body string, decoded int64) {
		content, err := io.ReadAll(sign.NewChunkReader(strings.NewReader(body), decoded))
		if len(content) > len(body) {
			t.Errorf("%d bytes out of %d", len(content), len(body))
		}
		if err == nil && decoded >= 0 && int64(len(content)) != decoded {
			t.Errorf("got %d bytes, announced were %d", len(content), decoded)
		}
	})
}
