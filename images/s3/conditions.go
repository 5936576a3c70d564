package s3

import (
	"net/http"
	"strings"
	"time"

	"localcloud/images/s3/store"
)

// writeConditions makes the check of a write out of its If-Match and If-None-Match, nil for none.
func writeConditions(match, noneMatch, key string) (store.Check, error) {
	switch {
	case match == "" && noneMatch == "":
		return nil, nil
	case match != "" && noneMatch != "":
		return nil, unsupportedHeader("If-Match,If-None-Match", "Multiple conditional request headers present in the request")
	case noneMatch != "" && noneMatch != "*":
		return nil, unsupportedHeader("If-None-Match", "We don't accept the provided value of If-None-Match header for this API")
	case match == "*":
		return nil, unsupportedHeader("If-Match", "We don't accept the provided value of If-Match header for this API")
	}
	return func(current *store.Version) error {
		exists := current != nil && !current.Marker
		switch {
		case noneMatch != "" && exists:
			return preconditionFailed("If-None-Match")
		case match != "" && !exists:
			return noSuchKey(key)
		case match != "" && unquote(match) != current.ETag():
			return preconditionFailed("If-Match")
		}
		return nil
	}, nil
}

// unquote takes the quotes and the weakness off an entity tag; clients also send them bare.
func unquote(etag string) string {
	return strings.Trim(strings.TrimPrefix(strings.TrimSpace(etag), "W/"), `"`)
}

// matchesETag reports whether one of the entity tags of a condition is the version's.
func matchesETag(list string, v *store.Version) bool {
	for etag := range strings.SplitSeq(list, ",") {
		if etag = unquote(etag); etag == "*" || etag == v.ETag() {
			return true
		}
	}
	return false
}

// readConditions are the conditions of a read, by RFC 9110: If-Match goes before If-Unmodified-Since,
// If-None-Match before If-Modified-Since. Dates that cannot be read, or lie in the future, count not.
type readConditions struct{ match, noneMatch, modifiedSince, unmodifiedSince string }

func readConditionsOf(h http.Header) readConditions {
	return readConditions{h.Get("If-Match"), h.Get("If-None-Match"), h.Get("If-Modified-Since"), h.Get("If-Unmodified-Since")}
}

// failed is the name of the condition that does not hold, "" where all do. unmodified says that it is
// one that a read answers with 304.
func (c readConditions) failed(v *store.Version, now time.Time) (condition string, unmodified bool) {
	modified := v.ModifiedTime().Truncate(time.Second)
	switch {
	case c.match != "" && !matchesETag(c.match, v):
		return "If-Match", false
	case c.match == "" && c.unmodifiedSince != "":
		if since, ok := parseDate(c.unmodifiedSince); ok && modified.After(since) {
			return "If-Unmodified-Since", false
		}
	}
	switch {
	case c.noneMatch != "" && matchesETag(c.noneMatch, v):
		return "If-None-Match", true
	case c.noneMatch == "" && c.modifiedSince != "":
		if since, ok := parseDate(c.modifiedSince); ok && !modified.After(since) && !since.After(now) {
			return "If-Modified-Since", true
		}
	}
	return "", false
}

// parseDate reads a date as HTTP has it, or as the documents of other formats that clients send.
func parseDate(s string) (time.Time, bool) {
	if at, err := http.ParseTime(s); err == nil {
		return at, true
	}
	at, err := time.Parse(time.RFC3339, s)
	return at, err == nil
}
