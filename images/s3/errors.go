package s3

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"syscall"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/sign"
	"localcloud/images/s3/store"
)

// fail is an error as S3 answers it; details are pairs of names and values of further elements.
func fail(status int, code, message string, details ...string) *aws.Error {
	err := &aws.Error{Code: code, Message: message, Status: status, Fault: status >= 500}
	if len(details) > 0 {
		detail := make(map[string]any, len(details)/2)
		for i := 0; i+1 < len(details); i += 2 {
			detail[details[i]] = details[i+1]
		}
		err.Detail = detail
	}
	return err
}

// The errors that more than one operation answers, with the words of AWS.

func noSuchBucket(name string) error {
	return fail(404, "NoSuchBucket", "The specified bucket does not exist", "BucketName", name)
}

func noSuchKey(key string) error {
	return fail(404, "NoSuchKey", "The specified key does not exist.", "Key", key)
}

func noSuchVersion(key, id string) error {
	return fail(404, "NoSuchVersion", "The specified version does not exist.", "Key", key, "VersionId", id)
}

func noSuchUpload(id string) error {
	return fail(404, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.", "UploadId", id)
}

func invalidArgument(name, value, message string) error {
	return fail(400, "InvalidArgument", message, "ArgumentName", name, "ArgumentValue", value)
}

func invalidRequest(format string, args ...any) error {
	return fail(400, "InvalidRequest", fmt.Sprintf(format, args...))
}

func malformedXML() error {
	return fail(400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
}

func accessDenied() error { return fail(403, "AccessDenied", "Access Denied") }

func preconditionFailed(condition string) error {
	return fail(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", "Condition", condition)
}

func notModified() *aws.Error { return fail(304, "NotModified", "Not Modified") }

func markerNotAllowed(method string) *aws.Error {
	return fail(405, "MethodNotAllowed", "The specified method is not allowed against this resource.", "Method", method, "ResourceType", "DeleteMarker")
}

func invalidRange(requested string, size int64) error {
	return fail(416, "InvalidRange", "The requested range is not satisfiable", "ActualObjectSize", strconv.FormatInt(size, 10), "RangeRequested", requested)
}

// unsupportedHeader is how AWS itself refuses a header.
func unsupportedHeader(header, additional string) error {
	err := fail(501, "NotImplemented", "A header you provided implies functionality that is not implemented", "Header", header)
	if additional != "" {
		err.Detail.(map[string]any)["additionalMessage"] = additional
	}
	return err
}

// notPerformed refuses what localcloud does not do yet; what is a sentence's subject.
func notPerformed(what string) error {
	return fail(501, "NotImplemented", what+" is not supported by localcloud's native s3 backend.")
}

// asAWS makes any error into one that S3 would answer; known says that it was meant for the client.
func asAWS(err error) (answer *aws.Error, known bool) {
	var problem *sign.Problem
	switch {
	case errors.As(err, &answer):
		return answer, true
	case errors.As(err, &problem):
		return problem.AWS(aws.Lookup("s3"), aws.RestXML), true
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fail(507, "InsufficientStorage", "There is no space left on the disk that localcloud keeps its objects on."), false
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fail(400, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header"), true
	case errors.Is(err, store.ErrNoUpload):
		return noSuchUpload("").(*aws.Error), true
	case errors.Is(err, store.ErrNoBucket):
		return noSuchBucket("").(*aws.Error), true
	}
	return fail(500, "InternalError", "We encountered an internal error. Please try again."), false
}

// known makes an error one that S3 would answer; its cause goes to the log where it is our own.
func (b *Backend) known(call *aws.Call, err error) *aws.Error {
	e, meant := asAWS(err)
	if !meant {
		b.log.Error("s3", "request", call.RequestID, "error", err)
	}
	return e
}
