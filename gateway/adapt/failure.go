package adapt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/wire"
)

// maxFailure bounds the errors of backends that are read.
const maxFailure = 1 << 20

// unknownOperation are the codes with which backends say that they do not have an operation. The
// gateway knows that AWS has it.
var unknownOperation = map[string]bool{
	"UnknownOperationException": true, "UnknownOperation": true, "InvalidAction": true, "NotImplemented": true,
	"NotImplementedException": true, "Unsupported": true, "MissingAction": true,
}

// failed makes the answer to a call that the backend refused: errors of AWS's form are written anew as
// the service writes them, with the caller's names; a missing operation becomes the refusal of localcloud, and what is no answer of
// AWS's form an error that says so.
func (x *exchange) failed(req *http.Request, resp *http.Response) (*http.Response, error) {
	if req.Method == http.MethodHead || resp.StatusCode == http.StatusPreconditionFailed && resp.ContentLength == 0 {
		return resp, nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxFailure))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, x.garbage(resp, err)
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if x.call.Operation == nil {
		return resp, nil
	}
	if !x.isFailure(resp, body) {
		if x.says(resp, body) {
			return nil, x.missing()
		}
		resp.Body = io.NopCloser(bytes.NewReader(body))
		return nil, x.garbage(resp, nil)
	}
	e := wire.DecodeError(x.call.Operation, x.spoken, resp)
	if unknownOperation[e.Code] || e.Status == http.StatusNotImplemented {
		return nil, x.missing()
	}
	if x.call.Service.Name == "s3" {
		resp.Body = io.NopCloser(bytes.NewReader(body))
		return resp, nil
	}
	shape := x.call.Service.Exception(e.Code)
	if shape != nil && shape.Error.Status != 0 {
		e.Status = 0 // the model's
	}
	if x.names.differ() {
		e.Message = x.names.inward(e.Message)
	}
	if detail, ok := e.Detail.(map[string]any); ok && x.names.differ() {
		x.names.in().document(shape, detail)
	}
	return wire.EncodeError(x.call, req, e), nil
}

// isFailure reports whether a body is an error of AWS's form.
func (x *exchange) isFailure(resp *http.Response, body []byte) bool {
	if resp.Header.Get("X-Amzn-Errortype") != "" || resp.Header.Get("X-Amzn-Query-Error") != "" || x.spoken == aws.RPCv2CBOR {
		return true
	}
	text := bytes.TrimSpace(body)
	switch {
	case len(text) == 0:
		return x.call.Service.Name == "s3"
	case text[0] == '{':
		return bytes.Contains(text, []byte(`"__type"`)) || bytes.Contains(text, []byte(`"code"`)) || bytes.Contains(text, []byte(`"Code"`))
	case text[0] == '<':
		return bytes.Contains(text, []byte("<Code>"))
	}
	// CBOR of Kinesis, whose errors come in it.
	return strings.Contains(resp.Header.Get("Content-Type"), "cbor")
}

// says reports whether an answer that is no error of AWS's form says that the operation is missing.
func (x *exchange) says(resp *http.Response, body []byte) bool {
	switch resp.StatusCode {
	case http.StatusNotImplemented, http.StatusMethodNotAllowed:
		return true
	case http.StatusNotFound:
		return true // no such route: AWS's own 404 has a code
	}
	for _, words := range [...]string{"NotImplementedError", "not been implemented", "not yet implemented", "UnknownOperation"} {
		if bytes.Contains(body, []byte(words)) {
			return true
		}
	}
	return false
}

func (x *exchange) missing() *aws.Error {
	return aws.NotImplemented(x.call.Service, fmt.Sprintf("%s of %s is not supported by the backend %s.", x.call.Operation.Name, x.call.Service.Name, x.image.Name))
}

// garbage is the refusal for an answer that is none of AWS's.
func (x *exchange) garbage(resp *http.Response, err error) *aws.Error {
	text := fmt.Sprintf("The backend %s answered %s with %d, which is no answer of AWS's form", x.backend.Name, x.call.Operation.Name, resp.StatusCode)
	if err != nil {
		return aws.Unavailable(text + ": " + err.Error() + ".")
	}
	begin, _ := io.ReadAll(io.LimitReader(resp.Body, 200))
	_ = resp.Body.Close() // it is given up
	if line := strings.Join(strings.Fields(string(begin)), " "); line != "" {
		text += ": " + strings.ToValidUTF8(line, "?")
	}
	return aws.Unavailable(text + ".")
}
