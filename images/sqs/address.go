package sqs

import (
	"strings"

	"localcloud/gateway/aws"
)

// queueURL is the queue's URL as the caller of call sees it. The gateway gives it another form where it
// is configured to.
func queueURL(call *aws.Call, at place, name string) string {
	scheme := call.Scheme
	if scheme == "" {
		scheme = "http"
	}
	return scheme + "://" + call.Host + "/" + at.account + "/" + name
}

// parseURL reads a queue URL of any form that was ever given out: the account and name may stand
// behind /queue/<region>/, and the region in the host as sqs.<region>.* or <region>.queue.*; queue.*
// is us-east-1. Where the URL names no region it is the caller's. A queue's name alone is one of the
// caller's.
func parseURL(call *aws.Call, text string) (at place, name string, ok bool) {
	at = place{call.Account, call.Region}
	host, path := "", text
	if _, rest, found := strings.Cut(text, "://"); found {
		host, path, found = strings.Cut(rest, "/")
		if !found {
			return at, "", false
		}
	} else if !strings.Contains(text, "/") {
		return at, text, validName(text)
	}
	path = strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/")
	if region := hostRegion(host); region != "" {
		at.region = region
	}
	if rest, found := strings.CutPrefix(path, "queue/"); found {
		region, rest, found := strings.Cut(rest, "/")
		if !found || !isRegion(region) {
			return at, "", false
		}
		at.region, path = region, rest
	}
	account, name, found := strings.Cut(path, "/")
	if !found || !isAccount(account) || name == "" || strings.Contains(name, "/") {
		return at, "", false
	}
	at.account = account
	return at, name, true
}

// hostRegion is the region that a host names, or "".
func hostRegion(host string) string {
	first, rest, _ := strings.Cut(host, ".")
	second, _, more := strings.Cut(rest, ".")
	switch {
	case first == "sqs" && isRegion(second):
		return second
	case second == "queue" && more && isRegion(first):
		return first
	case first == "queue" && rest != "":
		return aws.DefaultRegion
	}
	return ""
}

// isRegion reports whether s looks like a region: "us-east-1", "us-gov-west-1".
func isRegion(s string) bool {
	if strings.Count(s, "-") < 2 || len(s) > 32 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && c != '-' && (c < '0' || c > '9') {
			return false
		}
	}
	last := s[len(s)-1]
	return last >= '0' && last <= '9' && s[0] >= 'a' && s[0] <= 'z'
}

func isAccount(s string) bool {
	if len(s) != 12 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// parseARN reads the ARN of a queue.
func parseARN(arn string) (at place, name string, ok bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[1] == "" || parts[2] != "sqs" || parts[3] == "" || !isAccount(parts[4]) {
		return at, "", false
	}
	return place{parts[4], parts[3]}, parts[5], validName(parts[5])
}

const fifoSuffix = ".fifo"

// validName reports whether a queue can have that name: up to eighty letters, digits, hyphens and
// underscores, the suffix of FIFO queues included.
func validName(name string) bool {
	base := strings.TrimSuffix(name, fifoSuffix)
	if base == "" || len(name) > 80 {
		return false
	}
	for i := range len(base) {
		c := base[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}
