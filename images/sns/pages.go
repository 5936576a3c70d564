package sns

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"localcloud/gateway/aws"
)

// Pages for tests: the token of a subscription that waits for its confirmation, and the list of phone
// numbers that get no messages.
const (
	tokensPage  = "/_aws/sns/subscription-tokens"
	optOutsPage = "/_aws/sns/phone-opt-outs"
)

// showToken answers GET /_aws/sns/subscription-tokens/<ARN of a subscription>.
func (b *Backend) showToken(w http.ResponseWriter, req *http.Request) {
	text, err := url.PathUnescape(strings.TrimPrefix(req.URL.EscapedPath(), tokensPage+"/"))
	if _, refusal := parseARN("SubscriptionArn", text); err != nil || refusal != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "The provided SubscriptionARN is invalid", "subscription_arn": text})
		return
	}
	b.mu.RLock()
	var token string
	if sub := b.state.subscriptions[text]; sub != nil {
		token = sub.Token
	}
	b.mu.RUnlock()
	if token == "" {
		writeJSON(w, http.StatusNotFound, map[string]string{"error": "The provided SubscriptionARN is not found", "subscription_arn": text})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"subscription_token": token, "subscription_arn": text})
}

// optOut answers POST /_aws/sns/phone-opt-outs with {"phoneNumber", "accountId"}: the number is on the
// list from then on, in the region of the call.
func (b *Backend) optOut(w http.ResponseWriter, req *http.Request) {
	if req.Method != http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	var in struct{ PhoneNumber, AccountID, Region string }
	if err := json.NewDecoder(io.LimitReader(req.Body, 1<<16)).Decode(&in); err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "The body is not the expected JSON"})
		return
	}
	if refusal := checkPhone(in.PhoneNumber); refusal != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": refusal.Message})
		return
	}
	at := here(req.Context())
	if in.AccountID != "" {
		at.Account = in.AccountID
	}
	if at.Account == "" {
		at.Account = aws.DefaultAccount
	}
	if in.Region != "" {
		at.Region = in.Region
	}
	if at.Region == "" {
		at.Region = aws.DefaultRegion
	}
	if err := b.setOptOut(at, in.PhoneNumber, true); err != nil {
		b.log.Error("sns: opt out", "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // into memory
}
