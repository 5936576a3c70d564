package s3

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"localcloud/gateway/aws"
)

// answer makes a response of a direct operation. size is the length of the body.
func answer(req *http.Request, status int, header http.Header, body io.ReadCloser, size int64) *http.Response {
	return &http.Response{
		Status: strconv.Itoa(status) + " " + http.StatusText(status), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: body, ContentLength: size, Request: req,
	}
}

// empty is a response without a body.
func empty(req *http.Request, status int, header http.Header) *http.Response {
	return answer(req, status, header, http.NoBody, 0)
}

// document is a response with an XML document.
func document(req *http.Request, status int, header http.Header, content []byte) *http.Response {
	header["Content-Type"] = []string{"application/xml"}
	return answer(req, status, header, io.NopCloser(bytes.NewReader(content)), int64(len(content)))
}

// refuse answers an error. What was not meant for the client goes to the log with its cause.
func (b *Backend) refuse(req *http.Request, call *aws.Call, err error) *http.Response {
	drain(req)
	e := b.known(call, err)
	header := make(http.Header, len(e.Header)+2)
	for name, value := range e.Header {
		header[name] = []string{value}
	}
	status := e.Status
	if status == 0 {
		status = 400
	}
	if req.Method == http.MethodHead || status == http.StatusNotModified {
		return empty(req, status, header)
	}
	return document(req, status, header, errorDocument(e, call))
}

func errorDocument(e *aws.Error, call *aws.Call) []byte {
	var doc bytes.Buffer
	doc.WriteString(xml.Header[:len(xml.Header)-1] + "\n<Error>")
	element(&doc, "Code", e.Code)
	element(&doc, "Message", e.Message)
	if detail, ok := e.Detail.(map[string]any); ok {
		for _, name := range slices.Sorted(maps.Keys(detail)) {
			element(&doc, name, fmt.Sprint(detail[name]))
		}
	}
	element(&doc, "RequestId", call.RequestID)
	element(&doc, "HostId", hostID)
	doc.WriteString("</Error>")
	return doc.Bytes()
}

// hostID stands where AWS names the machine that answered.
const hostID = "bG9jYWxjbG91ZA=="

func element(doc *bytes.Buffer, name, value string) {
	doc.WriteString("<" + name + ">")
	_ = xml.EscapeText(doc, []byte(value)) // a buffer takes everything
	doc.WriteString("</" + name + ">")
}

// setRaw sets a header whose name is sent as it stands: clients see the names of user metadata in
// lower case, as AWS writes them.
func setRaw(header http.Header, name, value string) { header[name] = []string{value} }
