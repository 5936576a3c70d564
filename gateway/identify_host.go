package gateway

import (
	"strings"

	"localcloud/gateway/aws"
)

// hostName is a Host header without its port, in lower case.
func hostName(host string) string {
	if colon := strings.LastIndexByte(host, ':'); colon >= 0 && strings.IndexByte(host[colon:], ']') < 0 {
		host = host[:colon]
	}
	for i := range len(host) {
		if host[i] >= 'A' && host[i] <= 'Z' {
			return strings.ToLower(host)
		}
	}
	return host
}

// byHost finds the services whose endpoint prefix a host begins with ("sqs.us-east-1.localhost",
// "participant.connect.localhost"), behind an account, a label of the endpoint or a host prefix with a
// dash ("data-servicediscovery.localhost"). A bucket of S3 goes before all of these.
func (i *Identifier) byHost(q *inquiry) *scope {
	host := q.host
	if bucket, _ := bucketMark(host); bucket != "" || isS3Host(host) {
		return i.s3
	}
	if s := i.prefixOf(host); s != nil {
		return s
	}
	label, rest, _ := strings.Cut(host, ".")
	if isAccount(label) || hostLabels[label] {
		if s := i.prefixOf(rest); s != nil {
			return s
		}
	}
	for _, prefix := range hostPrefixes {
		if strings.HasPrefix(host, prefix) {
			return i.prefixOf(host[len(prefix):])
		}
	}
	return nil
}

// prefixOf looks up the first two labels of a host, then the first. A host of one label is a name
// that somebody gave the gateway.
func (i *Identifier) prefixOf(host string) *scope {
	dot := strings.IndexByte(host, '.')
	if dot < 0 {
		return nil
	}
	if second := strings.IndexByte(host[dot+1:], '.'); second >= 0 {
		if s := i.hosts[host[:dot+1+second]]; s != nil {
			return s
		}
	}
	return i.hosts[host[:dot]]
}

// names reports whether the host begins with the endpoint prefix of a service, which tells services
// of one signing name apart.
func (q *inquiry) names(s *aws.Service) bool {
	prefix := s.EndpointPrefix
	return len(q.host) > len(prefix) && q.host[len(prefix)] == '.' && q.host[:len(prefix)] == prefix
}

// hostRegion is the first label of a host that has the form of a region, or follows a dash of "s3-";
// "" for none.
func hostRegion(host string) string {
	for host != "" {
		var label string
		label, host, _ = strings.Cut(host, ".")
		if isRegion(label) {
			return label
		}
		if region := strings.TrimPrefix(label, "s3-"); region != label && isRegion(region) {
			return region
		}
	}
	return ""
}

// isS3Host reports whether a host is an endpoint of S3 itself.
func isS3Host(host string) bool {
	label, _, dotted := strings.Cut(host, ".")
	return dotted && isS3Label(label)
}

// isS3Label reports whether a label of a host stands for S3: s3, s3-REGION, s3-accelerate and so on.
// The hosts of other APIs and of websites begin alike.
func isS3Label(label string) bool {
	rest, ok := strings.CutPrefix(label, "s3")
	if !ok {
		return false
	}
	switch rest {
	case "", "-accelerate", "-fips", "-accesspoint", "-accesspoint-fips", "-object-lambda":
		return true
	}
	if region, ok := strings.CutPrefix(rest, "-"); ok {
		return isRegion(region) || region == "external-1"
	}
	return strings.HasPrefix(rest, "express-") && rest != "express-control"
}

// bucketMark splits a virtual-host name BUCKET.s3[-...].REST. Bucket names may hold dots, so that the
// last label that stands for S3 is the mark.
func bucketMark(host string) (bucket, rest string) {
	for end := len(host); end > 0; {
		dot := strings.LastIndex(host[:end], ".s3")
		if dot <= 0 {
			return "", ""
		}
		label, after, _ := strings.Cut(host[dot+1:], ".")
		if isS3Label(label) && after != "" {
			return host[:dot], after
		}
		end = dot
	}
	return "", ""
}

// bucketOf is the bucket that the host of a request to S3 names, "" for path style: BUCKET.s3.REST, or
// BUCKET in front of one of the gateway's own names.
func (i *Identifier) bucketOf(host string) string {
	if bucket, _ := bucketMark(host); bucket != "" {
		return bucket
	}
	for _, base := range i.bases {
		label, ok := strings.CutSuffix(host, base)
		if !ok || len(label) < 2 || label[len(label)-1] != '.' {
			continue
		}
		bucket := label[:len(label)-1]
		first, _, _ := strings.Cut(bucket, ".")
		if isS3Label(first) || isRegion(bucket) || strings.HasPrefix(first, "s3-control") {
			return ""
		}
		return bucket
	}
	return ""
}

// effectivePath puts the bucket of a virtual-host request in front of its path.
func (i *Identifier) effectivePath(q *inquiry) {
	if bucket := i.bucketOf(q.host); bucket != "" && !hasRoute(q) {
		q.path = "/" + bucket + q.path
		q.call.Path = q.path
	}
}
