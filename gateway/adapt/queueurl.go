package adapt

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"

	"localcloud/gateway/aws"
)

// hasQueueURL reports whether a call names a queue by its URL.
func hasQueueURL(call *aws.Call) bool {
	return call.Service.Name == "sqs" && call.Operation.Input() != nil && call.Operation.Input().Member("QueueUrl") != nil
}

// nameQueue sees to it that a call in the query protocol that was sent to a queue's own URL says so in
// its form, and brings the path into the form that every SQS knows.
func (x *exchange) nameQueue(req *http.Request) error {
	if x.call.Protocol != aws.Query || !hasQueueURL(x.call) {
		return nil
	}
	path, ok := queuePath(req.URL.Path)
	if !ok {
		return nil
	}
	named := "QueueUrl=" + url.QueryEscape("http://"+req.Host+path)
	req.URL.Path, req.URL.RawPath, req.URL.Opaque = strings.Replace(path, x.names.account, x.names.backendAccount, 1), "", ""
	if strings.Contains(req.URL.RawQuery, "QueueUrl=") {
		return nil
	}
	if strings.Contains(req.URL.RawQuery, "Action=") {
		req.URL.RawQuery += "&" + named
		return nil
	}
	body, err := readWhole(req.Body)
	if err != nil {
		return err
	}
	if !bytes.Contains(body, []byte("QueueUrl=")) {
		body = append(append(body, '&'), named...)
	}
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	req.Header.Del("Content-Length")
	req.Header.Del("X-Amz-Content-Sha256") // of what it was
	return nil
}

// queuePath is the path of a queue, /account/name, out of that of any form of queue URL. ok is false
// where it names none.
func queuePath(path string) (short string, ok bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case len(parts) == 2:
	case len(parts) == 4 && parts[0] == "queue": // /queue/region/account/name
		parts = parts[2:]
	default:
		return "", false
	}
	if len(parts[0]) != len(aws.DefaultAccount) || strings.Trim(parts[0], "0123456789") != "" {
		return "", false
	}
	return "/" + parts[0] + "/" + parts[1], true
}

// shortURL is a queue URL with the path that every SQS knows; other URLs stay.
func shortURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || !strings.HasPrefix(u.Path, "/queue/") {
		return text
	}
	if path, ok := queuePath(u.Path); ok {
		return u.Scheme + "://" + u.Host + path
	}
	return text
}
