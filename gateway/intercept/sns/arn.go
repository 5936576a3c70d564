package sns

import (
	"strings"

	"localcloud/gateway/aws"
)

// arn is the parts of an ARN that this glue asks for.
type arn struct{ text, service, region, account, resource string }

// parseARN reads an ARN; parameter is named in the error.
func parseARN(parameter, text string) (arn, *aws.Error) {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) < 6 {
		return arn{}, invalid("%s Reason: An ARN must have at least 6 elements, not %d", parameter, len(parts))
	}
	if parts[0] != "arn" || parts[5] == "" {
		return arn{}, invalid("%s", parameter)
	}
	return arn{text: text, service: parts[2], region: parts[3], account: parts[4], resource: parts[5]}, nil
}

// topicOf is the topic's ARN in a subscription's.
func topicOf(subscriptionARN string) string {
	if i := strings.LastIndexByte(subscriptionARN, ':'); i >= 0 {
		return subscriptionARN[:i]
	}
	return subscriptionARN
}
