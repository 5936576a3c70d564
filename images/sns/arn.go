package sns

import (
	"context"
	"encoding/base64"
	"strconv"
	"strings"

	"localcloud/gateway/aws"
)

// arn is the ARN of something of SNS.
type arn struct {
	text string
	place
	resource string // behind the account: "topic", "topic:<id of a subscription>", "app/ADM/name"
}

// parseARN reads an ARN that is the value of a parameter.
func parseARN(parameter, text string) (arn, *aws.Error) {
	if text == "" {
		return arn{}, invalid("%s Reason: no value for required parameter", parameter)
	}
	parts := strings.SplitN(text, ":", 6)
	if len(parts) < 6 {
		return arn{}, invalid("%s Reason: An ARN must have at least 6 elements, not %d", parameter, len(parts))
	}
	if parts[0] != "arn" || parts[2] != "sns" || !isAccount(parts[4]) {
		return arn{}, invalid("%s", parameter)
	}
	return arn{text: text, place: place{parts[4], parts[3]}, resource: parts[5]}, nil
}

// own reads an ARN of the region that is called.
func own(ctx context.Context, parameter, text string) (arn, *aws.Error) {
	a, err := parseARN(parameter, text)
	if err == nil && a.Region != aws.CallFrom(ctx).Region {
		err = invalid("%s", parameter)
	}
	return a, err
}

// here is the place that a call is about.
func here(ctx context.Context) place {
	call := aws.CallFrom(ctx)
	return place{call.Account, call.Region}
}

func isAccount(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) == 12
}

// pageSize is how many entries a list returns at once.
const pageSize = 100

// Tokens of lists are the key of the last entry, in base64.
func pageToken(last string) *string { return ptr(base64.StdEncoding.EncodeToString([]byte(last))) }

func pageAfter(token *string) (string, *aws.Error) {
	if token == nil || *token == "" {
		return "", nil
	}
	raw, err := base64.StdEncoding.DecodeString(*token)
	if err != nil {
		return "", invalid("NextToken")
	}
	return string(raw), nil
}

func pageAfterNumber(token *string) (uint64, *aws.Error) {
	text, refused := pageAfter(token)
	if refused != nil || text == "" {
		return 0, refused
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, invalid("NextToken")
	}
	return n, nil
}

func ptr[T any](v T) *T { return &v }

// value is what p points to, or the zero value.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
