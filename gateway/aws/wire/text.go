package wire

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"localcloud/gateway/aws"
)

// textScalars reads a scalar from text: XML content, a form's value, a header, a label.
type textScalars struct {
	s       string
	failure error
}

func (t *textScalars) wrong(kind string) {
	if t.failure == nil {
		t.failure = serialization("'" + clip(t.s) + "' is not a valid value for a " + kind)
	}
}

// clip shortens what a sender wrote for an error message.
func clip(s string) string {
	if len(s) > 100 {
		return strings.ToValidUTF8(s[:100], "") + "..."
	}
	return s
}

func (t *textScalars) integer(bits int) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(t.s), 10, bits)
	if err != nil {
		t.wrong(map[int]string{32: "Integer", 64: "Long"}[bits])
	}
	return n
}

func (t *textScalars) float(bits int) float64 {
	s := strings.TrimSpace(t.s)
	f, err := strconv.ParseFloat(s, bits)
	if err != nil || strings.ContainsAny(s, "xXpP_") {
		t.wrong("Double")
	}
	return f
}

func (t *textScalars) boolean() bool {
	s := strings.TrimSpace(t.s)
	switch {
	case strings.EqualFold(s, "true"), s == "1":
		return true
	case !strings.EqualFold(s, "false") && s != "0":
		t.wrong("Boolean")
	}
	return false
}

func (t *textScalars) blob() []byte {
	s := strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == ' ' || r == '\t' {
			return -1
		}
		return r
	}, t.s)
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.wrong("Blob")
	}
	return b
}

func (t *textScalars) timestamp(format aws.TimestampFormat) time.Time {
	at, ok := parseTimestamp(t.s, format)
	if !ok {
		t.wrong("Timestamp")
	}
	return at
}
