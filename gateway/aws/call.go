package aws

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Defaults of what a request does not say.
const (
	DefaultAccount = "000000000000"
	DefaultRegion  = "us-east-1"
)

// Call is what is known of one API request once it is identified. It is made by the gateway and
// reaches backends in the process through the request's context, those in containers as one header.
type Call struct {
	Service   *Service   // nil only for requests to the gateway itself
	Operation *Operation // nil where it could not be told, and for a native backend's pages
	Protocol  Protocol
	Account   string // 12 digits
	Region    string
	AccessKey string // as sent, "" for anonymous
	Principal string // ARN of the caller, "" for anonymous
	RequestID string
	Scheme    string // "http" or "https", as the caller used it
	Host      string // host[:port] as the caller used it
	// Path is the escaped path that URI templates are matched with: the request's own raw path, or for
	// S3 virtual-host requests the bucket put in front of it. Never cleaned.
	Path string
	// Hops counts how many times glue has passed this call on; loops are cut at a bound.
	Hops int
}

// Partition is the AWS partition of the call's region: "aws", "aws-cn", "aws-us-gov" and so on.
func (c *Call) Partition() string { return Partition(c.Region) }

// ARN makes an ARN in the call's partition, region and account.
func (c *Call) ARN(service, resource string) string {
	return "arn:" + c.Partition() + ":" + service + ":" + c.Region + ":" + c.Account + ":" + resource
}

// Partition returns the AWS partition that a region belongs to.
func Partition(region string) string {
	for _, p := range [...]struct{ prefix, partition string }{
		{"cn-", "aws-cn"}, {"us-gov-", "aws-us-gov"}, {"us-isob-", "aws-iso-b"}, {"us-isof-", "aws-iso-f"},
		{"us-iso-", "aws-iso"}, {"eu-isoe-", "aws-iso-e"}, {"eusc-", "aws-eusc"},
	} {
		if len(region) >= len(p.prefix) && region[:len(p.prefix)] == p.prefix {
			return p.partition
		}
	}
	return "aws"
}

type callKey struct{}

// WithCall returns a context that carries c.
func WithCall(ctx context.Context, c *Call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// CallFrom returns the call that ctx carries, or nil.
func CallFrom(ctx context.Context) *Call {
	c, _ := ctx.Value(callKey{}).(*Call)
	return c
}

// CallHeader is the request header by which a call reaches a native backend in a container.
const CallHeader = "X-Localcloud-Call"

// MarshalHeader writes the call for CallHeader: query-escaped fields in a fixed order.
func (c *Call) MarshalHeader() string {
	var service, operation string
	if c.Service != nil {
		service = c.Service.Name
	}
	if c.Operation != nil {
		operation = c.Operation.Name
	}
	fields := [...]string{
		service, operation, c.Protocol.String(), c.Account, c.Region, c.AccessKey, c.Principal,
		c.RequestID, c.Scheme, c.Host, c.Path, strconv.Itoa(c.Hops),
	}
	size := len(fields)
	for i := range fields {
		fields[i] = url.QueryEscape(fields[i])
		size += len(fields[i])
	}
	b := make([]byte, 0, size)
	for _, f := range fields {
		b = append(append(b, f...), '&')
	}
	return string(b)
}

// UnmarshalHeader reads what MarshalHeader wrote; lookup finds a service by name.
func (c *Call) UnmarshalHeader(header string, lookup func(name string) *Service) error {
	parts := strings.Split(header, "&")
	if len(parts) != 13 {
		return fmt.Errorf("%s: %d fields, want 12", CallHeader, len(parts)-1)
	}
	for i, part := range parts {
		value, err := url.QueryUnescape(part)
		if err != nil {
			return fmt.Errorf("%s: field %d: %w", CallHeader, i, err)
		}
		parts[i] = value
	}
	if parts[0] != "" {
		if c.Service = lookup(parts[0]); c.Service == nil {
			return fmt.Errorf("%s: unknown service %q", CallHeader, parts[0])
		}
		c.Operation = c.Service.Operation(parts[1])
	}
	c.Protocol, _ = ParseProtocol(parts[2])
	c.Account, c.Region, c.AccessKey, c.Principal = parts[3], parts[4], parts[5], parts[6]
	c.RequestID, c.Scheme, c.Host, c.Path = parts[7], parts[8], parts[9], parts[10]
	c.Hops, _ = strconv.Atoi(parts[11])
	return nil
}
