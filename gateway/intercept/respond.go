package intercept

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// respond makes an answer with a body in memory.
func respond(status int, contentType, body string) *http.Response {
	resp := &http.Response{StatusCode: status, Header: make(http.Header, 4), Body: http.NoBody, ContentLength: int64(len(body))}
	if body != "" {
		resp.Body = io.NopCloser(strings.NewReader(body))
	}
	if contentType != "" {
		resp.Header["Content-Type"] = []string{contentType}
	}
	return resp
}

// respondJSON makes an answer of a value.
func respondJSON(status int, v any) (*http.Response, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	return respond(status, "application/json", string(body)), nil
}

// joined is a body of which the beginning was read already.
func joined(begin string, rest io.ReadCloser) io.ReadCloser {
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(strings.NewReader(begin), rest), rest}
}

// newSession makes a random UUID.
func newSession() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
