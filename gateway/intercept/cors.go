package intercept

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"localcloud/gateway"
)

// cors keeps web pages of strangers from calling a cloud on the user's own machine, and lets the
// pages of this machine and those that the user names call it. S3 has rules of its own, by bucket:
// there it only fills in what a bucket without rules leaves open.
type cors struct {
	all     bool
	origins []string
}

var _ gateway.Early = (*cors)(nil)

func newCORS(o Options) *cors {
	c := &cors{all: slices.Contains(o.Origins, "*")}
	for _, origin := range o.Origins {
		c.origins = append(c.origins, strings.TrimSuffix(origin, "/"))
	}
	c.origins = append(c.origins, "file://", "http://app.localstack.cloud", "https://app.localstack.cloud")
	return c
}

// Headers of answers to other origins.
const (
	corsMethods = "HEAD,GET,PUT,POST,DELETE,OPTIONS,PATCH"
	corsHeaders = "authorization,cache-control,content-length,content-md5,content-type,etag,location,x-amz-acl," +
		"x-amz-content-sha256,x-amz-date,x-amz-request-id,x-amz-security-token,x-amz-tagging,x-amz-target," +
		"x-amz-user-agent,x-amz-version-id,x-amz-log-type,x-amzn-requestid,x-localstack-target," +
		"amz-sdk-invocation-id,amz-sdk-request"
	corsExposed = "etag,x-amz-version-id,x-amz-log-result,x-amz-executed-version,x-amz-function-error"
)

// Early makes it see requests that cannot be identified, as preflights mostly cannot.
func (*cors) Early() {}

// ForwardRequest refuses calls from pages of strangers and answers preflights.
func (c *cors) ForwardRequest(_ context.Context, call *gateway.Call) (*http.Response, error) {
	header := call.Request.Header
	if header["Origin"] == nil && header["Referer"] == nil || hasOwnCORS(call) {
		if call.Request.Method == http.MethodOptions && !hasOwnCORS(call) {
			return respond(http.StatusNoContent, "", ""), nil
		}
		return nil, nil
	}
	if !c.allowed(originOf(header)) {
		return respond(http.StatusForbidden, "", ""), nil
	}
	if call.Request.Method == http.MethodOptions {
		return respond(http.StatusNoContent, "", ""), nil
	}
	return nil, nil
}

// ReturnResponse adds the headers by which a browser hands the answer to the page. What a backend
// says of other origins counts only where the service has rules of its own.
func (c *cors) ReturnResponse(_ context.Context, call *gateway.Call, resp *http.Response) error {
	if resp.Header["Access-Control-Allow-Origin"] != nil && !hasOwnCORS(call) {
		for name := range resp.Header {
			if strings.HasPrefix(name, "Access-Control-") {
				delete(resp.Header, name)
			}
		}
	}
	origin := call.Request.Header.Get("Origin")
	if origin == "" || !c.allowed(origin) {
		return nil
	}
	if hasOwnCORS(call) {
		if call.Request.Method == http.MethodOptions && !withoutRules(resp) {
			return nil // the bucket's rules have spoken
		}
	}
	c.fill(call.Request.Header, resp.Header, origin)
	return nil
}

// fill sets the headers that the answer does not have.
func (c *cors) fill(asked, h http.Header, origin string) {
	if h.Get("Access-Control-Allow-Origin") != "" {
		return
	}
	set := func(name, value string) {
		if h.Get(name) == "" {
			h.Set(name, value)
		}
	}
	if c.all {
		set("Access-Control-Allow-Origin", "*")
	} else {
		set("Access-Control-Allow-Origin", origin)
		set("Access-Control-Allow-Credentials", "true")
	}
	set("Access-Control-Allow-Methods", corsMethods)
	set("Access-Control-Allow-Headers", allowedHeaders(asked.Get("Access-Control-Request-Headers")))
	set("Access-Control-Expose-Headers", corsExposed)
	if asked.Get("Access-Control-Request-Private-Network") == "true" {
		set("Access-Control-Allow-Private-Network", "true")
	}
	set("Vary", "Origin")
}

// allowedHeaders is the list that is always allowed and what else a preflight asks for.
func allowedHeaders(asked string) string {
	allowed := corsHeaders
	for name := range strings.SplitSeq(asked, ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		if name != "" && !strings.Contains(","+allowed+",", ","+name+",") {
			allowed += "," + name
		}
	}
	return allowed
}

// hasOwnCORS reports whether the service of a call decides itself who may call.
func hasOwnCORS(call *gateway.Call) bool {
	return call.Service != nil && (call.Service.Name == "s3" || call.Service.SigningName == "execute-api")
}

// withoutRules reports whether a backend's answer to a preflight only says that the bucket has no
// rules, or that it knows no preflights, and makes it an empty success then.
func withoutRules(resp *http.Response) bool {
	if resp.StatusCode < 400 || resp.Header.Get("Access-Control-Allow-Origin") != "" {
		return false
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	silent := resp.StatusCode == http.StatusNotImplemented || resp.StatusCode == http.StatusMethodNotAllowed ||
		resp.StatusCode == http.StatusForbidden && strings.Contains(string(text), "CORS is not enabled for this bucket")
	if err != nil || !silent {
		resp.Body = joined(string(text), resp.Body)
		return false
	}
	resp.Body.Close()
	resp.StatusCode, resp.Body, resp.ContentLength = http.StatusNoContent, http.NoBody, 0
	resp.Header.Del("Content-Type")
	resp.Header.Del("Content-Length")
	return true
}

// originOf is the origin of the page that a request comes from.
func originOf(h http.Header) string {
	if origin := h.Get("Origin"); origin != "" {
		return origin
	}
	u, err := url.Parse(h.Get("Referer"))
	if err != nil {
		return "null"
	}
	return u.Scheme + "://" + u.Host
}

// allowed reports whether pages of an origin may call.
func (c *cors) allowed(origin string) bool {
	if c.all || slices.Contains(c.origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	return isLocal(strings.ToLower(u.Hostname()))
}

// isLocal reports whether a host is this machine by its name.
func isLocal(host string) bool {
	for _, name := range [...]string{"localhost", "localhost.localstack.cloud"} {
		if host == name || strings.HasSuffix(host, "."+name) {
			return true
		}
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
