package wire

import (
	"math"
	"strconv"
	"strings"
	"time"

	"localcloud/gateway/aws"
)

// fromEpoch is the time that many seconds after 1970, to the millisecond.
func fromEpoch(seconds float64) time.Time {
	whole := math.Floor(seconds)
	ms := math.Round((seconds - whole) * 1000)
	return time.Unix(int64(whole), int64(ms)*int64(time.Millisecond)).UTC()
}

// appendTimestamp appends t in the format; DefaultTimestamp is ISO 8601.
func appendTimestamp(b []byte, t time.Time, format aws.TimestampFormat) []byte {
	switch format {
	case aws.UnixTimestamp:
		return appendEpoch(b, t)
	case aws.RFC822:
		return t.UTC().AppendFormat(b, "Mon, 02 Jan 2006 15:04:05 GMT")
	}
	if t.Nanosecond()/int(time.Millisecond) == 0 {
		return t.UTC().AppendFormat(b, "2006-01-02T15:04:05Z")
	}
	return t.UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z")
}

// appendEpoch appends the seconds since 1970, with up to three decimals.
func appendEpoch(b []byte, t time.Time) []byte {
	ms := t.UnixMilli()
	if ms < 0 {
		b, ms = append(b, '-'), -ms
	}
	b = strconv.AppendInt(b, ms/1000, 10)
	if ms %= 1000; ms == 0 {
		return b
	}
	b = append(b, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}

// parseTimestamp reads a timestamp in any of the formats; the format given is tried first.
func parseTimestamp(s string, format aws.TimestampFormat) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, false
	}
	if c := s[0]; (c >= '0' && c <= '9' || c == '-') && !strings.ContainsAny(s, ":T") {
		if f, err := strconv.ParseFloat(s, 64); err == nil && math.Abs(f) < 1e15 {
			return fromEpoch(f), true
		}
	}
	layouts := [...]string{
		time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999",
		"Mon, 2 Jan 2006 15:04:05.999999999 GMT", time.RFC1123Z, "Mon, 02-Jan-2006 15:04:05 MST",
		"Monday, 02-Jan-06 15:04:05 MST", time.ANSIC, "2006-01-02",
		"20060102T150405Z",
	}
	start := 0
	if format == aws.RFC822 {
		start = 3
	}
	for i := range layouts {
		if t, err := time.Parse(layouts[(start+i)%len(layouts)], s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
