package sns

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"localcloud/gateway"
	"localcloud/gateway/aws"
)

// page answers the developer's pages below /_aws/sns/ that this glue knows of; the others are the
// backend's.
func (g *Glue) page(call *gateway.Call) (*http.Response, error) {
	path, _ := url.PathUnescape(call.Path)
	switch path = strings.TrimSuffix(path, "/"); {
	case path == certificatePath:
		content, err := g.signer.pem()
		return response(http.StatusOK, "application/x-pem-file", content), err
	case path == "/_aws/sns/sms-messages":
		return g.inspect(call, "sms_messages", &g.records.phones, "phoneNumber")
	case path == "/_aws/sns/platform-endpoint-messages":
		return g.inspect(call, "platform_endpoint_messages", &g.records.mobile, "endpointArn")
	case path == "/_aws/sns/email-messages":
		return g.inspect(call, "email_messages", &g.records.mails, "emailAddress")
	case strings.HasPrefix(path, "/_aws/sns/subscription-tokens/"):
		arn := strings.TrimPrefix(path, "/_aws/sns/subscription-tokens/")
		if token := g.pending.token(arn); token != "" {
			return document(http.StatusOK, map[string]any{"subscription_token": token, "subscription_arn": arn})
		}
	}
	return nil, nil
}

// inspect shows the recorded messages of one kind, by recipient, or deletes them.
func (g *Glue) inspect(call *gateway.Call, name string, list *[]record, recipient string) (*http.Response, error) {
	query := call.Request.URL.Query()
	account, region := query.Get("accountId"), query.Get("region")
	if account == "" {
		account = aws.DefaultAccount
	}
	if region == "" {
		region = aws.DefaultRegion
	}
	to := query.Get(recipient)
	wanted := func(r *record) bool {
		return r.account == account && r.region == region && (to == "" || r.to == to)
	}
	g.records.mu.Lock()
	defer g.records.mu.Unlock()
	switch call.Request.Method {
	case http.MethodGet:
		found := make(map[string][]record)
		for i := range *list {
			if r := &(*list)[i]; wanted(r) {
				found[r.to] = append(found[r.to], *r)
			}
		}
		return document(http.StatusOK, map[string]any{name: found, "region": region})
	case http.MethodDelete:
		kept := (*list)[:0:0]
		for i := range *list {
			if r := &(*list)[i]; !wanted(r) {
				kept = append(kept, *r)
			}
		}
		*list = kept
		return response(http.StatusNoContent, "", nil), nil
	}
	return response(http.StatusMethodNotAllowed, "", nil), nil
}

func document(status int, v any) (*http.Response, error) {
	content, err := json.Marshal(v)
	return response(status, "application/json", content), err
}

func response(status int, contentType string, content []byte) *http.Response {
	resp := &http.Response{StatusCode: status, Header: make(http.Header), Body: io.NopCloser(strings.NewReader(string(content))), ContentLength: int64(len(content))}
	if contentType != "" {
		resp.Header.Set("Content-Type", contentType)
	}
	return resp
}
