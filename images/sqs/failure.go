package sqs

import (
	"context"
	"errors"
	"fmt"

	"localcloud/gateway/aws"
	"localcloud/images/sqs/queue"
)

// invalid is the error of a parameter that has a wrong value.
func invalid(format string, args ...any) *aws.Error {
	return aws.Errorf("InvalidParameterValue", format, args...)
}

// invalidValue is the usual form of it.
func invalidValue(value any, parameter, reason string) *aws.Error {
	return invalid("Value %v for parameter %s is invalid. Reason: %s", value, parameter, reason)
}

func missing(parameter string) *aws.Error {
	return aws.Errorf("MissingParameter", "The request must contain the parameter %s.", parameter)
}

func notFound(format string, args ...any) *aws.Error {
	return aws.Errorf("ResourceNotFoundException", format, args...)
}

// noQueue is the one error whose message the two protocols word differently.
func noQueue(call *aws.Call) *aws.Error {
	if call.Protocol == aws.Query {
		return aws.Errorf("QueueDoesNotExist", "The specified queue does not exist for this wsdl version.")
	}
	return aws.Errorf("QueueDoesNotExist", "The specified queue does not exist.")
}

// engineError is the AWS error for one of the engine's that concern the whole call.
func engineError(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, queue.ErrClosed):
		return noQueue(aws.CallFrom(ctx))
	case errors.Is(err, queue.ErrOverLimit):
		return aws.Errorf("OverLimit", "Too many messages in flight: the limit is 120000 for this queue.")
	}
	return fmt.Errorf("sqs: %w", err)
}

// receiptError is the AWS error for one of the engine's that concern one receipt handle.
func receiptError(err error, handle string, visibility int32) *aws.Error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, queue.ErrReceipt):
		return aws.Errorf("ReceiptHandleIsInvalid", `The input receipt handle "%s" is not a valid receipt handle.`, handle)
	case errors.Is(err, queue.ErrExpired):
		return invalidValue(handle, "ReceiptHandle", "The receipt handle has expired.")
	case errors.Is(err, queue.ErrBeyondLimit):
		return invalidValue(visibility, "VisibilityTimeout",
			"Total VisibilityTimeout for the message is beyond the limit [43200 seconds]")
	}
	return invalidValue(handle, "ReceiptHandle",
		"Message does not exist or is not available for visibility timeout change.")
}
