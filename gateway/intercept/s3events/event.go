package s3events

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"localcloud/gateway"
	"localcloud/gateway/aws"
)

// records is what a destination gets ("Event message structure" of the S3 user guide).
type records struct {
	Records []record `json:"Records"`
}

type record struct {
	EventVersion      string            `json:"eventVersion"`
	EventSource       string            `json:"eventSource"`
	AwsRegion         string            `json:"awsRegion"`
	EventTime         string            `json:"eventTime"`
	EventName         string            `json:"eventName"`
	UserIdentity      identity          `json:"userIdentity"`
	RequestParameters map[string]string `json:"requestParameters"`
	ResponseElements  map[string]string `json:"responseElements"`
	S3                entity            `json:"s3"`
}

type identity struct {
	PrincipalID string `json:"principalId"`
}

type entity struct {
	SchemaVersion   string `json:"s3SchemaVersion"`
	ConfigurationID string `json:"configurationId"`
	Bucket          struct {
		Name          string   `json:"name"`
		OwnerIdentity identity `json:"ownerIdentity"`
		ARN           string   `json:"arn"`
	} `json:"bucket"`
	Object object `json:"object"`
}

type object struct {
	Key       string `json:"key"`
	Size      *int64 `json:"size,omitempty"`
	ETag      string `json:"eTag,omitempty"`
	VersionID string `json:"versionId,omitempty"`
	Sequencer string `json:"sequencer,omitempty"`
}

const timeFormat = "2006-01-02T15:04:05.000Z"

// sequence gives the numbers by which the events of one key can be put in order.
type sequence struct{ last atomic.Uint64 }

func (s *sequence) next(now time.Time) string {
	for {
		last := s.last.Load()
		next := max(uint64(now.UnixNano()), last+1)
		if s.last.CompareAndSwap(last, next) {
			return fmt.Sprintf("00%016X", next)
		}
	}
}

// event writes one occurrence for one rule.
func (g *Glue) event(call *gateway.Call, c *change, o occurrence, r *rule, now time.Time, sequencer string) ([]byte, error) {
	version := "2.1"
	if strings.HasPrefix(o.event, "ObjectTagging:") {
		version, sequencer = "2.3", ""
	}
	one := record{
		EventVersion: version, EventSource: "aws:s3", AwsRegion: c.configuration.Region, EventTime: now.UTC().Format(timeFormat),
		EventName: o.event, UserIdentity: identity{"AWS:" + principal(call)},
		RequestParameters: map[string]string{"sourceIPAddress": sourceAddress(call)},
		ResponseElements:  map[string]string{"x-amz-request-id": call.RequestID, "x-amz-id-2": hostID},
		S3:                entity{SchemaVersion: "1.0", ConfigurationID: r.ID},
	}
	one.S3.Bucket.Name = c.bucket
	one.S3.Bucket.OwnerIdentity = identity{c.configuration.Account}
	one.S3.Bucket.ARN = "arn:" + aws.Partition(c.configuration.Region) + ":s3:::" + c.bucket
	one.S3.Object = object{Key: escapeKey(o.key), ETag: o.etag, VersionID: o.version, Sequencer: sequencer}
	if o.sized {
		one.S3.Object.Size = &o.size
	}
	return encode(records{[]record{one}})
}

const hostID = "s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234="

func principal(call *gateway.Call) string {
	if call.AccessKey != "" {
		return call.AccessKey
	}
	return "anonymous"
}

func sourceAddress(call *gateway.Call) string {
	address := call.Request.RemoteAddr
	if i := strings.LastIndexByte(address, ':'); i >= 0 {
		address = strings.Trim(address[:i], "[]")
	}
	if address == "" {
		return "127.0.0.1"
	}
	return address
}

// escapeKey writes a key as events have it: like a form's value, but with slashes.
func escapeKey(key string) string { return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/") }

// testEvent is what a destination gets when it is configured.
func testEvent(bucket, requestID string, now time.Time) ([]byte, error) {
	return encode(struct {
		Service   string
		Event     string
		Time      string
		Bucket    string
		RequestID string `json:"RequestId"`
		HostID    string `json:"HostId"`
	}{"Amazon S3", "s3:TestEvent", now.UTC().Format(timeFormat), bucket, requestID, hostID})
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
