package gateway

import (
	"sort"
	"strings"

	"localcloud/gateway/aws"
)

// What the tables cannot tell. Every entry has its reason.

// preferred orders the services that share a signing name, a target prefix or a host where nothing in
// a request tells them apart; the first is the default. Others follow in the order of their names.
var preferred = []string{
	"rds",                 // docdb and neptune are parts of its API under other names
	"timestream-query",    // of DescribeEndpoints and the tag operations, as LocalStack has it
	"elbv2",               // elb is the previous generation; both send a Version
	"qconnect",            // wisdom is its former name and has ended
	"lexv2-models",        // lex-models is the version before
	"lexv2-runtime",       // as above
	"pinpoint-sms-voice",  // sms-voice is the same API under another name
	"ses",                 // the only one of its signing name that takes Action
	"connect",             // the control plane goes before its parts
	"bedrock",             // as above
	"sagemaker",           // as above
	"chime",               // as above
	"kinesisvideo",        // as above
	"marketplace-catalog", // as above
	"s3",                  // s3control has a path of its own
	"es",                  // opensearch has a path of its own
}

// scopeAliases are signing names of AWS that no model has: its endpoint rules replace the model's
// name for some kinds of resources.
var scopeAliases = map[string][]string{
	"s3express":        {"s3", "s3control"}, // directory buckets and their access points
	"s3-object-lambda": {"s3"},              // access points of object lambda
	"s3-outposts":      {"s3control", "s3"}, // buckets on outposts, besides s3outposts itself
	"ingestionservice": {"importexport"},    // its signing name before there were models
}

// openServices have operations that are not signed, told by method and path; those of query and
// target services need no list.
var openServices = map[string]bool{"sso": true, "sso-oidc": true, "signin": true}

func isOpen(op *aws.Operation) bool { return op.Unsigned || op.Service.Bearer }

// hostPrefixes are the host prefixes with a dash of operations that may come unsigned, and hostLabels
// those with a dot, which SDKs put in front of any endpoint.
var (
	hostPrefixes = [...]string{
		"data-", "sync-", "stream-", "analytics-", "control-storage-", "query-", "runtime-", "storage-", "streaming-", "tags-", "workflows-",
	}
	hostLabels = map[string]bool{
		"api": true, "data": true, "monitor": true, "cp": true, "dp": true, "env": true, "ops": true,
		"management": true, "scheduling": true, "api-fulfill": true, "dataplane": true, "runtime": true, "streaming": true,
	}
)

// classicPorts are the ports that LocalStack had a service on before 0.11, by signing name. They are
// a default for what nothing else tells.
var classicPorts = map[int]string{
	4567: "apigateway", 4568: "kinesis", 4569: "dynamodb", 4570: "dynamodb", 4572: "s3", 4573: "firehose",
	4574: "lambda", 4575: "sns", 4576: "sqs", 4577: "redshift", 4578: "es", 4579: "ses", 4580: "route53",
	4581: "cloudformation", 4582: "monitoring", 4583: "ssm", 4584: "secretsmanager", 4585: "states",
	4586: "logs", 4587: "events", 4588: "elasticloadbalancing", 4589: "iot", 4590: "cognito-idp",
	4591: "cognito-identity", 4592: "sts", 4593: "iam", 4594: "rds", 4595: "cloudsearch", 4596: "swf",
	4597: "ec2", 4598: "elasticache", 4599: "kms",
}

// isQueuePath reports whether a path is that of a queue's URL: /ACCOUNT/NAME or
// /queue/REGION/ACCOUNT/NAME. A bucket may have a name of 12 digits, so that the path alone says
// nothing without an Action or the scope of SQS.
func isQueuePath(path string) bool {
	_, path = queueRegion(path)
	if len(path) < 15 || path[0] != '/' || path[13] != '/' || !isAccount(path[1:13]) {
		return false
	}
	name := strings.TrimSuffix(strings.TrimSuffix(path[14:], "/"), ".fifo")
	for _, c := range []byte(name) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return name != ""
}

// queueRegion cuts /queue/REGION off the path of a queue's URL.
func queueRegion(path string) (region, rest string) {
	if after, ok := strings.CutPrefix(path, "/queue/"); ok {
		if slash := strings.IndexByte(after, '/'); slash >= 0 && isRegion(after[:slash]) {
			return after[:slash], after[slash:]
		}
	}
	return "", path
}

// ownQueue gives a call to a queue's URL that nobody signed the account and region of the queue.
func (q *inquiry) ownQueue() {
	if q.key != "" {
		return
	}
	region, rest := queueRegion(q.path)
	q.call.Account = rest[1:13]
	if region != "" {
		q.call.Region = region
	}
}

// find finds the operation of a REST protocol: by the router, whose answer an exception may correct.
func (s *scope) find(q *inquiry) *aws.Operation {
	op := s.routes().find(q)
	if op == nil && q.service == "cloudsearch" && q.method == "POST" && q.path == "/2013-01-01/search" {
		return aws.Lookup("cloudsearchdomain").Operation("Search") // botocore sends its GET as a form, for the length of queries
	}
	if op == nil {
		return nil
	}
	if op.Name == "PutObject" && op.Service.Name == "s3" {
		// A part that lacks one of its two parameters is an error, never an object.
		for _, name := range [...]string{"uploadId", "partNumber"} {
			if _, ok := q.query.value(name); ok {
				return op.Service.Operation("UploadPart")
			}
		}
	}
	if op.Name == "ListBuckets" && q.service == "s3express" {
		return op.Service.Operation("ListDirectoryBuckets") // same method and path, on another host
	}
	return op
}

// hasRoute reports requests whose host has something else where a bucket would be: those of S3's
// control API an account, the answer of an object lambda its route.
func hasRoute(q *inquiry) bool {
	return strings.HasPrefix(q.path, "/v20180820/") && len(q.header["X-Amz-Account-Id"]) > 0 ||
		q.path == "/WriteGetObjectResponse" && len(q.header["X-Amz-Request-Route"]) > 0
}

// likeS3 reports whether an anonymous request that nothing else tells looks like one of S3: any path
// but the root, with a method of S3; a POST only where it is an upload or names a subresource.
func likeS3(q *inquiry) bool {
	switch q.method {
	case "GET", "HEAD", "PUT", "DELETE":
		return q.path != "/"
	case "OPTIONS":
		// The preflight of a call to another service asks for its headers.
		return q.path != "/" && !strings.Contains(strings.ToLower(first(q.header, "Access-Control-Request-Headers")), "x-amz-target")
	case "POST":
		if strings.HasPrefix(first(q.header, "Content-Type"), "multipart/form-data") {
			return true
		}
		for _, name := range [...]string{"delete", "uploads", "uploadId", "restore", "select"} {
			if _, ok := q.query.value(name); ok {
				return true
			}
		}
	}
	return false
}

// dataPlane refuses requests to what AWS's services serve beside their APIs.
func dataPlane(q *inquiry) error {
	switch {
	case strings.Contains(q.host, ".s3-website"):
		return refusePlane(q, "s3", "Websites of S3 buckets are not served.")
	case strings.Contains(q.host, ".execute-api."), strings.Contains(q.path, "/_user_request_"):
		return refusePlane(q, "apigateway", "Deployed APIs of API Gateway are not served.")
	case strings.Contains(q.host, ".lambda-url."):
		return refusePlane(q, "lambda", "Function URLs of Lambda are not served.")
	}
	return nil
}

func refusePlane(q *inquiry, service, what string) error {
	q.call.Service = aws.Lookup(service)
	q.call.Protocol = q.call.Service.Protocols[0]
	return aws.NotImplemented(q.call.Service, what)
}

// byAction finds an unsigned query call by its Action; a form is read for that.
func (i *Identifier) byAction(q *inquiry) *scope {
	f := i.formOf(q)
	action := q.action(f)
	if action == "" {
		return nil
	}
	if s := i.choose(q, i.actions, action); s != nil {
		return i.scopes[s.SigningName]
	}
	return nil
}

// byPreference orders services: those of the list first.
func byPreference(services []*aws.Service) []*aws.Service {
	place := make(map[string]int, len(preferred))
	for n, name := range preferred {
		place[name] = n - len(preferred)
	}
	ordered := append([]*aws.Service(nil), services...)
	sort.SliceStable(ordered, func(i, j int) bool { return place[ordered[i].Name] < place[ordered[j].Name] })
	return ordered
}
