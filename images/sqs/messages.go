package sqs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/wire"
)

// messagesPage shows the messages of a queue without receiving them: /_aws/sqs/messages?QueueUrl=...,
// the same as an AWS call of ReceiveMessage to that path, and /_aws/sqs/messages/<region>/<account>/<name>.
// The answer is that of ReceiveMessage, in JSON or, where none is asked for, in XML; with
// ShowInvisible and ShowDelayed messages in flight and delayed ones are among them.
const messagesPage = "/_aws/sqs/messages"

// shownHandle stands where a receipt handle would; no message can be deleted with it.
const shownHandle = "SQS/BACKDOOR/ACCESS"

// maxPageBody is more than any request for messages has.
const maxPageBody = 1 << 20

func (b *Backend) messages(w http.ResponseWriter, req *http.Request) {
	call := *aws.CallFrom(req.Context())
	call.Operation = call.Service.Operation("ReceiveMessage")
	call.Protocol = aws.Query
	if strings.HasPrefix(req.Header.Get("Content-Type"), "application/x-amz-json") || strings.Contains(req.Header.Get("Accept"), "json") {
		call.Protocol = aws.JSON10
	}
	out, err := b.show(&call, req)
	var response *http.Response
	if err == nil {
		response, err = wire.EncodeResponse(&call, req, out)
	}
	if err != nil {
		var refusal *aws.Error
		if !errors.As(err, &refusal) {
			b.log.Error("sqs: show messages", "error", err)
			refusal = &aws.Error{Code: "InternalFailure", Message: "The messages cannot be shown.", Status: http.StatusInternalServerError, Fault: true}
		}
		response = wire.EncodeError(&call, req, refusal)
	}
	defer response.Body.Close()
	for key, values := range response.Header {
		w.Header()[key] = values
	}
	w.WriteHeader(response.StatusCode)
	if _, err := io.Copy(w, response.Body); err != nil {
		b.log.Error("sqs: show messages", "error", err)
	}
}

// show reads the request and returns the messages it asks for.
func (b *Backend) show(call *aws.Call, req *http.Request) (*ReceiveMessageOutput, error) {
	ask, err := pageParameters(call, req)
	if err != nil {
		return nil, err
	}
	at, name, ok := ask.queue(call, strings.TrimPrefix(req.URL.Path, messagesPage))
	if !ok {
		return nil, &aws.Error{Code: "InvalidAddress", Status: http.StatusNotFound,
			Message: "The address " + ask.Get("QueueUrl") + " is not valid for this endpoint."}
	}
	r := b.registry.find(at, name)
	if r == nil {
		return nil, noQueue(call)
	}
	invisible, delayed := ask.flag("ShowInvisible"), ask.flag("ShowDelayed")
	all := selection{system: 1<<len(systemAttributes) - 1, all: true}
	out := &ReceiveMessageOutput{}
	for _, s := range r.Peek() {
		if s.Delayed && !delayed || !s.Delayed && !s.Visible && !invisible {
			continue
		}
		var m Message
		all.fill(&m, s.Message, s.Receives, s.FirstReceived)
		m.ReceiptHandle = ptr(shownHandle)
		if invisible {
			m.Attributes["IsVisible"] = strconv.FormatBool(s.Visible)
		}
		if delayed {
			m.Attributes["IsDelayed"] = strconv.FormatBool(s.Delayed)
		}
		out.Messages = append(out.Messages, m)
	}
	return out, nil
}

// parameters are those of the query, of a form, or of a JSON body.
type parameters struct{ url.Values }

func pageParameters(call *aws.Call, req *http.Request) (parameters, error) {
	p := parameters{req.URL.Query()}
	action := p.Get("Action")
	if req.Method == http.MethodPost && req.Body != nil {
		raw, err := io.ReadAll(io.LimitReader(req.Body, maxPageBody))
		if err != nil {
			return p, fmt.Errorf("read request: %w", err)
		}
		if call.Protocol == aws.JSON10 {
			action = strings.TrimPrefix(req.Header.Get("X-Amz-Target"), "AmazonSQS.")
			err = p.addJSON(raw)
		} else {
			err = p.addForm(string(raw))
		}
		if err != nil {
			return p, errInvalidRequest
		}
	}
	if p.Get("Action") != "" {
		action = p.Get("Action")
	}
	if action != "" && action != "ReceiveMessage" {
		return p, errInvalidRequest
	}
	return p, nil
}

var errInvalidRequest = &aws.Error{
	Code: "InvalidRequest", Message: "This endpoint only accepts ReceiveMessage calls", Status: http.StatusBadRequest}

func (p parameters) addForm(raw string) error {
	form, err := url.ParseQuery(raw)
	for key, values := range form {
		p.Values[key] = values
	}
	return err
}

func (p parameters) addJSON(raw []byte) error {
	if len(raw) == 0 {
		return nil
	}
	var object map[string]any
	if err := json.Unmarshal(raw, &object); err != nil {
		return err
	}
	for key, v := range object {
		p.Set(key, jsonText(v))
	}
	return nil
}

func (p parameters) flag(name string) bool {
	on, err := strconv.ParseBool(p.Get(name))
	return err == nil && on
}

// queue is the queue that the parameters name, or the rest of the path.
func (p parameters) queue(call *aws.Call, path string) (at place, name string, ok bool) {
	if path = strings.Trim(path, "/"); path == "" {
		return parseURL(call, p.Get("QueueUrl"))
	}
	parts := strings.Split(path, "/")
	if len(parts) != 3 {
		return at, "", false
	}
	return place{parts[1], parts[0]}, parts[2], true
}
