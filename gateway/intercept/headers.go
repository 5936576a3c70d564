package intercept

import (
	"context"
	"net/http"

	"localcloud/gateway"
	"localcloud/gateway/aws"
)

// headers gives every answer the request id in the headers that its protocol has for it, and the mark
// by which tools recognise a LocalStack. What a backend has set stays, since the id also stands in
// the answer's body.
type headers struct{ mark bool }

var _ gateway.Early = headers{}

func newHeaders(o Options) headers { return headers{mark: !o.NoMark} }

// Values that are shared by all answers; nobody may change them in place.
var (
	markValue = []string{"true"}
	// id2Value is the second id of S3's answers, which says nothing here.
	id2Value = []string{"s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234="}
)

// Early makes it see refused requests too.
func (headers) Early() {}

// ForwardRequest does nothing.
func (headers) ForwardRequest(context.Context, *gateway.Call) (*http.Response, error) {
	return nil, nil
}

// ReturnResponse sets the headers.
func (h headers) ReturnResponse(_ context.Context, call *gateway.Call, resp *http.Response) error {
	if h.mark {
		resp.Header["X-Localstack"] = markValue
	}
	var id []string
	set := func(name string) {
		if _, ok := resp.Header[name]; ok {
			return
		}
		if id == nil {
			id = []string{call.RequestID}
		}
		resp.Header[name] = id
	}
	switch {
	case call.Service == nil:
		set("X-Amzn-Requestid")
	case call.Service.SigningName == "s3":
		set("X-Amz-Request-Id")
		if _, ok := resp.Header["X-Amz-Id-2"]; !ok {
			resp.Header["X-Amz-Id-2"] = id2Value
		}
	case call.Protocol == aws.RestXML:
		set("X-Amz-Request-Id")
	case call.Protocol == aws.RestJSON:
		set("X-Amz-Request-Id")
		set("X-Amzn-Requestid")
	default:
		set("X-Amzn-Requestid")
	}
	return nil
}
