package gateway

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"

	"localcloud/gateway/aws"
)

// errorResponse writes an error in the protocol of the call; where that is not known, in JSON to
// callers that speak it and else in the XML of S3.
func errorResponse(call *Call, e *aws.Error) *http.Response {
	status := e.Status
	if status == 0 {
		status = 400
		if e.Fault {
			status = 500
		}
	}
	protocol := call.Protocol
	if protocol == aws.Unknown {
		protocol = aws.RestXML
		if strings.Contains(call.Request.Header.Get("Content-Type")+call.Request.Header.Get("Accept"), "json") {
			protocol = aws.JSON10
		}
	}
	kind := "Sender"
	if e.Fault {
		kind = "Receiver"
	}
	escape := func(s string) string {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
		return b.String()
	}
	inner := "<Code>" + escape(e.Code) + "</Code><Message>" + escape(e.Message) + "</Message>"
	switch protocol {
	case aws.JSON10, aws.JSON11, aws.RestJSON, aws.RPCv2CBOR:
		body, _ := json.Marshal(map[string]string{"__type": e.Code, "message": e.Message})
		resp := answer(call, status, "application/x-amz-json-1.0", string(body))
		resp.Header.Set("X-Amzn-Errortype", e.Code)
		return resp
	case aws.EC2:
		return answer(call, status, "text/xml", xml.Header+"<Response><Errors><Error>"+inner+"</Error></Errors><RequestID>"+call.RequestID+"</RequestID></Response>")
	case aws.RestXML:
		if call.Service == nil || call.Service.SigningName == "s3" {
			return answer(call, status, "application/xml", xml.Header+"<Error>"+inner+"<RequestId>"+call.RequestID+"</RequestId></Error>")
		}
	}
	return answer(call, status, "text/xml", xml.Header+"<ErrorResponse><Error><Type>"+kind+"</Type>"+inner+"</Error><RequestId>"+call.RequestID+"</RequestId></ErrorResponse>")
}
