package adapt

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/wire"
)

// maxMessage bounds the messages that are looked into. No message of AWS is longer, streams aside.
const maxMessage = 64 << 20

// request makes the request that the backend gets, in a protocol that it speaks and with its names.
func (x *exchange) request(req *http.Request) (*http.Request, error) {
	if name := x.image.Account.Header; name != "" {
		req.Header.Set(name, x.call.Account)
	}
	if x.call.Operation == nil {
		return req, nil
	}
	if err := x.nameQueue(req); err != nil {
		return nil, err
	}
	input := x.call.Operation.Input()
	if strings.Contains(req.Header.Get("Content-Type"), "x-amz-cbor") {
		return req, nil // the older CBOR of Kinesis, which no model describes, passes as it is
	}
	if x.image.Lenient && !streams(input) {
		if err := x.validate(req); err != nil {
			return nil, err
		}
	}
	if x.names.differ() || x.translated() {
		req.Header.Del("Accept-Encoding") // the answer is looked into
	}
	named := (x.names.differ() || hasQueueURL(x.call)) && !streams(input)
	if named {
		var err error
		if named, err = x.mentions(req); err != nil {
			return nil, err
		}
	}
	switch {
	case !named && !x.translated():
		return req, nil
	case !named:
		return wire.TranscodeRequest(x.call, req, x.spoken)
	}
	doc := make(map[string]any)
	if err := wire.DecodeRequest(x.call, req, &doc, wire.Options{}); err != nil {
		return nil, err
	}
	x.names.out().document(input, doc)
	return encoded(req, x.call.Operation, x.spoken, doc)
}

// validate checks a request against the model, for a backend that does not, and leaves its body to be
// read again.
func (x *exchange) validate(req *http.Request) error {
	body, err := readWhole(req.Body)
	if err != nil {
		return err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	doc := make(map[string]any)
	err = wire.DecodeRequest(x.call, req, &doc, wire.Options{Validate: true})
	req.Body = io.NopCloser(bytes.NewReader(body))
	return err
}

// mentions reports whether a request may hold names, and leaves its body to be read again.
func (x *exchange) mentions(req *http.Request) (bool, error) {
	if x.mention(req.URL.Opaque + req.URL.Path + req.URL.RawQuery) {
		return true, nil
	}
	body, err := readWhole(req.Body)
	if err != nil {
		return false, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	if req.Header.Get("Content-Encoding") != "" {
		return true, nil // packed
	}
	return x.mention(string(body)), nil
}

// mention reports whether a text may hold an ARN, the account, or a queue URL with the region in its path.
func (x *exchange) mention(text string) bool {
	if x.names.differ() {
		for _, word := range [...]string{"arn:", "arn%3A", x.names.account} {
			if strings.Contains(text, word) {
				return true
			}
		}
	}
	return hasQueueURL(x.call) && (strings.Contains(text, "/queue/") || strings.Contains(text, "%2Fqueue%2F") || strings.Contains(text, `\/queue\/`))
}

var errTooLong = &aws.Error{Code: "RequestEntityTooLarge", Message: "The message is too long to be passed on.", Status: 413}

// readWhole reads a body to its end and closes it.
func readWhole(body io.ReadCloser) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	data, err := io.ReadAll(io.LimitReader(body, maxMessage+1))
	err = errors.Join(err, body.Close())
	if err == nil && len(data) > maxMessage {
		err = errTooLong
	}
	return data, err
}

// encoded makes a request of a document, with the headers of the one that came but for those that
// describe body and protocol.
func encoded(req *http.Request, op *aws.Operation, p aws.Protocol, doc map[string]any) (*http.Request, error) {
	out, err := wire.EncodeRequest(op, p, req.Host, doc)
	if err != nil {
		return nil, err
	}
	out.Host, out.URL.Host = req.Host, req.Host
	for name, values := range req.Header {
		if out.Header[name] == nil && !ofMessage(name) {
			out.Header[name] = values
		}
	}
	return out.WithContext(req.Context()), nil
}

// ofMessage reports whether a header describes the body or the protocol of its request.
func ofMessage(name string) bool {
	switch name {
	case "Accept", "X-Amz-Target", "Smithy-Protocol", "X-Amzn-Query-Mode", "Transfer-Encoding", "Expect", "Trailer", "X-Amz-Content-Sha256":
		return true
	}
	return strings.HasPrefix(name, "Content-")
}
