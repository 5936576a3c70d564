package s3

import (
	"net/http"
	"regexp"
	"strings"

	"localcloud/images/s3/store"
)

// guard checks what is the same for every operation: the bucket's region, the expected owner, and
// headers that ask for what is not performed.
func (b *Backend) guard(r *request) error {
	if owner := r.header.Get("X-Amz-Expected-Bucket-Owner"); owner != "" && !isAccount(owner) {
		return fail(400, "InvalidBucketOwnerAWSAccountID", "The value of the expected bucket owner parameter must be an AWS Account ID... ["+owner+"]")
	}
	if err := r.refuseHeaders(); err != nil {
		return err
	}
	if r.bucket == "" {
		return nil
	}
	bucket := b.store.Bucket(r.bucket)
	if bucket == nil || r.is("CreateBucket") {
		return nil
	}
	if err := r.redirect(bucket); err != nil {
		return err
	}
	if owner := r.header.Get("X-Amz-Expected-Bucket-Owner"); owner != "" && owner != bucket.Owner {
		return accessDenied()
	}
	return nil
}

func (r *request) is(operation string) bool {
	return r.call.Operation != nil && r.call.Operation.Name == operation
}

func isAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// redirect sends a call that was signed for another region than the bucket's there. Calls that name
// no region, anonymous and signed with Version 2, are answered by any endpoint, as this one is all of
// them at once.
func (r *request) redirect(bucket *store.Bucket) error {
	if r.call.Region == bucket.Region || !r.signedForRegion() || r.is("GetBucketLocation") {
		return nil
	}
	header := map[string]string{"X-Amz-Bucket-Region": bucket.Region}
	endpoint := regionalHost(r.call.Host, bucket)
	if strings.HasPrefix(r.call.Host, bucket.Name+".s3.") && !strings.HasPrefix(r.call.Host, bucket.Name+".s3."+r.call.Region) {
		err := fail(307, "TemporaryRedirect", "Please re-send this request to the specified temporary endpoint. Continue to use the original request endpoint for future requests.",
			"Bucket", bucket.Name, "Endpoint", endpoint)
		header["Location"] = r.call.Scheme + "://" + endpoint + r.req.URL.RequestURI()
		err.Header = header
		return err
	}
	err := fail(301, "PermanentRedirect", "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
		"Bucket", bucket.Name, "Endpoint", endpoint)
	err.Header = header
	return err
}

// signedForRegion reports whether the call's region was told by a signature.
func (r *request) signedForRegion() bool {
	return strings.HasPrefix(r.header.Get("Authorization"), "AWS4-HMAC-SHA256") || r.query.Get("X-Amz-Algorithm") == "AWS4-HMAC-SHA256"
}

// regionalHost is the virtual host of a bucket in its region, made from the name that the caller used.
func regionalHost(host string, bucket *store.Bucket) string {
	host = strings.TrimPrefix(host, bucket.Name+".")
	if rest, ok := strings.CutPrefix(host, "s3."); ok {
		host = rest
		if label, tail, ok := strings.Cut(rest, "."); ok && isRegion(label) {
			host = tail
		}
	}
	return bucket.Name + ".s3." + bucket.Region + "." + host
}

var regionForm = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]$`)

// isRegion reports whether s has the form of a region's name.
func isRegion(s string) bool { return regionForm.MatchString(s) }

// refuseHeaders answers headers that ask for an effect that nothing here performs: 501, or what AWS
// answers where the value is none. Defaults, which change nothing, pass.
func (r *request) refuseHeaders() error {
	for name, values := range r.header {
		if len(values) == 0 || !strings.HasPrefix(name, "X-Amz-") {
			continue
		}
		if check := headerChecks[name]; check != nil {
			if err := check(name, values[0]); err != nil {
				return err
			}
		}
	}
	return nil
}

type headerCheck func(name, value string) error

// headerChecks holds every header that is looked at for all operations alike.
var headerChecks = map[string]headerCheck{
	"X-Amz-Acl": checkACL,

	"X-Amz-Grant-Full-Control": refuseHeader,
	"X-Amz-Grant-Read":         refuseHeader,
	"X-Amz-Grant-Read-Acp":     refuseHeader,
	"X-Amz-Grant-Write":        refuseHeader,
	"X-Amz-Grant-Write-Acp":    refuseHeader,

	"X-Amz-Server-Side-Encryption":                    checkEncryption,
	"X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id":     refuseHeader,
	"X-Amz-Server-Side-Encryption-Context":            refuseHeader,
	"X-Amz-Server-Side-Encryption-Bucket-Key-Enabled": refuseTrue,

	"X-Amz-Server-Side-Encryption-Customer-Algorithm":             refuseHeader,
	"X-Amz-Server-Side-Encryption-Customer-Key":                   refuseHeader,
	"X-Amz-Server-Side-Encryption-Customer-Key-Md5":               refuseHeader,
	"X-Amz-Copy-Source-Server-Side-Encryption-Customer-Algorithm": refuseHeader,
	"X-Amz-Copy-Source-Server-Side-Encryption-Customer-Key":       refuseHeader,
	"X-Amz-Copy-Source-Server-Side-Encryption-Customer-Key-Md5":   refuseHeader,

	"X-Amz-Object-Lock-Mode":              refuseHeader,
	"X-Amz-Object-Lock-Retain-Until-Date": refuseHeader,
	"X-Amz-Object-Lock-Legal-Hold":        refuseHeader,
	"X-Amz-Bucket-Object-Lock-Enabled":    refuseTrue,
	"X-Amz-Bypass-Governance-Retention": func(string, string) error {
		return fail(400, "InvalidArgument", "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.",
			"ArgumentName", "x-amz-bypass-governance-retention")
	},

	"X-Amz-Write-Offset-Bytes": refuseHeader,
	"X-Amz-Bucket-Namespace":   refuseHeader,
	"X-Amz-Mfa":                refuseHeader,
}

func refuseHeader(name, _ string) error {
	return notPerformed("The header " + strings.ToLower(name))
}

func refuseTrue(name, value string) error {
	if strings.EqualFold(value, "false") {
		return nil
	}
	return refuseHeader(name, value)
}

// checkACL passes what gives nobody else access: all objects belong to the bucket's owner.
func checkACL(_, value string) error {
	switch value {
	case "private", "bucket-owner-full-control":
		return nil
	case "public-read", "public-read-write", "aws-exec-read", "authenticated-read", "bucket-owner-read", "log-delivery-write":
		return notPerformed("The access control list " + value)
	}
	return invalidArgument("x-amz-acl", value, "")
}

func checkEncryption(name, value string) error {
	switch value {
	case "AES256":
		return nil
	case "aws:kms", "aws:kms:dsse", "aws:fsx":
		return notPerformed("Encryption by " + value)
	}
	return invalidArgument(strings.ToLower(name), value, "The encryption method specified is not supported")
}

// preflight answers what browsers ask before a call; buckets have no CORS configuration.
func (b *Backend) preflight(r *request) (*http.Response, error) {
	if r.header.Get("Origin") == "" {
		return nil, fail(400, "BadRequest", "Insufficient information. Origin request header needed.")
	}
	message := "CORSResponse: CORS is not enabled for this bucket."
	if b.store.Bucket(r.bucket) == nil {
		message = "CORSResponse: Bucket not found"
	}
	method := r.header.Get("Access-Control-Request-Method")
	if method == "" {
		method = http.MethodOptions
	}
	return nil, fail(403, "AccessForbidden", message, "Method", method, "ResourceType", "BUCKET")
}
