package sns

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"localcloud/gateway/intercept/delivery"
)

const (
	httpTimeout = 15 * time.Second // as AWS waits for an endpoint
	userAgent   = "Amazon Simple Notification Service Agent"
	contentType = "text/plain; charset=UTF-8"
)

// newClient is the client of HTTP endpoints; redirects are not followed, as AWS does not.
func newClient() *http.Client {
	return &http.Client{
		Timeout:       httpTimeout,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 8, IdleConnTimeout: 30 * time.Second, Proxy: http.ProxyFromEnvironment},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// toHTTP posts a message to an endpoint.
func (g *Glue) toHTTP(ctx context.Context, p parcel) (delivery.Verdict, error) {
	raw := p.To.Raw && p.Message.Type == ""
	body := []byte(p.Message.Body)
	if !raw {
		var err error
		if body, err = g.envelopeFor(p.To, p.Message); err != nil {
			return delivery.Retry, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.To.Endpoint, bytes.NewReader(body))
	if err != nil {
		return delivery.Give, err
	}
	setHeaders(req.Header, p, raw)
	resp, err := g.client.Do(req)
	if err != nil {
		return delivery.Retry, err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	err = errors.Join(err, resp.Body.Close())
	switch {
	case err != nil:
		return delivery.Retry, err
	case resp.StatusCode >= 200 && resp.StatusCode < 300:
		return delivery.Done, nil
	case resp.StatusCode >= 400 && resp.StatusCode < 500 && resp.StatusCode != http.StatusTooManyRequests:
		return delivery.Give, fmt.Errorf("%s answered %s", p.To.Endpoint, resp.Status)
	}
	return delivery.Retry, fmt.Errorf("%s answered %s", p.To.Endpoint, resp.Status)
}

func setHeaders(h http.Header, p parcel, raw bool) {
	kind := p.Message.Type
	if kind == "" {
		kind = notification
		h.Set("X-Amz-Sns-Subscription-Arn", p.To.ARN)
	}
	h.Set("X-Amz-Sns-Message-Type", kind)
	h.Set("X-Amz-Sns-Message-Id", p.Message.ID)
	h.Set("X-Amz-Sns-Topic-Arn", p.Message.Topic)
	h.Set("User-Agent", userAgent)
	h.Set("Content-Type", contentType)
	if raw {
		h.Set("X-Amz-Sns-Rawdelivery", "true")
	}
	policy := struct {
		Request struct {
			ContentType string `json:"headerContentType"`
		} `json:"requestPolicy"`
	}{}
	if json.Unmarshal([]byte(p.To.Policy), &policy) == nil && policy.Request.ContentType != "" && kind == notification {
		h.Set("Content-Type", policy.Request.ContentType)
	}
}
