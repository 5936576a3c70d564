package dynamodb

import (
	"errors"

	"localcloud/gateway/aws"
	"localcloud/images/dynamodb/attr"
	"localcloud/images/dynamodb/engine"
	"localcloud/images/dynamodb/expr"
)

// invalidValues begins many of AWS's messages.
const invalidValues = "One or more parameter values were invalid: "

// invalid is a ValidationException with that message.
func invalid(message string) *aws.Error {
	return &aws.Error{Code: "ValidationException", Message: message}
}

// invalidf is a ValidationException with a formatted message.
func invalidf(format string, args ...any) *aws.Error {
	return aws.Errorf("ValidationException", format, args...)
}

// invalidExpression is the error of an expression parameter; other errors than Problems stay what they are.
func invalidExpression(parameter string, err error) error {
	var problem expr.Problem
	if errors.As(err, &problem) {
		return invalid("Invalid " + parameter + ": " + string(problem))
	}
	return err
}

// asInvalid makes a Problem with a whole message an AWS error.
func asInvalid(err error) error {
	var problem expr.Problem
	if errors.As(err, &problem) {
		return invalid(string(problem))
	}
	return err
}

// noTable is the error of calls on items of a table that does not exist.
func noTable() *aws.Error {
	return aws.Errorf("ResourceNotFoundException", "Requested resource not found")
}

// noTableNamed is the error of calls on tables as a whole.
func noTableNamed(name string) *aws.Error {
	return aws.Errorf("ResourceNotFoundException", "Requested resource not found: Table: %s not found", name)
}

// conditionFailed is the error of a condition that does not hold; item is returned with it, "" for none.
func conditionFailed(item attr.Map) *aws.Error {
	e := aws.Errorf("ConditionalCheckFailedException", "The conditional request failed")
	if item != "" {
		e.Detail = &ConditionalCheckFailedException{Item: item}
	}
	return e
}

// fromEngine makes errors of the engine AWS errors.
func fromEngine(err error) error {
	if errors.Is(err, engine.ErrDropped) {
		return noTable()
	}
	return err
}
