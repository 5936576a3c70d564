package adapt

import (
	"net/http"
	"strings"

	"localcloud/gateway/aws"
)

// hasQueueURL reports whether a call names a queue by its URL.
func hasQueueURL(call *aws.Call) bool {
	return call.Service.Name == "sqs" && call.Operation.Input() != nil && call.Operation.Input().Member("QueueUrl") != nil
}

// shortenQueuePath makes the path of a request that was sent to a queue's own URL the one that every
// SQS knows: /account/name, with the account as the backend calls it.
func shortenQueuePath(x *exchange, req *http.Request) {
	if x.call.Service.Name != "sqs" || x.spoken != aws.Query {
		return
	}
	parts := strings.Split(strings.Trim(req.URL.Path, "/"), "/")
	if len(parts) < 2 {
		return
	}
	account, name := parts[len(parts)-2], parts[len(parts)-1]
	if account == x.names.account {
		account = x.names.backendAccount
	}
	if path := "/" + account + "/" + name; path != req.URL.Path {
		req.URL.Path, req.URL.RawPath, req.URL.Opaque = path, "", ""
	}
}
