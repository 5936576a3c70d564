package aws

import "fmt"

// Error is an AWS error as a client receives it. wire writes it in the caller's protocol.
type Error struct {
	Code    string // as in the API reference: "QueueDoesNotExist", "NoSuchKey"
	Message string
	Status  int // HTTP status; 0: the model's for that code, else 400, or 500 where Fault is set
	// Fault says that the service is at fault (Type "Receiver"), not the sender.
	Fault bool
	// Detail holds further members of the modelled error ("BucketName", "CancellationReasons"): a
	// generated structure of that exception or a map[string]any by member name; nil for none.
	Detail any
	// Header holds further response headers, in canonical form; nil for none.
	Header map[string]string
}

// Error makes *Error an error.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf returns an error of the sender with a formatted message; the status is the model's.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// NotImplemented is the refusal of what localcloud does not do: status 501, code NotImplemented in
// S3 and InternalFailure elsewhere. what says what is missing, in a sentence.
func NotImplemented(service *Service, what string) *Error {
	code := "InternalFailure"
	if service != nil && service.SigningName == "s3" {
		code = "NotImplemented"
	}
	return &Error{Code: code, Message: what, Status: 501, Fault: true}
}

// Unavailable is the answer while a backend cannot take calls: status 503 with the reason.
func Unavailable(reason string) *Error {
	return &Error{Code: "ServiceUnavailable", Message: reason, Status: 503, Fault: true}
}
