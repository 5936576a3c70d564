package intercept

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"localcloud/gateway"
	"localcloud/gateway/aws"
)

// QueueURLs is a form of queue URLs.
type QueueURLs string

// The forms. All but DynamicQueueURLs use Options.Host.
const (
	DynamicQueueURLs  QueueURLs = "dynamic"  // http://<the caller's host>/<account>/<name>
	StandardQueueURLs QueueURLs = "standard" // http://sqs.<region>.<host>/<account>/<name>
	DomainQueueURLs   QueueURLs = "domain"   // http://<region>.queue.<host>/<account>/<name>
	PathQueueURLs     QueueURLs = "path"     // http://<host>/queue/<region>/<account>/<name>
	OffQueueURLs      QueueURLs = "off"      // http://<host>/<account>/<name>
)

// queueURLs rewrites the queue URLs in the answers of any SQS backend, so that they lead back to the
// gateway by the name that the caller used, or by the form that is configured.
type queueURLs struct {
	form QueueURLs
	host string
}

var _ gateway.Interceptor = (*queueURLs)(nil)

func newQueueURLs(o Options) *queueURLs {
	q := &queueURLs{form: o.QueueURLs, host: o.Host}
	if q.form == "" {
		q.form = DynamicQueueURLs
	}
	return q
}

// maxQueueList bounds the answer that is rewritten: ListQueues has at most 1,000 URLs.
const maxQueueList = 4 << 20

// ForwardRequest sees to it that the answer comes uncompressed.
func (q *queueURLs) ForwardRequest(_ context.Context, call *gateway.Call) (*http.Response, error) {
	if returnsQueueURLs(call) {
		call.Request.Header.Del("Accept-Encoding")
	}
	return nil, nil
}

// ReturnResponse rewrites the URLs in an answer.
func (q *queueURLs) ReturnResponse(_ context.Context, call *gateway.Call, resp *http.Response) error {
	if !returnsQueueURLs(call) || resp.StatusCode/100 != 2 {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxQueueList+1))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return fmt.Errorf("read the queue URLs of %s: %w", call.Operation.Name, err)
	}
	if len(body) > maxQueueList {
		return fmt.Errorf("the answer to %s is longer than %d bytes", call.Operation.Name, maxQueueList)
	}
	body = q.rewrite(&call.Call, body)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if resp.Header["Content-Length"] != nil {
		resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	return nil
}

func returnsQueueURLs(call *gateway.Call) bool {
	if call.Service == nil || call.Operation == nil || call.Service.Name != "sqs" {
		return false
	}
	switch call.Operation.Name {
	case "CreateQueue", "GetQueueUrl", "ListQueues", "ListDeadLetterSourceQueues":
		return true
	}
	return false
}

// rewrite replaces the URLs in an XML or JSON answer. They are the only values of these operations
// that begin like one.
func (q *queueURLs) rewrite(call *aws.Call, body []byte) []byte {
	out := make([]byte, 0, len(body)+64)
	for {
		start := nextURL(body)
		if start < 0 {
			return append(out, body...)
		}
		out = append(out, body[:start]...)
		body = body[start:]
		end := bytes.IndexAny(body, "\"<")
		if end < 0 {
			end = len(body)
		}
		was := strings.ReplaceAll(string(body[:end]), `\/`, "/")
		out = append(out, q.url(call, was)...)
		body = body[end:]
	}
}

// nextURL is where the next value that is a URL begins, -1 for none.
func nextURL(body []byte) int {
	for offset := 0; ; {
		i := bytes.Index(body[offset:], []byte("http"))
		if i < 0 {
			return -1
		}
		i += offset
		rest := bytes.TrimPrefix(body[i+len("http"):], []byte("s"))
		begins := i > 0 && (body[i-1] == '"' || body[i-1] == '>' || body[i-1] == '\n' || body[i-1] == ' ')
		if begins && (bytes.HasPrefix(rest, []byte("://")) || bytes.HasPrefix(rest, []byte(`:\/\/`))) {
			// Namespaces of XML are URLs too; they stand in attributes.
			if body[i-1] != '"' || i < 2 || body[i-2] != '=' {
				return i
			}
		}
		offset = i + len("http")
	}
}

// url is the URL that the caller gets for the queue which a backend calls was.
func (q *queueURLs) url(call *aws.Call, was string) string {
	segments := strings.Split(was, "/")
	if len(segments) < 4 {
		return was
	}
	account, name := segments[len(segments)-2], segments[len(segments)-1]
	if len(account) != len(aws.DefaultAccount) {
		account = call.Account
	}
	host := q.host
	form := q.form
	if form == DynamicQueueURLs || host == "" {
		host = call.Host
	}
	if host == "" {
		return was
	}
	path := "/" + account + "/" + name
	if form == DynamicQueueURLs {
		form, host = formOf(host)
	}
	switch form {
	case StandardQueueURLs:
		host = "sqs." + call.Region + "." + host
	case DomainQueueURLs:
		host = "queue." + host
		if call.Region != aws.DefaultRegion {
			host = call.Region + "." + host
		}
	case PathQueueURLs:
		path = "/queue/" + call.Region + path
	}
	return call.Scheme + "://" + host + path
}

// formOf tells which form of URLs a host that a caller used belongs to, and the base name in it.
func formOf(host string) (form QueueURLs, base string) {
	labels := strings.SplitN(host, ".", 3)
	switch {
	case len(labels) == 3 && labels[0] == "sqs" && strings.Count(labels[1], "-") >= 2:
		return StandardQueueURLs, labels[2]
	case len(labels) > 1 && labels[0] == "queue":
		return DomainQueueURLs, strings.TrimPrefix(host, "queue.")
	case len(labels) == 3 && labels[1] == "queue":
		return DomainQueueURLs, labels[2]
	}
	return OffQueueURLs, host
}
